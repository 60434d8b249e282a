"""The cards of practice, review and mock exams; all of them private."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.attempt import Attempt, Sitting
from bot.core.pack import Pack
from bot.core.scoring import passes, percent
from bot.view import markup, wording
from bot.view.card import (
    Bar,
    Bars,
    Block,
    Button,
    Card,
    Line,
    Link,
    Mark,
    Menu,
    OptionLine,
    Options,
    Paragraph,
    Strong,
    Style,
    Text,
    TimeStyle,
    When,
)
from bot.view.tokens import AnswerAttempt, Flag, Miss, Run, Stop, Submit, Token, Visit, write

NAMES = {Sitting.PRACTICE: "Practice", Sitting.REVIEW: "Review", Sitting.EXAM: "Mock exam"}

HISTORY = 8
"""Exams that a result is compared with."""

MENU_MOST = 25
"""Entries that fit into a menu on every platform."""


@dataclass(frozen=True, slots=True)
class Sat:
    """An attempt with its pack, None if that is no longer installed."""

    attempt: Attempt
    pack: Pack | None

    def domain(self, domain_id: str) -> str:
        """The domain's name."""
        domains = self.pack.blueprint.domains if self.pack else ()
        return next((d.name for d in domains if d.id == domain_id), domain_id)


def practice_item(sat: Sat, place: int) -> Card:
    """One item of a practice or review, not answered yet."""
    attempt = sat.attempt
    return Card(
        title=_progress(attempt, place),
        context=_context(sat, place),
        blocks=(*markup.blocks(attempt.places[place].item.stem), _options(attempt, place)),
        rows=(_letters(attempt, place), (_button("Stop", Stop(attempt.id)),)),
        tone="open",
    )


def practice_feedback(sat: Sat, place: int, *, new: bool) -> Card:
    """What the answer came to: why it is right, or which trap it set and why the key is the answer."""
    attempt = sat.attempt
    item = attempt.places[place].item
    chosen, key = item.option(attempt.answers[place]), item.option(item.key)
    letter, key_letter = attempt.letter(place, chosen.id), attempt.letter(place, key.id)
    right = chosen.id == key.id
    trap = sat.pack.trap(chosen.trap) if sat.pack and chosen.trap else None
    blocks: list[Block] = [] if new else [Paragraph((Text(f"You already chose {letter}; the first answer counts."),))]
    if right:
        verdict = f"Right: {letter}."
    else:
        verdict = f"Not quite: you chose {letter}. The answer is {key_letter}."
        lead = f"Your trap, “{trap.name}”: " if trap else f"Why not {letter}: "
        blocks.append(Paragraph((Strong(lead), *markup.line(chosen.why))))
    blocks.append(Paragraph((Strong(f"Why {key_letter}: "), *markup.line(key.why))))
    blocks.append(Paragraph((Strong("Remember: "), *markup.line(item.takeaway))))
    last = place + 1 >= attempt.length
    return Card(
        title=verdict,
        context=(_progress(attempt, place), *_context(sat, place)[:1]),
        blocks=(*markup.blocks(item.stem), _judged(attempt, place), *blocks),
        footer=_docs(item.references),
        rows=(
            (
                _button("Finish" if last else "Next", Visit(attempt.id, place + 1), style=Style.PRIMARY),
                *(() if last else (_button("Stop", Stop(attempt.id)),)),
            ),
        ),
        tone="right" if right else "wrong",
    )


def practice_summary(sat: Sat, *, due: int = 0) -> Card:
    """How a practice or review went, by domain, and what to do next."""
    attempt = sat.attempt
    done, misses = len(attempt.answers), attempt.misses
    name = NAMES[attempt.sitting]
    title = f"{name} done: {attempt.right} of {done} right" if done else f"{name} ended; nothing was answered"
    buttons = [
        _button(f"Review {wording.count(len(misses), 'miss', 'misses')}", Miss(attempt.id, 0), style=Style.PRIMARY)
    ]
    buttons = buttons if misses else []
    buttons.append(_button("Practise again", Run("quiz")))
    if due:
        buttons.append(_button(f"Review {due} due", Run("review")))
    buttons.append(_button("My stats", Run("stats")))
    return Card(
        title=title,
        context=(attempt.label,) if attempt.label else (),
        blocks=(_domain_bars(sat),) if done else (),
        footer=(Text(wording.PRACTICE_DOES_NOT_RANK),),
        rows=(tuple(buttons),),
        tone="done",
    )


