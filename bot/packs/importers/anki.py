"""Imports Anki: packages (.apkg) and "Notes in Plain Text" (.txt).

Notes with fields such as Question, A to E and Answer become whole items; a note with a front and a back becomes a
question with its key, whose distractors are still to be written. The text form:
https://docs.ankiweb.net/importing/text-files.html
"""

import csv

from bot.packs import anki_file
from bot.packs.importers.columns import item_from
from bot.packs.importers.drafts import MAX_ROWS, BadRow, DraftItem, Imported
from bot.packs.importers.texts import decode, from_html

_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
_USUAL = ("Front", "Back", "Extra")


def read_anki(raw: bytes) -> Imported:
    """Numbers count notes in a package, lines in a text."""
    return _package(raw) if raw.startswith(b"PK") else _text(raw)


def _package(raw: bytes) -> Imported:
    try:
        notes = anki_file.read_notes(raw)
    except anki_file.Unreadable as error:
        return Imported(unit="note", bad=(BadRow(1, f"and all others are left out: {error}"),))
    rows = [(i, {name: from_html(value) for name, value in note.fields}) for i, note in enumerate(notes, start=1)]
    return _imported("note", rows, [])


def _text(raw: bytes) -> Imported:
    lines = decode(raw).replace("\0", "").split("\n")
    header: dict[str, str] = {}
    start = 0
    while start < len(lines) and lines[start].startswith("#"):
        name, _, value = lines[start][1:].partition(":")
        header[name.strip().lower()] = value
        start += 1
    told = header.get("separator", "tab").strip().lower()
    separator = _SEPARATORS.get(told, told if len(told) == 1 and told not in '"\n' else "\t")
    as_html = header.get("html", "true").strip().lower() != "false"
    aside = {int(v) - 1 for k, v in header.items() if k.endswith(" column") and v.strip().isdecimal()}
    names = [name.strip() for name in header["columns"].split(separator)] if "columns" in header else []
    rows: list[tuple[int, dict[str, str]]] = []
    bad: list[BadRow] = []
    reader = csv.reader([f"{line}\n" for line in lines[start:]], delimiter=separator)
    try:
        for cells in reader:
            number = start + reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= MAX_ROWS:
                bad.append(BadRow(number, f"and all that follow are left out: {MAX_ROWS} notes are read at most."))
                break
            kept = [cell for i, cell in enumerate(cells) if i not in aside]
            known = [name for i, name in enumerate(names) if i not in aside] or list(_USUAL)
            values = (from_html(cell) if as_html else cell for cell in kept)
            rows.append((number, dict(zip(known, values, strict=False))))
    except csv.Error as error:
        bad.append(BadRow(start + reader.line_num + 1, f"can't be read ({error}); export the notes again."))
    return _imported("line", rows, bad)


def _imported(unit: str, rows: list[tuple[int, dict[str, str]]], bad: list[BadRow]) -> Imported:
    found = [item_from(row, number) for number, row in rows]
    bad += [row for row in found if isinstance(row, BadRow)]
    if not found and not bad:
        bad.append(BadRow(1, "is missing: there are no notes in the file."))
    return Imported(unit=unit, items=tuple(i for i in found if isinstance(i, DraftItem)), bad=tuple(bad))
