"""Forms: a fixed sequence of items and option orders, assembled from a blueprint and a seed."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.blueprint import Blueprint
from bot.core.item import Item
from bot.core.round import shown_order


@dataclass(frozen=True, slots=True)
class Place:
    """One item of a form, with its case written in, and its option ids in the order shown."""

    item: Item
    order: str


def assemble(
    pool: Sequence[Item], blueprint: Blueprint, *, count: int, used: Mapping[str, int], seed: str
) -> tuple[Place, ...]:
    """A form of `count` items with exactly the blueprint's share of each domain, no item twice.

    `used` tells the newest of the member's forms (1, 2, ...) that each item was in, by id. Items that were in none
    come first, then those used longest ago, so that consecutive forms share none while the pool allows. A domain
    with too few items gives what it has, and the others fill up; with a pool smaller than `count` the form is as
    long as the pool.
    """
    # Repeatable, not secret.
    rng = random.Random(seed)  # noqa: S311
    by_domain: dict[str, list[Item]] = {domain.id: [] for domain in blueprint.domains}
    for item in sorted(pool, key=lambda item: item.id):
        if item.domain in by_domain:
            by_domain[item.domain].append(item)
    for items in by_domain.values():
        rng.shuffle(items)
        items.sort(key=lambda item: used.get(item.id, 0))  # stable: the shuffle stays within one form
    quotas = dict(blueprint.quotas(count))
    chosen = [item for domain, items in by_domain.items() for item in items[: quotas[domain]]]
    spare = [item for domain, items in by_domain.items() for item in items[quotas[domain] :]]
    if len(chosen) < count:
        rng.shuffle(spare)  # or the first domain would give all that others lack
        chosen += sorted(spare, key=lambda item: used.get(item.id, 0))[: count - len(chosen)]
    rng.shuffle(chosen)
    return tuple(place(item, seed) for item in chosen)


def place(item: Item, seed: str) -> Place:
    """The item as it stands in the form of this seed: a function of both, so a redisplay never reshuffles."""
    case = random.Random(f"{seed}/{item.id}").randrange(1 << 30)  # noqa: S311
    filled = item.filled(case)
    return Place(filled, shown_order(filled, seed))
