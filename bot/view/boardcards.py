"""The leaderboard, and a member's own standing by domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from bot.core.attempt import Attempt
from bot.core.pack import Pack
from bot.core.readiness import ENOUGH, NotEnough, Readiness
from bot.core.refs import MemberId
from bot.core.scoring import Standing, percent
from bot.core.standings import Board, Placed, Span
from bot.core.weakness import Estimate, Level
from bot.view import wording
from bot.view.card import Bar, Bars, Block, Bullets, Button, Card, Menu, Paragraph, Strong, Style, Table, Text
from bot.view.tokens import Run, Visit, write

WEEKS_LEAST = 3
"""Weeks with answers before progress is drawn: two points are no course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrapCount:
    """How often a member fell for a trap, when last, and how it really is."""

    id: str
    name: str
    fell: int
    last: datetime
    reality: str
    level: Level = Level.UNKNOWN


def leaderboard(board: Board, *, span: Span, where: str, channel: bool, you: MemberId) -> Card:
    """The top of the board and the reader's own row. `channel` tells a channel's board from the workspace's."""
    head = ("Place", "Name", "Points", "Right", *(("Streak",) if channel else ()))
    rows: list[tuple[str, ...]] = []
    own_row = None
    for placed in board.top:
        if placed.score.member == you:
            own_row = len(rows)
        rows.append(_row(placed, you, channel))
    if own_row is None and board.own is not None:
        own_row = len(rows)
        rows.append(_row(board.own, you, channel))
    blocks: list[Block] = []
    if rows:
        blocks.append(
            Table(
                f"{wording.WINDOWS[span]} in {where}",
                head,
                tuple(rows),
                numeric=frozenset({0, 2, 3, 4} if channel else {0, 2, 3}),
                own=own_row,
            )
        )
    else:
        blocks.append(Paragraph((Text(wording.NO_SCORES),)))
    if board.own_hidden:
        blocks.append(Paragraph((Text(wording.HIDDEN_ROW),)))
    return Card(
        title=f"{wording.WINDOWS[span]} in {where}",
        context=(wording.count(board.rounds, "round"), wording.count(board.members, "member")),
        blocks=tuple(blocks),
        footer=(Text(wording.PRACTICE_DOES_NOT_RANK),),
        rows=(
            tuple(
                Button(
                    label=label,
                    token=write(Run("leaderboard", (other, "channel" if channel else "workspace"))),
                    pressed=other is span,
                )
                for other, label in ((Span.WEEK, "Week"), (Span.MONTH, "Month"), (Span.ALL, "All time"))
            ),
            tuple(
                Button(
                    label=label,
                    # The words the other way round: one platform refuses two buttons with the same token.
                    token=write(Run("leaderboard", (scope, span))),
                    pressed=channel is (scope == "channel"),
                )
                for scope, label in (("channel", "Channel"), ("workspace", "Workspace"))
            ),
        ),
    )


def domain_leaderboard(board: Board, pack: Pack, domain: str, *, where: str, you: MemberId) -> Card:
    """The top of one domain's board by right answers, and the reader's own row."""
    title = f"{pack.blueprint.domain(domain).name} in {where}"
    shown = list(board.top)
    own = next((n for n, placed in enumerate(shown) if placed.score.member == you), None)
    if own is None and board.own is not None:
        own = len(shown)
        shown.append(board.own)
    rows = tuple((*_row(placed, you, channel=False)[:2], *_right_of(placed)) for placed in shown)
    blocks: list[Block] = [Paragraph((Text(wording.NO_DOMAIN_SCORES),))]
    if rows:
        head = ("Place", "Name", "Right", "Answered")
        blocks = [Table(title, head, rows, numeric=frozenset({0, 2, 3}), own=own)]
    if board.own_hidden:
        blocks.append(Paragraph((Text(wording.HIDDEN_ROW),)))
    return Card(
        title=title,
        context=("All time", wording.count(board.members, "member")),
        blocks=tuple(blocks),
        footer=(Text(wording.PRACTICE_DOES_NOT_RANK),),
        rows=((Button(label="All domains", token=write(Run("leaderboard"))),),),
        menu=Menu(
            label="Another domain…",
            entries=tuple(
                (other.name, write(Run("leaderboard", (other.id,))))
                for other in pack.blueprint.domains[:25]
                if other.id != domain
            ),
        )
        if len(pack.blueprint.domains) > 1
        else None,
    )


def _right_of(placed: Placed) -> tuple[str, str]:
    return f"{placed.score.right:,}", f"{placed.score.answered:,}"


def _row(placed: Placed, you: MemberId, channel: bool) -> tuple[str, ...]:
    score = placed.score
    name = f"{score.name} (you)" if score.member == you else score.name
    cells = (str(placed.place), name, f"{score.points:,}", f"{score.right:,}")
    return (*cells, wording.count(score.streak, "day")) if channel else cells


