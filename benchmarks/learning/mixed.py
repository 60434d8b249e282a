"""The order of practice that `/quiz` had before: new and seen items mixed, by what there is most to win.

It is kept to tell what asking unseen items first costs.
"""

import math
import random
from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from bot.core.blueprint import Blueprint
from bot.core.item import Item
from bot.core.practice_order import KNOWN_AT_FIRST
from bot.core.review import Memory, recall, subject_of

WEAK_WORTH = 1.2
"""How much more it was worth to ask a subject of a weak domain."""


def order_mixed(
    pool: Sequence[Item],
    _: Blueprint,
    *,
    last_seen: Mapping[str, datetime],
    memories: Mapping[str, Memory],
    weak: Set[str],
    now: datetime,
    seed: str,
) -> list[Item]:
    """As bot.core.practice_order.order_for_practice, but a subject's worth alone decides, over all domains."""
    rng = random.Random(seed)  # noqa: S311  repeatable, not secret
    shuffled = sorted(pool, key=lambda item: item.id)
    rng.shuffle(shuffled)
    # Stable: unseen items stay shuffled among themselves.
    shuffled.sort(key=lambda item: seen.timestamp() if (seen := last_seen.get(item.id)) else -math.inf)
    siblings: dict[str, list[Item]] = {}
    for item in shuffled:
        siblings.setdefault(subject_of(item), []).append(item)
    known = recall((memories[subject] for subject in siblings if subject in memories), now)

    def worth(subject: str) -> float:
        items = siblings[subject]
        pull = WEAK_WORTH if items[0].domain in weak else 1.0
        return (1 - known.get(subject, KNOWN_AT_FIRST)) * math.sqrt(len(items)) * pull

    by_worth = sorted(siblings, key=worth, reverse=True)
    turns = max((len(items) for items in siblings.values()), default=0)
    return [siblings[subject][turn] for turn in range(turns) for subject in by_worth if turn < len(siblings[subject])]
