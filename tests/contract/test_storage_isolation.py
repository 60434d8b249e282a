"""Storage, whatever the database: no query of one workspace reads or changes what is another's."""

import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.app import ports
from bot.app.ledger import count_in_round, recount
from bot.app.ports import Tx
from bot.app.records import Delivery, DeliveryKind, DeliveryState, NewAttempt, NewDelivery, Ranking
from bot.core.attempt import Attempt, Progress, Sitting
from bot.core.errors import StorageError
from bot.core.form import Place
from bot.core.refs import AttemptId, ChannelId, MemberId, RoundId, ScheduleId, WorkspaceId
from bot.core.response import Source
from bot.core.review import Memory
from bot.core.round import Round
from bot.core.schedule import Pause
from bot.core.scoring import Standing
from storage import OpenStorage
from tests.support.builders import (
    NOW,
    TODAY,
    Team,
    a_new_round,
    a_response,
    a_team,
    an_item,
    an_open_round,
    best,
)

MEMORY = Memory(subject="trap:x", stability=1, difficulty=1, days=0, last=NOW, times=1)


@dataclass(frozen=True)
class World:
    """Everything one team can have, and the workspace of another team."""

    team: Team
    round: Round
    unanswered: RoundId
    delivery: Delivery
    attempt: Attempt
    stranger: WorkspaceId

    @property
    def ana(self) -> MemberId:
        return self.team.members["Ana"].id

    @property
    def channel(self) -> ChannelId:
        return self.team.channel.id

    @property
    def schedule(self) -> ScheduleId:
        return self.team.schedule.id


def _world(tx: Tx) -> World:
    team = a_team(tx)
    workspace, ana = team.workspace.id, team.members["Ana"]
    round_ = an_open_round(tx, team)
    response = a_response(round_, ana)
    tx.responses.add(workspace, response)
    count_in_round(tx, round_, ana, response)
    tx.responses.report(workspace, ana.id, round_.revision, NOW)
    dropped = an_open_round(tx, team, TODAY + timedelta(days=1))
    tx.rounds.drop(workspace, dropped.id, "not delivered")
    tx.deliveries.add(_post(workspace, round_), NOW)
    (delivery,) = tx.deliveries.ready(NOW, 1)
    attempt = tx.attempts.start(_new_attempt(workspace, ana.id))
    tx.attempts.save(replace(attempt, answers={0: "a"}))
    wrong = a_response(round_, ana, "a")._replace(source=Source.ATTEMPT, source_id=attempt.id)
    tx.responses.add(workspace, wrong)
    tx.memories.save(workspace, ana.id, "my-exam", MEMORY)
    tx.people.set_reminders(workspace, ana.id, True)
    stranger = a_team(tx, "stranger", members=("Sam",)).workspace.id
    unanswered = an_open_round(tx, team, TODAY + timedelta(days=3)).id
    return World(team, round_, unanswered, delivery, attempt, stranger)


def _background(tx: Tx, workspace: WorkspaceId, world: World) -> list[object]:
    """The parts of it that hold anything."""
    plan = replace(world.team.schedule, workspace=workspace)
    found = tx.backgrounds.of([plan], TODAY)[plan.id]
    return [part for part in (found.settled, found.open, found.served, found.tallies, found.reminded) if part]


def _post(workspace: WorkspaceId, round_: Round) -> NewDelivery:
    return NewDelivery(
        workspace=workspace, kind=DeliveryKind.POST, key="k1", channel=round_.channel, round=round_.id, text="x"
    )


def _new_attempt(workspace: WorkspaceId, member: MemberId) -> NewAttempt:
    return NewAttempt(
        workspace=workspace,
        member=member,
        sitting=Sitting.EXAM,
        pack="my-exam",
        label="",
        places=(Place(an_item(), "abcd"),),
        started=NOW,
    )


