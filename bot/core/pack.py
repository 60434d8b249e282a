"""A content pack in memory: its blueprint, items, traps, facts and cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.core.blueprint import Blueprint
from bot.core.item import Item, Status
from bot.core.pool import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A misconception with a name: what its holder believes, and how it really is."""

    id: str
    domain: str
    name: str
    belief: str
    reality: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One entry of the inventory a pack rests on. Items, traps and cards cite its id in their sources."""

    id: str
    domain: str
    kind: str
    claim: str
    misconception: str | None
    caution: str | None
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCard:
    """A last-minute fact, or an exam tip if its domain is `exam`."""

    id: str
    domain: str
    text: str
    sources: tuple[str, ...]
    references: tuple[str, ...]


EXAM_DOMAIN = "exam"
"""The domain of general exam tips. It is no domain of the blueprint and has no items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Everything one exam needs. Items are kept in file order; look-ups are by id."""

    id: str
    title: str
    short_title: str
    language: str
    version: str
    blueprint: Blueprint
    items: tuple[Item, ...]
    traps: tuple[Trap, ...]
    facts: tuple[Fact, ...]
    cards: tuple[FactCard, ...]
    draft_cards: tuple[FactCard, ...] = ()
    """Cards that nobody has checked yet. They are kept for their author and never shown."""
    _by_id: Mapping[str, Item] = field(init=False, repr=False, compare=False)
    _traps_by_id: Mapping[str, Trap] = field(init=False, repr=False, compare=False)
    ready: Pool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "_by_id", MappingProxyType({item.id: item for item in self.items}))
        put(self, "_traps_by_id", MappingProxyType({trap.id: trap for trap in self.traps}))
        put(self, "ready", Pool(item for item in self.items if item.status is Status.READY))

    def item(self, item_id: str) -> Item | None:
        """The item with this id, whatever its status."""
        return self._by_id.get(item_id)

    def trap(self, trap_id: str) -> Trap | None:
        """The trap with this id."""
        return self._traps_by_id.get(trap_id)
