"""The backup that is made by itself: once a day, verified, and never at the cost of what is there already."""

import asyncio
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.app.rebuild import rebuild
from bot.app.troubles import Troubles
from bot.backups import Backups, last_time
from bot.core.trouble import Trouble
from storage import OpenStorage, open_storage
from storage.backup import examine
from storage.dailybackup import DailyBackups
from tests.support.builders import SettableClock, a_team

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
"""03:15 in Berlin."""

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Bot:
    """What makes backups, of a database with a team in it."""

    file: Path
    storage: OpenStorage
    clock: SettableClock
    troubles: Troubles
    keep: int = 3

    @property
    def folder(self) -> Path:
        return self.file.parent / "backups"

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []

    def fresh(self) -> Backups:
        """As after a start."""
        copies = DailyBackups(self.file, self.folder, keep=self.keep)
        return Backups(copies, self.storage, self.clock, self.troubles, at=time(3, 15), zone=BERLIN)

    async def at(self, now: datetime) -> bool:
        """A look of a bot that was just started."""
        self.clock.set(now)
        return await self.fresh().run_due()


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    file = tmp_path / "trapwise.db"
    storage = await open_storage(str(file))
    await storage.write(a_team)
    made = Bot(file, storage, SettableClock(MONDAY), Troubles())
    await made.at(MONDAY)
    yield made
    await storage.close()


async def test_a_new_database_waits_for_its_first_night(bot: Bot) -> None:
    assert bot.names == []
    assert not await bot.at(NIGHT - timedelta(seconds=1))
    assert await bot.at(NIGHT)
    assert bot.names == ["trapwise-auto-20261124-021500.db"]


async def test_one_a_day_however_often_it_is_started(bot: Bot) -> None:
    made = [await bot.at(NIGHT + HOUR * step) for step in range(96)]
    assert sum(made) == 4
    assert [step for step, done in enumerate(made) if done] == [0, 24, 48, 72]
    running = bot.fresh()
    assert not await running.run_due()
    assert running.last == NIGHT + HOUR * 72


async def test_what_was_missed_is_caught_up_on_once(bot: Bot) -> None:
    assert await bot.at(NIGHT + DAY * 5 + HOUR * 7)
    assert not await bot.at(NIGHT + DAY * 5 + HOUR * 8)
    assert await bot.at(NIGHT + DAY * 6)
    assert len(bot.names) == 2


async def test_a_backup_can_be_opened_and_its_counts_agree(bot: Bot) -> None:
    await bot.at(NIGHT)
    (name,) = bot.names
    assert examine(bot.folder / name).faults == ()
    assert (bot.folder / name).stat().st_mode & 0o077 == 0
    copied = await open_storage(str(bot.folder / name))
    assert await copied.maintain(rebuild) == ()
    assert (await copied.read(lambda tx: tx.people.count(a_team_id(tx)))) == 2
    await copied.close()


def a_team_id(tx: Any) -> Any:
    return tx.schedules.active()[0].workspace


async def test_old_ones_go_only_once_the_new_one_is_there(bot: Bot) -> None:
    for day in range(5):
        assert await bot.at(NIGHT + DAY * day)
    assert bot.names == [f"trapwise-auto-202611{day}-021500.db" for day in (26, 27, 28)]
    with _broken(bot.file):
        assert not await bot.at(NIGHT + DAY * 5)
    assert bot.names == [f"trapwise-auto-202611{day}-021500.db" for day in (26, 27, 28)]


async def test_only_files_of_its_own_making_are_deleted(bot: Bot) -> None:
    bot.folder.mkdir()
    others = [
        "trapwise-20200101-000000.db",  # made by hand
        "other-auto-20200101-000000.db",
        "trapwise-auto-20200101-000000.db.bak",
        "trapwise-auto-20200101.db",
        "trapwise-auto-20209999-000000.db",
        "xtrapwise-auto-20200101-000000.db",
    ]
    for name in others:
        (bot.folder / name).write_bytes(b"precious")
    (bot.folder / "trapwise-auto-20200102-000000.db").mkdir()
    (bot.folder / "trapwise-auto-20200103-000000.db").symlink_to(bot.file)
    (bot.folder / "trapwise-auto-20200104-000000.db.partial").write_bytes(b"half")
    bot.keep = 1
    for day in range(3):
        assert await bot.at(NIGHT + DAY * day)
    mine = "trapwise-auto-20261126-021500.db"
    left = [*others, "trapwise-auto-20200102-000000.db", "trapwise-auto-20200103-000000.db", mine]
    assert bot.names == sorted(left), "what a killed one left half made is gone too"
    assert all((bot.folder / name).read_bytes() == b"precious" for name in others)