def _all_of(tx: Tx, world: World) -> list[object]:
    """Everything that can be seen of the team."""
    workspace, ana, channel = world.team.workspace.id, world.ana, world.channel
    return [
        tx.people.find_channel(workspace, channel),
        [tx.people.find_member(workspace, member.id) for member in world.team.members.values()],
        tx.people.count(workspace),
        [tx.people.export(workspace, member.id) for member in world.team.members.values()],
        tx.schedules.get(workspace, channel),
        tx.schedules.set_by(workspace, world.schedule),
        tx.schedules.earliest(),
        tx.rounds.settled(workspace, world.schedule, TODAY),
        tx.rounds.recent(workspace, channel, before=None, limit=9),
        tx.rounds.latest_number(workspace, channel),
        tx.rounds.tally(workspace, world.round.id),
        tx.responses.reported(workspace),
        [best(tx, workspace, where, 0, 9) for where in (channel, None)],
        tx.standings.get(workspace, channel, ana),
        tx.learning.channel_tallies(workspace, channel, "my-exam"),
        dict(tx.learning.contributors(workspace, channel, "my-exam")),
        tx.standings.top_in_domain(workspace, channel, "my-exam", "basics", 9),
        tx.deliveries.unfinished(workspace, world.round.id),
        tx.deliveries.ready(NOW + timedelta(days=999), 9),
        tx.attempts.get(workspace, world.attempt.id),
        tx.memories.all(workspace, ana, "my-exam"),
    ]


Reader = Callable[[Tx, WorkspaceId, World], object]

