# ruff: noqa: ASYNC240  waiting for a small file of its own, a test keeps nobody from running
"""The log is laid out beforehand: nothing else of the database changes, and nothing depends on it."""

import shutil
import sqlite3
from collections import namedtuple
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import OpenStorage, laying, open_storage
from storage.sqlite import SqliteStorage

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trapwise.db"


@pytest.fixture
async def storage(file: Path) -> AsyncIterator[OpenStorage]:
    found = await open_storage(str(file))
    await found.write(lambda tx: tx.keyring.put("before", "1"))
    yield found
    await found.close()


def _log(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


async def test_the_log_has_its_full_length_before_anybody_answers(storage: OpenStorage, file: Path) -> None:
    size, began = file.stat().st_size, _log(file).stat().st_size
    await storage.settle_in()
    length = _log(file).stat().st_size
    assert began < laying.BYTES <= length
    for number in range(50):
        await storage.write(lambda tx, number=number: tx.keyring.put(f"key {number}", "1"))  # type: ignore[misc]  # mypy knows no defaults of lambdas
    assert (_log(file).stat().st_size, file.stat().st_size) == (length, size)


async def test_what_a_killed_bot_leaves_has_all_that_was_saved_and_nothing_else(
    storage: OpenStorage, file: Path, tmp_path: Path
) -> None:
    await storage.settle_in()
    await storage.write(lambda tx: tx.keyring.put("after", "2"))
    (left := tmp_path / "left").mkdir()
    for name in (file, _log(file)):
        shutil.copy(name, left / name.name)
    with closing(sqlite3.connect(left / file.name)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert dict(db.execute("SELECT name, value FROM keyring WHERE name IN ('before', 'after')")) == {
            "before": "1",
            "after": "2",
        }
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'laid_out'").fetchone() == (0,)


async def test_a_disk_with_little_room_is_left_alone(
    storage: OpenStorage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _log(file).stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, laying.ROOM - 1))
    await storage.settle_in()
    assert _log(file).stat().st_size == before


async def test_a_database_that_another_program_has_locked_is_served_as_it_is(storage: OpenStorage, file: Path) -> None:
    before = _log(file).stat().st_size
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await storage.settle_in()
        other.execute("ROLLBACK")
    assert _log(file).stat().st_size == before
    await storage.write(lambda tx: tx.keyring.put("after", "2"))


async def test_as_many_pages_are_kept_in_memory_as_before(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE x (y)")
        db.execute("PRAGMA cache_size = -4321")
        laying.lay_out(db, file)
        assert db.execute("PRAGMA cache_size").fetchone() == (-4321,)


async def test_a_database_in_memory_has_no_log() -> None:
    storage = await SqliteStorage.open(None)
    await storage.settle_in()
    await storage.write(lambda tx: tx.keyring.put("x", "1"))
    await storage.close()
