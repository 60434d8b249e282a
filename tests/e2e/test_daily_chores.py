# ruff: noqa: ASYNC240  waiting for a small file of its own, a test keeps nobody from running
"""The daily chores of the whole bot, from settings to files: the backup, and old data that goes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot import compose
from bot.config import Settings, Web
from bot.core.trouble import Trouble
from tests.support.app_house import EIGHT
from tests.support.builders import SettableClock

DAY = timedelta(days=1)


@asynccontextmanager
async def bot(folder: Path, clock: SettableClock, **changes: object) -> AsyncIterator[compose.Running]:
    """The bot with its web space, as settings make it."""
    usual: dict[str, object] = {
        "database": str(folder / "trapwise.db"),
        "zone": "Europe/Berlin",
        "web": Web.ON,
        "web_port": 0,
    }
    async with compose.running(Settings(**(usual | changes)), clock=clock) as parts:  # type: ignore[arg-type]  # names of settings
        yield parts


async def _looked(parts: compose.Running) -> dict[str, object]:
    """What is told of its health once it has looked at everything for the first time."""
    assert parts.caretaker is not None
    assert parts.health is not None
    await asyncio.wait_for(parts.caretaker.looked.wait(), 20)
    return await parts.health.report()


async def test_the_bot_makes_its_backup_and_tells_of_it(tmp_path: Path) -> None:
    clock = SettableClock(EIGHT)
    async with bot(tmp_path, clock) as parts:
        assert (await _looked(parts))["last_backup"] is None
    clock.advance(days=1)
    for _ in range(2):
        async with bot(tmp_path, clock) as parts:
            assert (await _looked(parts))["last_backup"] == (EIGHT + DAY).isoformat(timespec="seconds")
        (made,) = (tmp_path / "backups").iterdir()
        assert made.name == f"trapwise-auto-{EIGHT + DAY:%Y%m%d-%H%M%S}.db"
        clock.advance(hours=1)


@pytest.mark.parametrize("settings", [{"backups": "off"}, {"database": "sqlite://:memory:"}], ids=["off", "in memory"])
async def test_no_backup_is_made_where_none_is_wanted_or_there_is_no_file(
    tmp_path: Path, settings: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clock = SettableClock(EIGHT)
    for _ in range(2):
        async with bot(tmp_path, clock, **settings) as parts:
            assert (await _looked(parts))["last_backup"] == "off"
        clock.advance(days=1)
    assert not list(tmp_path.rglob("*-auto-*"))


async def test_another_folder_time_and_number_can_be_set(tmp_path: Path) -> None:
    clock = SettableClock(EIGHT - timedelta(minutes=30))
    elsewhere = tmp_path / "safe" / "place"
    for minutes in (0, 29, 31, 24 * 60, 24 * 60):
        clock.advance(minutes=minutes)
        async with bot(
            tmp_path, clock, backups=str(elsewhere), backups_at="08:00", backups_keep=2, zone="Europe/Berlin"
        ) as parts:
            await _looked(parts)
        assert (elsewhere.exists()) == (minutes >= 31)
    assert len(list(elsewhere.iterdir())) == 2


async def test_a_backup_that_fails_is_told_in_the_report(tmp_path: Path) -> None:
    clock = SettableClock(EIGHT)
    async with bot(tmp_path, clock) as parts:
        await _looked(parts)
    (tmp_path / "backups").write_bytes(b"in the way")
    clock.advance(days=1)
    async with bot(tmp_path, clock) as parts:
        report = await _looked(parts)
        assert (report["ok"], report["troubles"]) == (True, [Trouble.BACKUP])


async def test_finished_posts_are_forgotten_after_the_days_that_are_set(tmp_path: Path) -> None:
    clock = SettableClock(EIGHT)
    for days, is_there in ((0, True), (2, True), (2, False)):
        clock.advance(days=days)
        async with bot(tmp_path, clock, keep_deliveries_days=3, backups="off") as parts:
            await _looked(parts)
        with closing(sqlite3.connect(tmp_path / "trapwise.db")) as db:
            (count,) = db.execute("SELECT count(*) FROM deliveries WHERE id = 1").fetchone()
        assert bool(count) is is_there
