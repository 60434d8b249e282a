"""What score a member may expect in the exam now, how sure that is, and the chance to pass.

Each domain's knowledge is a Beta posterior from the recency-weighted answers (see weakness); the number of right
answers among the domain's items of a form then is Beta-binomial. Domains are added up exactly, by convolution, so
the interval holds both what we don't know of the member and the luck of the draw.

Only answers to daily questions and in mock exams count: their items were drawn as an exam's are. Practice and review
choose what the member doesn't know, and then teach it; their share right is off by 10 points and more, either way
(docs/learning.md).
https://en.wikipedia.org/wiki/Beta-binomial_distribution
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.blueprint import Blueprint
from bot.core.weakness import Tally, posterior

ENOUGH = 8
"""Answers to daily questions and in mock exams, in every domain, before anything is said."""

LEVEL = 0.80
"""The share of exams that should fall into the interval."""


@dataclass(frozen=True, slots=True)
class NotEnough:
    """What is missing: for each domain (id) that lacks answers, how many there are of `ENOUGH`."""

    missing: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Right answers out of `questions`: expected, and the interval's ends; `chance` to pass, from 0 to 1."""

    questions: int
    expected: float
    low: int
    high: int
    chance: float


def readiness(tallies: Mapping[str, Tally], blueprint: Blueprint, now: datetime) -> Readiness | NotEnough:
    """The outlook over the blueprint's form, or what is missing."""
    counts = [(d.id, tallies[d.id].fair_answered if d.id in tallies else 0) for d in blueprint.domains]
    missing = tuple((domain, count) for domain, count in counts if count < ENOUGH)
    if missing:
        return NotEnough(missing)
    quotas = blueprint.quotas(blueprint.questions)
    chances = [1.0]
    for domain in blueprint.domains:
        tally = tallies[domain.id]
        a, b = posterior(tally.fair_weight, tally.fair_weight_right, now)
        chances = _convolve(chances, _beta_binomial(quotas[domain.id], a, b))
    needed = math.ceil(blueprint.pass_percent * blueprint.questions / 100)
    tail = (1 - LEVEL) / 2
    return Readiness(
        questions=blueprint.questions,
        expected=sum(score * chance for score, chance in enumerate(chances)),
        low=_quantile(chances, tail),
        high=_quantile(chances, 1 - tail),
        chance=sum(chances[needed:]),
    )


def _beta_binomial(n: int, a: float, b: float) -> list[float]:
    """The chances of 0 to n, each from its neighbour, by the ratio of the two.

    They begin near the likeliest: at an end they may be too small for a float, and all that follows would be 0.
    """
    chances = [0.0] * (n + 1)
    begin = int(n * a / (a + b))
    chances[begin] = chance = 1.0
    for k in range(begin, n):
        chance *= (n - k) * (k + a) / ((k + 1) * (n - k - 1 + b))
        chances[k + 1] = chance
    chance = 1.0
    for k in range(begin, 0, -1):
        chance *= k * (n - k + b) / ((n - k + 1) * (k - 1 + a))
        chances[k - 1] = chance
    total = sum(chances)
    return [chance / total for chance in chances]


def _convolve(left: Sequence[float], right: Sequence[float]) -> list[float]:
    total = [0.0] * (len(left) + len(right) - 1)
    for begin, y in enumerate(right):
        end = begin + len(left)
        total[begin:end] = [sum_ + x * y for sum_, x in zip(total[begin:end], left, strict=True)]
    return total


def _quantile(chances: Sequence[float], share: float) -> int:
    below = 0.0
    for score, chance in enumerate(chances):
        below += chance
        if below >= share:
            return score
    return len(chances) - 1