# What each query finds in the world, asked by a workspace. `stranger` must find nothing of it.
READERS: dict[str, Reader] = {
    "People.named": lambda tx, w, o: tx.people.named(w, "Ana"),
    "People.find_member": lambda tx, w, o: tx.people.find_member(w, o.ana),
    "People.find_channels": lambda tx, w, o: tx.people.find_channels([(w, o.channel)]),
    "People.find_channel": lambda tx, w, o: tx.people.find_channel(w, o.channel),
    "People.count": lambda tx, w, o: tx.people.count(w) - 1,  # Sam is the stranger's own
    "People.export": lambda tx, w, o: [rows for _, rows in tx.people.export(w, o.ana).tables if rows],
    "Schedules.get": lambda tx, w, o: tx.schedules.get(w, o.channel),
    "Backgrounds.of": lambda tx, w, o: _background(tx, w, o),
    "Rounds.get": lambda tx, w, o: tx.rounds.get(w, o.round.id),
    "Rounds.settled": lambda tx, w, o: tx.rounds.settled(w, o.schedule, TODAY),
    "Rounds.recent": lambda tx, w, o: tx.rounds.recent(w, o.channel, before=None, limit=9),
    "Rounds.served": lambda tx, w, o: tx.rounds.served(w, o.channel, "my-exam"),
    "Rounds.latest_number": lambda tx, w, o: tx.rounds.latest_number(w, o.channel)[0],
    "Rounds.count_since": lambda tx, w, o: [
        count for where in (o.channel, None) if (count := tx.rounds.count_since(w, where, None))
    ],
    "Rounds.tally": lambda tx, w, o: tx.rounds.tally(w, o.round.id),
    "Responses.get": lambda tx, w, o: tx.responses.get(w, Source.ROUND, o.round.id, o.ana),
    "Responses.of_member": lambda tx, w, o: tx.responses.of_member(w, o.ana),
    "Responses.lately": lambda tx, w, o: tx.responses.lately(w, o.ana, "my-exam", 9),
    "Responses.mistakes": lambda tx, w, o: tx.responses.mistakes(w, o.ana, "my-exam", 9),
    "Responses.since": lambda tx, w, o: [
        count for count in tx.responses.since(w, o.ana, "my-exam", [NOW - timedelta(days=1)]) if any(count)
    ],
    "Responses.newest_of_each": lambda tx, w, o: tx.responses.newest_of_each(w, o.ana),
    "Responses.rounds_of": lambda tx, w, o: tx.responses.rounds_of(w, o.ana, 9),
    "Responses.count_of": lambda tx, w, o: tx.responses.count_of(w, o.ana),
    "Responses.spent": lambda tx, w, o: _spent(tx, w, o),
    "Responses.counts": lambda tx, w, o: tx.responses.counts([(w, o.round.id)]),
    "Responses.count": lambda tx, w, o: tx.responses.count(w, o.round.id),
    "Responses.reported": lambda tx, w, o: tx.responses.reported(w),
    "Standings.get": lambda tx, w, o: tx.standings.get(w, o.channel, o.ana) != Standing(),
    "Standings.ranking": lambda tx, w, o: [
        found
        for where in (o.channel, None)
        if (found := tx.standings.ranking(w, where, 0, member=o.ana, top=9)) != Ranking(top=(), own=None, size=0)
    ],
    "Standings.top_in_domain": lambda tx, w, o: tx.standings.top_in_domain(w, o.channel, "my-exam", "basics", 9),
    "Standings.own_in_domain": lambda tx, w, o: tx.standings.own_in_domain(w, o.channel, "my-exam", "basics", o.ana),
    "Standings.size_in_domain": lambda tx, w, o: tx.standings.size_in_domain(w, o.channel, "my-exam", "basics"),
    "Learning.tallies": lambda tx, w, o: tx.learning.tallies(w, o.ana, "my-exam"),
    "Learning.contributors": lambda tx, w, o: tx.learning.contributors(w, o.channel, "my-exam"),
    "Learning.channel_tallies": lambda tx, w, o: tx.learning.channel_tallies(w, o.channel, "my-exam"),
    "Deliveries.is_held": lambda tx, w, o: _held(tx, w, o),
    "Deliveries.unfinished": lambda tx, w, o: tx.deliveries.unfinished(w, o.round.id),
    "Attempts.get": lambda tx, w, o: tx.attempts.get(w, o.attempt.id),
    "Attempts.open_of": lambda tx, w, o: tx.attempts.open_of(w, o.ana, Sitting.EXAM),
    "Attempts.submitted": lambda tx, w, o: _submitted(tx, w, o),
    "Retention.oldest": lambda tx, w, o: tx.retention.oldest(w, o.ana, NOW + timedelta(days=9), 9),
    "Attempts.served": lambda tx, w, o: tx.attempts.served(w, o.ana, "my-exam", Sitting.EXAM),
    "Memories.all": lambda tx, w, o: tx.memories.all(w, o.ana, "my-exam"),
    "Memories.due": lambda tx, w, o: tx.memories.due(w, o.ana, "my-exam", NOW),
    "Memories.get": lambda tx, w, o: tx.memories.get(w, o.ana, "my-exam", MEMORY.subject),
    "Schedules.set_by": lambda tx, w, o: _set_by(tx, w, o),
}