def open_already(sat: Sat, words: tuple[str, ...]) -> Card:
    """Asks before an open practice or exam is replaced. `words` repeat what was asked for."""
    attempt = sat.attempt
    name = NAMES[attempt.sitting]
    done = len(attempt.answers)
    command = {Sitting.PRACTICE: "quiz", Sitting.REVIEW: "review", Sitting.EXAM: "exam"}[attempt.sitting]
    return Card(
        title=f"You have a {name.lower()} open: {done} of {attempt.length} answered.",
        blocks=(
            Paragraph((Text("Beginning anew gives it up; answers given so far still count for your statistics."),)),
        )
        if attempt.sitting is not Sitting.EXAM
        else (Paragraph((Text("Beginning anew gives it up, and it isn't scored."),)),),
        rows=(
            (
                _button("Continue", Visit(attempt.id, attempt.at), style=Style.PRIMARY),
                # In front, because a trap's name takes the rest of the line.
                _button("Begin anew", Run(command, ("new", *words)), style=Style.DANGER),
            ),
        ),
    )


def exam_page(sat: Sat, now: datetime) -> Card:
    """One item of a mock exam, with all it takes to move about in it. Nothing tells right from wrong."""
    attempt, place = sat.attempt, sat.attempt.at
    chosen = attempt.answers.get(place)
    flagged = place in attempt.flags
    moves = []
    if place > 0:
        moves.append(_button("‹ Prev", Visit(attempt.id, place - 1), hint="Previous question"))
    if place + 1 < attempt.length:
        moves.append(_button("Next ›", Visit(attempt.id, place + 1), hint="Next question"))
    moves.append(
        Button(
            label="Unflag" if flagged else "Flag",
            token=write(Flag(attempt.id, place)),
            hint="Take the flag off this question" if flagged else "Flag this question to come back to it",
            pressed=flagged,
        )
    )
    moves.append(_button("Submit", Submit(attempt.id), style=Style.PRIMARY, hint="Hand the exam in"))
    return Card(
        title=f"Mock exam · question {place + 1} of {attempt.length}",
        context=(f"{len(attempt.flags)} flagged", f"{len(attempt.unanswered)} unanswered"),
        blocks=(*markup.blocks(attempt.places[place].item.stem), _options(attempt, place)),
        footer=(
            Text(f"Your answer: {attempt.letter(place, chosen)} · " if chosen else "Not answered yet · "),
            *_time_left(attempt, now),
        ),
        rows=(_letters(attempt, place, chosen), tuple(moves)),
        menu=_go_to(attempt),
        tone="exam",
    )


def exam_ask(sat: Sat, now: datetime) -> Card:
    """Asks before an exam is handed in, naming the gaps."""
    attempt = sat.attempt
    gaps = attempt.unanswered
    if gaps:
        shown = ", ".join(str(place + 1) for place in gaps[:10]) + (" …" if len(gaps) > 10 else "")
        title = f"{len(gaps)} unanswered ({shown}). A wrong answer costs nothing."
    else:
        title = "All questions are answered. Hand it in?"
    back = gaps[0] if gaps else attempt.at
    return Card(
        title=title,
        blocks=(Paragraph((Text(f"{len(attempt.flags)} flagged."),)),) if attempt.flags else (),
        footer=_time_left(attempt, now),
        rows=(
            (
                _button(f"Go to {back + 1}" if gaps else "Back", Visit(attempt.id, back)),
                _button("Submit anyway" if gaps else "Submit", Submit(attempt.id, sure=True), style=Style.PRIMARY),
            ),
        ),
        tone="exam",
    )


