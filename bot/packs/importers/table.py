"""Imports a table (CSV, semicolons or tabs): one question a row, named columns in the first row."""

import csv
from collections.abc import Iterator

from bot.packs.importers.columns import item_from
from bot.packs.importers.drafts import MAX_ROWS, NOTHING, BadRow, DraftItem, Imported
from bot.packs.importers.texts import decode

_GUARDED = ("'=", "'+", "'-", "'@", "'\t")
"""How our own export begins cells that a spreadsheet would take for formulas."""


def read_table(raw: bytes) -> Imported:
    """Columns: stem, a to e, key, and if given why_a to why_e, takeaway, references, domain. Numbers count rows."""
    items: list[DraftItem] = []
    bad: list[BadRow] = []
    for found in _rows(decode(raw)):
        match found:
            case DraftItem():
                items.append(found)
            case BadRow():
                bad.append(found)
    return Imported(unit="row", items=tuple(items), bad=tuple(bad or (() if items else (NOTHING,))))


def _rows(text: str) -> Iterator[DraftItem | BadRow]:
    text = text.replace("\0", "")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    names: list[str] | None = None
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), start=1):
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = cells
                continue
            if number > MAX_ROWS:
                yield BadRow(number, f"and all that follow are left out: {MAX_ROWS} rows are read at most.")
                return
            if len(cells) > len(names):
                yield BadRow(
                    number, f"has {len(cells)} cells under {len(names)} names; put texts with commas in quotes."
                )
                continue
            yield item_from(dict(zip(names, map(unguarded, cells), strict=False)), number)
    except csv.Error as error:
        yield BadRow(number + 1, f"can't be read as a table ({error}); save it as CSV again.")


def unguarded(cell: str) -> str:
    """The cell without the mark that keeps spreadsheets from running it."""
    return cell[1:] if cell.startswith(_GUARDED) else cell
