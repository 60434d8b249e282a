"""Means of paired runs, with their spread."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

T_975 = {
    1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 7: 2.36, 9: 2.26, 11: 2.20, 14: 2.14, 19: 2.09, 29: 2.05, 39: 2.02
}  # fmt: skip
"""Quantiles of Student's t for a 95 % interval, by degrees of freedom (https://en.wikipedia.org/wiki/Student's_t)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """`sd` is between runs; `low` to `high` is the 95 % interval of the mean."""

    mean: float
    sd: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Of at least two values."""
    mean, sd = statistics.fmean(values), statistics.stdev(values)
    freedom = len(values) - 1
    # The next smaller tabled number of degrees: a little too wide rather than too narrow.
    t = T_975[max(known for known in T_975 if known <= freedom)]
    half = t * sd / math.sqrt(len(values))
    return Spread(mean=mean, sd=sd, low=mean - half, high=mean + half)
