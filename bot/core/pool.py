"""The items that may be served, with what choosing among them asks again and again."""

from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate

from bot.core.item import Item, Kind


class Pool(tuple[Item, ...]):
    """Items in their order. At nine in the morning thousands of channels choose from the same few hundred.

    So what doesn't depend on the channel is worked out once, when it is asked first.
    """

    @cached_property
    def domain_of(self) -> Mapping[str, str]:
        """Each item's domain, by the item's id."""
        return {item.id: item.domain for item in self}

    @cached_property
    def by_domain(self) -> Mapping[str, "Pool"]:
        """The items of each domain."""
        found: dict[str, list[Item]] = {}
        for item in self:
            found.setdefault(item.domain, []).append(item)
        return {domain: Pool(items) for domain, items in found.items()}

    @cached_property
    def odds(self) -> tuple[float, ...]:
        """The weights of the items in a draw, summed up from the first: traps and scenarios come twice as often."""
        return tuple(accumulate(2.0 if item.kind in (Kind.TRAP, Kind.SCENARIO) else 1.0 for item in self))
