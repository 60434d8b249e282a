"""Reads and writes Anki's packages (.apkg): a zip around a small SQLite database of a fixed form.

This is a file format of another program, not our storage: it is the one module outside `storage` that may import
sqlite3 (docs/decisions.md). The form is that of Anki 2.0 to 2.1 ("legacy 2", schema 11), which every version reads
and writes if asked to: https://github.com/ankidroid/Anki-Android/wiki/Database-Structure.
"""

import hashlib
import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.packs.importers import unzip
from bot.packs.importers.drafts import MAX_ROWS

_COLLECTIONS = ("collection.anki21", "collection.anki2")
_NEW_FORM = "collection.anki21b"
_MAX_STEPS = 50_000_000
_BETWEEN = "\x1f"

_SCHEMA = """
CREATE TABLE col (id integer PRIMARY KEY, crt integer NOT NULL, mod integer NOT NULL, scm integer NOT NULL,
  ver integer NOT NULL, dty integer NOT NULL, usn integer NOT NULL, ls integer NOT NULL, conf text NOT NULL,
  models text NOT NULL, decks text NOT NULL, dconf text NOT NULL, tags text NOT NULL);
CREATE TABLE notes (id integer PRIMARY KEY, guid text NOT NULL, mid integer NOT NULL, mod integer NOT NULL,
  usn integer NOT NULL, tags text NOT NULL, flds text NOT NULL, sfld integer NOT NULL, csum integer NOT NULL,
  flags integer NOT NULL, data text NOT NULL);
CREATE TABLE cards (id integer PRIMARY KEY, nid integer NOT NULL, did integer NOT NULL, ord integer NOT NULL,
  mod integer NOT NULL, usn integer NOT NULL, type integer NOT NULL, queue integer NOT NULL, due integer NOT NULL,
  ivl integer NOT NULL, factor integer NOT NULL, reps integer NOT NULL, lapses integer NOT NULL, left integer NOT NULL,
  odue integer NOT NULL, odid integer NOT NULL, flags integer NOT NULL, data text NOT NULL);
CREATE TABLE revlog (id integer PRIMARY KEY, cid integer NOT NULL, usn integer NOT NULL, ease integer NOT NULL,
  ivl integer NOT NULL, lastIvl integer NOT NULL, factor integer NOT NULL, time integer NOT NULL,
  type integer NOT NULL);
CREATE TABLE graves (usn integer NOT NULL, oid integer NOT NULL, type integer NOT NULL);
CREATE INDEX ix_notes_usn ON notes (usn);
CREATE INDEX ix_notes_csum ON notes (csum);
CREATE INDEX ix_cards_usn ON cards (usn);
CREATE INDEX ix_cards_nid ON cards (nid);
CREATE INDEX ix_cards_sched ON cards (did, queue, due);
CREATE INDEX ix_revlog_usn ON revlog (usn);
CREATE INDEX ix_revlog_cid ON revlog (cid);
"""


class Unreadable(Exception):
    """The package can't be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note: its fields by name, in HTML, and its tags. `guid` keeps it the same note on the next import."""

    fields: tuple[tuple[str, str], ...]
    tags: tuple[str, ...] = ()
    guid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """What is written: notes of one type with one card each. `question` and `answer` are Anki templates."""

    name: str
    note_type: str
    fields: tuple[str, ...]
    question: str
    answer: str
    css: str
    notes: tuple[Note, ...]


