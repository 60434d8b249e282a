"""A straight line through samples, and how sure its slope is."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression

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
