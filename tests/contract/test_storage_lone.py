# ruff: noqa: ASYNC240  waiting for a small file of its own, a test keeps nobody from running
"""SQLite calls that are alone run on the event loop, and never keep it waiting for more than a quick disk."""

import asyncio
import shutil
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.app.ports import Tx
from bot.core.errors import StorageBusy
from storage import OpenStorage, lone, open_storage
from storage.connection import CHECKPOINT_PAGES


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trapwise.db"


@pytest.fixture
async def storage(file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenStorage]:
    """One whose disk counts as quick, whatever else this machine does."""
    monkeypatch.setattr(lone, "QUICK", 30.0)
    found = await open_storage(str(file))
    yield found
    await found.close()


def _where(tx: Tx) -> bool:
    """Note something; whether this runs on the loop."""
    tx.keyring.put("x", "1")
    return threading.current_thread() is threading.main_thread()


async def _calm(storage: OpenStorage) -> None:
    """Until the next brief call would run on the loop."""
    for _ in range(lone.CALM):
        assert not await storage.write(_where, brief=True)


async def test_a_brief_call_that_is_alone_runs_on_the_loop_once_the_disk_is_known_to_be_quick(
    storage: OpenStorage, file: Path
) -> None:
    await _calm(storage)
    assert await storage.write(_where, brief=True)
    await storage.write(lambda tx: tx.keyring.put("saved", "1"), brief=True)
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT count(*) FROM keyring WHERE name = 'saved'").fetchone() == (1,)


async def test_calls_that_are_not_brief_never_run_on_the_loop(storage: OpenStorage) -> None:
    await _calm(storage)
    for _ in range(3):
        assert not await storage.write(_where)
        assert not await storage.read(lambda _: threading.current_thread() is threading.main_thread())


async def test_what_others_do_in_between_changes_nothing(storage: OpenStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lone, "QUICK", 0.01)
    await _calm(storage)
    # Whoever opens the day's rounds takes longer than an answer on any disk, and then come the answers.
    await storage.write(lambda _: time.sleep(0.02))
    await asyncio.gather(*(storage.read(lambda _: time.sleep(0.02)) for _ in range(3)))
    assert await storage.write(_where, brief=True)


async def test_where_several_call_at_once_only_the_first_runs_on_the_loop(storage: OpenStorage) -> None:
    await _calm(storage)
    assert await storage.write(_where, brief=True)
    await asyncio.sleep(0)
    assert await asyncio.gather(*(storage.write(_where, brief=True) for _ in range(4))) == [True] + [False] * 3
    # Nor any soon after: who presses just now is likely to be one of many.
    assert await asyncio.gather(*(storage.write(_where, brief=True) for _ in range(3))) == [False] * 3
    await _calm(storage)
    assert await storage.write(_where, brief=True)


async def test_who_calls_again_and_again_lets_others_have_the_loop_in_between(storage: OpenStorage) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    await _calm(storage)
    task = asyncio.create_task(others())
    assert all([await storage.write(_where, brief=True) for _ in range(20)])
    task.cancel()
    assert turns >= 9


async def test_a_disk_that_becomes_slow_holds_the_loop_up_once(
    storage: OpenStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(tx: Tx) -> bool:
        time.sleep(0.02)
        return _where(tx)

    await _calm(storage)
    monkeypatch.setattr(lone, "QUICK", 0.01)
    assert await storage.write(slow, brief=True)
    for _ in range(2 * lone.CALM):
        assert not await storage.write(slow, brief=True)
    monkeypatch.setattr(lone, "QUICK", 30.0)
    await _calm(storage)
    assert await storage.write(_where, brief=True)


async def test_the_loop_goes_on_while_another_program_has_the_file_locked(storage: OpenStorage, file: Path) -> None:
    await _calm(storage)
    longest, last = 0.0, time.monotonic()

    async def tick() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.01)
            now = time.monotonic()
            longest, last = max(longest, now - last), now

    ticking = asyncio.create_task(tick())
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StorageBusy, match="locked by another program"):
            await storage.write(lambda tx: tx.keyring.put("y", "1"), brief=True)
        # The thread has waited for it as ever, and nobody else had to.
        assert time.monotonic() - began > 1.0
        assert longest < 1.0
        other.execute("ROLLBACK")
    ticking.cancel()
    assert await storage.read(lambda tx: tx.keyring.get("y")) is None
    await storage.write(_where, brief=True)


async def test_a_short_lock_is_not_even_noticed_by_a_lone_call(storage: OpenStorage, file: Path) -> None:
    await _calm(storage)
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.2, other.execute, "COMMIT")
        assert not await storage.write(_where, brief=True)


async def test_what_fails_on_the_loop_leaves_nothing_behind(storage: OpenStorage) -> None:
    def fail(tx: Tx) -> None:
        tx.keyring.put("z", "1")
        raise StopIteration("as good as any")

    await _calm(storage)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await storage.write(fail, brief=True)
    assert await storage.read(lambda tx: tx.keyring.get("z")) is None
    await storage.write(_where, brief=True)


async def test_who_is_cancelled_takes_nobody_with_them(storage: OpenStorage) -> None:
    await _calm(storage)
    before = asyncio.create_task(storage.write(_where, brief=True))  # runs at once; those after it wait for each other
    first = asyncio.create_task(storage.write(lambda tx: tx.keyring.put("first", "1"), brief=True))
    second = asyncio.create_task(storage.write(lambda tx: tx.keyring.put("second", "1"), brief=True))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert first.cancelled()
    assert await before
    assert await storage.read(lambda tx: tx.keyring.get("second")) == "1"


async def test_the_log_is_folded_into_the_file_in_time_but_never_on_the_loop(storage: OpenStorage, file: Path) -> None:
    def put(tx: Tx) -> bool:
        for n in range(15):
            tx.keyring.put(str(n), 400 * str(time.perf_counter_ns()))
        return _where(tx)

    await _calm(storage)
    on_loop = folded = 0
    for _ in range(500):
        before = file.stat().st_mtime_ns
        here = await storage.write(put, brief=True)
        # Only folding writes to the file itself.
        changed = file.stat().st_mtime_ns != before
        assert not (here and changed)
        on_loop, folded = on_loop + here, folded + changed
    assert on_loop > 400
    assert folded
    # Some 15,000 pages were written.
    assert file.with_name(f"{file.name}-wal").stat().st_size / 4096 < 2 * CHECKPOINT_PAGES


async def test_a_log_that_is_deleted_is_missed_by_a_lone_call_too(
    storage: OpenStorage, file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await _calm(storage)
    await storage.write(lambda tx: tx.keyring.put("before", "1"), brief=True)
    file.with_name(f"{file.name}-wal").unlink()
    await storage.write(lambda tx: tx.keyring.put("after", "1"), brief=True)
    assert "was deleted while the bot ran; nothing is lost" in caplog.text
    (cut := tmp_path / "cut").mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(file.with_name(file.name + suffix), cut / (file.name + suffix))
    with closing(sqlite3.connect(cut / file.name)) as other:
        found = other.execute("SELECT count(*) FROM keyring WHERE name IN ('before', 'after')").fetchone()
    assert found == (2,)
    for _ in range(lone.CALM):
        await storage.write(_where, brief=True)
    assert await storage.write(_where, brief=True)
