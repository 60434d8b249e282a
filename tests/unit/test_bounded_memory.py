"""What is kept in memory to be quick has an end, however many members, rounds and items there come to be."""

import sqlite3
from typing import Any

import pytest
from sqlite_utils import Database

from bot.core.item import Item
from bot.core.refs import RevisionId
from storage import known, rounds, subjects
from storage.known import Known
from storage.rounds import Revisions
from storage.schema import migrations
from storage.subjects import Subjects
from tests.support.builders import an_item


def test_items_that_were_read_are_dropped_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "REVISIONS_READ", 10)
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrations.apply(Database(db))
    held: dict[RevisionId, Item] = {}
    revisions = Revisions(db, held)
    keys = [revisions.keep(an_item(f"item-{n}")) for n in range(35)]
    most = 0
    for n, key in enumerate(keys * 2):
        assert revisions.get(key).id == f"item-{n % 35}"
        most = max(most, len(held))
    assert most == 10
    db.close()


def test_rows_that_are_known_are_dropped_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 10)
    held = Known(keep=True)
    sizes = []
    for n in range(100):
        row: Any = n
        held.put(held.members, n, row)
        sizes.append(len(held.members))
    assert max(sizes) == 10


def test_subjects_that_were_read_are_dropped_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "SUBJECTS_READ", 10)
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrations.apply(Database(db))
    held = Subjects(db)
    keys = [held.keep("pack", f"trap:{n}") for n in range(35)]
    most = 0
    for n, key in enumerate(keys * 2):
        assert held.get(key) == ("pack", f"trap:{n % 35}")
        assert held.keep("pack", f"trap:{n % 35}") == key
        most = max(most, len(held._names), len(held._numbers))
    assert most == 10
    db.close()
