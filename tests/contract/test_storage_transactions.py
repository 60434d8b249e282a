"""Storage, whatever the database: what a transaction promises to those who call at once, fail, leave or come back."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.core.errors import StorageBroken
from bot.core.refs import MemberId
from bot.core.scoring import Standing
from storage import OpenStorage
from tests.conftest import Reopen
from tests.support.builders import NOW, TODAY, Team, a_member, a_response, a_team, an_open_round, best


async def test_a_write_that_fails_saves_nothing_and_its_error_comes_back(storage: OpenStorage) -> None:
    def doomed(tx: Tx) -> None:
        a_team(tx)
        tx.keyring.put("x", "1")
        raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        await storage.write(doomed)
    assert await storage.read(lambda tx: tx.keyring.get("x")) is None
    assert await storage.read(lambda tx: list(tx.schedules.active())) == []


async def test_a_failing_write_does_not_fail_those_it_shares_a_transaction_with(storage: OpenStorage) -> None:
    async def put(n: int) -> None:
        def write(tx: Tx) -> None:
            tx.keyring.put(str(n), "kept")
            if n % 3 == 0:
                raise ArithmeticError(n)

        await storage.write(write)

    async with _held(storage):
        waiting = asyncio.gather(*(put(n) for n in range(30)), return_exceptions=True)
        await asyncio.sleep(0)  # let every call reach the queue while the storage is held
    outcomes = await waiting
    assert [type(o) is ArithmeticError for o in outcomes] == [n % 3 == 0 for n in range(30)]
    kept = await storage.read(lambda tx: [tx.keyring.get(str(n)) for n in range(30)])
    assert kept == [None if n % 3 == 0 else "kept" for n in range(30)]


async def test_a_failing_statement_is_a_failure_of_the_storage(storage: OpenStorage) -> None:
    def foreign(tx: Tx) -> None:
        team = a_team(tx)
        where = team.workspace.id, team.channel.id, MemberId(999)
        tx.standings.save(*where, Standing(answered=1), day=TODAY, points=1, right=True)

    with pytest.raises(StorageBroken):
        await storage.write(foreign)
    assert await storage.read(lambda tx: list(tx.schedules.active())) == []


@pytest.mark.parametrize("error", [StopIteration("x"), SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError()])
async def test_no_error_of_a_call_leaves_its_caller_waiting_or_ends_the_storage(
    storage: OpenStorage, error: BaseException
) -> None:
    def raise_it(tx: Tx) -> None:
        raise error

    async def call() -> str:
        try:
            await storage.write(raise_it)
        except BaseException as caught:
            return type(caught).__name__
        return "nothing"

    async with asyncio.timeout(10):
        assert await call() in (type(error).__name__, "RuntimeError")
        await storage.write(lambda tx: tx.keyring.put("still", "there"))


async def test_a_thousand_presses_at_once_give_one_response_each(storage: OpenStorage) -> None:
    team = await storage.write(lambda tx: a_team(tx, members=[f"member {n}" for n in range(100)]))
    round_ = await storage.write(lambda tx: an_open_round(tx, team))
    members = list(team.members.values())

    async def press(n: int) -> bool:
        member = members[n % 100]

        def answer(tx: Tx) -> bool:
            response = a_response(round_, member, "abcd"[n % 4])
            new = tx.responses.add(team.workspace.id, response)
            if new:
                count_in_round(tx, round_, member, response)
            return new

        return await storage.write(answer)

    taken = await asyncio.gather(*(press(n) for n in range(1_000)))
    assert sum(taken) == 100
    tally = await storage.read(lambda tx: tx.rounds.tally(team.workspace.id, round_.id))
    assert sum(tally.values()) == 100
    board = await storage.read(lambda tx: best(tx, team.workspace.id, None, 0, 200))
    assert len(board) == 100
    assert {score.answered for score in board} == {1}


async def test_a_read_sees_all_of_a_write_or_nothing(storage: OpenStorage) -> None:
    async def write(n: int) -> None:
        def both(tx: Tx) -> None:
            tx.keyring.put("left", str(n))
            tx.keyring.put("right", str(n))

        await storage.write(both)

    async def read() -> None:
        left, right = await storage.read(lambda tx: (tx.keyring.get("left"), tx.keyring.get("right")))
        assert left == right
        seen.add(left)

    seen: set[str | None] = set()
    await asyncio.gather(*(call for n in range(200) for call in (write(n), read())))
    assert len(seen - {None}) > 1, "the reads came all before or all after the writes, and show nothing"


async def test_who_waits_sees_what_was_acknowledged_before(storage: OpenStorage) -> None:
    for n in range(50):
        await storage.write(_put("n", str(n)))
        assert await storage.read(lambda tx: tx.keyring.get("n")) == str(n)


async def test_a_caller_who_leaves_disturbs_nobody(storage: OpenStorage) -> None:
    async with _held(storage):
        tasks = [asyncio.create_task(storage.write(_put(str(n)))) for n in range(10)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks[::2], return_exceptions=True)
    await asyncio.gather(*tasks[1::2])
    kept = await storage.read(lambda tx: [tx.keyring.get(str(n)) for n in range(1, 10, 2)])
    assert kept == ["x"] * 5


async def test_closing_finishes_what_is_waiting(reopened: Reopen) -> None:
    storage = await reopened()
    async with _held(storage):
        writes = [asyncio.create_task(storage.write(_put(str(n)))) for n in range(20)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(storage.close())
        await asyncio.sleep(0)
    await asyncio.gather(*writes)
    await closing
    again = await reopened()
    assert await again.read(lambda tx: [tx.keyring.get(str(n)) for n in range(20)]) == ["x"] * 20


async def test_calls_on_a_closed_storage_are_refused_and_never_wait(storage: OpenStorage) -> None:
    async with _held(storage):
        closing = asyncio.create_task(storage.close())
        await asyncio.sleep(0)
        with pytest.raises(StorageBroken, match="closed"):
            await storage.write(lambda tx: tx.keyring.put("late", "x"))
    await closing
    with pytest.raises(StorageBroken, match="closed"):
        await storage.read(lambda tx: tx.keyring.get("late"))
    await storage.close()  # once more does no harm


async def test_an_acknowledged_write_is_there_after_reopening(reopened: Reopen) -> None:
    def answer(tx: Tx) -> Team:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        response = a_response(round_, team.members["Ana"])
        tx.responses.add(team.workspace.id, response)
        count_in_round(tx, round_, team.members["Ana"], response)
        return team

    def all_of(tx: Tx) -> list[object]:
        ana = team.members["Ana"].id
        return [
            tx.schedules.get(team.workspace.id, team.channel.id),
            tx.rounds.recent(team.workspace.id, team.channel.id, before=None, limit=9),
            tx.responses.of_member(team.workspace.id, ana),
            tx.standings.get(team.workspace.id, team.channel.id, ana),
            tx.people.export(team.workspace.id, ana),
        ]

    storage = await reopened()
    team = await storage.write(answer)
    before = await storage.read(all_of)
    assert await (await reopened()).read(all_of) == before


async def test_keys_are_never_given_out_twice(reopened: Reopen) -> None:
    storage = await reopened()
    team = await storage.write(lambda tx: a_team(tx, members=("Ana", "Ben")))
    ben = team.members["Ben"]
    await storage.write(lambda tx: tx.people.forget(team.workspace.id, ben.id))
    again = await reopened()
    back = await again.write(lambda tx: a_member(tx, team.workspace, "Ben", now=NOW))
    # What still carries the old key, such as a button, must not mean somebody else.
    assert back.id > ben.id


def _put(name: str, value: str = "x") -> Callable[[Tx], None]:
    return lambda tx: tx.keyring.put(name, value)


class _held:
    """Keeps the storage busy, so that calls pile up behind it and share the next transaction."""

    def __init__(self, storage: OpenStorage) -> None:
        self._storage, self._go = storage, threading.Event()

    async def __aenter__(self) -> None:
        started, loop = asyncio.Event(), asyncio.get_running_loop()

        def hold(tx: Tx) -> None:
            loop.call_soon_threadsafe(started.set)
            assert self._go.wait(20)

        self._holding = asyncio.create_task(self._storage.read(hold))
        await started.wait()

    async def __aexit__(self, *_: object) -> None:
        self._go.set()
        await self._holding