def exam_result(sat: Sat, earlier: Sequence[Attempt]) -> Card:
    """The score, pass or not, by domain, and how it compares with the member's earlier exams (newest first)."""
    attempt, pack = sat.attempt, sat.pack
    cut = pack.blueprint.pass_percent if pack else 70
    score = percent(attempt.right, attempt.length)
    passed = passes(attempt.right, attempt.length, cut)
    minutes = max(1, round(((attempt.ended or attempt.started) - attempt.started).total_seconds() / 60))
    blocks: list[Block] = [_domain_bars(sat, cut)]
    if earlier:
        before = percent(earlier[0].right, earlier[0].length)
        change = (
            f"{abs(score - before)} points {'more' if score > before else 'less'} than" if score != before else "as"
        )
        blocks.append(Paragraph((Text(f"That is {change} last time."),)))
        blocks.append(_history([attempt, *earlier], cut))
    if attempt.unanswered:
        blocks.append(Paragraph((Text(f"{wording.count(len(attempt.unanswered), 'question')} had no answer."),)))
    misses = attempt.misses
    buttons = []
    if misses:
        label = f"Review {wording.count(len(misses), 'miss', 'misses')}"
        buttons.append(_button(label, Miss(attempt.id, 0), style=Style.PRIMARY))
    buttons += [_button("My stats", Run("stats")), _button("New exam", Run("exam"))]
    verdict = f"{'pass' if passed else 'not yet a pass'} (line {cut} %)"
    return Card(
        title=f"{attempt.right} of {attempt.length}, {score} %: {verdict}. {wording.count(minutes, 'minute')}.",
        context=("Mock exam",),
        blocks=tuple(blocks),
        footer=(Text("The real exam may weigh and score differently; take this as practice."),),
        rows=(tuple(buttons),),
        tone="right" if passed else "wrong",
    )


def miss(sat: Sat, number: int) -> Card:
    """One miss of an attempt that is over, every option with its rationale."""
    attempt, misses = sat.attempt, sat.attempt.misses
    place = misses[number]
    item = attempt.places[place].item
    buttons = []
    if number > 0:
        buttons.append(_button("‹ Prev", Miss(attempt.id, number - 1), hint="Previous miss"))
    if number + 1 < len(misses):
        buttons.append(_button("Next ›", Miss(attempt.id, number + 1), hint="Next miss"))
    buttons.append(_button("Back to the result", Visit(attempt.id, attempt.length)))
    gap = () if place in attempt.answers else (Paragraph((Text("You didn't answer this one."),)),)
    return Card(
        title=f"Miss {number + 1} of {len(misses)} · question {place + 1}",
        context=_context(sat, place),
        blocks=(
            *markup.blocks(item.stem),
            *gap,
            _judged(attempt, place, why=True),
            Paragraph((Strong("Remember: "), *markup.line(item.takeaway))),
        ),
        footer=_docs(item.references),
        rows=(tuple(buttons),),
        tone="explained",
    )


def _progress(attempt: Attempt, place: int) -> str:
    return f"{NAMES[attempt.sitting]} · {place + 1} of {attempt.length}"


def _context(sat: Sat, place: int) -> tuple[str, ...]:
    item = sat.attempt.places[place].item
    label = (sat.attempt.label,) if sat.attempt.label else ()
    return (sat.domain(item.domain), *label, wording.DIFFICULTIES[item.difficulty])


def _options(attempt: Attempt, place: int) -> Options:
    chosen = attempt.answers.get(place)
    item = attempt.places[place].item
    return Options(
        tuple(
            OptionLine(
                letter=attempt.letter(place, option_id),
                body=markup.blocks(item.option(option_id).text),
                mark=Mark.CHOSEN if option_id == chosen else Mark.NONE,
                note="your answer" if option_id == chosen else "",
            )
            for option_id in attempt.places[place].order
        )
    )


