"""Leaderboards: places with ties, over a window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.core.refs import MemberId


class Span(StrEnum):
    """The window a leaderboard covers, in the local dates of the channel's rounds."""

    WEEK = "week"
    MONTH = "month"
    ALL = "all"


def period(span: Span, day: date) -> int:
    """The number under which points of `day` are kept for `span`.

    0 for all time, 202611 for a month, 20261123 for the week that begins on that Monday: short to store, and
    no two spans share one.
    """
    match span:
        case Span.ALL:
            return 0
        case Span.MONTH:
            return day.year * 100 + day.month
        case Span.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday.year * 10_000 + monday.month * 100 + monday.day


def first_day(span: Span, day: date) -> date | None:
    """The first date of the window that holds `day`; None for all time."""
    match span:
        case Span.ALL:
            return None
        case Span.MONTH:
            return day.replace(day=1)
        case Span.WEEK:
            return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One member's total within a window."""

    member: MemberId
    name: str
    points: int
    right: int
    answered: int
    streak: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A score with its place. Equal points share a place, and the next place counts them all: 1, 2, 2, 4."""

    place: int
    score: Score


def places(scores: Sequence[Score]) -> tuple[Placed, ...]:
    """The scores in order of place; those who share one are in order of name."""
    ordered = sorted(scores, key=lambda s: (-s.points, s.name.casefold(), s.member))
    placed: list[Placed] = []
    for i, score in enumerate(ordered):
        tied = bool(placed) and placed[-1].score.points == score.points
        placed.append(Placed(placed[-1].place if tied else i + 1, score))
    return tuple(placed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The top of a leaderboard, and the asking member's own place, also when it is further down.

    `rounds` is how many rounds the window has had; `own` is None for somebody without an answer in it.
    """

    top: tuple[Placed, ...]
    own: Placed | None
    own_hidden: bool
    members: int
    rounds: int