@contextmanager
def _broken(file: Path) -> Iterator[None]:
    """An index that disagrees with its table, as after a torn page: backups are read beside the running bot."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("INSERT INTO reports (workspace, member, revision, at) VALUES (1, 999, 1, 0)")
        try:
            yield
        finally:
            db.execute("DELETE FROM reports")


async def test_a_failing_backup_is_told_tried_again_in_an_hour_and_ends_nothing(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    running = bot.fresh()
    with _broken(bot.file):
        bot.clock.set(NIGHT)
        assert not await running.run_due()
        assert bot.troubles.now == {Trouble.BACKUP}
        assert "is not sound, so it was not kept" in caplog.text
        assert bot.names == []
        bot.clock.advance(minutes=59)
        assert not await running.run_due()
        assert caplog.text.count("the automatic backup failed") == 1
    assert not await running.run_due(), "not before the hour is over"
    bot.clock.advance(minutes=1)
    assert await running.run_due()
    assert bot.troubles.now == frozenset()
    assert len(bot.names) == 1


async def test_a_folder_that_cannot_be_written_to_is_told(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    bot.folder.write_bytes(b"in the way")
    assert not await bot.at(NIGHT)
    assert bot.troubles.now == {Trouble.BACKUP}
    assert str(bot.folder) in caplog.text


async def test_a_backup_that_would_fill_the_disk_is_not_begun(
    bot: Bot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(bot.file.parent)
    monkeypatch.setattr("storage.dailybackup.shutil.disk_usage", lambda folder: usage._replace(free=40_000_000))
    assert not await bot.at(NIGHT)
    assert "and 40 MB are free" in caplog.text
    assert bot.names == []


async def test_a_clock_that_was_ahead_neither_stops_backups_nor_costs_good_ones(bot: Bot) -> None:
    assert await bot.at(NIGHT)
    assert await bot.at(NIGHT + DAY * 400)
    for day in range(1, 4):
        assert await bot.at(NIGHT + DAY * day)
        assert not await bot.at(NIGHT + DAY * day + HOUR)
    assert bot.names == [f"trapwise-auto-202611{day}-021500.db" for day in (25, 26, 27)]


async def test_presses_are_taken_while_a_backup_is_made(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    half_way, go_on = threading.Event(), threading.Event()

    def held(self: DailyBackups, done: int, total: int) -> None:
        half_way.set()
        assert go_on.wait(20)

    monkeypatch.setattr(DailyBackups, "_pace", held)
    backing_up = asyncio.create_task(bot.at(NIGHT))
    await asyncio.to_thread(half_way.wait, 20)
    for n in range(20):
        await bot.storage.write(lambda tx, n=n: tx.keyring.put("press", str(n)))  # type: ignore[misc]  # a bound default
    assert await bot.storage.read(lambda tx: tx.keyring.get("press")) == "19"
    go_on.set()
    assert await backing_up
    with closing(sqlite3.connect(bot.folder / bot.names[0])) as db:
        assert db.execute("SELECT count(*) FROM keyring WHERE name = 'press'").fetchone() == (0,), "of one instant"


async def test_a_stop_breaks_it_off_and_leaves_nothing(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    bot.clock.set(NIGHT)
    running = bot.fresh()
    begun = threading.Event()

    def held(self: DailyBackups, done: int, total: int) -> None:
        begun.set()
        assert self._stop.wait(20)

    monkeypatch.setattr(DailyBackups, "_pace", held)
    backing_up = asyncio.create_task(running.run_due())
    await asyncio.to_thread(begun.wait, 20)
    running.stop()
    assert not await backing_up
    assert bot.names == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T02:14:59", "2026-11-23T02:15:00"),
        ("2026-11-24T02:15:00", "2026-11-24T02:15:00"),
        ("2026-03-29T01:20:00", "2026-03-29T01:15:00"),  # 02:15 came an hour late that night
        ("2026-10-25T01:30:00", "2026-10-25T00:15:00"),  # 02:15 came twice
    ],
)
def test_the_time_of_day_is_found_also_on_nights_when_clocks_change(now: str, expected: str) -> None:
    at = time(2, 15) if "2026-11" not in now else time(3, 15)
    found = last_time(at, BERLIN, datetime.fromisoformat(f"{now}+00:00"))
    assert found == datetime.fromisoformat(f"{expected}+00:00")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_without_rights_is_told(bot: Bot) -> None:
    bot.folder.mkdir(mode=0o500)
    assert not await bot.at(NIGHT)
    assert bot.troubles.now == {Trouble.BACKUP}
