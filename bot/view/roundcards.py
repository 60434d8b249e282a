"""The cards of a round: the open question, private feedback, all options explained, and the reveal."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.core.item import LETTERS, Item, Option
from bot.core.outcomes import RoundClosed
from bot.core.pack import Pack
from bot.core.refs import RoundId
from bot.core.round import Round
from bot.core.schedule import Reveal
from bot.core.scoring import Standing, percent
from bot.core.weakness import Estimate
from bot.view import markup, wording
from bot.view.card import (
    Block,
    Button,
    Card,
    Line,
    Link,
    Mark,
    OptionLine,
    Options,
    Paragraph,
    Strong,
    Style,
    Text,
    TimeStyle,
    When,
)
from bot.view.tokens import ExplainRound, Report, Run, Token, answers, write


class Shown(NamedTuple):
    """A round with what it takes to draw it: its pack (None if no longer installed) and the channel's zone."""

    round: Round
    pack: Pack | None
    zone: ZoneInfo


class Verdict(NamedTuple):
    """What a member's answer came to. `estimate` is their domain; `standing` and `points` are None outside ranking.

    `at` is when they answered; `again` tells that they had answered before this press.
    """

    chosen: Option
    at: datetime
    again: bool
    points: int | None = None
    run_before: int = 0
    standing: Standing | None = None
    estimate: Estimate | None = None


def question(shown: Shown, answered: int, now: datetime) -> Card:
    """The open question, for everybody. It holds the key in no form."""
    round_ = shown.round
    closes = round_.closes
    choices = [_choice(letter, option.text) for letter, option in zip(LETTERS, round_.shown, strict=False)]
    tokens = answers(round_.id, LETTERS[: len(choices)])
    so_far = wording.count(answered, "person has answered", "people have answered") if answered else "No answer yet"
    hidden = wording.ONLY_YOU if round_.reveal is Reveal.NOW else "the answer comes when it closes"
    return Card(
        title=_title(shown),
        context=_context(shown),
        blocks=(
            *markup.blocks(round_.item.stem),
            Options(tuple([line for line, _ in choices])),
        ),
        footer=_until(so_far, closes, wording.clock(closes, shown.zone), wording.ahead(closes - now), hidden),
        rows=(
            tuple(
                [
                    Button(label=line.letter, token=token, hint=hint)
                    for (line, hint), token in zip(choices, tokens, strict=True)
                ]
            ),
        ),
        tone="open",
    )


def reveal(shown: Shown, tally: Mapping[str, int]) -> Card:
    """The same message after closing: the key, how many chose what, and which trap caught the most."""
    round_ = shown.round
    item = round_.item
    total = sum(tally.values())
    right = tally.get(item.key, 0)
    most = max((n for option, n in tally.items() if option != item.key), default=0)
    caught = {option for option, n in tally.items() if option != item.key and n == most}
    lines = []
    for option in round_.shown:
        mark = Mark.KEY if option.id == item.key else Mark.CAUGHT if option.id in caught else Mark.NONE
        votes = tally.get(option.id, 0)
        lines.append(
            OptionLine(
                letter=round_.letter(option.id),
                body=markup.blocks(option.text),
                mark=mark,
                note={Mark.KEY: "the answer", Mark.CAUGHT: "caught the most"}.get(mark, ""),
                count=votes,
                percent=percent(votes, total),
            )
        )
    blocks: list[Block] = [*markup.blocks(item.stem), Options(tuple(lines))]
    trap = next((t for option in caught if shown.pack and (t := shown.pack.trap(item.option(option).trap or ""))), None)
    if trap is not None:
        blocks.append(Paragraph((Strong(f"The trap: {trap.name}. "), *markup.line(trap.reality))))
    summary = f"{total:,} answered, {right:,} got it. " if total else "Nobody answered this one. "
    rows = [_button("Why?", ExplainRound(round_.id), style=Style.PRIMARY, hint="Why, explained only to you")]
    rows += _practise(item.traps if trap is None else (trap.id,))
    rows.append(_button("Leaderboard", Run("leaderboard")))
    return Card(
        title=f"{_title(shown)} · closed",
        context=_context(shown),
        blocks=tuple(blocks),
        footer=(Text(f"{summary}Remember: "), *markup.line(item.takeaway)),
        rows=(tuple(rows),),
        tone="closed",
    )