# Changes that a stranger tries on the world. None may show in `_all_of`, whatever becomes of it otherwise.
WRITERS: dict[str, Reader] = {
    "People.channel": lambda tx, w, o: tx.people.channel(w, o.team.channel.ref, "stolen", NOW),
    "People.member": lambda tx, w, o: tx.people.member(w, o.team.members["Ana"].ref, "Stolen", NOW),
    "People.move_channel": lambda tx, w, o: tx.people.move_channel(w, o.team.channel.ref, "stolen"),
    "People.set_hidden": lambda tx, w, o: tx.people.set_hidden(w, o.ana, True),
    "People.set_reminders": lambda tx, w, o: tx.people.set_reminders(w, o.ana, False),
    "People.set_extended": lambda tx, w, o: tx.people.set_extended(w, o.ana, True),
    "People.forget": lambda tx, w, o: tx.people.forget(w, o.ana),
    "Schedules.save": lambda tx, w, o: tx.schedules.save(
        replace(o.team.schedule, workspace=w, pack="stolen"), next_at=NOW, by=None, now=NOW
    ),
    "Schedules.set_next": lambda tx, w, o: tx.schedules.set_next(w, o.schedule, NOW),
    "Schedules.set_next_of": lambda tx, w, o: tx.schedules.set_next_of([(w, o.schedule, NOW)]),
    "Schedules.set_pause": lambda tx, w, o: tx.schedules.set_pause(w, o.schedule, Pause.BY_ADMIN),
    "Rounds.open": lambda tx, w, o: tx.rounds.open(
        replace(a_new_round(o.team.schedule, TODAY + timedelta(days=1)), workspace=w, instead=True)
    ),
    "Rounds.open_all": lambda tx, w, o: tx.rounds.open_all(
        [replace(a_new_round(o.team.schedule, TODAY + timedelta(days=1)), workspace=w, instead=True)]
    ),
    "Rounds.skip": lambda tx, w, o: tx.rounds.skip(
        replace(o.team.schedule, workspace=w), TODAY + timedelta(days=2), "no", NOW
    ),
    "Rounds.drop": lambda tx, w, o: tx.rounds.drop(w, o.unanswered, "no"),
    "Rounds.close": lambda tx, w, o: tx.rounds.close(w, o.round.id),
    "Rounds.set_message": lambda tx, w, o: tx.rounds.set_message(w, o.round.id, "stolen"),
    "Rounds.set_messages": lambda tx, w, o: tx.rounds.set_messages([(w, o.round.id, "stolen")]),
    "Responses.add": lambda tx, w, o: tx.responses.add(w, a_response(o.round, o.team.members["Ben"], "a")),
    "Responses.add_to_tally": lambda tx, w, o: tx.responses.add_to_tally(w, o.round.id, "b"),
    "Responses.report": lambda tx, w, o: tx.responses.report(w, o.team.members["Ben"].id, o.round.revision, NOW),
    "Standings.save": lambda tx, w, o: tx.standings.save(
        w, o.channel, o.ana, Standing(points=999), day=TODAY, points=999, right=True
    ),
    "Learning.add": lambda tx, w, o: tx.learning.add(
        w, o.ana, an_item(), channel=o.channel, right=True, weight=9.0, fair=True
    ),
    "Attempts.start": lambda tx, w, o: tx.attempts.start(_new_attempt(w, o.ana)),
    "Attempts.save": lambda tx, w, o: tx.attempts.save(
        replace(o.attempt, workspace=w, progress=Progress.STOPPED, id=AttemptId(o.attempt.id))
    ),
    "Memories.save": lambda tx, w, o: tx.memories.save(w, o.ana, "my-exam", MEMORY._replace(times=99)),
    "Deliveries.add": lambda tx, w, o: tx.deliveries.add(replace(_post(w, o.round), text="stolen"), NOW),
    "Deliveries.add_all": lambda tx, w, o: tx.deliveries.add_all([replace(_post(w, o.round), text="stolen")], NOW),
    "Deliveries.begin": lambda tx, w, o: tx.deliveries.begin(replace(o.delivery, workspace=w), try_at=NOW),
    "Deliveries.mark": lambda tx, w, o: tx.deliveries.mark(replace(o.delivery, workspace=w), DeliveryState.DONE),
    "Deliveries.finish": lambda tx, w, o: tx.deliveries.finish([replace(o.delivery, workspace=w)]),
    "Deliveries.cancel": lambda tx, w, o: tx.deliveries.cancel(w, "k1"),
    "Workspaces.erase_members": lambda tx, w, o: tx.workspaces.erase_members(w, 99),
    "Workspaces.erase": lambda tx, w, o: tx.workspaces.erase(w),
    "Retention.condense": lambda tx, w, o: tx.retention.condense(
        w, o.ana, tx.retention.oldest(o.team.workspace.id, o.ana, NOW + timedelta(days=9), 9), recount
    ),
    "Retention.drop_sittings": lambda tx, w, o: tx.retention.drop_sittings(w, o.ana, NOW + timedelta(days=9)),
}

