"""The order of practice: nothing seen before while something unseen is left, and of that, what teaches most first."""

import math
import random
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from bot.core.blueprint import Blueprint
from bot.core.item import Item
from bot.core.review import Memory, recall, subject_of

KNOWN_AT_FIRST = 0.3
"""How likely a member is taken to know a subject they never met. Lower means more new subjects, sooner."""

WEAK_SHARE = 1.2
"""How much larger the share of a weak domain is, before the shares are brought back to a whole."""


def order_for_practice(
    pool: Sequence[Item],
    blueprint: Blueprint,
    *,
    last_seen: Mapping[str, datetime],
    memories: Mapping[str, Memory],
    weak: Set[str],
    now: datetime,
    seed: str,
) -> list[Item]:
    """The pool in the order to practise it: unseen items first, mixed as the blueprint is.

    `last_seen` is by item id, `memories` by subject (see review). Within a domain, a subject is worth asking the less
    the member is likely to know it, and the more items ask about it. So siblings of what was missed or is fading mix
    with new subjects, and subjects answered today come last. Each subject of a domain comes once before any comes
    twice. Seen items follow by the same rules, of each subject the one seen longest ago. Measured in docs/learning.md.
    """
    rng = random.Random(seed)  # noqa: S311  repeatable, not secret
    shuffled = sorted(pool, key=lambda item: item.id)
    rng.shuffle(shuffled)
    unseen = [item for item in shuffled if item.id not in last_seen]
    seen = sorted((item for item in shuffled if item.id in last_seen), key=lambda item: last_seen[item.id])
    siblings = Counter(subject_of(item) for item in pool)
    known = recall((memories[subject] for subject in siblings if subject in memories), now)
    turns: Counter[str] = Counter()

    def rank(item: Item) -> tuple[int, float]:
        subject = subject_of(item)
        turns[subject] += 1
        return turns[subject], -(1 - known.get(subject, KNOWN_AT_FIRST)) * math.sqrt(siblings[subject])

    sizes = Counter(item.domain for item in pool)
    ordered: list[Item] = []
    for part in (unseen, seen):
        ranked = [item for _, item in sorted(((rank(item), item) for item in part), key=lambda pair: pair[0])]
        ordered += _mixed(ranked, _shares(ranked, sizes, blueprint, weak), rng)
    return ordered


def _shares(part: Iterable[Item], sizes: Mapping[str, int], blueprint: Blueprint, weak: Set[str]) -> dict[str, float]:
    """Each domain's weight, less what of it has gone already, so that none is used up long before the others."""
    weights = {domain.id: domain.weight * (WEAK_SHARE if domain.id in weak else 1.0) for domain in blueprint.domains}
    left = Counter(item.domain for item in part)
    return {domain: weights.get(domain, 0.0) * count / sizes[domain] for domain, count in left.items()}


def _mixed(ranked: Iterable[Item], shares: Mapping[str, float], rng: random.Random) -> Iterable[Item]:
    """The items with the domains in proportion all along, and the order within each domain kept.

    Next is the domain furthest behind its share, as in choosing a channel's items. The random head start keeps short
    sessions from always leaving out the same domain.
    """
    queues: dict[str, deque[Item]] = {}
    for item in ranked:
        queues.setdefault(item.domain, deque()).append(item)
    total = sum(shares.values()) or 1.0
    behind = {domain: rng.random() for domain in shares}
    while queues:
        for domain in behind:
            behind[domain] += shares[domain] / total
        chosen = max(queues, key=lambda domain: behind[domain])
        behind[chosen] -= 1
        yield queues[chosen].popleft()
        if not queues[chosen]:
            del queues[chosen]
