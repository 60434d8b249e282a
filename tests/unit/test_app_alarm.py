"""The alarm ticks when something is due, and survives what goes wrong."""

import asyncio
import time as machine_time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from bot import alarm as alarm_module
from bot.alarm import Alarm, AlarmStopped
from bot.app.deliveries import Deliveries
from bot.app.ports import Tx
from bot.core import dates
from bot.core.errors import RateLimited, StorageBusy, StorageError
from bot.core.round import State
from tests.support.app_house import ANA, CHANNEL, EIGHT, House, open_house
from tests.support.builders import SettableClock, a_channel_ref
from tests.support.scripted_messenger import Held

T = TypeVar("T")

NINE = EIGHT + timedelta(hours=1)
FAR = timedelta(days=7 * 520)
"""Ten years of whole weeks: an instant that the machine's clock doesn't reach while a test runs."""


class MachineClock(SettableClock):
    """The machine's own clock, so that the alarm's scheduler and the use cases agree on the time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FailingStorage:
    """A storage that fails as often as it is told, and works otherwise."""

    def __init__(self, house: House, error: Exception) -> None:
        self._write, self._read, self.error, self.failures = house.storage.write, house.storage.read, error, 0
        house.storage.write = self.write  # type: ignore[method-assign]  # everything holds this one storage
        house.storage.read = self.read  # type: ignore[method-assign]

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error

    async def write(self, fn: Callable[[Tx], T], **_: Any) -> T:
        self._fail()
        return await self._write(fn)

    async def read(self, fn: Callable[[Tx], T]) -> T:
        self._fail()
        return await self._read(fn)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A house in the far future, where the scheduler's own alarms don't go off during the test."""
    async with open_house(clock=SettableClock(EIGHT + FAR)) as made:
        yield made


@pytest.fixture
async def alarm(house: House) -> AsyncIterator[Alarm]:
    made = Alarm(house.daily, house.deliveries, house.clock)
    yield made
    await made.stop()


async def open_until(house: House, lasting: timedelta) -> None:
    """Open a round now, for that long."""
    plan = await house.schedule(weekdays=frozenset())
    now = house.clock.now()
    window = dates.Window(now.date(), now, now + lasting)
    await house.storage.write(lambda tx: house.daily.open_window(tx, plan, window, now))


async def test_a_round_closes_at_its_instant() -> None:
    async with open_house(clock=MachineClock()) as house:
        alarm = Alarm(house.daily, house.deliveries, house.clock)
        await open_until(house, timedelta(milliseconds=700))
        try:
            await alarm.start()
            await house.messenger.until(1)
            (round_,) = await house.rounds()
            assert round_.state is State.OPEN
            await house.messenger.until(1, edits=1)
            assert datetime.now(UTC) >= round_.closes
            (round_,) = await house.rounds()
            assert round_.state is State.CLOSED
        finally:
            await alarm.stop()


async def test_a_delivery_is_tried_again_at_its_instant() -> None:
    async with open_house(clock=MachineClock()) as house:
        alarm = Alarm(house.daily, house.deliveries, house.clock)
        await open_until(house, timedelta(hours=1))
        house.messenger.script("post", RateLimited(0.4))
        before = machine_time.monotonic()
        try:
            await alarm.start()
            await house.messenger.until(1)
            assert machine_time.monotonic() - before >= 0.35
        finally:
            await alarm.stop()


async def test_wake_ticks_at_once(house: House, alarm: Alarm) -> None:
    await alarm.start()
    await house.schedule()
    house.clock.set(NINE + FAR)
    alarm.wake()
    await house.messenger.until(1)
    assert len(house.shown()) == 1


