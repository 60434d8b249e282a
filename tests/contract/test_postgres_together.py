"""Several storages on one PostgreSQL, as several processes have: together they do what one alone would."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.app.rebuild import rebuild
from bot.app.records import DeliveryKind, DeliveryState, Member, NewAttempt, NewDelivery
from bot.core.attempt import Progress, Sitting
from bot.core.form import Place
from bot.core.refs import WorkspaceId
from bot.core.response import Source
from bot.core.round import Round, State
from storage import OpenStorage, open_storage
from tests.support.builders import NOW, TODAY, Team, a_member, a_new_round, a_response, a_team, an_item, an_open_round

T = TypeVar("T")

DAY = timedelta(days=1)
BEGAN = time.monotonic()


@pytest.fixture
async def three(pg_url: str) -> AsyncIterator[list[OpenStorage]]:
    opened = [await open_storage(pg_url) for _ in range(3)]
    yield opened
    for storage in opened:
        await storage.close()


def _answer(tx: Tx, team: Team, round_: Round, name: str, option: str) -> bool:
    """As a press does: the member is entered, the round read, the response added and counted."""
    member = a_member(tx, team.workspace, name, now=NOW)
    found = tx.rounds.get(team.workspace.id, round_.id)
    if found is None or found.state is not State.OPEN:
        return False
    if tx.responses.get(team.workspace.id, Source.ROUND, round_.id, member.id) is not None:
        return False
    # As late as it is by the time that the member's row is ours: answers are counted again in the order of time.
    response = a_response(found, member, option, at=NOW + timedelta(seconds=time.monotonic() - BEGAN))
    assert tx.responses.add(team.workspace.id, response)
    count_in_round(tx, found, member, response)
    return True


async def _all(storages: list[OpenStorage], calls: list[Callable[[Tx], T]]) -> list[T]:
    """All at once, each by another storage than the one before."""
    return list(await asyncio.gather(*(storages[n % len(storages)].write(call) for n, call in enumerate(calls))))


async def test_everybody_answers_everything_at_once_and_the_counts_agree(three: list[OpenStorage]) -> None:
    team = await three[0].write(lambda tx: a_team(tx, members=()))
    rounds = [
        await three[0].write(lambda tx, n=n: an_open_round(tx, team, TODAY + n * DAY, item=an_item(f"i{n}")))  # type: ignore[misc]  # mypy doesn't know defaults of lambdas
        for n in range(3)
    ]

    def call(round_: Round, name: str, option: str) -> Callable[[Tx], bool]:
        return lambda tx: _answer(tx, team, round_, name, option)

    names = [f"member {n}" for n in range(20)]
    calls = [call(round_, name, "abcd"[n % 4]) for n, name in enumerate(names) for round_ in rounds for _ in range(2)]
    taken = await _all(three, calls)
    assert sum(taken) == len(names) * len(rounds), "each member answers each round once"
    for round_ in rounds:
        tally = await three[1].read(lambda tx, key=round_.id: tx.rounds.tally(team.workspace.id, key))  # type: ignore[misc]
        assert sum(tally.values()) == len(names)
    assert await three[2].maintain(rebuild) == ()


async def test_a_member_is_entered_once_however_many_enter_them(three: list[OpenStorage]) -> None:
    team = await three[0].write(lambda tx: a_team(tx, members=()))
    found = await _all(three, [lambda tx: a_member(tx, team.workspace, "Ana", now=NOW)] * 30)
    assert len({member.id for member in found}) == 1


async def test_a_date_has_one_round_and_numbers_have_no_gap(three: list[OpenStorage]) -> None:
    team = await three[0].write(lambda tx: a_team(tx))

    def call(day: int) -> Callable[[Tx], int | None]:
        def open_(tx: Tx) -> int | None:
            tx.schedules.hold(team.workspace.id, team.channel.id)
            new = tx.rounds.open(a_new_round(team.schedule, TODAY + day * DAY, item=an_item(f"i{day}")))
            return new.number if new is not None else None

        return open_

    numbers = await _all(three, [call(day) for day in range(5) for _ in range(6)])
    assert sorted(number for number in numbers if number is not None) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("closing", [True, False], ids=["at closing", "as the channel refuses it"])
async def test_a_round_is_dropped_or_answered_but_never_both(three: list[OpenStorage], closing: bool) -> None:
    team = await three[0].write(lambda tx: a_team(tx, members=[f"member {n}" for n in range(8)]))

    def drop(round_: Round) -> Callable[[Tx], bool]:
        def act(tx: Tx) -> bool:
            if closing:
                tx.rounds.closing(NOW + 99 * DAY, 9)
            if tx.responses.count(team.workspace.id, round_.id) == 0:
                tx.rounds.drop(team.workspace.id, round_.id, "not delivered")
            return True

        return act

    def press(round_: Round, name: str) -> Callable[[Tx], bool]:
        return lambda tx: _answer(tx, team, round_, name, "a")

    for day in range(12):
        round_ = await three[0].write(
            lambda tx, day=day: an_open_round(tx, team, TODAY + day * DAY, item=an_item(f"i{day}"))  # type: ignore[misc]
        )
        calls = [press(round_, name) for name in team.members]
        calls.insert(day % len(calls), drop(round_))
        outcomes = await _all(three, calls)
        answered = sum(outcomes) - 1
        found = await three[1].read(lambda tx, key=round_.id: tx.rounds.get(team.workspace.id, key))  # type: ignore[misc]
        assert (found is None) == (answered == 0)
    assert await three[0].maintain(lambda tx, upkeep: upkeep.strays()) == []
    assert await three[0].maintain(rebuild) == ()


async def test_what_is_due_is_taken_by_one(three: list[OpenStorage]) -> None:
    teams = [
        await three[0].write(lambda tx, n=n: a_team(tx, f"team {n}"))  # type: ignore[misc]
        for n in range(12)
    ]
    for team in teams:
        await three[0].write(
            lambda tx, team=team: tx.schedules.set_next(team.workspace.id, team.schedule.id, NOW)  # type: ignore[misc]
        )

    def claim(tx: Tx) -> list[WorkspaceId]:
        found = tx.schedules.due(NOW, 4)
        for schedule in found:
            tx.schedules.set_next(schedule.workspace, schedule.id, None)
        return [schedule.workspace for schedule in found]

    claimed = [key for batch in await _all(three, [claim] * 24) for key in batch]
    assert sorted(claimed) == sorted(team.workspace.id for team in teams)


async def test_a_delivery_is_taken_by_one_and_left_to_it_while_it_lives(three: list[OpenStorage]) -> None:
    def fill(tx: Tx) -> None:
        team = a_team(tx)
        for n in range(20):
            tx.deliveries.add(
                NewDelivery(
                    workspace=team.workspace.id,
                    kind=DeliveryKind.NOTICE,
                    key=f"k{n}",
                    member=team.members["Ana"].id,
                    text="x",
                ),
                NOW,
            )

    await three[0].write(fill)

    def take(holder: str) -> Callable[[Tx], list[str]]:
        def act(tx: Tx) -> list[str]:
            tx.leases.take(f"process/{holder}", holder, 60)
            found = tx.deliveries.ready(NOW, 5, holder=holder)
            for delivery in found:
                tx.deliveries.begin(delivery, try_at=NOW + DAY, holder=holder)
            return [delivery.key for delivery in found]

        return act

    taken = [key for keys in await _all(three, [take(h) for h in "abc" for _ in range(9)]) for key in keys]
    assert sorted(taken) == sorted(f"k{n}" for n in range(20))
    later = NOW + 2 * DAY
    assert await three[0].read(lambda tx: tx.deliveries.ready(later, 99, holder="d")) == []
    await three[0].write(lambda tx: tx.leases.take("process/d", "d", 60))  # somebody lives, but not these:
    for holder in "abc":
        await three[0].write(lambda tx, holder=holder: tx.leases.release(holder))  # type: ignore[misc]
    left = await three[0].write(lambda tx: tx.deliveries.ready(later, 99, holder="d"))
    assert left, "nobody takes over from the dead"
    assert {delivery.state for delivery in left} == {DeliveryState.TRYING}


async def test_an_exam_is_handed_in_once_whoever_does_it(three: list[OpenStorage]) -> None:
    team = await three[0].write(lambda tx: a_team(tx))
    ana = team.members["Ana"]
    attempt = await three[0].write(
        lambda tx: tx.attempts.start(
            NewAttempt(
                workspace=team.workspace.id,
                member=ana.id,
                sitting=Sitting.EXAM,
                pack="my-exam",
                label="",
                places=(Place(an_item(), "abcd"),),
                started=NOW,
                deadline=NOW + timedelta(minutes=90),
            )
        )
    )

    def at_deadline(tx: Tx) -> int:
        found = tx.attempts.expired(NOW + DAY, 5)
        for one in found:
            tx.attempts.save(replace(one, progress=Progress.SUBMITTED))
        return len(found)

    def by_hand(tx: Tx) -> int:
        a_member(tx, team.workspace, "Ana", now=NOW)
        found = tx.attempts.open_of(team.workspace.id, ana.id, Sitting.EXAM)
        if found is not None:
            tx.attempts.save(replace(found, progress=Progress.SUBMITTED))
        return 1 if found else 0

    assert sum(await _all(three, [at_deadline, by_hand] * 9)) == 1
    ended = await three[0].read(lambda tx: tx.attempts.get(team.workspace.id, attempt.id))
    assert ended is not None
    assert ended.progress is Progress.SUBMITTED


async def test_a_value_that_all_settle_is_the_same_for_all(three: list[OpenStorage]) -> None:
    def call(n: int) -> Callable[[Tx], str]:
        return lambda tx: tx.keyring.settle("secret", str(n))

    assert len(set(await _all(three, [call(n) for n in range(30)]))) == 1


async def test_a_lease_has_one_holder_until_it_runs_out(three: list[OpenStorage]) -> None:
    def call(holder: str) -> Callable[[Tx], str]:
        return lambda tx: holder if tx.leases.take("shard", holder, 60) else ""

    winners = {name for name in await _all(three, [call(str(n)) for n in range(30)]) if name}
    assert len(winners) == 1
    (winner,) = winners
    assert await three[0].read(lambda tx: tx.leases.held("sh")) == {"shard": winner}
    assert await three[0].write(lambda tx: tx.leases.renew(winner, 60)) == {"shard"}
    assert await three[0].write(lambda tx: tx.leases.renew("other", 60)) == frozenset()
    assert await three[0].write(lambda tx: tx.leases.renew(winner, -1)) == {"shard"}
    assert await three[0].read(lambda tx: tx.leases.held("sh")) == {}
    assert await three[0].write(lambda tx: tx.leases.renew(winner, 60)) == frozenset(), "what has run out is lost"
    assert await three[1].write(lambda tx: tx.leases.take("shard", "other", 60))
    assert await three[1].write(lambda tx: tx.leases.sweep()) == frozenset()
    await three[1].write(lambda tx: tx.leases.give_up("shard", "other"))
    assert await three[1].write(lambda tx: tx.leases.take("shard", "third", -1))
    assert await three[1].write(lambda tx: tx.leases.sweep()) == {"shard"}


async def test_forgetting_and_answering_at_once_leaves_counts_that_agree(three: list[OpenStorage]) -> None:
    team = await three[0].write(lambda tx: a_team(tx, members=()))
    round_ = await three[0].write(lambda tx: an_open_round(tx, team))

    def press(name: str) -> Callable[[Tx], object]:
        return lambda tx: _answer(tx, team, round_, name, "b")

    def forget(name: str) -> Callable[[Tx], object]:
        def act(tx: Tx) -> object:
            member: Member = a_member(tx, team.workspace, name, now=NOW)
            return tx.people.forget(team.workspace.id, member.id)

        return act

    names = [f"member {n}" for n in range(10)]
    await _all(three, [call for name in names for call in (press(name), forget(name), press(name))])
    assert await three[0].maintain(rebuild) == ()
