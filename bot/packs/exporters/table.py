"""Exports a pack as CSV: one item a row, in columns that the import reads again."""

import csv
import io

from bot.core.item import LETTERS
from bot.core.pack import Pack

_LETTERS = LETTERS.lower()
_RISKY = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "id",
    "domain",
    "kind",
    "difficulty",
    "stem",
    *_LETTERS,
    "key",
    *(f"why_{letter}" for letter in _LETTERS),
    "takeaway",
    "references",
    "checked",
)


def to_table(pack: Pack) -> bytes:
    """UTF-8 with a mark, so that spreadsheets take it for that. Items with cases have their first case."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for item in (found.filled(0) for found in pack.ready):
        options = {option.id: option for option in item.options}
        texts = [options[letter].text if letter in options else "" for letter in _LETTERS]
        whys = [options[letter].why if letter in options else "" for letter in _LETTERS]
        row = [item.id, item.domain, item.kind, item.difficulty, item.stem, *texts, item.key, *whys, item.takeaway]
        writer.writerow(map(guarded, (*row, " ".join(item.references), item.checked.isoformat())))
    return out.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """The cell, marked with an apostrophe if a spreadsheet would run it as a formula.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if cell.startswith(_RISKY) else cell
