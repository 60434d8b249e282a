"""Bounds that a small pack does not break by chance."""

from math import comb

RARE = 0.001
"""A pack whose figures are rarer than this under blind luck is called unbalanced.

Several figures are looked at in each pack, so the bound is stricter than the usual 0.05.
"""

LARGE = 40
"""From this many items on, the fixed limits apply; below, only what luck does not explain is a fault."""


def at_least(hits: int, tries: int, chance: float) -> float:
    """The probability of `hits` or more in `tries`, each with `chance` (upper binomial tail)."""
    return sum(comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(hits, tries + 1))


def at_most(hits: int, tries: int, chance: float) -> float:
    """The probability of `hits` or fewer in `tries`, each with `chance` (lower binomial tail)."""
    return sum(comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(hits + 1))
