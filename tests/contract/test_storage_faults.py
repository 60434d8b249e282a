# ruff: noqa: ASYNC240  waiting for a small file of its own, a test keeps nobody from running
"""SQLite files in trouble: locked, damaged, full, read-only, foreign, too new, or in use. Real files, no pretence."""

import asyncio
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.app.ports import Tx
from bot.core.errors import StorageBroken, StorageBusy, StorageError, StorageInUse
from storage import OpenStorage, open_storage
from storage.dialect import Connection
from storage.tx import SqlTx
from tests.support.builders import a_team
from tests.support.tiny_disk import run_on_tiny_disk


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trapwise.db"


def _put(tx: Tx) -> None:
    tx.keyring.put("x", "1")


async def _made(file: Path) -> None:
    storage = await open_storage(str(file))
    await storage.write(a_team)
    await storage.close()


async def _refusal(file: Path) -> StorageError:
    """Why the file can't be opened. It must not stay locked by the attempt."""
    for _ in range(2):
        with pytest.raises(StorageError) as caught:
            await open_storage(str(file))
    return caught.value


async def test_a_lock_held_elsewhere_is_waited_for_then_told_and_passes_by_itself(file: Path) -> None:
    storage = await open_storage(str(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        async def press(after: float) -> float:
            await asyncio.sleep(after)
            begun = time.monotonic()
            with pytest.raises(StorageBusy, match="locked by another program. Close it there"):
                await storage.write(_put)
            return time.monotonic() - begun

        # The second arrives while the first waits. Platforms want an acknowledgement within 3 s.
        waited = await asyncio.gather(press(0), press(0.3), press(1.0))
        assert max(waited) < 3.0
        assert min(waited) > 0.5
        assert await storage.read(lambda tx: tx.keyring.get("x")) is None
        other.execute("ROLLBACK")
    await storage.write(_put)
    assert await storage.read(lambda tx: tx.keyring.get("x")) == "1"
    await storage.close()


async def test_a_short_lock_is_not_even_noticed(file: Path) -> None:
    storage = await open_storage(str(file))
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(storage.write(_put))
        asyncio.get_running_loop().call_later(0.2, other.execute, "COMMIT")
        await writing
    await storage.close()


async def test_a_file_locked_for_good_is_told_at_the_start(file: Path) -> None:
    await _made(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageBusy, match="Close it there"):
            await open_storage(str(file))
    await (await open_storage(str(file))).close()


async def test_a_file_that_is_no_database_is_refused_and_left_alone(file: Path) -> None:
    file.write_bytes(b"Dear diary, " * 500)
    error = await _refusal(file)
    assert isinstance(error, StorageBroken)
    assert "is no database" in str(error)
    assert file.read_bytes() == b"Dear diary, " * 500


async def test_another_programs_database_is_refused_and_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
        other.execute("PRAGMA user_version = 5")
    error = await _refusal(file)
    assert "another program's tables" in str(error)
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("songs",)]


async def test_a_newer_schema_is_refused(file: Path) -> None:
    await _made(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA user_version = 999")
    error = await _refusal(file)
    assert "newer Trapwise (schema 999" in str(error)
    assert "Use that version" in str(error)


async def test_an_empty_file_becomes_a_database(file: Path) -> None:
    file.touch()
    await _made(file)


def _four_hundred(tx: Tx) -> None:
    for n in range(400):
        tx.keyring.put(str(n), "x" * 500)


async def test_a_damaged_file_is_told_with_what_to_do(file: Path) -> None:
    storage = await open_storage(str(file))
    await storage.write(_four_hundred)
    await storage.close()
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(4096)
        raw.write(b"\xff" * (size - 4096))
    assert "trapwise data restore" in str(await _refusal(file))


async def test_damage_in_one_table_fails_only_those_who_need_it(file: Path) -> None:
    storage = await open_storage(str(file))
    await storage.write(_four_hundred)
    await storage.close()
    with closing(sqlite3.connect(file)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'keyring'").fetchone()
    with file.open("r+b") as raw:
        raw.seek(4096 * (root - 1))
        raw.write(b"\xff" * 4096)
    storage = await open_storage(str(file))
    with pytest.raises(StorageBroken, match="the file is damaged. Stop the bot and restore a backup"):
        await storage.read(lambda tx: tx.keyring.get("1"))
    team = await storage.write(a_team)
    assert await storage.read(lambda tx: tx.people.count(team.workspace.id)) == 2
    await storage.close()


def _sql(tx: Tx) -> Connection:
    assert isinstance(tx, SqlTx)
    return tx.upkeep._db


async def test_a_full_disk_is_told_loses_nothing_acknowledged_and_passes_by_itself(file: Path) -> None:
    storage = await open_storage(str(file))

    def pages(tx: Tx, more: int) -> None:
        db = _sql(tx)
        (now,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {now + more}")

    await storage.write(lambda tx: pages(tx, 30))
    acknowledged, refused = await _fill(storage)
    assert acknowledged
    assert "the disk is full. Free some space" in str(refused)
    kept = await storage.read(lambda tx: [tx.keyring.get(name) for name in acknowledged])
    assert None not in kept
    await storage.write(lambda tx: pages(tx, 1_000))
    await storage.write(_put)
    await storage.close()
    again = await open_storage(str(file))
    assert None not in await again.read(lambda tx: [tx.keyring.get(name) for name in [*acknowledged, "x"]])
    await again.close()


async def _fill(storage: OpenStorage) -> tuple[list[str], BaseException | None]:
    """Write from many callers at once until one is refused: what was acknowledged, and the refusal."""
    acknowledged: list[str] = []

    async def write(name: str) -> None:
        await storage.write(lambda tx: tx.keyring.put(name, "x" * 1_000))
        acknowledged.append(name)

    for batch in range(1_000):
        outcomes = await asyncio.gather(*(write(f"{batch}/{n}") for n in range(10)), return_exceptions=True)
        refusal = next((found for found in outcomes if found is not None), None)
        if refusal is not None:
            return acknowledged, refusal
    return acknowledged, None


_ON_A_FULL_DISK = """
import asyncio, sys
from pathlib import Path
from storage import open_storage
from tests.contract.test_storage_faults import _fill, _put

async def main(folder):
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(300_000))
    storage = await open_storage(str(folder / "t.db"))
    acknowledged, refused = await _fill(storage)
    print(refused)
    assert acknowledged and None not in await storage.read(lambda tx: [tx.keyring.get(name) for name in acknowledged])
    ballast.unlink()
    await storage.write(_put)
    await storage.close()
    again = await open_storage(str(folder / "t.db"))
    assert None not in await again.read(lambda tx: [tx.keyring.get(name) for name in [*acknowledged, "x"]])
    await again.close()

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    said = run_on_tiny_disk(_ON_A_FULL_DISK, tmp_path / "disk", size="2m")
    assert "the disk is full. Free some space" in said


_ON_A_READ_ONLY_DISK = """
import asyncio, subprocess, sys
from pathlib import Path
from bot.core.errors import StorageError
from storage import open_storage

async def main(folder):
    await (await open_storage(str(folder / "t.db"))).close()
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    for path in (folder / "t.db", folder / "new.db", folder / "deeper" / "new.db"):
        try:
            await open_storage(str(path))
        except StorageError as error:
            print(type(error).__name__, error)

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_read_only_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    said = run_on_tiny_disk(_ON_A_READ_ONLY_DISK, tmp_path / "disk").splitlines()
    assert len(said) == 3
    assert all(line.startswith("StorageBroken ") for line in said)
    assert "Give this user the right to write" in said[0]
    assert "Give this user the right to write" in said[1]
    assert "can't be made" in said[2]


async def test_a_file_that_became_read_only_is_told_and_recovers(file: Path) -> None:
    storage = await open_storage(str(file))
    await storage.read(lambda tx: _sql(tx).execute("PRAGMA query_only = ON").fetchall())
    with pytest.raises(StorageBroken, match="Give this user the right to write"):
        await storage.write(_put)
    await storage.read(lambda tx: _sql(tx).execute("PRAGMA query_only = OFF").fetchall())
    await storage.write(_put)
    await storage.close()


async def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = await _refusal(tmp_path / "file" / "deeper" / "trapwise.db")
    assert "can't be made" in str(error)


async def test_a_folder_in_the_files_place_is_told(file: Path) -> None:
    file.mkdir()
    assert "can't be opened" in str(await _refusal(file))


async def test_a_second_storage_on_the_same_file_is_refused_until_the_first_closes(file: Path) -> None:
    first = await open_storage(str(file))
    with pytest.raises(StorageInUse, match="in use by another Trapwise. Stop that one first"):
        await open_storage(str(file))
    link = file.with_name("link.db")
    link.symlink_to(file)
    with pytest.raises(StorageInUse):
        await open_storage(str(link))
    await first.write(_put)
    await first.close()
    await (await open_storage(str(file))).close()


_HOLDER = """
import asyncio, sys
from storage import open_storage

async def main():
    storage = await open_storage(sys.argv[1])
    await storage.write(lambda tx: tx.keyring.put("from", "holder"))
    print("holding", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_second_process_is_refused_and_a_killed_one_leaves_no_lock(file: Path) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLDER, str(file), stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"holding\n"
    with pytest.raises(StorageInUse):
        await open_storage(str(file))
    holder.send_signal(signal.SIGKILL)
    await holder.communicate()
    storage = await open_storage(str(file))
    assert await storage.read(lambda tx: tx.keyring.get("from")) == "holder"
    await storage.close()


async def test_opening_that_is_given_up_leaves_no_lock(file: Path) -> None:
    for _ in range(20):
        opening = asyncio.create_task(open_storage(str(file)))
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
    await (await open_storage(str(file))).close()


@pytest.mark.skipif(os.name != "posix", reason="other systems have other rights")
async def test_a_new_file_and_its_log_are_for_their_owner_only(file: Path) -> None:
    before = os.umask(0o022)
    try:
        storage = await open_storage(str(file))
        await storage.write(_put)
        for path in (file, file.with_name("trapwise.db-wal"), file.with_name("trapwise.db-shm")):
            assert path.stat().st_mode & 0o077 == 0, path
        await storage.close()
    finally:
        os.umask(before)


async def test_what_was_forgotten_is_no_longer_in_the_file(file: Path) -> None:
    storage = await open_storage(str(file))
    team = await storage.write(lambda tx: a_team(tx, members=[f"Unmistakable{n:03}" for n in range(200)]))
    await storage.write(lambda tx: [tx.people.forget(team.workspace.id, each.id) for each in team.members.values()])
    await storage.close()
    assert b"nmistakable" not in file.read_bytes()
    assert not file.with_name("trapwise.db-wal").exists()