def saved(shown: Shown, verdict: Verdict) -> Card:
    """The receipt where everybody learns at closing."""
    round_ = shown.round
    letter = round_.letter(verdict.chosen.id)
    if verdict.again:
        title = f"You already chose {letter} at {wording.clock(verdict.at, shown.zone)}; the first answer counts."
    else:
        title = f"Saved: {letter}."
    closes = When(round_.closes, TimeStyle.CLOCK, wording.clock(round_.closes, shown.zone))
    return Card(title=title, blocks=(Paragraph((Text("You'll learn at "), closes, Text("."))),), tone="saved")


def too_late(shown: Shown) -> Card:
    """A press after closing: nothing was counted, and here is what one can still do."""
    round_ = shown.round
    return Card(
        title=wording.refusal(RoundClosed(), zone=shown.zone),
        rows=((_button("Why?", ExplainRound(round_.id), style=Style.PRIMARY), *_practise(round_.item.traps)),),
        tone="refused",
    )


def feedback(shown: Shown, verdict: Verdict) -> Card:
    """Why the chosen option is right or which trap it set; only for the member who chose it."""
    round_ = shown.round
    told = _told(_Same(round_.item), _Same(shown.pack), round_.id, round_.order, verdict.chosen.id)
    title, blocks = told.title, told.blocks
    if verdict.again:
        letter = round_.letter(verdict.chosen.id)
        said = f"You already chose {letter} at {wording.clock(verdict.at, shown.zone)}; the first answer counts."
        blocks = (Paragraph((Text(said),)), *blocks)
    elif verdict.points is not None and told.tone == "right":
        title = f"{title} {wording.points(verdict.points, verdict.run_before)}."
    return Card(
        title=title,
        blocks=blocks,
        footer=_standing_line(told, verdict),
        rows=told.rows,
        tone=told.tone,
    )


class _Same:
    """Something that is compared by being the same object. Comparing items by all they hold would take longer than
    drawing them.
    """

    __slots__ = ("it",)

    def __init__(self, it: Any) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.it is other.it


class _Told(NamedTuple):
    """What of the feedback is the same for all who chose the same; `domain` is None without a pack to name it."""

    title: str
    blocks: tuple[Block, ...]
    rows: tuple[tuple[Button, ...], ...]
    tone: str
    domain: str | None
    docs: Line


@lru_cache(maxsize=256)
def _told(of: _Same, by: _Same, round_id: RoundId, order: str, option_id: str) -> _Told:
    """What to tell those who chose this option of a round that shows the item in this order.

    Nobody asks for it again once the round is over, so only some that are open at the same time are kept, 2 KB each.
    """
    item: Item = of.it
    pack: Pack | None = by.it
    key, chosen = item.option(item.key), item.option(option_id)
    letters = dict(zip(order, LETTERS, strict=False))
    letter, key_letter = letters[chosen.id], letters[key.id]
    right = chosen.id == key.id
    if right:
        title = f"Right: {letter}."
        blocks = [_reason(f"Why {key_letter}: ", key.why)]
        tempting = next((o for o in map(item.option, order) if o.trap and o.id != key.id), None)
        if tempting is not None:
            name = _trap_name(pack, tempting)
            blocks.append(_reason(f"The trap in {letters[tempting.id]}{name}: ", tempting.why))
    else:
        title = f"Not quite: you chose {letter}. The answer is {key_letter}."
        name = _trap_name(pack, chosen)
        lead = f"Your trap{name}: " if name else f"Why not {letter}: "
        blocks = [_reason(lead, chosen.why), _reason(f"Why {key_letter}: ", key.why)]
    blocks.append(_reason("Remember: ", item.takeaway))
    further = (
        *_practise((chosen.trap,) if chosen.trap else tuple(sorted(item.traps))),
        _button("All options explained", ExplainRound(round_id, every=True)),
        _button("Report a problem", Report(round_id)),
    )
    return _Told(
        title,
        tuple(blocks),
        (further,),
        "right" if right else "wrong",
        _domain_name(pack, item.domain) if pack else None,
        _docs(item.references),
    )


