"""Storage, whatever the database: exporting, forgetting, and counting everything anew."""

import inspect
import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.app import exams
from bot.app.ledger import count_in_round, recount
from bot.app.ports import Tx, Upkeep
from bot.app.rebuild import Difference, rebuild
from bot.app.records import Counts, DeliveryKind, NewAttempt, NewDelivery
from bot.core.attempt import Sitting
from bot.core.form import Place
from bot.core.refs import MemberId
from bot.core.round import Round
from bot.core.scoring import Standing
from storage import OpenStorage
from storage.people import MEMBER_TABLES
from storage.schema import migrations
from storage.sqlite import SqliteStorage
from storage.tx import SqlTx
from storage.upkeep import COUNTED
from storage.version import LATEST
from storage.workspaces import WORKSPACE_TABLES
from tests.support.builders import (
    NOW,
    TODAY,
    Team,
    a_pack,
    a_response,
    a_team,
    an_open_round,
    best,
)

DAY = timedelta(days=1)
PACK = a_pack(20)


def _answer(tx: Tx, team: Team, round_: Round, name: str, option: str, *, minutes: int = 0) -> None:
    member = tx.people.find_member(team.workspace.id, team.members[name].id)
    assert member is not None
    response = a_response(round_, member, option, at=round_.opens + timedelta(minutes=minutes))
    assert tx.responses.add(team.workspace.id, response)
    count_in_round(tx, round_, member, response)


def _busy_fortnight(tx: Tx, *, seed: int = 1) -> list[Team]:
    """Two teams with two weeks of answers, gaps, hidden members, extra rounds and exams, in the order of time."""
    rng = random.Random(seed)  # noqa: S311  repeatable, not secret
    names = ("Ana", "Ben", "Cleo", "Dan")
    teams = [a_team(tx, team, channel=channel, members=names) for team in ("acme", "bolt") for channel in ("x", "y")]
    tx.people.set_hidden(teams[0].workspace.id, teams[0].members["Ben"].id, True)
    for day in range(14):
        minutes = itertools.count()
        for team in teams:
            item = PACK.items[(day * 3 + teams.index(team)) % len(PACK.items)]
            daily = [an_open_round(tx, team, TODAY + DAY * day, item=item)]
            if day % 5 == 0:
                daily.append(an_open_round(tx, team, TODAY + DAY * day, schedule=None, item=PACK.items[day]))
            for round_ in daily:
                for name in rng.sample(names, rng.randint(0, 4)):
                    _answer(tx, team, round_, name, rng.choice("abcd"), minutes=next(minutes))
        if day in (4, 9):
            for team in teams[::2]:
                _sit_exam(tx, team, team.members["Ana"].id, NOW + DAY * day + timedelta(hours=10))
    return teams


def _sit_exam(tx: Tx, team: Team, member: MemberId, deadline: datetime) -> None:
    """An exam in which several items ask about one subject, handed in at one instant."""
    places = tuple(Place(item, "abcd") for item in reversed(PACK.items[:12]))
    attempt = tx.attempts.start(
        NewAttempt(
            workspace=team.workspace.id,
            member=member,
            sitting=Sitting.EXAM,
            pack=PACK.id,
            label="",
            places=places,
            started=deadline - timedelta(minutes=90),
            deadline=deadline,
        )
    )
    exams.submit_at_deadline(tx, replace(attempt, answers={n: "abcd"[n % 4] for n in range(12)}))


def _counts(tx: Tx, upkeep: Upkeep) -> Counts:
    return upkeep.counts()


def test_the_schema_has_as_many_migrations_as_are_named() -> None:
    from sqlite_utils import Database

    assert len(migrations.pending(Database(memory=True))) == LATEST


async def test_every_table_with_a_member_is_exported_and_forgotten() -> None:
    found = {table for table in await _tables() if "member" in await _columns(table)}
    assert {name for name, _ in MEMBER_TABLES} == found
    # What else names a member: who set a schedule up, which forgetting empties.
    assert {t for t in await _tables() if "set_by" in await _columns(t)} == {"schedules"}


async def test_every_table_with_a_workspace_is_erased_with_it() -> None:
    assert set(WORKSPACE_TABLES) == {table for table in await _tables() if "workspace" in await _columns(table)}


async def test_every_count_is_rebuilt() -> None:
    facts = {"workspaces", "channels", "members", "schedules", "skips", "revisions", "rounds", "responses", "reports"}
    facts |= {"subjects", "attempts", "deliveries", "keyring", "_sqlite_migrations", "channel_tallies"}
    facts |= {"slack_installations", "slack_org_teams", "slack_states", "spent", "condensed", "leases"}
    assert {table for table, _, _ in COUNTED} == set(await _tables()) - facts
    for table, key, columns in COUNTED:
        left = {column for column in await _columns(table) if column.startswith("forgotten")}
        assert {*key, *columns} == set(await _columns(table)) - left


