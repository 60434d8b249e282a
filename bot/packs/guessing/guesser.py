"""Lets the guesser sit a bank: its score on items it has not learned from, and the score of each rule alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from statistics import fmean

from bot.core.item import Item
from bot.packs.guessing.cues import CUES, face
from bot.packs.guessing.logit import Choice, Row, fit, scores, standardise

FOLDS = 5
SEED = 1
_Z = 1.96
_SAME = 1e-9
"""Scores closer than this are a tie: sums of floats differ in the last digits by the order of adding."""


@dataclass(frozen=True, slots=True)
class RuleScore:
    """What a reader scores who goes by one rule, 0 to 1. Where options tie, one of them is drawn."""

    cue: str
    rule: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """The result over `items` items. `low` and `high` bound the model's score with 95 % confidence (Wilson)."""

    items: int
    chance: float
    score: float
    low: float
    high: float
    rules: tuple[RuleScore, ...]
    """Best first."""
    told: tuple[tuple[str, float], ...]
    """Each item's id with the probability that the model gave to its key, highest first."""

    @property
    def gain(self) -> float:
        """The model's score above chance."""
        return self.score - self.chance


def guess(items: Sequence[Item], *, folds: int = FOLDS, seed: int = SEED) -> Guess | None:
    """Let the guesser sit these items, in parts: it learns from all but one part and is examined on that one.

    None if there are fewer items than folds. Deterministic in its arguments.
    """
    if len(items) < folds:
        return None
    plain = tuple(_as_choice(item.filled(0)) for item in items)
    choices = standardise(plain)
    order = list(range(len(choices)))
    random.Random(seed).shuffle(order)  # noqa: S311  repeatable, not secret
    parts = [order[i::folds] for i in range(folds)]
    got = 0.0
    told: list[tuple[str, float]] = []
    for part in parts:
        held = set(part)
        weights = fit([choices[i] for i in order if i not in held])
        for i in part:
            values, key = scores(choices[i], weights), choices[i].key
            got += _credit(values, key)
            told.append((items[i].id, exp(values[key]) / sum(map(exp, values))))
    score = got / len(choices)
    low, high = wilson(score, len(choices))
    return Guess(
        items=len(choices),
        chance=fmean(1 / len(choice.rows) for choice in choices),
        score=score,
        low=low,
        high=high,
        rules=tuple(sorted(_rules(plain), key=lambda rule: (-rule.score, rule.rule))),
        told=tuple(sorted(told, key=lambda pair: (-pair[1], pair[0]))),
    )


def wilson(share: float, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share. Wilson 1927 (doi:10.1080/01621459.1927.10502953)."""
    middle = (share + _Z * _Z / (2 * tries)) / (1 + _Z * _Z / tries)
    half = _Z * sqrt(share * (1 - share) / tries + _Z * _Z / (4 * tries * tries)) / (1 + _Z * _Z / tries)
    return max(0.0, middle - half), min(1.0, middle + half)


def _as_choice(item: Item) -> Choice:
    seen = face(item)
    rows = tuple(tuple(cue.measure(seen, place) for cue in CUES) for place in range(len(item.options)))
    return Choice(rows, item.option_ids.index(item.key))


def _rules(choices: Sequence[Choice]) -> list[RuleScore]:
    found: list[RuleScore] = []
    for i, cue in enumerate(CUES):
        columns = [(tuple(row[i] for row in choice.rows), choice.key) for choice in choices]
        found.append(RuleScore(cue.id, cue.rule, fmean(_credit(column, key) for column, key in columns)))
        if cue.both_ways:
            least = fmean(_credit(tuple(-value for value in column), key) for column, key in columns)
            found.append(RuleScore(cue.id, f"the opposite of: {cue.rule}", least))
    return found


def _credit(values: Row, key: int) -> float:
    """The chance to hit the key when choosing the highest value, one of them at random if several tie."""
    best = max(values)
    tied = [i for i, value in enumerate(values) if best - value < _SAME]
    return 1 / len(tied) if key in tied else 0.0
