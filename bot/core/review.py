"""Spaced review: when a member should meet a misconception again. The memory model is FSRS-6 (py-fsrs).

What is remembered is a *subject*: the main trap of an item, or the item itself where it sets none. So a review can
bring a sibling item with the same trap, and remembering "it was B" does not help. An answer rates its subject:
right is Good, wrong is Again; nothing is asked of the member, and with only these two ratings the model loses
little (https://github.com/open-spaced-repetition/srs-benchmark, "FSRS-6 binary"). How long an answer took is not
used: a chat can't tell thinking from a coffee.
"""

import random
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core import fsrs6
from bot.core.item import Item

RETENTION = 0.9
"""A subject is due when the chance to remember it has fallen to this."""

FUZZ = 0.05
"""Intervals vary by this share, so that what was learned on one day doesn't all come back on one day."""

LONGEST = timedelta(days=180)
"""Nobody prepares for an exam longer than this without meeting everything again."""


class Memory(NamedTuple):
    """How well a member remembers a subject: FSRS stability in days, difficulty 1 to 10.

    It was answered `times` times, at `last` for the last time, and is due `days` days after that.
    """

    subject: str
    stability: float
    difficulty: float
    days: int
    last: datetime
    times: int

    @property
    def due(self) -> datetime:
        """When the member should meet it again."""
        return self.last + timedelta(days=self.days)


def subject_of(item: Item) -> str:
    """The subject an item asks about: `trap:` its first distractor's trap, else `item:` itself."""
    first = next((option.trap for option in item.options if option.trap and option.id != item.key), None)
    return f"trap:{first}" if first else f"item:{item.id}"


def rate(memory: Memory | None, subject: str, *, right: bool, at: datetime, seed: str) -> Memory:
    """The memory after an answer. `seed` makes the fuzz repeatable. Intervals are whole days, one at least.

    The fuzz is a checksum, as seeding a generator would take longer than all else here.
    """
    if memory is None:
        stability, difficulty = fsrs6.first(right)
    else:
        # A clock that was set back must not make the time since then negative.
        passed = (at - min(memory.last, at)).days
        stability, difficulty = fsrs6.after(memory.stability, memory.difficulty, passed, right=right)
    days = min(max(round(fsrs6.interval(stability, RETENTION)), 1), LONGEST.days)
    if days > 2:
        chance = zlib.crc32(f"{seed}/{subject}/{memory.times if memory else 0}".encode()) / 0xFFFFFFFF
        days = max(2, round(days * (1 + FUZZ * (2 * chance - 1))))
    return Memory(
        subject=subject,
        stability=stability,
        difficulty=difficulty,
        days=days,
        last=at,
        times=(memory.times if memory else 0) + 1,
    )


def recall(memories: Iterable[Memory], at: datetime) -> dict[str, float]:
    """The chance to remember each subject then, by its name, from 0 to 1. Whole days count: 1 on the day itself."""
    return {memory.subject: fsrs6.recalled(memory.stability, (at - min(memory.last, at)).days) for memory in memories}


def due_first(memories: Sequence[Memory], by: datetime) -> list[Memory]:
    """The subjects due by then, those most overdue for their stability first."""
    due = [memory for memory in memories if memory.due <= by]
    return sorted(due, key=lambda m: (-((by - m.last) / timedelta(days=max(m.stability, 0.1))), m.subject))


def sibling(subject: str, pool: Sequence[Item], last_seen: Mapping[str, datetime], *, seed: str) -> Item | None:
    """An item to review the subject with: one not seen yet, else the one seen longest ago.

    Items whose main trap it is come before those that set it among others.
    """
    kind, _, name = subject.partition(":")
    if kind == "item":
        return next((item for item in pool if item.id == name), None)
    fitting = [item for item in pool if name in item.traps]
    main = [item for item in fitting if subject_of(item) == subject]
    unseen = [item for item in main if item.id not in last_seen] or [
        item for item in fitting if item.id not in last_seen
    ]
    if unseen:
        return random.Random(f"{seed}/{subject}").choice(sorted(unseen, key=lambda item: item.id))  # noqa: S311
    candidates = main if len(main) > 1 else fitting
    return min(candidates, key=lambda item: (last_seen[item.id], item.id), default=None)