def _judged(attempt: Attempt, place: int, *, why: bool = False) -> Options:
    item, chosen = attempt.places[place].item, attempt.answers.get(place)
    lines = []
    for option_id in attempt.places[place].order:
        option = item.option(option_id)
        is_key, is_own = option_id == item.key, option_id == chosen
        mark = Mark.CHOSEN_KEY if is_key and is_own else Mark.KEY if is_key else Mark.CHOSEN if is_own else Mark.NONE
        note = {Mark.CHOSEN_KEY: "the answer, and yours", Mark.KEY: "the answer", Mark.CHOSEN: "your answer"}
        lines.append(
            OptionLine(
                letter=attempt.letter(place, option_id),
                body=markup.blocks(option.text),
                mark=mark,
                note=note.get(mark, ""),
                why=(Paragraph(markup.line(option.why)),) if why else (),
            )
        )
    return Options(tuple(lines))


def _letters(attempt: Attempt, place: int, chosen: str | None = None) -> tuple[Button, ...]:
    item = attempt.places[place].item
    return tuple(
        Button(
            label=attempt.letter(place, option_id),
            token=write(AnswerAttempt(attempt.id, place, attempt.letter(place, option_id))),
            hint=f"Answer {attempt.letter(place, option_id)}: {markup.plain(markup.line(item.option(option_id).text))}",
            pressed=option_id == chosen,
        )
        for option_id in attempt.places[place].order
    )


def _go_to(attempt: Attempt) -> Menu | None:
    """A menu of the places that still want something: flagged ones first, then unanswered ones."""
    wanted = [*sorted(attempt.flags), *(place for place in attempt.unanswered if place not in attempt.flags)]
    entries = []
    for place in wanted[:MENU_MOST]:
        words = [f"Question {place + 1}"]
        words += ["flagged"] if place in attempt.flags else []
        words += ["unanswered"] if place not in attempt.answers else []
        entries.append((", ".join(words), write(Visit(attempt.id, place))))
    return Menu(label="Go to…", entries=tuple(entries)) if entries else None


def _time_left(attempt: Attempt, now: datetime) -> Line:
    if attempt.deadline is None:
        return ()
    left = max(0, int((attempt.deadline - now).total_seconds() // 60))
    fallback = f"in {wording.count(left, 'minute')}" if left else "in less than a minute"
    return (Text("ends "), When(attempt.deadline, TimeStyle.RELATIVE, fallback))


def _domain_bars(sat: Sat, cut: int | None = None) -> Bars:
    counts = sat.attempt.by_domain()
    order = [d.id for d in sat.pack.blueprint.domains] if sat.pack else sorted(counts)
    bars = tuple(
        Bar(
            label=sat.domain(domain),
            share=right / total,
            low=None,
            high=None,
            text=f"{right} of {total}, {percent(right, total)} %",
        )
        for domain in order
        if domain in counts
        for right, total in (counts[domain],)
    )
    return Bars("By domain", bars, line=cut / 100 if cut else None, line_label=f"pass line {cut} %" if cut else "")


def _history(newest_first: Sequence[Attempt], cut: int) -> Bars:
    """The latest exams as bars, oldest first, numbered through all of them."""
    count = len(newest_first)
    shown = list(enumerate(newest_first[:HISTORY]))
    bars = tuple(
        Bar(
            label=f"Exam {count - place}",
            share=one.right / one.length,
            low=None,
            high=None,
            text=f"{one.right} of {one.length}, {percent(one.right, one.length)} %",
        )
        for place, one in reversed(shown)
    )
    return Bars("Your exams so far", bars, line=cut / 100, line_label=f"pass line {cut} %", trend=True)


def _docs(references: tuple[str, ...]) -> Line:
    return (Link("Docs", references[0]),) if references else ()


def _button(label: str, token: Token, *, style: Style = Style.PLAIN, hint: str = "") -> Button:
    return Button(label=label, token=write(token), style=style, hint=hint)
