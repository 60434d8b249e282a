"""Reads reviews.yaml: what became of each item when somebody answered it who saw neither key nor rationale.

Only people who keep a pack need it. The bot never reads it, so that a slip in it can't keep a pack from loading.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.core.errors import PackError
from bot.core.item import Item
from bot.core.pack import Pack
from bot.packs import fields
from bot.packs.cross_check import check_unique
from bot.packs.faults import Fault
from bot.packs.shape_check import suggestion
from bot.packs.sheets import Sheet, read_sheet
from bot.packs.yamltree import Mapping as Tree

REVIEWS_FILE = "reviews.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindPass:
    """One blind answer. `agreed`: it was the key. `text` is the `seen_text` that was answered, if it was kept."""

    date: date
    agreed: bool
    note: str
    text: str | None


Reviews = Mapping[str, tuple[BlindPass, ...]]
"""The passes of each item by its id, oldest first."""


def seen_text(item: Item) -> str:
    """Twelve hex digits that change with what a blind reader sees, and with which statement is right.

    Moving options to other letters changes nothing, as readers get them shuffled.
    """
    texts = sorted(option.text for option in item.options)
    seen = (item.stem, texts, item.option(item.key).text, item.cases)
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:12]


def read_reviews(folder: Path, pack: Pack) -> Reviews | None:
    """The reviews of the pack in a folder, None if it keeps none; PackError lists every fault."""
    path = folder / REVIEWS_FILE
    if not path.is_file():
        return None
    sheet = read_sheet(path, fields.REVIEW, noun="review")
    faults = sorted({*sheet.faults, *check_unique((sheet,)), *_strangers(sheet, pack)})
    if faults:
        raise PackError(pack.id, tuple(str(fault) for fault in faults))
    return {entry.text("id"): tuple(_pass(one) for one in entry.mappings("passes")) for entry in sheet.entries}


def _strangers(sheet: Sheet, pack: Pack) -> Iterator[Fault]:
    """Reviews of items that the pack doesn't have."""
    for found, line in sheet.ids:
        if pack.item(found) is None:
            hint = suggestion(found, tuple(item.id for item in pack.items))
            yield Fault(sheet.file, line, f"there is no item {found}; {hint}")


def _pass(tree: Tree) -> BlindPass:
    note, text = tree.scalar("note"), tree.scalar("text")
    return BlindPass(
        date=date.fromisoformat(tree.text("date")),
        agreed=tree.text("agreed") == "true",
        note=note.text.strip() if note else "",
        text=text.text.strip() if text else None,
    )
