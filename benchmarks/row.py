"""One line of the table: a ratio of two things measured in turns."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`ratios` are of the pairs; `goal` says in words what is hoped for; `detail` has the absolute medians."""

    name: str
    ratios: tuple[float, ...]
    goal: str
    detail: str

    @property
    def median(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    def as_dict(self) -> dict[str, Any]:
        """The row with its median, for JSON."""
        return {**asdict(self), "median": self.median}

    def __str__(self) -> str:
        spread = f"[{min(self.ratios):.2f}-{max(self.ratios):.2f}]"
        return f"{self.name}: {self.median:.2f}x {spread}  (goal {self.goal})\n    {self.detail}"


def pair(name: str, ours: Sequence[float], other: Sequence[float], *, goal: str, unit: str) -> Row:
    """A row of ours over other, pair by pair."""
    return Row(
        name=name,
        ratios=tuple(a / b for a, b in zip(ours, other, strict=True)),
        goal=goal,
        detail=f"ours {statistics.median(ours):,.1f} {unit}, other {statistics.median(other):,.1f} {unit} (medians)",
    )
