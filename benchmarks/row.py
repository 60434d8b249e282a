"""One line of the table: a figure measured in turns, with its goal and what it means.

    faster("durable answers", meaning="...", ours=[...], baseline=[...], unit="per s", goal=at_least(15))

`ours` and `baseline` hold one value per pair, measured A B A B in one run. The figure of a row is the median of the
pairs' ratios; where there is nothing to compare with (a count, a size, a limit) it is the median of `ours` itself.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """What the figure has to reach: at least or at most `bound`."""

    side: Literal[">=", "<=", "<"]
    bound: float

    def met(self, figure: float) -> bool:
        """Whether the figure reaches the goal."""
        match self.side:
            case ">=":
                return figure >= self.bound
            case "<=":
                return figure <= self.bound
            case "<":
                return figure < self.bound

    def __str__(self) -> str:
        return f"{self.side} {self.bound:g}"


def at_least(bound: float) -> Goal:
    """The figure has to be that or more."""
    return Goal(">=", bound)


def at_most(bound: float) -> Goal:
    """The figure has to be that or less."""
    return Goal("<=", bound)


def below(bound: float) -> Goal:
    """The figure has to be less."""
    return Goal("<", bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`ours` and `baseline` in `unit`, pair by pair; `figures` is what the goal is for, one per pair.

    `meaning` is a sentence for somebody who doesn't know the code. `counted` rows come out the same on every machine.
    `note` says what else one has to know, such as why a row could not be measured here (then `ours` is empty).
    """

    name: str
    meaning: str
    goal: Goal
    unit: str
    ours: tuple[float, ...]
    baseline: tuple[float, ...] = ()
    figures: tuple[float, ...]
    counted: bool = False
    note: str = ""

    @property
    def measured(self) -> bool:
        """Whether there is a figure at all."""
        return bool(self.figures)

    @property
    def median(self) -> float:
        """The median of the figures."""
        return statistics.median(self.figures)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and highest figure."""
        return min(self.figures), max(self.figures)

    @property
    def met(self) -> bool:
        """Whether the median reaches the goal."""
        return self.measured and self.goal.met(self.median)

    @property
    def shown(self) -> str:
        """The median as text, with an x where it is a ratio."""
        if not self.measured:
            return "not measured"
        return f"{_short(self.median)}x" if self.baseline else f"{_short(self.median)} {self.unit}"

    @property
    def detail(self) -> str:
        """The medians of both sides in their unit."""
        if not self.measured:
            return ""
        ours = f"{_short(statistics.median(self.ours))} {self.unit}"
        return f"{ours} against {_short(statistics.median(self.baseline))}" if self.baseline else ours

    def as_dict(self) -> dict[str, Any]:
        """The row for JSON."""
        return {
            "name": self.name,
            "meaning": self.meaning,
            "goal": str(self.goal),
            "unit": self.unit,
            "ours": list(self.ours),
            "baseline": list(self.baseline),
            "figures": list(self.figures),
            "median": self.median if self.measured else None,
            "spread": list(self.spread) if self.measured else None,
            "met": self.met if self.measured else None,
            "counted": self.counted,
            "note": self.note,
        }


def ratio(
    name: str,
    *,
    meaning: str,
    ours: Sequence[float],
    baseline: Sequence[float],
    unit: str,
    goal: Goal,
    note: str = "",
) -> Row:
    """Ours over the baseline, pair by pair: for throughput with a goal of at least, for cost with one of at most."""
    return Row(
        name=name,
        meaning=meaning,
        goal=goal,
        unit=unit,
        ours=tuple(ours),
        baseline=tuple(baseline),
        figures=tuple(a / b for a, b in zip(ours, baseline, strict=True)),
        note=note,
    )


def faster(
    name: str,
    *,
    meaning: str,
    ours: Sequence[float],
    baseline: Sequence[float],
    unit: str,
    goal: Goal,
    note: str = "",
) -> Row:
    """The baseline over ours, pair by pair: how many times quicker or smaller ours is."""
    return Row(
        name=name,
        meaning=meaning,
        goal=goal,
        unit=unit,
        ours=tuple(ours),
        baseline=tuple(baseline),
        figures=tuple(b / a for a, b in zip(ours, baseline, strict=True)),
        note=note,
    )


def plain(
    name: str, *, meaning: str, ours: Sequence[float], unit: str, goal: Goal, counted: bool = False, note: str = ""
) -> Row:
    """A figure with nothing to compare it with: a count, a size, or a limit in `unit`."""
    return Row(
        name=name,
        meaning=meaning,
        goal=goal,
        unit=unit,
        ours=tuple(ours),
        figures=tuple(ours),
        counted=counted,
        note=note,
    )


def missing(name: str, *, meaning: str, goal: Goal, why: str) -> Row:
    """A row that can't be measured here, and why."""
    return Row(name=name, meaning=meaning, goal=goal, unit="", ours=(), figures=(), note=why)


def _short(value: float) -> str:
    """Three figures, with thousands marked."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
