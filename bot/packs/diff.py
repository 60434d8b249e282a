"""What changed in a pack from one copy to another: the changes that readers, and the history of their answers, feel."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from bot.core.item import Item, Status
from bot.core.pack import Fact, FactCard, Pack, Trap

_Entry = Trap | Fact | FactCard


class Sort(StrEnum):
    """What happened to an entry. `RETIRED` items stay in the pack; `REMOVED` ones take their history with them."""

    ADDED = "added"
    RETIRED = "retired"
    RETURNED = "returned"
    REMOVED = "removed"
    KEY = "key changed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that differs. `noun` is pack, item, trap, fact or card; `parts` say what of it, in file order."""

    sort: Sort
    noun: str
    id: str
    parts: tuple[str, ...] = ()
    new_revision: bool = False
    """Whether readers see another text: the item's content hash differs, so answers to it are kept apart."""

    @property
    def loud(self) -> bool:
        """Whether somebody has to look at it before release: a right answer became a wrong one, or history is lost."""
        return self.sort in (Sort.KEY, Sort.REMOVED) and self.noun == "item"


def diff(old: Pack, new: Pack) -> tuple[Change, ...]:
    """Every change from `old` to `new`: the loud ones first, then by noun, in the order of the new pack."""
    changes = [*_pack(old, new), *_items(old, new)]
    changes += _entries("trap", {t.id: t for t in old.traps}, {t.id: t for t in new.traps})
    changes += _entries("fact", {f.id: f for f in old.facts}, {f.id: f for f in new.facts})
    changes += _entries("card", _cards(old), _cards(new))
    return tuple(sorted(changes, key=lambda change: not change.loud))


def _cards(pack: Pack) -> dict[str, FactCard]:
    return {card.id: card for card in (*pack.cards, *pack.draft_cards)}


def _pack(old: Pack, new: Pack) -> Iterator[Change]:
    names = ("id", "title", "short_title", "language", "version", "blueprint")
    parts = tuple(name for name in names if getattr(old, name) != getattr(new, name))
    if parts:
        yield Change(Sort.CHANGED, "pack", new.id, parts)


def _items(old: Pack, new: Pack) -> Iterator[Change]:
    for item in new.items:
        before = old.item(item.id)
        if before is None:
            yield Change(Sort.ADDED, "item", item.id)
        elif parts := tuple(_parts(before, item)):
            # The pack's id is part of the hash, but a folder that was copied under another id is the same content.
            new_revision = replace(before, pack=item.pack).hash != item.hash
            yield Change(_sort(before, item), "item", item.id, parts, new_revision=new_revision)
    for item in old.items:
        if new.item(item.id) is None:
            yield Change(Sort.REMOVED, "item", item.id)


def _sort(before: Item, after: Item) -> Sort:
    if _other_answer(before, after):
        return Sort.KEY
    if before.status is not after.status:
        if after.status is Status.RETIRED:
            return Sort.RETIRED
        if before.status is Status.RETIRED:
            return Sort.RETURNED
    return Sort.CHANGED


def _other_answer(before: Item, after: Item) -> bool:
    """Whether another statement is right now. One that only moved to another letter is the same answer."""
    was, now = before.option(before.key).text, after.option(after.key).text
    if before.key != after.key:
        return was != now
    return now in {option.text for option in before.options if option.id != before.key}


def _parts(before: Item, after: Item) -> Iterator[str]:
    if before.key != after.key:
        yield f"key {before.key} -> {after.key}"
    for name in ("domain", "kind", "difficulty", "stem"):
        if getattr(before, name) != getattr(after, name):
            yield name
    options = {option.id: option for option in before.options}
    for option in after.options:
        was = options.pop(option.id, None)
        if was is None:
            yield f"option {option.id} added"
            continue
        for part in ("text", "why", "trap"):
            if getattr(was, part) != getattr(option, part):
                yield f"options.{option.id}.{part}"
    for letter in options:
        yield f"option {letter} removed"
    for name in ("cases", "takeaway", "sources", "references", "checked"):
        if getattr(before, name) != getattr(after, name):
            yield name
    if before.status is not after.status:
        yield f"status {before.status} -> {after.status}"


def _entries(noun: str, before: Mapping[str, _Entry], after: Mapping[str, _Entry]) -> Iterator[Change]:
    for entry_id, entry in after.items():
        if entry_id not in before:
            yield Change(Sort.ADDED, noun, entry_id)
        elif entry != before[entry_id]:
            names = (field.name for field in fields(entry))
            parts = tuple(n for n in names if getattr(before[entry_id], n, None) != getattr(entry, n))
            yield Change(Sort.CHANGED, noun, entry_id, parts)
    for entry_id in before:
        if entry_id not in after:
            yield Change(Sort.REMOVED, noun, entry_id)
