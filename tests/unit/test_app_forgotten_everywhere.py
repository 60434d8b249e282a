# ruff: noqa: ASYNC240  waiting for a small file of its own, a test keeps nobody from running
"""Whoever asks to be forgotten is nowhere any more: not in a table, not in the file, not in the log, not in memory."""

import csv
import io
import logging
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.actions import Actor
from bot.app.periods import Periods
from bot.app.privacy import archive
from bot.app.rebuild import rebuild
from bot.app.records import MemberExport
from bot.app.retention import Retention
from bot.view.tokens import Confirm, Report, write
from tests.support.app_house import BEN, EIGHT, House, open_house, tokens_of, words
from tests.support.builders import an_actor

DAY, NINE = timedelta(days=1), EIGHT + timedelta(hours=1)
NAME, REF = "Xerxes Unmistakable", "xerxes unmistakable"
XERXES = an_actor(NAME, manages=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database=str(tmp_path / "t.db")) as made:
        await made.schedule(weekdays=frozenset(range(7)))
        yield made


async def _live_a_little(house: House, actor: Actor) -> None:
    """Everything a member can do that leaves a trace."""
    await house.say(actor, "trapwise schedule 09:00 days=mon-sun")
    await house.say(actor, "trapwise settings reminders=on")
    for day in range(40):
        round_ = await house.opened(NINE + DAY * day)
        await house.answer(actor, round_, "a")
        await house.answer(BEN, round_, "b")
        if day == 39:
            await house.press(actor, write(Report(round_.id)))
    for line in ("quiz", "exam", "review", "stats", "leaderboard", "traps", "trapwise status", "trapwise setup"):
        reply = await house.say(actor, line)
        for token in tokens_of(reply)[:1]:
            await house.press(actor, token)
    # Old answers are condensed, which must hide nobody from being forgotten.
    services = replace(house.services, periods=Periods(answers_months=1))
    await Retention(services).enforce()


async def test_whoever_is_forgotten_is_nowhere_any_more(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await _live_a_little(house, XERXES)
    member = await house.look(lambda tx: tx.people.look_up(XERXES.member))
    assert member is not None
    exported = dict((await house.look(lambda tx: tx.people.export(member.workspace, member.id))).tables)
    assert [name for name, rows in exported.items() if not rows] == [], "there is a trace in every table"
    reply = await house.press(XERXES, write(Confirm("forget-me")))
    assert "everything else kept about you are deleted" in words(reply)
    assert await house.look(lambda tx: tx.people.look_up(XERXES.member)) is None
    for line in ("leaderboard all", "leaderboard all workspace", "stats team", "trapwise status"):
        assert "Unmistakable" not in words(await house.say(BEN, line))
    assert await house.storage.maintain(rebuild) == ()
    await house.storage.close()
    with closing(sqlite3.connect(tmp_path / "t.db")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            if "member" in columns:
                left = db.execute(f"SELECT count(*) FROM {table} WHERE member = ?", (member.id,)).fetchone()  # noqa: S608
                assert (table, left[0]) == (table, 0)
        assert db.execute("SELECT count(*) FROM schedules WHERE set_by = ?", (member.id,)).fetchone() == (0,)
    for path in tmp_path.iterdir():
        assert b"nmistakable" not in path.read_bytes(), path
    assert "nmistakable" not in caplog.text


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001  the wide ones are meant
def test_no_cell_of_an_export_begins_like_a_formula(sign: str) -> None:
    text = f"{sign}cmd|' /C calc'!A0"
    found = archive(MemberExport(tables=(("member", ({"name": text, "number": -5, "none": None},)),)))
    with zipfile.ZipFile(io.BytesIO(found.content)) as bundle:
        (_, row) = csv.reader(io.StringIO(bundle.read("member.csv").decode(), newline=""))
        assert row == [f"'{text}", "-5", ""]