def explained(shown: Shown, chosen: Option | None) -> Card:
    """Every option with its rationale, for somebody who may see the key; `chosen` is their own, if any."""
    round_ = shown.round
    item = round_.item
    lines = []
    for option in round_.shown:
        is_key, is_own = option.id == item.key, chosen is not None and option.id == chosen.id
        mark = Mark.CHOSEN_KEY if is_key and is_own else Mark.KEY if is_key else Mark.CHOSEN if is_own else Mark.NONE
        note = {
            Mark.CHOSEN_KEY: "the answer, and yours",
            Mark.KEY: "the answer",
            Mark.CHOSEN: "your answer",
        }.get(mark, "")
        lines.append(
            OptionLine(
                letter=round_.letter(option.id),
                body=markup.blocks(option.text),
                mark=mark,
                note=note,
                why=(Paragraph((*_named(shown.pack, option), *markup.line(option.why))),),
            )
        )
    return Card(
        title="All options explained",
        context=_context(shown),
        blocks=(
            *markup.blocks(item.stem),
            Options(tuple(lines)),
            Paragraph((Strong("Remember: "), *markup.line(item.takeaway))),
        ),
        footer=_docs(item.references),
        rows=((*_practise(tuple(sorted(item.traps))), _button("Report a problem", Report(round_.id))),),
        tone="explained",
    )


def _title(shown: Shown) -> str:
    name = "Trap question" if shown.round.ranks else "Extra question"
    return f"{name} · {wording.day(shown.round.local_date)}"


def _context(shown: Shown) -> tuple[str, ...]:
    item, pack = shown.round.item, shown.pack
    names = [pack.short_title, _domain_name(pack, item.domain)] if pack else [item.pack, item.domain]
    return (*names, wording.KINDS[item.kind], wording.DIFFICULTIES[item.difficulty])


def _domain_name(pack: Pack, domain: str) -> str:
    for known in pack.blueprint.domains:
        if known.id == domain:
            return known.name
    return domain


@lru_cache(maxsize=4096)
def _choice(letter: str, text: str) -> tuple[OptionLine, str]:
    """An option of an open question, and what a screen reader says of its button. Many channels have the same."""
    words = markup.plain(markup.line(text))
    return OptionLine(letter=letter, body=markup.blocks(text)), f"Answer {letter}: {words}"


@lru_cache(maxsize=256)
def _until(so_far: str, closes: datetime, clock: str, ahead: str, hidden: str) -> Line:
    """The footer of an open question. Many channels have the same."""
    return (
        Text(f"{so_far} · closes "),
        When(closes, TimeStyle.CLOCK, clock),
        Text(" ("),
        When(closes, TimeStyle.RELATIVE, ahead),
        Text(f") · {hidden}"),
    )


def _button(label: str, token: Token, *, style: Style = Style.PLAIN, hint: str = "") -> Button:
    return Button(label=label, token=write(token), style=style, hint=hint)


def _practise(traps: "tuple[str, ...] | frozenset[str]") -> tuple[Button, ...]:
    if not traps:
        return ()
    return (_button("Practise this trap", Run("quiz", ("trap", min(traps))), hint="Other questions with this trap"),)


@lru_cache(maxsize=1024)
def _reason(lead: str, why: str) -> Paragraph:
    """A reason with what it is a reason for: the same for all who chose the same."""
    return Paragraph((Strong(lead), *markup.line(why)))


def _trap_name(pack: Pack | None, option: Option) -> str:
    trap = pack.trap(option.trap) if pack and option.trap else None
    return f", “{trap.name}”" if trap else ""


def _named(pack: Pack | None, option: Option) -> Line:
    trap = pack.trap(option.trap) if pack and option.trap else None
    return (Text(f"({trap.name}) "),) if trap else ()


def _standing_line(told: _Told, verdict: Verdict) -> Line:
    parts: list[str] = []
    if verdict.standing is not None:
        parts.append(wording.streak(verdict.standing.streak, verdict.standing.freezes))
    if verdict.estimate is not None and told.domain is not None:
        known = verdict.estimate
        parts.append(f"{told.domain}: {known.right} of {known.answered}, {wording.LEVELS[known.level]}")
    if not parts:
        return told.docs
    line = Text(" · ".join(parts))
    return (line, Text(" · "), *told.docs) if told.docs else (line,)


def _docs(references: tuple[str, ...]) -> Line:
    return (Link("Docs", references[0]),) if references else ()
