"""Storage, whatever the database: what is asked or done for many channels at once is as if for each alone."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.app.records import DeliveryKind, NewDelivery
from bot.core.refs import RoundId
from bot.core.round import Round
from bot.core.schedule import Schedule
from storage import OpenStorage, open_storage
from storage.tx import over
from tests.support.builders import NOW, TODAY, Team, a_new_round, a_response, a_team, an_item, an_open_round

DAY = timedelta(days=1)
SOON = TODAY + DAY
PACK = "my-exam"


def _post(round_: Round) -> NewDelivery:
    return NewDelivery(
        workspace=round_.workspace,
        kind=DeliveryKind.POST,
        key=f"post-{round_.id}",
        channel=round_.channel,
        round=round_.id,
    )


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


@pytest.mark.parametrize("many", [1, 2, 3, 70])
async def test_rounds_opened_together_are_as_if_opened_one_by_one(storage: OpenStorage, many: int) -> None:
    def visit(tx: Tx) -> None:
        teams = [a_team(tx, f"team{number // 2}", channel=f"c{number}", members=()) for number in range(many)]
        for number, team in enumerate(teams):
            for day in range(number % 3):
                an_open_round(tx, team, TODAY - DAY * (day + 1), item=an_item(f"i{day}"))
        news = [a_new_round(team.schedule, item=an_item(f"i{n % 5}")) for n, team in enumerate(teams)]
        opened = tx.rounds.open_all(news)
        for number, (new, round_) in enumerate(zip(news, opened, strict=True)):
            assert round_ is not None
            assert round_ == tx.rounds.get(new.workspace, round_.id)
            assert (round_.schedule, round_.item, round_.opens) == (new.schedule, new.item, new.opens)
            assert round_.number == number % 3 + 1
        posted = [(one.workspace, one.id, f"m{n}") for n, one in enumerate(opened) if one is not None]
        tx.rounds.set_messages(posted)
        for round_, (workspace, key, message) in zip(opened, posted, strict=True):
            assert round_ is not None
            assert tx.rounds.get(workspace, key) == replace(round_, message=message)

    await storage.write(visit)


async def test_a_date_that_is_settled_stands_in_nobodys_way(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        teams = [a_team(tx, channel=name, members=()) for name in ("a", "b", "c", "d")]
        an_open_round(tx, teams[1])
        tx.rounds.skip(teams[2].schedule, TODAY, "missed", NOW)
        tx.rounds.skip(teams[3].schedule, TODAY, "missed", NOW)
        news = [a_new_round(team.schedule, item=an_item("new"), instead=team is teams[3]) for team in teams]
        # An extra one besides, in another channel.
        news.append(replace(a_new_round(a_team(tx, channel="e", members=()).schedule), schedule=None))
        first, second, third, fourth, extra = tx.rounds.open_all(news)
        assert second is third is None
        assert first is not None
        assert fourth is not None
        assert extra is not None
        assert (first.number, fourth.number, extra.number) == (1, 1, None)
        assert tx.rounds.open_all([]) == []

    await storage.write(visit)


@pytest.mark.parametrize("many", [1, 3, 70])
async def test_deliveries_are_begun_and_finished_together(storage: OpenStorage, many: int) -> None:
    def visit(tx: Tx) -> None:
        teams = [a_team(tx, f"team{number // 2}", channel=f"c{number}", members=()) for number in range(many + 1)]
        rounds = [an_open_round(tx, team) for team in teams]
        other, *posts = (_post(round_) for round_ in rounds)
        tx.deliveries.add(other, NOW)
        tx.deliveries.add_all([*posts, replace(other, text="no"), *posts[:1]], NOW)
        ready = tx.deliveries.ready(NOW, 999)
        assert [(one.key, one.round, one.text) for one in ready] == [
            (one.key, one.round, "") for one in (other, *posts)
        ]
        assert {(one.tries, one.try_at, one.made_at) for one in ready} == {(0, NOW, NOW)}
        tx.deliveries.begin(*ready, try_at=NOW + DAY, holder="me")
        assert list(tx.deliveries.ready(NOW, 999, holder="me")) == []
        assert all(tx.deliveries.is_held(one, holder="me") for one in ready)
        tx.deliveries.finish(ready[1:])
        (left,) = tx.deliveries.ready(NOW + DAY, 999, holder="me")
        assert (left.id, left.tries) == (ready[0].id, 1)
        assert not any(tx.deliveries.is_held(one, holder="me") for one in ready[1:])
        tx.deliveries.begin(try_at=NOW)
        tx.deliveries.finish([])

    await storage.write(visit)


@pytest.mark.parametrize("many", [1, 3, 70])
async def test_schedules_are_put_off_together(storage: OpenStorage, many: int) -> None:
    def visit(tx: Tx) -> None:
        plans = [a_team(tx, f"team{n // 2}", channel=f"c{n}", members=()).schedule for n in range(many + 1)]
        times = [None if number % 3 == 2 else NOW + DAY * number for number in range(len(plans))]
        tx.schedules.set_next_of([(plan.workspace, plan.id, at) for plan, at in zip(plans, times, strict=True)])
        for plan, at in zip(plans, times, strict=True):
            if at is not None:
                assert tx.schedules.due(at, 999)[-1] == plan
        tx.schedules.set_next_of([(plan.workspace, plan.id, None) for plan in plans])
        assert tx.schedules.earliest() is None
        tx.schedules.set_next_of([])
        parts, after = [], 0
        while some := tx.schedules.active(after=after, limit=2):
            parts.append(some)
            after = some[-1].id
        assert [plan for part in parts for plan in part] == plans
        assert {len(part) for part in parts[:-1]} <= {2}

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
    whole = {plan.split()[1] for plan in explained.plans if plan.startswith("SCAN ")}
    assert whole <= {"a", "asked", "parts", "4", "schedules"}, (
        "only the keys that are asked for, and all schedules at a start"
    )
    explained.plans.clear()
    opened = [round_ for round_ in tx.rounds.open_all([a_new_round(team.schedule, SOON) for team in teams]) if round_]
    tx.rounds.set_messages([(round_.workspace, round_.id, "m1") for round_ in opened])
    tx.schedules.set_next_of([(team.workspace.id, team.schedule.id, NOW) for team in teams])
    tx.deliveries.add_all([_post(round_) for round_ in opened], NOW)
    ready = tx.deliveries.ready(NOW, 9)
    tx.deliveries.begin(*ready, try_at=NOW)
    tx.deliveries.finish(ready)
    db.close()
    assert len(opened) == len(ready) == len(teams)
    scanned = [plan for plan in explained.plans if plan.startswith("SCAN ")]
    assert {plan.split()[1] for plan in scanned if not plan.endswith("CONSTANT ROWS")} <= {"a", "asked"}
    assert len(explained.plans) > 15
