"""Which item next: never one the channel had before, in proportion to the blueprint, pulled towards weak domains."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from bot.core.blueprint import Blueprint
from bot.core.item import Item, Kind
from bot.core.review import Memory, recall, subject_of
from bot.core.weakness import Level

PULL = 0.5
"""How much a weak domain's turn is brought forward, in rounds: it moves inside the proportion, not beyond it."""

KNOWN_AT_FIRST = 0.3
"""How likely a member is taken to know a subject they never met. Lower means more new subjects, sooner."""

WEAK_WORTH = 1.2
"""How much more it is worth to ask a subject of a weak domain."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen item. `repeats` tells that the pool is used up and items begin to come again."""

    item: Item
    repeats: bool


def choose(
    pool: Sequence[Item],
    history: Sequence[str],
    blueprint: Blueprint,
    *,
    seed: str,
    levels: Mapping[str, Level] | None = None,
) -> Choice | None:
    """The next item for a channel that had the items `history` (ids, oldest first); None for an empty pool.

    Deterministic in its arguments. Once every item was used, the ones used longest ago come again.
    """
    if not pool:
        return None
    used = Counter(history)
    rounds_done = min(used[item.id] for item in pool)
    fresh = [item for item in pool if used[item.id] == rounds_done]
    taken = Counter(item.domain for item in pool)
    taken.subtract(item.domain for item in fresh)
    domain = _next_domain(taken, {item.domain for item in fresh}, blueprint, levels or {})
    candidates = [item for item in fresh if item.domain == domain]
    recent = history[-len(pool) // 2 :]
    # Once items repeat, those of the last half pool wait, so that nobody meets yesterday's question again.
    rested = [item for item in candidates if item.id not in recent] or candidates
    # Repeatable, not secret.
    rng = random.Random(f"{seed}/{len(history)}")  # noqa: S311
    weights = [2.0 if item.kind in (Kind.TRAP, Kind.SCENARIO) else 1.0 for item in rested]
    return Choice(rng.choices(rested, weights)[0], rounds_done > 0)


def _next_domain(
    taken: Mapping[str, int], available: Iterable[str], blueprint: Blueprint, levels: Mapping[str, Level]
) -> str:
    """The domain furthest behind its share of this pass through the pool, among those with items left.

    With shares w and n items taken, domain d is behind by w_d (n+1) - taken_d. Serving the largest lag each time
    keeps every count within about one of its share, so any twenty rounds in a row are in proportion too. The pull
    of a weak domain is less than one round: it changes the order within the proportion, not the proportion.
    """
    total = sum(domain.weight for domain in blueprint.domains)
    n = sum(taken.values())
    order = {domain.id: i for i, domain in enumerate(blueprint.domains)}
    weights = {domain.id: domain.weight for domain in blueprint.domains}

    def behind(domain_id: str) -> tuple[float, int]:
        share = weights.get(domain_id, 0) / total
        pull = PULL if levels.get(domain_id) is Level.WEAK else 0.0
        return share * (n + 1) - taken.get(domain_id, 0) + pull, -order.get(domain_id, len(order))

    return max(available, key=behind)


def order_for_practice(
    pool: Sequence[Item],
    *,
    last_seen: Mapping[str, datetime],
    memories: Mapping[str, Memory],
    weak: Set[str],
    now: datetime,
    seed: str,
) -> list[Item]:
    """The pool in the order to practise it: first what there is most to win by asking.

    `last_seen` is by item id, `memories` by subject (see review). A subject is worth asking the less the member is
    likely to know it, and the more items ask about it; weak domains count for more. So new subjects and forgotten
    ones mix, and what was answered today comes last. Each subject comes once before any comes twice, by an item not
    seen yet, else by the one seen longest ago. Measured in docs/learning.md.
    """
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
