"""Where in its files each entry of a pack is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.packs.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Places:
    """`file:line` by noun and id, and for options also by letter. `pack` is the place of pack.yaml."""

    by_key: Mapping[tuple[str, ...], str]
    pack: str

    def of(self, noun: str, entry_id: str, letter: str = "") -> str:
        """The most exact place known, the id itself if none is."""
        exact = self.by_key.get((noun, entry_id, letter))
        return exact or self.by_key.get((noun, entry_id, ""), entry_id)


NOWHERE = Places({}, "pack")
"""For packs that were not read from files: findings then name ids only."""


def find_places(sheets: Sequence[Sheet], pack_file: str) -> Places:
    """The places of every entry in `sheets`."""
    places: dict[tuple[str, ...], str] = {}
    for sheet in sheets:
        for entry in sheet.entries:
            entry_id = entry.text("id")
            places[sheet.noun, entry_id, ""] = f"{sheet.file}:{entry.line}"
            for letter, option in entry.mapping("options").entries:
                places[sheet.noun, entry_id, letter.text] = f"{sheet.file}:{option.line}"
    return Places(places, f"{pack_file}:1")
