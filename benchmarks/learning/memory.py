"""Learners who forget, after a model that owes nothing to FSRS: activation that decays by a power law.

What is known is a subject (see bot.core.review): sibling items share it. Each time it is learned or recalled it gains
a trace, whose strength after t days is t^-d; the activation is the log of the sum of the traces, and recall is a
logistic function of it. The decay d of a trace grows with the activation at the moment it is made, so that learning
again at once lasts less than learning again later (the spacing effect).
Pavlik & Anderson, Practice and Forgetting Effects on Vocabulary Memory, Cognitive Science 29 (2005):
https://doi.org/10.1207/s15516709cog0000_14

FSRS instead keeps one stability and one difficulty per subject, updated by formulas of its own.
"""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.core.item import Item
from bot.core.review import subject_of

THRESHOLD, NOISE = -0.66, 0.45
"""With the mean decay, one reading is recalled with a chance of 0.81 after a day, 0.59 after 7 and 0.42 after 30."""

DECAY, DECAY_SD = 0.24, 0.05
"""Decay of a first trace, between learners: the fast forget in a week what the slow keep for a month."""

SPACING = 0.15
"""How much the decay of a trace grows with the strength that is there already."""

FASTEST = 1.0
"""No trace decays faster, however often a subject is crammed within one day."""

SOONEST = 0.02
"""Days (half an hour): no trace counts as fresher than this."""

SUBJECT_SD = 0.25
"""Some subjects are harder to keep than others, by learner, in units of activation."""

KNOWN = (0.25, 0.6)
"""Share of subjects that a learner has met before the first day, between learners..."""

EARLIER = (2, 5)
"""...so many times each..."""

EARLIER_DAYS = 150.0
"""...within so many days."""

HEED = (0.5, 0.95)
"""Chance that reading the explanation after a wrong answer leaves a trace, between learners."""

HEED_AFTER_LUCK = 0.5
"""After a lucky guess the explanation is read with less care, by this factor."""


@dataclass(slots=True)
class Mind:
    """What one learner knows. Times are in days since the first day."""

    decay: float
    heed: float
    rng: random.Random
    traces: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    ease: dict[str, float] = field(default_factory=dict)

    @classmethod
    def draw(cls, subjects: Iterable[str], rng: random.Random) -> "Mind":
        """A learner as they are before the first day."""
        mind = cls(decay=max(0.1, rng.gauss(DECAY, DECAY_SD)), heed=rng.uniform(*HEED), rng=rng)
        known = rng.uniform(*KNOWN)
        for subject in sorted(subjects):
            mind.ease[subject] = rng.gauss(0, SUBJECT_SD)
            if rng.random() < known:
                for day in sorted(-rng.uniform(1, EARLIER_DAYS) for _ in range(rng.randint(*EARLIER))):
                    mind.learn(subject, day)
        return mind

    def recall(self, subject: str, day: float) -> float:
        """The chance to recall the subject then."""
        strength = self._strength(subject, day)
        if strength == 0:
            return 0.0
        activation = math.log(strength) + self.ease[subject]
        return 1 / (1 + math.exp((THRESHOLD - activation) / NOISE))

    def learn(self, subject: str, day: float) -> None:
        """Add a trace."""
        decay = min(FASTEST, self.decay + SPACING * self._strength(subject, day))
        self.traces.setdefault(subject, []).append((day, decay))

    def answer(self, item: Item, day: float) -> str:
        """The option chosen, after which the explanation is shown. Whoever doesn't know guesses among all options."""
        subject = subject_of(item)
        if self.rng.random() < self.recall(subject, day):
            self.learn(subject, day)
            return item.key
        chosen = self.rng.choice(item.options).id
        heed = self.heed * (HEED_AFTER_LUCK if chosen == item.key else 1.0)
        if self.rng.random() < heed:
            self.learn(subject, day)
        return chosen

    def chance(self, item: Item, day: float) -> float:
        """The chance to get the item right: by knowing, or else by guessing."""
        known = self.recall(subject_of(item), day)
        return known + (1 - known) / len(item.options)

    def _strength(self, subject: str, day: float) -> float:
        total = 0.0
        for at, decay in self.traces.get(subject, ()):
            total += max(day - at, SOONEST) ** -decay
        return total
