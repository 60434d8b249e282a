"""Learners whose true ability we know: how likely each is to get an item right, on any day.

An item response model with guessing: of n options, the chance of a right answer is 1/n plus the rest times
logistic(ability - difficulty). Ability is per domain and may drift; a further term per learner and subject makes
two items of one subject go well or badly together, as they do for a person who holds a misconception.
Birnbaum's three-parameter model, with equal discrimination: https://en.wikipedia.org/wiki/Item_response_theory
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.blueprint import Blueprint
from bot.core.item import Difficulty, Item
from bot.core.review import subject_of

EASE_OF_LABEL = {Difficulty.EASY: 0.5, Difficulty.MEDIUM: 0.0, Difficulty.HARD: -0.5}
"""In logits. The author's label tells something of an item's difficulty..."""

ITEM_SD = 0.5
"""...and this much of it it doesn't tell."""

OVERALL_SD, DOMAIN_SD = 0.8, 0.5
"""Between learners, and between the domains of one learner: domains correlate by 0.64 / 0.89 = 0.72."""

SUBJECT_SD = 0.6
"""Between the subjects of one domain, for one learner."""

WALK_SD = 0.10
"""Ability wanders by this much a week, for everybody."""


class Drift(StrEnum):
    """What ability does while the learner answers."""

    STEADY = "steady"
    LEARNING = "learning"
    FORGETTING = "forgetting"


DRIFTS = {Drift.STEADY: 0.4, Drift.LEARNING: 0.4, Drift.FORGETTING: 0.2}
"""How common each is."""

GAIN = (0.3, 1.5)
"""Logits that a learning member gains by the end; the whole of it, however long they take."""

LOSS = (0.2, 0.8)
"""Logits that a forgetting member loses by the end."""


@dataclass(frozen=True, slots=True)
class Difficulties:
    """What makes an item easy, by item id, and its subject; drawn once for a pack."""

    ease: Mapping[str, float]
    subject: Mapping[str, str]

    @classmethod
    def draw(cls, pool: Sequence[Item], rng: random.Random) -> "Difficulties":
        """Difficulties that fit the authors' labels."""
        return cls(
            {item.id: EASE_OF_LABEL[item.difficulty] + rng.gauss(0, ITEM_SD) for item in pool},
            {item.id: subject_of(item) for item in pool},
        )


@dataclass(slots=True)
class Learner:
    """`ability` is by domain and as of the exam; `change` is what it differed by at the beginning."""

    difficulties: Difficulties
    ability: Mapping[str, float]
    change: float
    drift: Drift
    rng: random.Random
    walks: Mapping[str, Sequence[float]]
    subjects: dict[str, float] = field(default_factory=dict)

    @classmethod
    def draw(
        cls, blueprint: Blueprint, difficulties: Difficulties, *, mean: float, weeks: int, rng: random.Random
    ) -> "Learner":
        """A learner of a population whose ability at the exam is `mean` logits on average."""
        overall = rng.gauss(mean, OVERALL_SD)
        drift = rng.choices(list(DRIFTS), list(DRIFTS.values()))[0]
        change = {
            Drift.STEADY: 0.0,
            Drift.LEARNING: -rng.uniform(*GAIN),
            Drift.FORGETTING: rng.uniform(*LOSS),
        }[drift]
        walks = {}
        for domain in blueprint.domains:
            walk = [0.0]
            for _ in range(weeks):
                walk.append(walk[-1] + rng.gauss(0, WALK_SD))
            walks[domain.id] = walk
        return cls(
            difficulties=difficulties,
            ability={domain.id: overall + rng.gauss(0, DOMAIN_SD) for domain in blueprint.domains},
            change=change,
            drift=drift,
            rng=rng,
            walks=walks,
        )

    def chance(self, item: Item, *, before: float = 0.0, span: float = 1.0) -> float:
        """How likely the learner gets the item right `before` days before the exam, in a course of `span` days."""
        subject = self.difficulties.subject[item.id]
        luck = self.subjects.get(subject)
        if luck is None:
            luck = self.subjects[subject] = self.rng.gauss(0, SUBJECT_SD)
        walk = self.walks[item.domain]
        logit = (
            self.ability[item.domain]
            + self.difficulties.ease[item.id]
            + luck
            + self.change * before / span
            + walk[min(int(before / 7), len(walk) - 1)]
        )
        guess = 1 / len(item.options)
        return guess + (1 - guess) / (1 + math.exp(-logit))

    def share(self, items: Sequence[Item]) -> float:
        """The share of these items that the learner would get right at the exam, on average."""
        return sum(self.chance(item) for item in items) / len(items)
