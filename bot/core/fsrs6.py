"""The memory model FSRS-6, as far as right and wrong need it: stability and difficulty after an answer.

The formulas and parameters are those of py-fsrs, which a test holds this to, number for number. The library's own
objects take some thirty times as long as the arithmetic, and every answer of everybody passes here.
https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm
"""

import math
from functools import lru_cache

from fsrs import Scheduler

LEAST_STABILITY = 0.001
EASIEST, HARDEST = 1.0, 10.0

_AGAIN, _GOOD, _EASY = 1, 3, 4


def first(right: bool) -> tuple[float, float]:
    """Stability in days and difficulty after the first answer."""
    w = _parameters()
    rating = _GOOD if right else _AGAIN
    return max(w[rating - 1], LEAST_STABILITY), _within(_start(w, rating))


def after(stability: float, difficulty: float, days: int, *, right: bool) -> tuple[float, float]:
    """The same after a further answer, so many whole days after the one before."""
    w = _parameters()
    rating = _GOOD if right else _AGAIN
    if days < 1:
        growth = math.e ** (w[17] * (rating - 3 + w[18])) * stability ** -w[19]
        found = stability * (max(growth, 1.0) if right else growth)
    else:
        forgotten = 1 - recalled(stability, days)
        if right:
            found = stability * (
                1 + math.e ** w[8] * (11 - difficulty) * stability ** -w[9] * (math.e ** (forgotten * w[10]) - 1)
            )
        else:
            found = min(
                w[11] * difficulty ** -w[12] * ((stability + 1) ** w[13] - 1) * math.e ** (forgotten * w[14]),
                stability / math.e ** (w[17] * w[18]),
            )
    damped = difficulty + (10.0 - difficulty) * -(w[6] * (rating - 3)) / 9.0
    return max(found, LEAST_STABILITY), _within(w[7] * _start(w, _EASY) + (1 - w[7]) * damped)


def recalled(stability: float, days: int) -> float:
    """The chance to remember after so many whole days."""
    decay = -_parameters()[20]
    return float((1 + (0.9 ** (1 / decay) - 1) * days / stability) ** decay)


def interval(stability: float, retention: float) -> float:
    """Days until the chance to remember has fallen to `retention`."""
    decay = -_parameters()[20]
    return float(stability / (0.9 ** (1 / decay) - 1) * (retention ** (1 / decay) - 1))


@lru_cache(maxsize=1)
def _parameters() -> tuple[float, ...]:
    return Scheduler().parameters


def _start(w: tuple[float, ...], rating: int) -> float:
    return float(w[4] - math.e ** (w[5] * (rating - 1)) + 1)


def _within(difficulty: float) -> float:
    return min(max(difficulty, EASIEST), HARDEST)
