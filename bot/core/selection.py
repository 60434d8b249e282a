"""Which item a channel gets next: none that it had, in proportion to the blueprint, pulled towards weak domains."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.blueprint import Blueprint
from bot.core.item import Item
from bot.core.pool import Pool
from bot.core.weakness import Level

PULL = 0.5
"""How much a weak domain's turn is brought forward, in rounds: it moves inside the proportion, not beyond it."""


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
    pool = pool if isinstance(pool, Pool) else Pool(pool)
    used = Counter(item_id for item_id in history if item_id in pool.domain_of)
    rounds_done = min(used.values()) if len(used) == len(pool) else 0
    taken = Counter(pool.domain_of[item_id] for item_id, count in used.items() if count > rounds_done)
    available = [domain for domain, items in pool.by_domain.items() if taken.get(domain, 0) < len(items)]
    domain = _next_domain(taken, available, blueprint, levels or {})
    candidates = pool.by_domain[domain]
    if domain in taken:
        candidates = Pool(item for item in candidates if used.get(item.id, 0) == rounds_done)
    if rounds_done:
        # Items repeat: those of the last half pool wait, so that nobody meets yesterday's question again.
        recent = frozenset(history[-len(pool) // 2 :])
        candidates = Pool(item for item in candidates if item.id not in recent) or candidates
    # Repeatable, not secret.
    rng = random.Random(f"{seed}/{len(history)}")  # noqa: S311
    return Choice(rng.choices(candidates, cum_weights=candidates.odds)[0], rounds_done > 0)


def _next_domain(
    taken: Mapping[str, int], available: Sequence[str], blueprint: Blueprint, levels: Mapping[str, Level]
) -> str:
    """The domain furthest behind its share of this pass through the pool, among those with items left.

    With shares w and n items taken, domain d is behind by w_d (n+1) - taken_d. Serving the largest lag each time
    keeps every count within about one of its share, so any twenty rounds in a row are in proportion too. The pull
    of a weak domain is less than one round: it changes the order within the proportion, not the proportion.
    """
    # In the blueprint's order, as of equals the first is chosen. What it doesn't name has no share, and comes last.
    weights = {domain.id: domain.weight for domain in blueprint.domains}
    total, n = sum(weights.values()), sum(taken.values())
    for domain_id in available:
        weights.setdefault(domain_id, 0)
    chosen, most = "", -math.inf
    for domain_id, weight in weights.items():
        if domain_id in available:
            pull = PULL if levels.get(domain_id) is Level.WEAK else 0.0
            lag = weight / total * (n + 1) - taken.get(domain_id, 0) + pull
            if lag > most:
                chosen, most = domain_id, lag
    return chosen
