"""Storage, whatever the database: what is asked for many channels at once is what each alone would be told."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.core.refs import RoundId
from bot.core.schedule import Schedule
from storage import OpenStorage, open_storage
from storage.tx import over
from tests.support.builders import NOW, TODAY, Team, a_new_round, a_response, a_team, an_item, an_open_round

DAY = timedelta(days=1)
PACK = "my-exam"


def _some_teams(tx: Tx) -> list[Team]:
    """Three workspaces and a second channel; each has another past."""
    teams = [a_team(tx, name) for name in ("acme", "bolt", "core")] + [a_team(tx, channel="other")]
    for number, team in enumerate(teams):
        for day in range(number):
            round_ = an_open_round(tx, team, TODAY - DAY * (day + 1), item=an_item(f"i{number}-{day}"))
            response = a_response(round_, team.members["Ana"])
            tx.responses.add(team.workspace.id, response)
            count_in_round(tx, round_, team.members["Ana"], response)
            if day:
                tx.rounds.close(team.workspace.id, round_.id)
        tx.rounds.skip(team.schedule, TODAY - DAY * 9, "missed", NOW)
        an_open_round(tx, team, schedule=None, item=an_item(f"extra-{number}"))
    for team in teams[1:3]:
        tx.people.set_reminders(team.workspace.id, team.members["Ana"].id, True)
    return teams


async def test_each_channel_has_its_own_past(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        teams = _some_teams(tx)
        found = tx.backgrounds.of([team.schedule for team in teams], TODAY - DAY * 9)
        assert set(found) == {team.schedule.id for team in teams}
        for number, team in enumerate(teams):
            workspace, channel, past = team.workspace.id, team.channel.id, found[team.schedule.id]
            assert past.settled == tx.rounds.settled(workspace, team.schedule.id, TODAY - DAY * 9)
            assert len(past.settled) == number + 1
            assert past.served == tuple(tx.rounds.served(workspace, channel, PACK))
            assert len(past.served) == number + 1, "the extra one too"
            assert past.tallies == tuple(tx.learning.channel_tallies(workspace, channel, PACK))
            assert len(past.tallies) == min(number, 1)
            opened = [tx.rounds.get(workspace, key) for key in past.open]
            assert [one.local_date for one in opened if one] == [TODAY - DAY][:number], "no extra and no closed one"
            assert past.reminded == ((team.members["Ana"].id,) if number in (1, 2) else ())

    await storage.write(visit)


async def test_a_past_is_of_the_schedules_own_pack_and_of_the_dates_asked_for(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = _some_teams(tx)[2]
        other = tx.backgrounds.of([replace(team.schedule, pack="another")], TODAY)[team.schedule.id]
        assert (other.served, other.tallies, other.settled, other.open) == ((), (), frozenset(), ())
        assert tx.backgrounds.of([], TODAY) == {}

    await storage.write(visit)


async def test_channels_and_counts_come_many_at_once(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        teams = _some_teams(tx)
        keys = [(team.workspace.id, team.channel.id) for team in teams]
        assert tx.people.find_channels(keys) == {team.channel.id: team.channel for team in teams}
        rounds = [
            (team.workspace.id, one.id)
            for team in teams
            for one in tx.rounds.recent(team.workspace.id, team.channel.id, before=None, limit=9)
        ]
        answered = {key: count for where, key in rounds if (count := tx.responses.count(where, key))}
        assert tx.responses.counts([*rounds, (teams[0].workspace.id, RoundId(999))]) == answered
        assert len(answered) == 6
        assert tx.people.find_channels([]) == {}
        assert tx.responses.counts([]) == {}

    await storage.write(visit)


@pytest.mark.parametrize("many", [1, 3, 130])
async def test_skipped_dates_are_each_schedules_own(storage: OpenStorage, many: int) -> None:
    def visit(tx: Tx) -> None:
        plans: list[Schedule] = []
        for number in range(many):
            team = a_team(tx, channel=f"c{number}", members=())
            skips = frozenset(TODAY + DAY * (number + each) for each in range(number % 3))
            plans.append(tx.schedules.save(replace(team.schedule, skips=skips), next_at=NOW, by=None, now=NOW))
            assert plans[-1].skips == skips
        assert sorted(tx.schedules.active(), key=lambda plan: plan.id) == plans
        assert sorted(tx.schedules.due(NOW, many), key=lambda plan: plan.id) == plans

    await storage.write(visit)


class _Explained:
    """Runs statements, and keeps how SQLite finds the rows of each."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.plans: list[str] = []

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> sqlite3.Cursor:
        self.plans += [row[3] for row in self._db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        return self._db.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> sqlite3.Cursor:
        return self._db.executemany(sql, rows)


@pytest.mark.parametrize("analysed", [False, True])
async def test_no_table_is_looked_through_for_many_channels(tmp_path: Path, analysed: bool) -> None:
    storage = await open_storage(str(tmp_path / "trapwise.db"))
    teams = await storage.write(_some_teams)
    await storage.close()
    db = sqlite3.connect(tmp_path / "trapwise.db", isolation_level=None)
    if analysed:
        db.execute("ANALYZE")
    explained = _Explained(db)
    tx = over(explained)
    tx.backgrounds.of([team.schedule for team in teams], TODAY)
    tx.people.find_channels([(team.workspace.id, team.channel.id) for team in teams])
    tx.responses.counts([(team.workspace.id, RoundId(1)) for team in teams])
    tx.schedules.active()
    opened = tx.rounds.open(a_new_round(teams[0].schedule, TODAY))
    db.close()
    assert opened is not None
    whole = {plan.split()[1] for plan in explained.plans if plan.startswith("SCAN ")}
    assert whole <= {"a", "asked", "4", "schedules"}, "only the keys that are asked for, and all schedules at a start"
    assert len(explained.plans) > 15
