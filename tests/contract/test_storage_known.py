"""What SQLite's owner keeps in memory of who, where and which round is never out of date, whatever changes it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.ledger import count_in_attempt, count_in_round
from bot.app.ports import Tx
from bot.core.response import Source
from bot.core.review import subject_of
from bot.core.round import Round, State
from bot.core.schedule import Pause
from bot.core.scoring import Standing
from bot.core.weakness import Tally
from storage import open_storage
from storage.backup import reading
from tests.support.builders import (
    NOW,
    TODAY,
    Team,
    a_channel_ref,
    a_member,
    a_new_round,
    a_response,
    a_team,
    an_open_round,
    best,
)

Change = Callable[[Tx, Team, Round], object]


def _seen(tx: Tx, team: Team, round_: Round) -> list[object]:
    """Everything that is kept in memory, asked in the ways that use it. No names, so that asking changes nothing."""
    workspace = team.workspace.id
    known = tx.people.look_up_channel(team.channel.ref)
    return [
        tx.people.workspace(team.workspace.ref, "", NOW) if known else None,
        tx.people.channel(workspace, team.channel.ref, "", NOW) if known else None,
        [
            tx.people.member(workspace, member.ref, "", NOW) if tx.people.look_up(member.ref) else None
            for member in team.members.values()
        ],
        tx.schedules.get(workspace, team.channel.id),
        tx.rounds.get(workspace, round_.id),
        [tx.responses.spent(workspace, round_.id, member.ref) for member in team.members.values()],
        [tx.standings.get(workspace, team.channel.id, member.id) for member in team.members.values()],
        [
            tx.memories.get(workspace, member.id, round_.item.pack, subject)
            for member in team.members.values()
            for subject in (subject_of(round_.item), *(f"trap:{trap}" for trap in sorted(round_.item.traps)))
        ],
    ]


def _answer_and_be_forgotten(tx: Tx, team: Team, round_: Round) -> None:
    ana = team.members["Ana"]
    tx.responses.add(team.workspace.id, a_response(round_, ana))
    assert tx.responses.get(team.workspace.id, Source.ROUND, round_.id, ana.id) is not None
    tx.people.forget(team.workspace.id, ana.id)


def _answer(tx: Tx, team: Team, round_: Round) -> None:
    for option, member in zip("ab", team.members.values(), strict=True):
        response = a_response(round_, member, option)
        tx.responses.add(team.workspace.id, response)
        count_in_round(tx, round_, member, response)


def _answer_in_private(tx: Tx, team: Team, round_: Round) -> None:
    ana = team.members["Ana"]
    count_in_attempt(tx, team.workspace.id, ana, round_.item, option="a", at=NOW, in_exam=False)


CHANGES: dict[str, Change] = {
    "nothing": lambda tx, team, round_: None,
    "a workspace's name": lambda tx, team, round_: tx.people.workspace(team.workspace.ref, "New", NOW),
    "a channel's name": lambda tx, team, round_: tx.people.channel(team.workspace.id, team.channel.ref, "new", NOW),
    "a channel's id": lambda tx, team, round_: tx.people.move_channel(team.workspace.id, team.channel.ref, "elsewhere"),
    "a member's name": lambda tx, team, round_: a_member(tx, team.workspace, "Ana B"),
    "hiding": lambda tx, team, round_: tx.people.set_hidden(team.workspace.id, team.members["Ana"].id, True),
    "reminders": lambda tx, team, round_: tx.people.set_reminders(team.workspace.id, team.members["Ana"].id, True),
    "more time": lambda tx, team, round_: tx.people.set_extended(team.workspace.id, team.members["Ana"].id, True),
    "forgetting": lambda tx, team, round_: tx.people.forget(team.workspace.id, team.members["Ana"].id),
    "forgetting who has answered": _answer_and_be_forgotten,
    "a schedule": lambda tx, team, round_: tx.schedules.save(
        replace(team.schedule, closes_after=60, skips=frozenset({TODAY})), next_at=None, by=None, now=NOW
    ),
    "a pause": lambda tx, team, round_: tx.schedules.set_pause(team.workspace.id, team.schedule.id, Pause.BY_ADMIN),
    "when it is looked at next": lambda tx, team, round_: tx.schedules.set_next(
        team.workspace.id, team.schedule.id, NOW + timedelta(days=1)
    ),
    "when some are looked at next": lambda tx, team, round_: tx.schedules.set_next_of(
        [(team.workspace.id, team.schedule.id, NOW + timedelta(days=1))]
    ),
    "what is due": lambda tx, team, round_: tx.schedules.due(NOW, 9),
    "the message": lambda tx, team, round_: tx.rounds.set_message(team.workspace.id, round_.id, "m1"),
    "some messages": lambda tx, team, round_: tx.rounds.set_messages([(team.workspace.id, round_.id, "m1")]),
    "closing": lambda tx, team, round_: tx.rounds.close(team.workspace.id, round_.id),
    "dropping": lambda tx, team, round_: tx.rounds.drop(team.workspace.id, round_.id, "not delivered"),
    "another round": lambda tx, team, round_: an_open_round(tx, team, TODAY + timedelta(days=1)),
    "other rounds": lambda tx, team, round_: tx.rounds.open_all(
        [a_new_round(team.schedule, TODAY + timedelta(days=1))]
    ),
    "answers": _answer,
    "an answer in private": _answer_in_private,
    "erasing": lambda tx, team, round_: tx.workspaces.erase(team.workspace.id),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
async def test_what_is_known_is_what_the_file_says(tmp_path: Path, change: Change) -> None:
    file = tmp_path / "trapwise.db"
    storage = await open_storage(str(file))
    team = await storage.write(a_team)
    round_ = await storage.write(lambda tx: an_open_round(tx, team))
    before = await storage.write(lambda tx: _seen(tx, team, round_))
    assert before == await storage.write(lambda tx: _seen(tx, team, round_))
    await storage.write(lambda tx: change(tx, team, round_))
    known = await storage.write(lambda tx: _seen(tx, team, round_))
    with reading(file) as tx:
        assert known == _seen(tx, team, round_)
    await storage.close()


async def test_only_the_round_that_changes_is_read_again(tmp_path: Path) -> None:
    storage = await open_storage(str(tmp_path / "trapwise.db"))

    def visit(tx: Tx) -> None:
        team = a_team(tx)
        one, other = an_open_round(tx, team), an_open_round(tx, team, TODAY + timedelta(days=1))
        tx.rounds.set_message(team.workspace.id, one.id, "m1")
        assert tx.rounds.get(team.workspace.id, other.id) is other, "still in memory"
        assert tx.rounds.get(team.workspace.id, one.id) == replace(one, message="m1")
        tx.rounds.close(team.workspace.id, other.id)
        assert tx.rounds.get(team.workspace.id, other.id) == replace(other, state=State.CLOSED)

    await storage.write(visit)
    await storage.close()


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
async def test_an_answer_is_added_to_what_the_file_says(tmp_path: Path, change: Change) -> None:
    """Whatever happened between two answers, or to a call that failed."""
    storage = await open_storage(str(tmp_path / "trapwise.db"))
    team = await storage.write(a_team)
    round_ = await storage.write(lambda tx: an_open_round(tx, team, TODAY + timedelta(days=2)))
    workspace, item = team.workspace.id, round_.item

    def add(tx: Tx) -> list[Tally]:
        members = [member for member in team.members.values() if tx.people.find_member(workspace, member.id)]
        where = {"channel": team.channel.id, "right": True, "weight": 1.5, "fair": True}
        return [tx.learning.add(workspace, m.id, item, **where) for m in members]  # type: ignore[arg-type]  # as named

    def fail(tx: Tx) -> None:
        change(tx, team, round_)
        add(tx)
        raise LookupError("on purpose")

    def kept(tx: Tx) -> list[Tally]:
        return [t for member in team.members.values() for t in tx.learning.tallies(workspace, member.id, item.pack)]

    assert await storage.write(add) == await storage.read(kept)
    with pytest.raises(LookupError):
        await storage.write(fail)
    assert await storage.write(add) == await storage.read(kept)
    await storage.write(lambda tx: change(tx, team, round_))
    assert await storage.write(add) == await storage.read(kept)
    await storage.close()


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
async def test_what_was_rolled_back_is_not_known(tmp_path: Path, change: Change) -> None:
    storage = await open_storage(str(tmp_path / "trapwise.db"))
    team = await storage.write(a_team)
    round_ = await storage.write(lambda tx: an_open_round(tx, team))
    before = await storage.write(lambda tx: _seen(tx, team, round_))

    def fail(tx: Tx) -> None:
        tx.people.channel(team.workspace.id, a_channel_ref("made-for-nothing"), "x", NOW)
        change(tx, team, round_)
        _seen(tx, team, round_)
        raise LookupError("on purpose")

    with pytest.raises(LookupError):
        await storage.write(fail)
    assert await storage.write(lambda tx: _seen(tx, team, round_)) == before
    assert await storage.read(lambda tx: tx.people.look_up_channel(a_channel_ref("made-for-nothing"))) is None
    made = await storage.write(
        lambda tx: tx.people.channel(team.workspace.id, a_channel_ref("made-for-nothing"), "x", NOW)
    )
    assert await storage.read(lambda tx: tx.people.find_channel(team.workspace.id, made.id)) == made
    await storage.close()


async def test_looking_at_a_leaderboard_drops_nothing(tmp_path: Path) -> None:
    file = tmp_path / "trapwise.db"
    storage = await open_storage(str(file))
    team = await storage.write(a_team)
    where = team.workspace.id, team.channel.id, team.members["Ana"].id

    def answer_and_look(tx: Tx) -> None:
        tx.standings.save(*where, Standing(answered=1, points=10), day=TODAY, points=10, right=True)
        for channel in (team.channel.id, None):
            assert len(best(tx, team.workspace.id, channel, 0, 9)) == 1

    await storage.write(answer_and_look)
    # Behind the owner's back, which nobody does; only so can it be told whether the row is read again.
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE standings SET points = 99")
    assert (await storage.read(lambda tx: tx.standings.get(*where))).points == 10
    await storage.close()