# Told which workspace is meant by its platform id, or meant for all workspaces: the alarm's and the outbox's
# questions, which no member can ask.
NOT_SCOPED = {
    "People.workspace",
    "People.look_up",
    "People.look_up_channel",
    "Schedules.due",
    "Schedules.active",
    "Schedules.earliest",
    "Schedules.hold",  # tells nothing and changes nothing
    "Rounds.closing",
    "Rounds.earliest_closing",
    "Rounds.all_open",
    "Rounds.unskip",
    "Attempts.expired",
    "Attempts.earliest_deadline",
    "Deliveries.ready",
    "Deliveries.earliest",
    "Deliveries.backlog",
    "Deliveries.reclaim",
    "Retention.members",
    "Retention.drop_deliveries",
    "Workspaces.all",
    "Workspaces.leave",
    "Workspaces.stay",
    "Workspaces.left_before",
}

NOBODYS = {"keyring", "installations", "leases"}
"""Groups of queries that hold nothing of any member."""

NO_CHANGE = {"Deliveries.add", "Deliveries.add_all", "Attempts.start"}
"""Not even the team itself changes anything: what is added there is there already."""


def _set_by(tx: Tx, workspace: WorkspaceId, world: World) -> MemberId | None:
    tx.schedules.save(world.team.schedule, next_at=None, by=world.ana, now=NOW)
    return tx.schedules.set_by(workspace, world.schedule)


def _spent(tx: Tx, workspace: WorkspaceId, world: World) -> bool:
    tx.people.forget(world.team.workspace.id, world.ana)
    return tx.responses.spent(workspace, world.round.id, world.team.members["Ana"].ref)


def _held(tx: Tx, workspace: WorkspaceId, world: World) -> bool:
    tx.deliveries.begin(world.delivery, try_at=NOW)
    return tx.deliveries.is_held(replace(world.delivery, workspace=workspace))


def _submitted(tx: Tx, workspace: WorkspaceId, world: World) -> object:
    tx.attempts.save(replace(world.attempt, progress=Progress.SUBMITTED))
    return tx.attempts.submitted(workspace, world.ana, "my-exam", Sitting.EXAM)


def test_every_query_is_tried() -> None:
    groups = {name for name, value in vars(ports.Tx).items() if isinstance(value, property)}
    classes: list[Any] = [getattr(ports, name.capitalize()) for name in groups - NOBODYS]
    queries = {
        f"{group.__name__}.{name}"
        for group in classes
        for name, value in vars(group).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    assert queries == {*READERS, *WRITERS, *NOT_SCOPED}


@pytest.mark.parametrize("query", READERS)
async def test_a_stranger_finds_nothing(storage: OpenStorage, query: str) -> None:
    world = await storage.write(_world)
    ask = READERS[query]
    assert await storage.write(lambda tx: ask(tx, world.team.workspace.id, world)), "the query finds nothing at all"
    assert not await storage.write(lambda tx: ask(tx, world.stranger, world))


async def _tried(storage: OpenStorage, change: str, world: World, workspace: WorkspaceId) -> list[object]:
    with contextlib.suppress(StorageError, ValueError):  # refused is as good as done elsewhere
        await storage.write(lambda tx: WRITERS[change](tx, workspace, world))
    return await storage.read(lambda tx: _all_of(tx, world))


@pytest.mark.parametrize("change", WRITERS)
async def test_a_stranger_changes_nothing(storage: OpenStorage, change: str) -> None:
    world = await storage.write(_world)
    before = await storage.read(lambda tx: _all_of(tx, world))
    assert await _tried(storage, change, world, world.stranger) == before


@pytest.mark.parametrize("change", sorted(WRITERS.keys() - NO_CHANGE))
async def test_what_a_stranger_tries_would_show(storage: OpenStorage, change: str) -> None:
    world = await storage.write(_world)
    before = await storage.read(lambda tx: _all_of(tx, world))
    assert await _tried(storage, change, world, world.team.workspace.id) != before
