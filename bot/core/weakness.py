"""How well a member knows a domain: an estimate with its uncertainty, newer answers weighing more.

Method. Each answer carries the weight 2^(-age/half-life). Weighted counts of right and wrong answers update a
Beta prior; the credible interval comes from the Beta posterior by a normal approximation on the logit scale,
which keeps it inside 0 to 1. The weights are kept as *forward decay* sums: 2^((time - landmark)/half-life) is
added once per answer and only the ratio to the same expression for now matters, so the sums can be maintained
by plain additions in any order and rebuilt exactly.
Cormode, Shkapenyuk, Srivastava & Xu, Forward Decay, ICDE 2009: https://doi.org/10.1109/ICDE.2009.65
Beta-binomial model: Gelman et al., Bayesian Data Analysis, ch. 2: https://sites.stat.columbia.edu/gelman/book/
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

HALF_LIFE_DAYS = 30.0
"""Of 10 to 45 days in the simulation, about the longest with which the 80 % interval still holds for those who learn
or forget on the way (docs/learning.md). A shorter one throws away what steady members have shown."""

LANDMARK = datetime(2026, 1, 1, tzinfo=UTC)
"""Weights are 1 here. A double holds 2^1023, so the sums last for eighty years."""

MIN_RESPONSES = 5
"""Below this a domain is unknown, never weak."""

PRIOR_RIGHT, PRIOR_WRONG = 1.4, 0.6
"""Worth two answers, at the usual cut score: before there are answers it leans neither way. A stronger prior pulls
members of unusually weak or strong teams towards the middle, and the interval then misses them."""

FINE_AT = 0.70
"""A domain is fine when its estimate reaches this; for a pack it is the cut score.

The estimate is the middle of the interval, so this asks whether more or less than half of the posterior lies below
the line. Asking for the whole interval to lie on one side was measured too (docs/learning.md): it is wrong more
often, and always the same way.
"""

Z_80 = 1.2816
"""Standard normal quantile for an 80 % interval."""

_DAY_SECONDS = 86_400.0


class Level(StrEnum):
    """What can be said of a domain. Unknown is not weak."""

    UNKNOWN = "unknown"
    WEAK = "weak"
    FINE = "fine"


class Tally(NamedTuple):
    """A member's answers in one domain: plain counts, and forward-decayed sums of weight.

    The `fair` ones are of daily rounds and mock exams only. What practice and review ask was chosen by what the member
    doesn't know, so the share right there says little of an exam.
    """

    domain: str
    answered: int = 0
    right: int = 0
    weight: float = 0.0
    weight_right: float = 0.0
    fair_answered: int = 0
    fair_weight: float = 0.0
    fair_weight_right: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The expected share of right answers, with an 80 % interval, all within 0 to 1.

    `beta` are the parameters of the posterior. Each answer makes an estimate, and few ask for its interval.
    """

    domain: str
    level: Level
    answered: int
    right: int
    mean: float
    beta: tuple[float, float]

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return _logistic(self._centre - self._spread)

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return _logistic(self._centre + self._spread)

    @property
    def _centre(self) -> float:
        a, b = self.beta
        return math.log(a / b)

    @property
    def _spread(self) -> float:
        # The variance of the logit of a Beta variate is trigamma(a) + trigamma(b); see _trigamma.
        a, b = self.beta
        return Z_80 * math.sqrt(_trigamma(a) + _trigamma(b))

    @property
    def missing(self) -> int:
        """How many more answers it takes before anything is said."""
        return max(0, MIN_RESPONSES - self.answered)


def weight_at(instant: datetime) -> float:
    """What one answer given at `instant` adds to the forward-decayed sums."""
    days = (instant - LANDMARK).total_seconds() / _DAY_SECONDS
    return float(2.0 ** (days / HALF_LIFE_DAYS))


def estimate(tally: Tally, now: datetime, *, fine_at: float = FINE_AT) -> Estimate:
    """What the answers say of the member now.

    A domain with enough answers is weak when its estimate is below `fine_at`.
    """
    a, b = posterior(tally.weight, tally.weight_right, now)
    mean = a / (a + b)
    known = Level.FINE if mean >= fine_at else Level.WEAK
    return Estimate(
        domain=tally.domain,
        level=Level.UNKNOWN if tally.answered < MIN_RESPONSES else known,
        answered=tally.answered,
        right=tally.right,
        mean=mean,
        beta=(a, b),
    )


def posterior(weight: float, weight_right: float, now: datetime) -> tuple[float, float]:
    """The two parameters of the Beta posterior: the prior plus the answers, each at its present weight."""
    scale = weight_at(now)
    right = min(max(0.0, weight_right), weight) / scale
    return PRIOR_RIGHT + right, PRIOR_WRONG + weight / scale - right


def evidence(right: bool, options: int) -> float:
    """What a right or wrong answer among `options` says, on the scale of an item with four.

    Guessing is right 1/options of the time, so a right answer among two says less than one among four. The
    correction for guessing makes both mean the same on average; among four it changes nothing.
    https://en.wikipedia.org/wiki/Formula_scoring
    """
    guess = 1.0 / options
    return 0.25 + 0.75 * ((1.0 if right else 0.0) - guess) / (1.0 - guess)


def weakest_first(estimates: Iterable[Estimate]) -> tuple[Estimate, ...]:
    """Known domains from weakest to strongest, then the unknown ones with the most answers first."""
    return tuple(
        sorted(
            estimates,
            key=lambda e: (1, -e.answered, e.domain) if e.missing else (0, e.mean, e.domain),
        )
    )


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def _trigamma(x: float) -> float:
    """The second derivative of the log-gamma function, for x > 0, to about nine digits.

    Recurrence up to 6, then the asymptotic series: https://dlmf.nist.gov/5.15
    """
    total = 0.0
    while x < 6.0:
        total += 1.0 / (x * x)
        x += 1.0
    inverse = 1.0 / x
    square = inverse * inverse
    series = 1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30))
    return total + inverse * (1.0 + inverse / 2 + square * series)
