"""A straight line through samples, and how sure its slope is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean, linear_regression, median

TWO_SIDED_95 = 1.96


@dataclass(frozen=True, slots=True)
class Slope:
    """Per unit of x, with the half width of the 95 % interval."""

    slope: float
    margin: float


def slope(xs: Sequence[float], ys: Sequence[float]) -> Slope:
    """By least squares. Neighbouring samples are alike, so they count for fewer: n (1 - r) / (1 + r).

    r is the correlation of neighbouring residuals; see Wilks, Statistical Methods in the Atmospheric Sciences, 5.2.4.
    """
    line = linear_regression(xs, ys)
    residuals = [y - line.intercept - line.slope * x for x, y in zip(xs, ys, strict=True)]
    squares = sum(r * r for r in residuals)
    spread = sum((x - fmean(xs)) ** 2 for x in xs)
    neighbours = sum(a * b for a, b in zip(residuals, residuals[1:], strict=False))
    r = max(0.0, min(0.95, neighbours / squares)) if squares else 0.0
    count = max(3.0, len(xs) * (1 - r) / (1 + r))
    deviation = (squares / (count - 2) / (spread * count / len(xs))) ** 0.5
    return Slope(line.slope, TWO_SIDED_95 * deviation)


def typical(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The median of the slopes between any two samples (Theil and Sen).

    A moment in which the machine was busy with something else, and requests piled up, hardly changes it.
    https://en.wikipedia.org/wiki/Theil%E2%80%93Sen_estimator
    """
    pairs = combinations(zip(xs, ys, strict=True), 2)
    return median((later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in pairs)
