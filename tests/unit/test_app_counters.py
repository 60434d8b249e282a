"""The public count of answers is kept current, with few edits."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.counters import INTERVAL, Counters
from bot.core.errors import ChannelRefused, PlatformDown, RateLimited
from bot.core.schedule import Reveal
from bot.pulse import Pulse
from tests.support.app_house import ANA, BEN, EIGHT, House, open_house, words
from tests.support.builders import an_actor
from tests.support.scripted_messenger import Held


class Pause:
    """Stands in for waiting: each pause lasts until the test ends it."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[float] = asyncio.Queue()
        self._go: asyncio.Queue[None] = asyncio.Queue()

    async def __call__(self, seconds: float) -> None:
        self.begun.put_nowait(seconds)
        await self._go.get()

    def end(self) -> None:
        self._go.put_nowait(None)


@pytest.fixture
def pause() -> Pause:
    return Pause()


@pytest.fixture
async def house(pause: Pause) -> AsyncIterator[House]:
    async with open_house(pause=pause) as made:
        await made.schedule()
        yield made


async def test_many_answers_are_one_edit(house: House, pause: Pause) -> None:
    round_ = await house.opened()
    for n in range(50):
        await house.answer(an_actor(f"m{n}"), round_, "a")
    assert await pause.begun.get() == INTERVAL
    assert pause.begun.empty()
    assert house.shown()[0].edits == 0
    pause.end()
    await house.messenger.until(1, edits=1)
    assert house.shown()[0].edits == 1
    assert "50 people have answered" in words(house.shown()[0].card)


async def test_two_processes_edit_in_turn(house: House, pause: Pause) -> None:
    round_ = await house.opened()
    first, second = Pulse(house.storage), Pulse(house.storage)
    await first.start()
    await second.start()
    pauses = Pause(), Pause()
    both = [
        Counters(replace(house.services, presence=pulse), pause=pause)
        for pulse, pause in zip((first, second), pauses, strict=True)
    ]
    await house.answer(ANA, round_, "a")
    for counters in both:
        counters.touch(round_)
    pauses[0].end()
    await house.messenger.until(1, edits=1)
    pauses[1].end()
    for _ in range(2):  # it comes back later instead, as the first had just edited
        assert await asyncio.wait_for(pauses[1].begun.get(), 10) == INTERVAL
    assert house.shown()[0].edits == 1
    await house.answer(BEN, round_, "a")
    await house.storage.write(lambda tx: tx.leases.release(f"{first.holder}/counts"))  # its three seconds are over
    pauses[1].end()
    await house.messenger.until(1, edits=2)
    assert "2 people have answered" in words(house.shown()[0].card)
    for counters in both:
        await counters.close()


async def test_a_process_that_stood_still_edits_nothing(house: House) -> None:
    round_ = await house.opened()
    lost = Pulse(house.storage)
    await lost.start()
    await lost.stop()
    waited = Pause()
    counters = Counters(replace(house.services, presence=lost), pause=waited)
    counters.touch(round_)
    waited.end()
    async with asyncio.timeout(10):
        while counters._tasks:  # noqa: ASYNC110  it ends without a sign
            await asyncio.sleep(0)
    assert house.shown()[0].edits == 0


async def test_the_edit_tells_only_how_many(house: House, pause: Pause) -> None:
    round_ = await house.opened()
    before = house.shown()[0].card
    await house.answer(ANA, round_, "b")
    pause.end()
    await house.messenger.until(1, edits=1)
    after = house.shown()[0].card
    assert "1 person has answered" in words(after)
    assert (after.blocks, after.rows, after.title) == (before.blocks, before.rows, before.title)


async def test_an_answer_during_the_edit_is_shown_too(house: House, pause: Pause) -> None:
    round_ = await house.opened()
    held = Held()
    house.messenger.script("edit", held)
    await house.answer(ANA, round_, "a")
    pause.end()
    await held.entered.wait()
    await house.answer(BEN, round_, "a")
    held.release.set()
    pause.end()
    await house.messenger.until(1, edits=2)
    assert "2 people have answered" in words(house.shown()[0].card)


async def test_each_further_edit_waits_again(house: House, pause: Pause) -> None:
    round_ = await house.opened()
    for count, actor in enumerate((ANA, BEN), start=1):
        await house.answer(actor, round_, "a")
        await pause.begun.get()
        assert house.shown()[0].edits == count - 1
        pause.end()
        await house.messenger.until(1, edits=count)


async def test_refused_presses_cause_no_edit(house: House, pause: Pause) -> None:
    round_ = await house.opened()
    await house.answer(ANA, round_, "a")
    await pause.begun.get()
    pause.end()
    await house.messenger.until(1, edits=1)
    await house.answer(ANA, round_, "b")
    house.clock.set(round_.closes)
    await house.answer(BEN, round_, "b")
    assert pause.begun.empty()


@pytest.mark.parametrize("error", [PlatformDown("no route"), RateLimited(5), ChannelRefused("archived")])
async def test_a_failed_edit_is_let_go(house: House, pause: Pause, error: Exception) -> None:
    round_ = await house.opened()
    house.messenger.script("edit", error)
    await house.answer(ANA, round_, "a")
    pause.end()
    await house.answer(BEN, round_, "a")
    pause.end()
    await house.answer(an_actor("Cleo"), round_, "a")
    pause.end()
    await house.messenger.until(1, edits=1)
    assert (await house.plan()).pause is None


async def test_a_closed_round_is_left_to_its_reveal(house: House, pause: Pause) -> None:
    round_ = await house.opened()
    await house.answer(ANA, round_, "a")
    await pause.begun.get()
    await house.tick(round_.closes)
    revealed = house.shown()
    pause.end()
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name().startswith("counter ")))
    assert house.shown() == revealed


async def test_closing_ends_what_waits(house: House, pause: Pause) -> None:
    round_ = await house.opened()
    await house.answer(ANA, round_, "a")
    await pause.begun.get()
    await house.counters.close()
    pause.end()
    assert house.shown()[0].edits == 0


async def test_the_count_never_tells_the_key_at_close(pause: Pause) -> None:
    shown = []
    for option in "ab":
        async with open_house(pause=pause) as house:
            await house.schedule(reveal=Reveal.AT_CLOSE)
            round_ = await house.opened(EIGHT + timedelta(hours=1))
            await house.answer(ANA, round_, option)
            pause.end()
            await house.messenger.until(1, edits=1)
            shown.append(house.shown()[0].card)
    assert shown[0] == shown[1]
