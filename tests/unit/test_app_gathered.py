"""What comes in one turn of the event loop is handed on together, and each caller hears what came of it."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.app.gathered import Gathered


class Calls:
    """Notes what is handed on; `gate` holds it up, `error` makes it fail."""

    def __init__(self) -> None:
        self.got: list[list[str]] = []
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def __call__(self, values: Sequence[str]) -> None:
        self.got.append(list(values))
        self.begun.set()
        await self.gate.wait()
        if self.error is not None:
            raise self.error


async def test_those_who_come_in_one_turn_share_a_call() -> None:
    calls = Calls()
    gathered = Gathered(calls)
    await asyncio.gather(*(gathered.add(name) for name in "abc"))
    await gathered.add("d")
    assert calls.got == [["a", "b", "c"], ["d"]]


async def test_who_comes_while_others_are_handed_on_waits_for_nobody() -> None:
    calls = Calls()
    gathered = Gathered(calls)
    calls.gate.clear()
    first = asyncio.create_task(gathered.add("a"))
    await calls.begun.wait()
    calls.begun.clear()
    second = asyncio.create_task(gathered.add("b"))
    await calls.begun.wait()
    assert calls.got == [["a"], ["b"]]
    assert not first.done()
    assert not second.done()
    calls.gate.set()
    await asyncio.gather(first, second)


async def test_a_failure_is_told_to_all_and_over_with_that() -> None:
    calls = Calls()
    gathered = Gathered(calls)
    calls.error = LookupError("on purpose")
    outcomes = await asyncio.gather(*(gathered.add(name) for name in "ab"), return_exceptions=True)
    assert outcomes == [calls.error, calls.error]
    calls.error = None
    await gathered.add("c")
    assert calls.got == [["a", "b"], ["c"]]


@pytest.mark.parametrize("gone", [0, 1])
async def test_one_who_is_cancelled_takes_nobody_along(gone: int) -> None:
    calls = Calls()
    gathered = Gathered(calls)
    calls.gate.clear()
    tasks = [asyncio.create_task(gathered.add(name)) for name in "ab"]
    await calls.begun.wait()
    tasks[gone].cancel()
    await asyncio.wait([tasks[gone]])
    calls.gate.set()
    await tasks[1 - gone]
    assert tasks[gone].cancelled()
    assert calls.got == [["a", "b"]], "it was told already, and is handed on all the same"