async def test_waking_is_not_lost_to_an_alarm_that_is_just_being_set(
    house: House, alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alarm.start()
    await alarm.settled()
    await house.schedule()
    reading, read = asyncio.Event(), asyncio.Event()

    async def tomorrow() -> datetime:
        reading.set()
        await read.wait()
        return NINE + FAR + timedelta(days=1)

    monkeypatch.setattr(house.daily, "next_wake", tomorrow)
    tick = asyncio.create_task(alarm.tick())
    await reading.wait()
    house.clock.set(NINE + FAR)
    read.set()
    alarm.wake()
    await asyncio.wait_for(house.messenger.until(1), 10)
    await tick


async def test_starting_catches_up(house: House, alarm: Alarm) -> None:
    await house.schedule()
    house.clock.set(NINE + FAR + timedelta(hours=1))
    await alarm.start()
    await alarm.settled()
    assert len(house.shown()) == 1


async def test_starting_takes_over_what_was_being_posted(house: House, alarm: Alarm) -> None:
    await house.schedule()
    held = Held()
    house.messenger.script("post", held)
    process = asyncio.create_task(house.tick(NINE + FAR))
    await held.entered.wait()
    process.cancel()
    await asyncio.gather(process, return_exceptions=True)
    await alarm.start()
    await alarm.settled()
    assert len(house.shown()) == 1
    assert "find exam-prep" in house.messenger.calls


async def test_ticks_before_anything_is_due_do_nothing(house: House, alarm: Alarm) -> None:
    await house.schedule()
    for minute in range(0, 60, 7):
        house.clock.set(EIGHT + FAR + timedelta(minutes=minute))
        await alarm.tick()
    await alarm.settled()
    assert house.shown() == []


async def test_a_clock_that_was_set_back_silences_nobody(house: House, alarm: Alarm) -> None:
    await house.schedule()
    house.clock.set(NINE + FAR + timedelta(days=1))  # Tuesday, wrongly; Monday's round is skipped as missed
    await alarm.tick()
    await alarm.settled()
    house.clock.set(NINE + FAR + timedelta(hours=1))
    await alarm.tick()
    for day in (1, 2):
        house.clock.set(NINE + FAR + timedelta(days=day))
        await alarm.tick()
    await alarm.settled()
    days = [round_.local_date for round_ in await house.rounds()]
    assert len(days) == len(set(days))
    assert {(NINE + FAR + timedelta(days=day)).date() for day in (1, 2)} <= set(days)


async def test_next_openings_are_worked_out_anew_when_the_clock_was_set_back(house: House, alarm: Alarm) -> None:
    await house.schedule()
    house.clock.set(NINE + FAR + timedelta(days=300))
    await alarm.tick()
    house.clock.set(EIGHT + FAR)
    await alarm.tick()
    due = await house.look(lambda tx: tx.schedules.earliest())
    assert due is not None
    assert due <= NINE + FAR + timedelta(days=1)


async def test_a_small_correction_of_the_clock_is_nothing(
    house: House, alarm: Alarm, caplog: pytest.LogCaptureFixture
) -> None:
    await house.schedule()
    await alarm.tick()
    house.clock.advance(seconds=-59)
    await alarm.tick()
    assert "set back" not in caplog.text
    house.clock.advance(seconds=-61)
    await alarm.tick()
    assert "set back" in caplog.text


@pytest.mark.parametrize("error", [StorageBusy("locked"), StorageError("?"), ZeroDivisionError("a bug")])
@pytest.mark.parametrize("failures", [1, 2, 3])
async def test_a_failure_doesnt_end_it(house: House, alarm: Alarm, error: Exception, failures: int) -> None:
    await house.schedule()
    house.clock.set(NINE + FAR)
    broken = FailingStorage(house, error)
    broken.failures = failures
    for _ in range(failures + 1):
        await alarm.tick()
        await alarm.settled()
    assert broken.failures == 0
    await alarm.tick()
    await alarm.settled()
    assert len(house.shown()) == 1


async def test_a_failing_delivery_doesnt_end_it(house: House) -> None:
    class Broken(Deliveries):
        async def deliver(self) -> None:
            raise ZeroDivisionError

    alarm = Alarm(house.daily, Broken(house.services), house.clock)
    await alarm.tick()
    await alarm.settled()
    await alarm.tick()
    await alarm.settled()
    await alarm.stop()


async def test_a_slow_platform_doesnt_hold_up_opening(house: House, alarm: Alarm) -> None:
    kitchen = a_channel_ref("kitchen")
    await house.schedule()
    await house.schedule(kitchen, opens=NINE.time())  # 08:00 UTC is 09:00 in Berlin; the kitchen's is an hour before
    held = Held()
    house.messenger.script("post", held)
    house.clock.set(NINE + FAR)
    await alarm.tick()
    await held.entered.wait()
    house.clock.advance(hours=1)
    await alarm.tick()
    assert len(await house.rounds(kitchen)) == 1
    held.release.set()
    await alarm.settled()
    assert len(house.messenger.messages) == 2


async def test_the_watchdog_raises_when_ticks_stop(house: House, alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_module, "SAFETY_NET", 0.02)
    await alarm.tick()
    alarm.last_tick = machine_time.monotonic() - alarm_module.STALLED_AFTER - 1
    with pytest.raises(AlarmStopped, match="silent for 18"):
        await alarm.watch()


async def test_the_watchdog_is_content_while_ticks_come(
    house: House, alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm_module, "SAFETY_NET", 0.01)
    await alarm.tick()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(alarm.watch(), 0.1)


async def test_a_tick_that_hangs_is_noticed(house: House, alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_module, "SAFETY_NET", 0.02)
    monkeypatch.setattr(alarm_module, "STALLED_AFTER", 0.05)
    stuck = asyncio.Event()

    async def never() -> None:
        await stuck.wait()

    monkeypatch.setattr(house.daily, "run_due", never)
    tick = asyncio.create_task(alarm.tick())
    with pytest.raises(AlarmStopped):
        await alarm.watch()
    tick.cancel()
    await asyncio.gather(tick, return_exceptions=True)


async def test_stopping_lets_a_delivery_finish(house: House, alarm: Alarm) -> None:
    await house.schedule()
    held = Held()
    house.messenger.script("post", held)
    house.clock.set(NINE + FAR)
    await alarm.start()
    await held.entered.wait()
    stopping = asyncio.create_task(alarm.stop())
    await asyncio.sleep(0)  # let it begin to stop
    held.release.set()
    await stopping
    (round_,) = await house.rounds()
    assert round_.message == "m1"


async def test_stopping_lets_a_tick_finish_and_starts_no_other(
    house: House, alarm: Alarm, caplog: pytest.LogCaptureFixture
) -> None:
    await alarm.start()
    reached, go_on, write, writes = asyncio.Event(), asyncio.Event(), house.storage.write, 0

    async def slowly(fn: Callable[[Tx], T], **_: Any) -> T:
        nonlocal writes
        writes += 1
        reached.set()
        await go_on.wait()
        return await write(fn)

    house.storage.write = slowly  # type: ignore[method-assign]  # everything holds this one storage
    alarm.wake()
    await reached.wait()
    alarm.wake()
    stopping = asyncio.create_task(alarm.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    done = writes
    await alarm.tick()
    assert writes == done


async def test_answers_are_taken_while_it_ticks(house: House, alarm: Alarm) -> None:
    await house.schedule()
    house.clock.set(NINE + FAR)
    await alarm.tick()
    await alarm.settled()
    (round_,) = await house.rounds(CHANNEL)
    ticks = asyncio.gather(*(alarm.tick() for _ in range(20)))
    assert (await house.answer(ANA, round_, "b")).title.startswith("Right")
    await ticks
    assert len(house.shown()) == 1


async def test_what_is_open_is_posted_while_others_are_still_being_opened(
    house: House, alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alarm.start()
    await alarm.settled()
    await open_until(house, timedelta(hours=1))
    asked: list[datetime] = []

    async def opening(opened: Callable[[], None]) -> None:
        opened()
        await house.messenger.until(1)
        opened()
        await alarm.settled()
        assert asked == [], "what is still to be opened is due now, and would only wake the alarm again"

    async def next_wake() -> None:
        asked.append(house.clock.now())

    monkeypatch.setattr(house.daily, "run_due", opening)
    monkeypatch.setattr(house.daily, "next_wake", next_wake)
    async with asyncio.timeout(10):
        await alarm.tick()
        await alarm.settled()
    assert len(house.shown()) == 1
    assert asked