async def _ask(question: str) -> list[tuple[str, ...]]:
    storage = await SqliteStorage.open(None)

    def ask(tx: Tx) -> list[tuple[str, ...]]:
        assert isinstance(tx, SqlTx)
        return tx.upkeep._db.execute(question).fetchall()

    try:
        return await storage.read(ask)
    finally:
        await storage.close()


async def _tables() -> list[str]:
    rows = await _ask("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")
    return [name for (name,) in rows]


async def _columns(table: str) -> list[str]:
    return [name for (name,) in await _ask(f"SELECT name FROM pragma_table_info('{table}')")]  # noqa: S608  our own tables


async def test_an_export_has_everything_of_the_member_and_of_nobody_else(storage: OpenStorage) -> None:
    def fill(tx: Tx) -> Team:
        team = _busy_fortnight(tx)[0]
        workspace, ana = team.workspace.id, team.members["Ana"].id
        tx.retention.condense(workspace, ana, tx.retention.oldest(workspace, ana, NOW + DAY, 99), recount)
        tx.responses.report(workspace, ana, tx.keep_revision(PACK.items[0]), NOW)
        tx.deliveries.add(
            NewDelivery(workspace=workspace, kind=DeliveryKind.NOTICE, key="n", member=ana, text="hello Ana"), NOW
        )
        return team

    team = await storage.write(fill)
    ana = team.members["Ana"]
    found = await storage.read(lambda tx: tx.people.export(team.workspace.id, ana.id))
    tables = dict(found.tables)
    assert tables["member"][0]["name"] == "Ana"
    assert all(tables[name] for name, _ in MEMBER_TABLES), "each table has something of Ana"
    answers = await storage.read(lambda tx: tx.responses.of_member(team.workspace.id, ana.id))
    assert len(tables["responses"]) == len(answers)
    assert tables["deliveries"][0]["text"] == "hello Ana"
    other = await storage.read(lambda tx: tx.people.export(team.workspace.id, team.members["Ben"].id))
    assert dict(other.tables)["deliveries"] == ()


async def test_forgetting_leaves_nothing_of_the_member(storage: OpenStorage) -> None:
    def forget(tx: Tx) -> tuple[int, int]:
        team = _busy_fortnight(tx)[0]
        ana = team.members["Ana"]
        tx.schedules.save(team.schedule, next_at=None, by=ana.id, now=NOW)
        answers = len(tx.responses.of_member(team.workspace.id, ana.id))
        gone = tx.people.forget(team.workspace.id, ana.id)
        assert tx.people.look_up(ana.ref) is None
        assert [rows for _, rows in tx.people.export(team.workspace.id, ana.id).tables if rows] == []
        assert tx.schedules.set_by(team.workspace.id, team.schedule.id) is None
        assert tx.people.forget(team.workspace.id, ana.id) == 0
        return answers, gone

    answers, gone = await storage.write(forget)
    assert answers == gone > 0