def read_notes(raw: bytes) -> tuple[Note, ...]:
    """The notes of a package in their order, at most MAX_ROWS. Raises Unreadable."""
    try:
        found = unzip.members(raw, lambda name: name in (*_COLLECTIONS, _NEW_FORM))
    except unzip.Refused as refusal:
        raise Unreadable(f"The package can't be opened: {refusal}.") from None
    # A package in the new form also holds an old collection, with nothing in it but a note to update Anki.
    if _NEW_FORM in found:
        raise Unreadable("The package is of the newest form. Export it again with 'Support older Anki versions' on.")
    content = next((found[name] for name in _COLLECTIONS if name in found), None)
    if content is None:
        raise Unreadable("There is no collection in the package; export a deck from Anki.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection"
        path.write_bytes(content)
        try:
            return _notes(path)
        except (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Unreadable("The collection in the package is damaged; export it again.") from None


def _notes(path: Path) -> tuple[Note, ...]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        # The file is a stranger's: no functions from its schema, and an end to queries that never end.
        base.execute("PRAGMA trusted_schema=OFF")
        base.execute("PRAGMA cell_size_check=ON")
        base.set_progress_handler(lambda: 1, _MAX_STEPS)
        models = json.loads(str(base.execute("SELECT models FROM col").fetchone()[0]))
        names = {
            str(key): tuple(str(field["name"]) for field in sorted(model["flds"], key=lambda field: int(field["ord"])))
            for key, model in models.items()
        }
        notes: list[Note] = []
        query = "SELECT mid, flds, tags, guid FROM notes ORDER BY id LIMIT ?"
        for kind, values, tags, guid in base.execute(query, (MAX_ROWS,)):
            pairs = zip(names.get(str(kind), ()), str(values).split(_BETWEEN), strict=False)
            notes.append(Note(tuple(pairs), tuple(str(tags).split()), str(guid)))
        return tuple(notes)


def write_package(deck: Deck, *, now: int) -> bytes:
    """The package as a file's content. `now` is in seconds since 1970; ids are made of names, so that a later
    import brings the notes up to date instead of doubling them.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.anki2"
        with closing(sqlite3.connect(path)) as base, base:
            base.executescript(_SCHEMA)
            _fill(base, deck, now)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("collection.anki2", path.read_bytes())
            archive.writestr("media", "{}")
        return packed.getvalue()


def _fill(base: sqlite3.Connection, deck: Deck, now: int) -> None:
    deck_id, model_id = _number(f"deck {deck.name}"), _number(f"model {deck.note_type} {deck.fields}")
    model = {
        "id": str(model_id),
        "name": deck.note_type,
        "type": 0,
        "mod": now,
        "usn": -1,
        "sortf": 0,
        "did": deck_id,
        "tmpls": [
            {
                "name": "Question",
                "ord": 0,
                "qfmt": deck.question,
                "afmt": deck.answer,
                "did": None,
                "bqfmt": "",
                "bafmt": "",
            }
        ],
        "flds": [
            {"name": name, "ord": i, "sticky": False, "rtl": False, "font": "Arial", "size": 20, "media": []}
            for i, name in enumerate(deck.fields)
        ],
        "css": deck.css,
        "latexPre": "",
        "latexPost": "",
        "tags": [],
        "vers": [],
        "req": [[0, "any", [0]]],
    }
    plain = {"dyn": 0, "usn": -1, "mod": now, "collapsed": False, "desc": "", "conf": 1, "extendNew": 0, "extendRev": 0}
    today = {"newToday": [0, 0], "revToday": [0, 0], "lrnToday": [0, 0], "timeToday": [0, 0]}
    decks = {
        "1": {"id": 1, "name": "Default", **plain, **today},
        str(deck_id): {"id": deck_id, "name": deck.name, **plain, **today},
    }
    options = {
        "1": {
            "id": 1,
            "name": "Default",
            "mod": 0,
            "usn": 0,
            "maxTaken": 60,
            "autoplay": True,
            "timer": 0,
            "replayq": True,
            "dyn": False,
            "new": {
                "delays": [1, 10],
                "ints": [1, 4, 7],
                "initialFactor": 2500,
                "order": 1,
                "perDay": 20,
                "bury": True,
            },
            "rev": {
                "perDay": 200,
                "ease4": 1.3,
                "fuzz": 0.05,
                "ivlFct": 1,
                "maxIvl": 36500,
                "bury": True,
                "minSpace": 1,
            },
            "lapse": {"delays": [10], "mult": 0, "minInt": 1, "leechFails": 8, "leechAction": 0},
        }
    }
    settings = {"nextPos": len(deck.notes) + 1, "curDeck": deck_id, "activeDecks": [deck_id], "curModel": str(model_id)}
    settings |= {"sortType": "noteFld", "timeLim": 0, "sortBackwards": False, "addToCur": True, "newSpread": 0}
    settings |= {"estTimes": True, "dueCounts": True, "collapseTime": 1200, "newBury": True}
    texts = (json.dumps(settings), json.dumps({str(model_id): model}), json.dumps(decks), json.dumps(options))
    row = (1, now, now * 1000, now * 1000, 11, 0, 0, 0, *texts, "{}")
    base.execute("INSERT INTO col VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", row)
    for place, note in enumerate(deck.notes):
        _add(base, note, note_id=now * 1000 + place, model_id=model_id, deck_id=deck_id, place=place)


def _add(base: sqlite3.Connection, note: Note, *, note_id: int, model_id: int, deck_id: int, place: int) -> None:
    values = [value.replace(_BETWEEN, " ") for _, value in note.fields]
    checksum = int(hashlib.sha1(values[0].encode(), usedforsecurity=False).hexdigest()[:8], 16)
    tags = f" {' '.join(note.tags)} " if note.tags else ""
    row: Sequence[object] = (note_id, note.guid, model_id, note_id // 1000, -1, tags, _BETWEEN.join(values), values[0])
    base.execute("INSERT INTO notes VALUES (?,?,?,?,?,?,?,?,?,0,'')", (*row, checksum))
    card = (note_id, note_id, deck_id, note_id // 1000, place + 1)
    base.execute("INSERT INTO cards VALUES (?,?,?,0,?,-1,0,0,?,0,0,0,0,0,0,0,0,'')", card)


def _number(name: str) -> int:
    """A positive id below 2^48 that is a function of the name: Anki also takes ids for JavaScript numbers."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big") | 1
