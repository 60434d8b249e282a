"""Loads content packs. A pack is read whole and without a fault, or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import PackError
from bot.core.pack import Pack
from bot.packs import build, fields
from bot.packs.cross_check import check_domains, check_named, check_traps, check_unique, known_ids
from bot.packs.faults import Fault
from bot.packs.item_check import check_item
from bot.packs.pack_check import check_pack
from bot.packs.places import Places, find_places
from bot.packs.reviews import REVIEWS_FILE
from bot.packs.shape_check import check_shape, suggestion
from bot.packs.sheets import Sheet, label, read_sheet
from bot.packs.yamlread import read_yaml
from bot.packs.yamltree import Mapping as Tree

PACK_FILE = "pack.yaml"
ITEMS_FOLDER = "items"
_FILES = (PACK_FILE, "facts.yaml", "traps.yaml", "cards.yaml")
_RECORDS = (REVIEWS_FILE,)
"""Files that people who keep a pack may have beside it; the bot doesn't read them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pack, and where in its files each entry is."""

    pack: Pack
    places: Places


def load_pack(folder: Path) -> Pack:
    """Load the pack in a folder; PackError lists every fault as `file:line: what to do`."""
    return load_with_places(folder).pack


def load_packs(content: Path) -> dict[str, Pack]:
    """Load every folder in `content` that has a pack.yaml, by id; one PackError for the faults of all."""
    packs: dict[str, Pack] = {}
    errors: list[PackError] = []
    for folder in pack_folders(content):
        try:
            packs[folder.name] = load_pack(folder)
        except PackError as error:
            errors.append(error)
    if errors:
        names = ", ".join(error.pack for error in errors)
        raise PackError(names, tuple(fault for error in errors for fault in error.faults))
    return packs


def pack_folders(content: Path) -> tuple[Path, ...]:
    """The folders in `content` that hold a pack, by name."""
    return tuple(sorted(file.parent for file in content.glob(f"*/{PACK_FILE}")))


def load_with_places(folder: Path) -> Loaded:
    """As load_pack, and keep where each entry is, for lint."""
    files = _read(folder)
    faults = sorted(set(_faults(files)))
    if faults or files.pack is None:
        raise PackError(folder.resolve().name, tuple(str(fault) for fault in faults))
    pack_id = files.pack.text("id")
    pack = Pack(
        id=pack_id,
        title=files.pack.text("title"),
        short_title=files.pack.text("short_title"),
        language=files.pack.text("language"),
        version=files.pack.text("version"),
        blueprint=build.build_blueprint(files.pack.mapping("blueprint")),
        items=tuple(build.build_item(i, pack=pack_id) for sheet in files.items for i in sheet.entries),
        traps=tuple(build.build_trap(entry) for entry in files.traps.entries),
        facts=tuple(build.build_fact(entry) for entry in files.facts.entries),
        cards=tuple(build.build_card(entry) for entry in files.cards.entries if not build.is_draft(entry)),
        draft_cards=tuple(build.build_card(entry) for entry in files.cards.entries if build.is_draft(entry)),
    )
    return Loaded(pack, find_places((*files.items, files.traps, files.facts, files.cards), files.pack_file))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    """The files of one pack as read, with the faults met while reading."""

    folder: Path
    pack: Tree | None
    pack_file: str
    facts: Sheet
    traps: Sheet
    cards: Sheet
    items: tuple[Sheet, ...]
    faults: tuple[Fault, ...]


def _read(folder: Path) -> _Files:
    path = folder / PACK_FILE
    faults = list(_stray_files(folder))
    tree = None
    if path.is_file():
        reading = read_yaml(path, shown=str(path))
        faults += reading.faults
        if reading.tree is not None:
            faults += check_shape(reading.tree, fields.PACK, file=str(path), label="")
        tree = reading.tree if isinstance(reading.tree, Tree) and reading.whole else None
    else:
        faults.append(Fault(str(path), 1, "is missing; add it (content/README.md shows one)."))
    paths = sorted((folder / ITEMS_FOLDER).glob("*.yaml"))
    if not paths:
        faults.append(Fault(str(folder / ITEMS_FOLDER), 1, "holds no items; add a file named after a domain."))
    return _Files(
        folder=folder,
        pack=tree,
        pack_file=str(path),
        facts=read_sheet(folder / "facts.yaml", fields.FACT, noun="fact"),
        traps=read_sheet(folder / "traps.yaml", fields.TRAP, noun="trap"),
        cards=read_sheet(folder / "cards.yaml", fields.CARD, noun="card"),
        items=tuple(read_sheet(path, fields.ITEM, noun="item") for path in paths),
        faults=tuple(faults),
    )


def _stray_files(folder: Path) -> Iterator[Fault]:
    """Files that would be passed over in silence: misspelt names and .yml."""
    for path in sorted((*folder.glob("*.y*ml"), *(folder / ITEMS_FOLDER).glob("*.yml"))):
        if path.name not in (*_FILES, *_RECORDS):
            in_items = path.parent != folder
            hint = f"did you mean '{path.stem}.yaml'?" if in_items else suggestion(path.name, _FILES)
            yield Fault(str(path), 1, f"is no file of a pack; {hint}")


def _faults(files: _Files) -> Iterator[Fault]:
    everything = (*files.items, files.facts, files.traps, files.cards)
    yield from files.faults
    for sheet in everything:
        yield from sheet.faults
    domains = None
    if files.pack is not None:
        yield from check_pack(files.pack, file=files.pack_file, folder=files.folder)
        found = (domain.scalar("id") for domain in files.pack.mapping("blueprint").mappings("domains"))
        domains = tuple(name.text.strip() for name in found if name) or None
    facts, traps = known_ids([files.facts]), known_ids([files.traps])
    for group in (files.items, (files.facts,), (files.traps,), (files.cards,)):
        yield from check_unique(group)
    for sheet in (*files.items, files.traps, files.cards):
        yield from check_named(sheet, "sources", known=facts, noun="fact")
    yield from check_named(files.facts, "same_as", known=facts, noun="fact")
    for sheet in everything:
        yield from check_domains(sheet, domains=domains, exam=sheet.noun in ("fact", "card"))
    for sheet in files.items:
        yield from check_traps(sheet, known=traps)
        yield from _check_file_name(sheet)
        for item in sheet.entries:
            yield from check_item(item, file=sheet.file)


def _check_file_name(sheet: Sheet) -> Iterator[Fault]:
    stem = Path(sheet.file).stem
    for item in sheet.entries:
        found = item.scalar("domain")
        if found and found.text.strip() != stem:
            domain = found.text.strip()
            sentence = f"domain is '{domain}'; move the item to {domain}.yaml or make it {stem}."
            yield Fault(sheet.file, found.line, f"{label('item', item)}: {sentence}")
