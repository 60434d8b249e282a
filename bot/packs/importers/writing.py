"""Adds what was imported to a pack's files, as drafts: all files together, and only if the pack loads afterwards."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.core.errors import PackError
from bot.core.pack import Pack
from bot.packs.importers.drafts import BadRow, Imported
from bot.packs.importers.entries import Entries, Entry, Taken, make_entries
from bot.packs.loader import ITEMS_FOLDER, load_pack
from bot.packs.shape_check import suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How much was added, to which files, and what was left out."""

    items: int
    traps: int
    cards: int
    files: tuple[Path, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written; `reasons` say what to do."""

    reasons: tuple[str, ...]


def add_drafts(pack_folder: Path, found: Imported, *, domain: str, today: date) -> Written | Refused:
    """Append drafts to the pack. Headings that name a domain of the pack decide; everything else goes to `domain`."""
    try:
        pack = load_pack(pack_folder)
    except PackError as error:
        return Refused(("Mend the pack first:", *error.faults))
    domains = {known.id: known.name for known in pack.blueprint.domains}
    if domain not in domains:
        return Refused((f"The pack has no domain '{domain}'; {suggestion(domain, tuple(domains))}",))
    made = make_entries(found, domains=domains, domain=domain, taken=_taken(pack), today=today)
    with tempfile.TemporaryDirectory() as outside:
        # Tried on a copy: a pack that no longer loads would take the bot's questions away.
        trial = Path(outside) / pack.id
        shutil.copytree(pack_folder, trial)
        names = tuple(_append(trial, made))
        try:
            load_pack(trial)
        except PackError as error:
            return Refused(("Nothing was written, since the pack would not load:", *error.faults))
        for name in names:
            target = pack_folder / name
            target.parent.mkdir(exist_ok=True)
            fresh = target.with_name(f".{target.name}.new")
            shutil.copyfile(trial / name, fresh)
            fresh.replace(target)
    return Written(
        items=made.item_count,
        traps=len(made.traps),
        cards=len(made.cards),
        files=tuple(pack_folder / name for name in names),
        bad=tuple(made.bad),
    )


def _taken(pack: Pack) -> Taken:
    return Taken(
        {
            "item": {item.id for item in pack.items},
            "trap": {trap.id for trap in pack.traps},
            "card": {card.id for card in (*pack.cards, *pack.draft_cards)},
        },
        {" ".join(item.stem.split()).casefold(): item.id for item in pack.items},
    )


def _append(folder: Path, made: Entries) -> list[str]:
    """Write the entries into the copy; the names of the files that changed."""
    lists: list[tuple[str, Sequence[Entry]]] = [("traps.yaml", made.traps), ("cards.yaml", made.cards)]
    lists += [(f"{ITEMS_FOLDER}/{domain}.yaml", entries) for domain, entries in sorted(made.items.items())]
    names = [name for name, entries in lists if entries]
    for name, entries in lists:
        if entries:
            path = folder / name
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            if yaml.safe_load(before) in (None, []):
                before = re.sub(r"^\[\s*\]", "", before, flags=re.MULTILINE)
            before = f"{before.rstrip()}\n\n" if before.strip() else ""
            path.write_text(before + "\n".join(to_yaml(entry) for entry in entries), encoding="utf-8")
    return names


def to_yaml(entry: Entry) -> str:
    """One entry of a list file, texts of several lines as blocks."""
    return yaml.dump([entry], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, with lists indented and long texts as blocks, as packs are written."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