def stats(
    pack: Pack,
    estimates: Sequence[Estimate],
    *,
    traps: Sequence[tuple[str, int]],
    standing: Standing | None,
    hidden: bool,
    outlook: Readiness | NotEnough,
    due: int,
    exams: Sequence[Attempt] = (),
    weeks: Sequence[tuple[date, int, int]] = (),
) -> Card:
    """Where a member stands in each domain, weakest first, which traps caught them, and what they may expect.

    `exams` are the member's latest mock exams, newest first; `weeks` (Monday, right, answered) the latest ones with
    answers, oldest first; `traps` the names of those they fell for lately, and how often.
    """
    names = {domain.id: domain.name for domain in pack.blueprint.domains}
    cut = pack.blueprint.pass_percent
    blocks: list[Block] = []
    if any(known.answered for known in estimates):
        bars = tuple(_bar(names.get(known.domain, known.domain), known) for known in estimates)
        blocks.append(Bars("Your domains, weakest first", bars, line=cut / 100, line_label=f"pass line {cut} %"))
    else:
        blocks.append(Paragraph((Text(wording.NO_STATS),)))
    if len(weeks) >= WEEKS_LEAST:
        blocks.append(Bars("Right answers by week", tuple(_week(*week) for week in weeks), line=cut / 100, trend=True))
    if traps:
        caught = ", ".join(f"{name} ({fell})" for name, fell in traps)
        blocks.append(Paragraph((Text(f"Your traps lately: {caught}"),)))
    if any(known.answered for known in estimates):
        blocks.append(Paragraph((Strong("Readiness: "), Text(_outlook(outlook, pack, names)))))
    if exams:
        scores = ", ".join(f"{percent(one.right, one.length)} %" for one in reversed(exams))
        blocks.append(Paragraph((Strong("Mock exams: "), Text(scores))))
    footer = f"{wording.streak(standing.streak, standing.freezes)} · best {standing.best_streak}" if standing else ""
    weakest = next((known for known in estimates if known.level is Level.WEAK), None)
    buttons: list[Button] = []
    if weakest is not None:
        buttons.append(
            Button(label="Practise weakest", token=write(Run("quiz", (weakest.domain,))), style=Style.PRIMARY)
        )
    if due:
        buttons.append(Button(label=f"Review {due}", token=write(Run("review"))))
    buttons.append(Button(label="Mock exam", token=write(Run("exam"))))
    if traps:
        buttons.append(Button(label="My traps", token=write(Run("traps"))))
    return Card(
        title=f"Where you stand · {pack.short_title}",
        blocks=tuple(blocks),
        footer=(Text(footer),) if footer else (),
        rows=(
            tuple(buttons),
            (
                Button(label="Leaderboard", token=write(Run("leaderboard"))),
                *(
                    Button(label="Last exam", token=write(Visit(one.id, one.length)), hint="Its result and misses")
                    for one in exams[:1]
                ),
                Button(
                    label="Show me on boards" if hidden else "Hide me from boards",
                    token=write(Run("settings", ("show" if hidden else "hide",))),
                ),
            ),
        ),
    )


def team(pack: Pack, domains: Sequence[tuple[str, int, int, int]], *, where: str) -> Card:
    """How a channel does by domain: (domain, right, answered, members), only those that enough members answered."""
    names = {domain.id: domain.name for domain in pack.blueprint.domains}
    cut = pack.blueprint.pass_percent
    bars = tuple(
        Bar(
            label=names.get(domain, domain),
            share=right / answered,
            low=None,
            high=None,
            text=f"{percent(right, answered)} % ({right} of {answered} right, {members} people)",
        )
        for domain, right, answered, members in domains
    )
    blocks: list[Block] = [Bars(f"{where} by domain", bars, line=cut / 100, line_label=f"pass line {cut} %")]
    if not bars:
        blocks = [Paragraph((Text(wording.NO_TEAM),))]
    return Card(title=f"The team in {where}", blocks=tuple(blocks), footer=(Text("Questions of this channel only."),))


def traps(found: Sequence[TrapCount], now: datetime, *, of: int | None = None) -> Card:
    """The traps that caught a member, with a way to practise each; `of` so many newest answers if not of all."""
    if not found:
        return Card(title=wording.NO_TRAPS, rows=((Button(label="Practise", token=write(Run("quiz"))),),))
    lines = tuple(
        (
            Strong(trap.name),
            Text(f": {_fell(trap)}, last {wording.ago(now - trap.last)}. {trap.reality}"),
        )
        for trap in found[:10]
    )
    return Card(
        title="The traps you fall for",
        context=(wording.newest(of),) if of else (),
        blocks=(Bullets(lines),),
        menu=Menu(
            label="Practise one…",
            entries=tuple((trap.name, write(Run("quiz", ("trap", trap.id)))) for trap in found[:25]),
        ),
    )


def _week(monday: date, right: int, answered: int) -> Bar:
    text = f"{percent(right, answered)} % ({right} of {answered})"
    return Bar(
        label=f"{monday.day} {wording.MONTHS[monday.month - 1]}", share=right / answered, low=None, high=None, text=text
    )


def _fell(trap: TrapCount) -> str:
    level = "" if trap.level is Level.UNKNOWN else f", {wording.LEVELS[trap.level]}"
    return f"{wording.count(trap.fell, 'time')}{level}"


def _outlook(outlook: Readiness | NotEnough, pack: Pack, names: Mapping[str, str]) -> str:
    match outlook:
        case NotEnough(missing=missing):
            return wording.not_ready(tuple((names.get(d, d), count) for d, count in missing), ENOUGH)
        case Readiness():
            return wording.readiness(
                outlook.low, outlook.high, outlook.questions, outlook.chance, pack.blueprint.pass_percent
            )
        case _:
            assert_never(outlook)


def _bar(name: str, known: Estimate) -> Bar:
    if known.level is Level.UNKNOWN:
        if known.answered == 0:
            text = "no answer yet"
        else:
            text = f"not enough yet: {wording.count(known.answered, 'answer')}, {known.missing} more to go"
        return Bar(label=name, share=None, low=None, high=None, text=text)
    likely = f"likely {round(known.low * 100)} to {round(known.high * 100)} %"
    return Bar(
        label=name,
        share=known.mean,
        low=known.low,
        high=known.high,
        text=f"{round(known.mean * 100)} % ({known.right} of {known.answered} right; {likely})",
        note=wording.LEVELS[known.level],
    )
