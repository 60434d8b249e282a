"""What may be done while many are being saved together, and what of it comes to nothing."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app.ports import Tx
from storage import OpenStorage, jobs, open_storage, sqlite
from storage.connection import connect

PATIENCE = 20.0


class Disk:
    """A disk that takes as long for each commit as it is told to."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.ready.set()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The disk that storages opened in the test are on."""
    found, plain = Disk(), sqlite3.connect

    class OnDisk(sqlite3.Connection):
        def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
            if sql == "COMMIT":
                assert found.ready.wait(PATIENCE)
            return super().execute(sql, values)

    def on_disk(path: str) -> sqlite3.Connection:
        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", lambda *given, **named: plain(*given, factory=OnDisk, **named))
            return connect(path)

    monkeypatch.setattr(sqlite, "connect", on_disk)
    yield found
    found.ready.set()


@pytest.fixture
async def storage(disk: Disk, tmp_path: Path) -> AsyncIterator[OpenStorage]:
    found = await open_storage(str(tmp_path / "trapwise.db"))
    yield found
    disk.ready.set()
    await found.close()


class Member:
    """Somebody who saves a number, and prepares what to show of it."""

    def __init__(self, storage: OpenStorage, number: int, *, fails: bool = False, stumbles: bool = False) -> None:
        self._storage, self._number, self._fails, self._stumbles = storage, number, fails, stumbles
        self.prepared: list[int] = []
        self.began = asyncio.Event()

    async def save(self) -> int:
        return await self._storage.write(self._keep, meanwhile=self._prepare)

    def _keep(self, tx: Tx) -> int:
        if self._fails:
            raise ValueError(self._number)
        tx.keyring.put(f"key {self._number}", "1")
        return self._number

    def _prepare(self, found: int) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.prepared.append(found)
        self.began.set()
        if self._stumbles:
            raise RuntimeError("it can't be drawn")


async def test_what_came_of_it_is_prepared_on_the_loop_while_the_disk_is_busy(storage: OpenStorage, disk: Disk) -> None:
    everybody = [Member(storage, number) for number in range(5)]
    disk.ready.clear()
    saving = [asyncio.create_task(member.save()) for member in everybody]
    async with asyncio.timeout(PATIENCE):
        for member in everybody:
            await member.began.wait()
    assert not any(task.done() for task in saving)
    disk.ready.set()
    assert await asyncio.gather(*saving) == [0, 1, 2, 3, 4]
    assert [member.prepared for member in everybody] == [[0], [1], [2], [3], [4]]


async def test_nothing_is_prepared_of_what_fails(storage: OpenStorage, disk: Disk) -> None:
    failing, last = Member(storage, 1, fails=True), Member(storage, 2)
    everybody = [Member(storage, 0), failing, last]
    disk.ready.clear()
    saving = asyncio.gather(*(member.save() for member in everybody), return_exceptions=True)
    async with asyncio.timeout(PATIENCE):
        await last.began.wait()
    disk.ready.set()
    outcomes = await saving
    assert [outcomes[0], outcomes[2]] == [0, 2]
    assert isinstance(outcomes[1], ValueError)
    assert [member.prepared for member in everybody] == [[0], [], [2]]


async def test_whoever_stumbles_in_preparing_is_confirmed_all_the_same(storage: OpenStorage, disk: Disk) -> None:
    everybody = [Member(storage, 0, stumbles=True), Member(storage, 1)]
    disk.ready.clear()
    saving = asyncio.gather(*(member.save() for member in everybody))
    async with asyncio.timeout(PATIENCE):
        await everybody[1].began.wait()
    disk.ready.set()
    assert await saving == [0, 1]
    assert [member.prepared for member in everybody] == [[0], [1]]


async def test_where_the_disk_was_quicker_nothing_is_prepared_any_more(
    storage: OpenStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "UNDER_WAY", 0.05)
    everybody = [Member(storage, number) for number in range(3)]
    assert await asyncio.gather(*(member.save() for member in everybody)) == [0, 1, 2]
    later = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, later.set)
    await later.wait()
    assert [member.prepared for member in everybody] == [[], [], []]


async def test_one_who_is_alone_prepares_nothing(storage: OpenStorage) -> None:
    alone = Member(storage, 0)
    assert await alone.save() == 0
    assert alone.prepared == []
