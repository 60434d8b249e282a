"""Checks what the files of a pack say about each other: ids given once, and every id that is named exists."""

from collections.abc import Iterator, Sequence

from bot.core.pack import EXAM_DOMAIN
from bot.packs.faults import Fault
from bot.packs.shape_check import suggestion
from bot.packs.sheets import Sheet, label
from bot.packs.yamltree import Scalar


def check_unique(sheets: Sequence[Sheet]) -> Iterator[Fault]:
    """Ids that occur twice in sheets of one noun."""
    first: dict[str, str] = {}
    for sheet in sheets:
        for found, line in sheet.ids:
            place = f"{sheet.file}:{line}"
            if found in first:
                sentence = f"the id {found} is taken by another {sheet.noun} ({first[found]}); choose another id."
                yield Fault(sheet.file, line, sentence)
            first.setdefault(found, place)


def known_ids(sheets: Sequence[Sheet]) -> frozenset[str] | None:
    """The ids that may be named, or None if a sheet was not read whole: then none is called unknown."""
    if not all(sheet.whole for sheet in sheets):
        return None
    return frozenset(found for sheet in sheets for found, _ in sheet.ids)


def check_named(sheet: Sheet, key: str, *, known: frozenset[str] | None, noun: str) -> Iterator[Fault]:
    """Entries of the list `key` that name no known `noun`."""
    if known is None:
        return
    for entry in sheet.entries:
        for found in entry.scalars(key):
            yield from _unknown(found, known, sheet.file, f"{label(sheet.noun, entry)}: {key} names the {noun}")


def check_traps(sheet: Sheet, *, known: frozenset[str] | None) -> Iterator[Fault]:
    """Traps of options that are in no traps file."""
    if known is None:
        return
    for item in sheet.entries:
        options = item.mapping("options")
        for letter, _ in options.entries:
            if found := options.mapping(letter.text).scalar("trap"):
                where = f"{label('item', item)}: options.{letter.text}.trap names the trap"
                yield from _unknown(found, known, sheet.file, where)


def check_domains(sheet: Sheet, *, domains: tuple[str, ...] | None, exam: bool) -> Iterator[Fault]:
    """Domains that the blueprint lacks. `exam` allows the domain of general exam tips."""
    if domains is None:
        return
    allowed = (*domains, EXAM_DOMAIN) if exam else domains
    for entry in sheet.entries:
        found = entry.scalar("domain")
        if found and found.text.strip() not in allowed:
            known = suggestion(found.text.strip(), allowed)
            sentence = f"{label(sheet.noun, entry)}: domain is '{found.text.strip()}'; {known}"
            yield Fault(sheet.file, found.line, sentence)


def _unknown(found: Scalar, known: frozenset[str], file: str, where: str) -> Iterator[Fault]:
    name = found.text.strip()
    if name and name not in known:
        hint = suggestion(name, tuple(sorted(known)))
        yield Fault(file, found.line, f"{where} '{name}', which does not exist; {hint}")
