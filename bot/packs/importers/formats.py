"""The formats that can be imported, by the name that the command line knows them by."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.packs.importers.aiken import read_aiken
from bot.packs.importers.anki import read_anki
from bot.packs.importers.drafts import Imported
from bot.packs.importers.gift import read_gift
from bot.packs.importers.notes import read_notes_page
from bot.packs.importers.qti import read_qti
from bot.packs.importers.table import read_table

FORMATS: Mapping[str, Callable[[bytes], Imported]] = MappingProxyType(
    {
        "csv": read_table,
        "anki": read_anki,
        "gift": read_gift,
        "aiken": read_aiken,
        "qti": read_qti,
        "notes": read_notes_page,
    }
)
"""None of these raises, whatever the bytes are."""