async def test_public_counts_keep_what_a_forgotten_member_added(storage: OpenStorage) -> None:
    def forget(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        _answer(tx, team, round_, "Ana", "a")
        _answer(tx, team, round_, "Ben", "b")
        before = tx.learning.channel_tallies(team.workspace.id, team.channel.id, "my-exam")
        tx.people.forget(team.workspace.id, team.members["Ana"].id)
        assert dict(tx.rounds.tally(team.workspace.id, round_.id)) == {"a": 1, "b": 1}
        assert tx.learning.channel_tallies(team.workspace.id, team.channel.id, "my-exam") == before
        assert [s.name for s in best(tx, team.workspace.id, None, 0, 9)] == ["Ben"]

    await storage.write(forget)


async def test_a_forgotten_member_begins_anew_but_not_in_a_round_still_open(storage: OpenStorage) -> None:
    def come_back(tx: Tx) -> None:
        team = a_team(tx)
        workspace = team.workspace.id
        rounds = an_open_round(tx, team), an_open_round(tx, team, TODAY + DAY)
        _answer(tx, team, rounds[0], "Ana", "b")
        ana, ben = team.members["Ana"], team.members["Ben"]
        assert not tx.responses.spent(workspace, rounds[0].id, ana.ref)
        tx.people.forget(workspace, ana.id)
        again = a_team(tx).members["Ana"]
        assert again.id != ana.id
        assert tx.standings.get(workspace, team.channel.id, again.id) == Standing()
        spent = [tx.responses.spent(workspace, round_.id, who.ref) for round_ in rounds for who in (again, ben)]
        assert spent == [True, False, False, False]
        tx.rounds.close(workspace, rounds[0].id)
        assert not tx.responses.spent(workspace, rounds[0].id, again.ref), "nothing is kept longer than needed"

    await storage.write(come_back)


async def test_erasing_a_workspace_leaves_the_others_whole(storage: OpenStorage) -> None:
    teams = await storage.write(_busy_fortnight)
    kept = teams[2].workspace.id
    before = await storage.maintain(_counts)
    await storage.write(lambda tx: tx.workspaces.erase(teams[0].workspace.id))
    after = await storage.maintain(_counts)
    assert {t: {k: v for k, v in rows.items() if k[0] == kept} for t, rows in before.items()} == after
    assert any(after.values())
    assert await storage.maintain(rebuild) == ()


@pytest.mark.parametrize("seed", range(3))
async def test_the_maintained_counts_are_what_the_responses_say(storage: OpenStorage, seed: int) -> None:
    await storage.write(lambda tx: _busy_fortnight(tx, seed=seed))
    before = await storage.maintain(_counts)
    assert all(before.values()), "every table of counts has something to compare"
    assert await storage.maintain(rebuild) == ()
    assert await storage.maintain(rebuild) == ()


async def test_forgetting_keeps_counts_and_responses_in_agreement(storage: OpenStorage) -> None:
    def forget(tx: Tx) -> None:
        for team in _busy_fortnight(tx)[::2]:
            for name in ("Ana", "Cleo"):
                tx.people.forget(team.workspace.id, team.members[name].id)

    await storage.write(forget)
    assert await storage.maintain(rebuild) == ()


async def test_hiding_keeps_counts_in_agreement(storage: OpenStorage) -> None:
    def hide(tx: Tx) -> None:
        team = _busy_fortnight(tx)[0]
        tx.people.set_hidden(team.workspace.id, team.members["Dan"].id, True)
        tx.people.set_hidden(team.workspace.id, team.members["Ben"].id, False)

    await storage.write(hide)
    assert await storage.maintain(rebuild) == ()


Damage = Callable[[Tx, Team], None]


def _more_points(tx: Tx, team: Team) -> None:
    where = team.workspace.id, team.channel.id, team.members["Ana"].id
    before = tx.standings.get(*where)
    tx.standings.save(
        *where, before._replace(points=before.points + 1_000), day=TODAY - DAY * 30, points=0, right=False
    )


def _more_points_of_a_week(tx: Tx, team: Team) -> None:
    where = team.workspace.id, team.channel.id, team.members["Ana"].id
    tx.standings.save(*where, tx.standings.get(*where), day=TODAY, points=1_000, right=True)


def _another_streak(tx: Tx, team: Team) -> None:
    where = team.workspace.id, team.channel.id, team.members["Ana"].id
    tx.standings.save(*where, tx.standings.get(*where)._replace(streak=99), day=TODAY, points=0, right=False)


def _another_vote(tx: Tx, team: Team) -> None:
    round_ = tx.rounds.recent(team.workspace.id, team.channel.id, before=None, limit=1)[0]
    tx.responses.add_to_tally(team.workspace.id, round_.id, "d")


def _uncounted_response(tx: Tx, team: Team) -> None:
    round_ = an_open_round(tx, team, TODAY + DAY * 30)
    tx.responses.add(team.workspace.id, a_response(round_, team.members["Ana"]))


def _other_knowledge(tx: Tx, team: Team) -> None:
    where = team.workspace.id, team.members["Ana"].id, PACK.items[0]
    tx.learning.add(*where, channel=team.channel.id, right=True, weight=1.0, fair=False)


def _other_memory(tx: Tx, team: Team) -> None:
    where = team.workspace.id, team.members["Ana"].id, PACK.id
    memory = tx.memories.all(*where)[0]
    tx.memories.save(*where, memory._replace(days=memory.days + 1))


@pytest.mark.parametrize(
    ("damage", "table", "column"),
    [
        (_more_points, "standings", "points"),
        (_more_points_of_a_week, "standings", "week0_points"),
        (_another_streak, "standings", "streak"),
        (_another_vote, "tallies", "count"),
        (_uncounted_response, "standings", "answered"),
        (_other_knowledge, "domain_tallies", "weight"),
        (_other_memory, "memories", "days"),
    ],
)
async def test_what_is_wrong_is_named_and_put_right(
    storage: OpenStorage, damage: Damage, table: str, column: str
) -> None:
    team = (await storage.write(_busy_fortnight))[0]
    sound = await storage.maintain(_counts)
    await storage.write(lambda tx: damage(tx, team))
    differences = await storage.maintain(rebuild)
    assert (table, column) in {(d.table, d.column) for d in differences}
    assert await storage.maintain(rebuild) == ()
    if damage is not _uncounted_response:
        assert _rounded(await storage.maintain(_counts)) == _rounded(sound)


def _rounded(counts: Counts) -> object:
    return {
        table: {
            key: {column: pytest.approx(value, rel=1e-9, abs=1e-9) for column, value in values.items()}
            for key, values in rows.items()
        }
        for table, rows in counts.items()
    }


async def test_missing_and_surplus_rows_are_told_apart(storage: OpenStorage) -> None:
    team = (await storage.write(_busy_fortnight))[0]

    def forge(tx: Tx) -> None:
        eve = tx.people.member(team.workspace.id, replace(team.members["Ana"].ref, id="eve"), "Eve", NOW)
        standing = Standing(answered=3)
        tx.standings.save(team.workspace.id, team.channel.id, eve.id, standing, day=TODAY, points=0, right=False)

    await storage.write(forge)
    (difference,) = await storage.maintain(rebuild)
    assert difference == Difference(table="standings", key=difference.key, column="answered", kept=3, counted=None)


async def test_a_rebuild_that_fails_changes_nothing(storage: OpenStorage) -> None:
    team = (await storage.write(_busy_fortnight))[0]
    await storage.write(lambda tx: _more_points(tx, team))
    before = await storage.maintain(_counts)

    def interrupted(tx: Tx, upkeep: Upkeep) -> None:
        rebuild(tx, upkeep)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await storage.maintain(interrupted)
    assert await storage.maintain(_counts) == before


async def test_the_order_of_answers_is_known_though_the_clock_was_set_back(storage: OpenStorage) -> None:
    def answer(tx: Tx) -> None:
        team = a_team(tx)
        # Two days of a false future, then four of the real present, all answered in this order.
        for n, day in enumerate((30, 31, 0, 1, 2, 3)):
            round_ = an_open_round(tx, team, TODAY + DAY * day, item=PACK.items[n])
            _answer(tx, team, round_, "Ana", "bbabab"[n])
            _answer(tx, team, round_, "Ben", "aabbbb"[n], minutes=5)

    await storage.write(answer)
    differences = await storage.maintain(rebuild)
    # What is remembered depends on the time between answers too, which nobody can know here.
    assert {d.table for d in differences} <= {"memories"}


async def test_of_two_rounds_open_at_once_the_newer_may_be_answered_first(storage: OpenStorage) -> None:
    def answer(tx: Tx) -> None:
        team = a_team(tx)
        older, newer = an_open_round(tx, team), an_open_round(tx, team, TODAY + DAY, item=PACK.items[1])
        _answer(tx, team, newer, "Ana", "b")
        _answer(tx, team, older, "Ana", "b", minutes=24 * 60 + 5)
        _answer(tx, team, older, "Ben", "a", minutes=24 * 60 + 6)
        _answer(tx, team, newer, "Ben", "b", minutes=7)

    await storage.write(answer)
    assert await storage.maintain(rebuild) == ()


async def test_responses_without_their_round_are_named(storage: OpenStorage) -> None:
    def stray(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        tx.responses.add(team.workspace.id, a_response(round_, team.members["Ana"])._replace(source_id=999))

    await storage.write(stray)
    (sentence,) = await storage.maintain(lambda tx, upkeep: upkeep.strays())
    assert "round 999" in sentence
    assert await storage.maintain(rebuild) == ()


async def test_members_are_found_by_number_platform_id_or_name(storage: OpenStorage) -> None:
    def fill(tx: Tx) -> tuple[Team, Team]:
        return a_team(tx, "acme", members=("Ana",)), a_team(tx, "bolt", members=("ANA", "Ben"))

    first, second = await storage.write(fill)

    async def find(text: str) -> list[MemberId]:
        return [member.id for _, member in await storage.maintain(lambda tx, upkeep: upkeep.find(text))]

    assert await find("ana") == [first.members["Ana"].id, second.members["ANA"].id]
    assert await find("Ben") == await find(f" {second.members['Ben'].id} ") == [second.members["Ben"].id]
    assert await find("nobody") == []


def test_no_ordinary_transaction_offers_upkeep() -> None:
    assert "upkeep" not in {name for name, _ in inspect.getmembers(Tx)}
