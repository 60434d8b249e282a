"""A conditional logit model: the probability of each option of an item is the softmax of a weighted sum of its cues.

McFadden 1974, Conditional logit analysis of qualitative choice behavior. Fitted by gradient descent with momentum;
the log-likelihood with a ridge penalty is concave, so there is one optimum to go to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, sqrt
from operator import mul
from statistics import fmean

STEPS = 60
RATE = 1.0
MOMENTUM = 0.85
RIDGE = 0.01
"""Per item. Strong enough that a cue which occurs in a few items gets no large weight."""

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One item: the cues of each option, and which option is the key."""

    rows: tuple[Row, ...]
    key: int


def standardise(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Centre each cue within its item, since only differences between options matter, and scale it over all items."""
    if not choices:
        return ()
    centred = [[tuple(map(_less, row, _means(choice.rows))) for row in choice.rows] for choice in choices]
    columns = zip(*(row for rows in centred for row in rows), strict=True)
    spreads = [sqrt(fmean(value * value for value in column)) or 1.0 for column in columns]
    return tuple(
        Choice(tuple(tuple(value / spread for value, spread in zip(row, spreads, strict=True)) for row in rows), c.key)
        for rows, c in zip(centred, choices, strict=True)
    )


def fit(choices: Sequence[Choice]) -> Row:
    """The weights under which the keys of these items are most likely."""
    rows = [row for choice in choices for row in choice.rows]
    ends = list(accumulate(len(choice.rows) for choice in choices))
    starts = [0, *ends[:-1]]
    is_key = [float(i == choice.key) for choice in choices for i in range(len(choice.rows))]
    columns = list(zip(*rows, strict=True))
    weights = [0.0] * len(columns)
    speeds = [0.0] * len(columns)
    for _ in range(STEPS):
        raised = [exp(min(sum(map(mul, row, weights)), 50.0)) for row in rows]
        shares: list[float] = []
        for start, end in zip(starts, ends, strict=True):
            total = sum(raised[start:end])
            shares += [value / total for value in raised[start:end]]
        misses = list(map(_less, is_key, shares))
        for i, column in enumerate(columns):
            slope = sum(map(mul, misses, column)) / len(choices) - RIDGE * weights[i]
            speeds[i] = MOMENTUM * speeds[i] + (1 - MOMENTUM) * RATE * slope
            weights[i] += speeds[i]
    return tuple(weights)


def scores(choice: Choice, weights: Row) -> Row:
    """The weighted sum of each option; the highest is the guess."""
    return tuple(sum(map(mul, row, weights)) for row in choice.rows)


def _less(value: float, other: float) -> float:
    return value - other


def _means(rows: Sequence[Row]) -> Row:
    return tuple(map(fmean, zip(*rows, strict=True)))
