# ruff: noqa: ASYNC240  waiting for a small file of its own, a test keeps nobody from running
"""SQLite files that somebody deletes, moves or damages while the bot runs: said, and mended where that can be."""

import logging
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import GaveUp, StorageBroken
from storage import OpenStorage, open_storage, sqlite
from storage.backup import examine
from tests.support.builders import a_team


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "trapwise.db"


async def _put(storage: OpenStorage, name: str) -> None:
    await storage.write(lambda tx: tx.keyring.put(name, "x"))


async def _kept(storage: OpenStorage, *names: str) -> bool:
    return await storage.read(lambda tx: all(tx.keyring.get(name) == "x" for name in names))


def _as_after_a_power_cut(file: Path, to: Path) -> Path:
    """What is on the disk just now, and nothing of what a process still has open."""
    to.mkdir()
    for suffix in ("", "-wal"):
        if (part := file.with_name(file.name + suffix)).exists():
            shutil.copy(part, to / part.name)
    return to / file.name


@pytest.mark.parametrize("gone", [("-wal",), ("-shm",), ("-wal", "-shm")])
async def test_a_log_that_is_deleted_while_it_runs_loses_nothing(
    file: Path, gone: tuple[str, ...], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = await open_storage(str(file))
    await _put(storage, "before")
    for suffix in gone:
        file.with_name(file.name + suffix).unlink()
    await _put(storage, "after")
    if "-wal" in gone:
        assert "was deleted while the bot ran; nothing is lost" in caplog.text
    await _put(storage, "later")
    assert await _kept(storage, "before", "after", "later")
    if "-wal" in gone:
        cut = await open_storage(str(_as_after_a_power_cut(file, tmp_path / "cut")))
        assert await _kept(cut, "before", "after", "later"), "also if the power fails now"
        await cut.close()
    await storage.close()
    assert examine(file).faults == ()
    again = await open_storage(str(file))
    assert await _kept(again, "before", "after", "later")
    await again.close()


@pytest.mark.parametrize("folder_too", [False, True])
async def test_a_database_that_is_deleted_while_it_runs_is_written_anew(
    file: Path, folder_too: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = await open_storage(str(file))
    await storage.write(a_team)
    await _put(storage, "before")
    if folder_too:
        shutil.rmtree(file.parent)
    else:
        file.unlink()
    await _put(storage, "after")
    assert "it was written anew, nothing is lost" in caplog.text
    assert file.stat().st_mode & 0o077 == 0
    await _put(storage, "later")
    cut = await open_storage(str(_as_after_a_power_cut(file, tmp_path / "cut")))
    assert await _kept(cut, "before", "after", "later")
    await cut.close()
    await storage.close()
    assert examine(file).faults == ()


async def test_a_database_that_is_replaced_while_it_runs_is_left_alone_and_saved_beside(
    file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    stranger = await open_storage(str(other))
    await _put(stranger, "stranger")
    await stranger.close()
    storage = await open_storage(str(file))
    await _put(storage, "before")
    moved = tmp_path / "moved.db"
    os.rename(file, moved)
    shutil.copy(other, file)
    theirs = file.read_bytes()
    for _ in range(2):
        with pytest.raises(StorageBroken, match="was moved or replaced while the bot ran, so nothing is saved"):
            await _put(storage, "lost")
    (rescued,) = [path for path in file.parent.iterdir() if "rescued" in path.name]
    assert file.read_bytes() == theirs
    with closing(sqlite3.connect(rescued)) as db:
        assert db.execute("SELECT name FROM keyring ORDER BY name").fetchall() == [("before",)]
    os.replace(moved, file)
    await _put(storage, "after")
    assert await _kept(storage, "before", "after"), "put back, it goes on by itself"
    await storage.close()


def _page_of(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    return int(root)


async def test_a_page_that_goes_bad_while_it_runs_is_told_for_as_long_as_it_runs(file: Path) -> None:
    def many(count: int) -> None:
        with closing(sqlite3.connect(file)) as db:
            db.executemany(
                "INSERT INTO keyring (name, value) VALUES (?, ?)", [(f"k{n}", "x" * 900) for n in range(count)]
            )
            db.commit()

    await (await open_storage(str(file))).close()
    many(400)
    page = _page_of(file, "keyring")
    storage = await open_storage(str(file))
    assert storage.amiss == ""
    with file.open("r+b") as raw:
        raw.seek(4096 * (page - 1))
        raw.write(b"\xff" * 4096)
    with pytest.raises(StorageBroken, match="the file is damaged. Stop the bot and restore a backup"):
        await storage.read(lambda tx: tx.keyring.get("k1"))
    assert "the file is damaged" in storage.amiss
    await storage.write(a_team)
    assert "the file is damaged" in storage.amiss, "that others can still work doesn't mend it"
    await storage.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_whoever_watches_learns_that_the_thread_has_ended_and_nobody_waits_for_ever(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = await open_storage(str(file))

    def end(tx: object) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        await storage.write(end)
    await _put(storage, "still")

    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(sqlite, "answer", no_memory)
    with pytest.raises(StorageBroken, match="closed"):
        await _put(storage, "last")
    with pytest.raises(GaveUp, match="has ended. Restarting is the remedy"):
        await storage.watch()
    with pytest.raises(StorageBroken, match="closed"):
        await _put(storage, "never")
    await storage.close()


@pytest.fixture(autouse=True)
def _errors_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
