"""What a lint rule is, and what it looks at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.core.item import Item, Status
from bot.core.pack import Pack
from bot.packs.places import Places
from bot.packs.reviews import Reviews


class Severity(StrEnum):
    """A fault must be mended before release; a warning is for the author to judge."""

    FAULT = "fault"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Hit:
    """One breach of a rule: where, what to do, and the item it is in (None: the pack as a whole)."""

    where: str
    sentence: str
    item: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A pack under inspection. Items with cases appear with their first case filled in."""

    pack: Pack
    today: date
    places: Places
    reviews: Reviews | None = None
    """None for a pack that keeps no blind reviews: then nothing is asked of them."""
    written: tuple[Item, ...] = field(init=False)
    """Items that are ready or draft. Retired ones are kept for history only."""
    ready: tuple[Item, ...] = field(init=False)

    def __post_init__(self) -> None:
        written = tuple(item.filled(0) for item in self.pack.items if item.status is not Status.RETIRED)
        object.__setattr__(self, "written", written)
        object.__setattr__(self, "ready", tuple(i for i in written if i.status is Status.READY))

    def hit(self, item: Item, sentence: str, *, letter: str = "") -> Hit:
        """A breach in an item, or in the option with this letter."""
        return Hit(self.places.of("item", item.id, letter), f"item {item.id}: {sentence}", item)

    def pack_hit(self, sentence: str) -> Hit:
        """A breach of the pack as a whole."""
        return Hit(self.places.pack, sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A check with the reason for it and the work it comes from."""

    id: str
    severity: Severity
    reason: str
    source: str
    check: Callable[[Survey], Iterator[Hit]]


def haladyna(*guidelines: str) -> str:
    """Cites guidelines, by their number in the taxonomy of 2002."""
    numbers = " and ".join(guidelines)
    return f"Haladyna, Downing & Rodriguez 2002 (doi:10.1207/S15324818AME1503_5), guideline {numbers}"


NBME = "NBME, Constructing Written Test Questions (Case & Swanson, 3rd ed.), technical item flaws"
TARRANT = "Tarrant et al. 2006 (doi:10.1016/j.nedt.2006.07.006), item-writing flaws"
HOUSE = "House rule of Trapwise (docs/content-guide.md)"
