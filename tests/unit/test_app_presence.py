"""One of several processes: it counts as living while it renews, and stops by itself before others take over."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from bot import pulse as presence
from bot.app.ports import Tx
from bot.app.presence import Presence
from bot.core.errors import StorageBroken
from bot.pulse import Pulse
from storage import OpenStorage, open_storage


@pytest.fixture
async def storage() -> AsyncIterator[OpenStorage]:
    opened = await open_storage("sqlite://:memory:")
    yield opened
    await opened.close()


def _living(tx: Tx) -> set[str]:
    return set(tx.leases.held(presence.PREFIX).values())


async def test_a_process_alone_is_always_sure_of_itself(storage: OpenStorage) -> None:
    alone = Presence()
    async with alone.guarded():
        assert alone.left > 1e9
    assert alone.alone
    assert await storage.read(alone.others) == frozenset()


async def test_who_has_started_lives_until_it_stops(storage: OpenStorage) -> None:
    first, second = Pulse(storage), Pulse(storage)
    await first.start()
    await second.start()
    assert await storage.read(_living) == {first.holder, second.holder}
    assert await storage.read(first.others) == {second.holder}
    assert 0 < first.left <= presence.LASTS - presence.MARGIN
    await first.stop()
    assert first.left < 0
    assert await storage.read(_living) == {second.holder}


async def test_what_is_guarded_ends_when_nothing_is_renewed(
    monkeypatch: pytest.MonkeyPatch, storage: OpenStorage
) -> None:
    monkeypatch.setattr(presence, "LASTS", presence.MARGIN + 0.05)
    pulse = Pulse(storage)
    await pulse.start()
    begun: list[str] = []

    async def guarded(what: str) -> None:
        async with pulse.guarded():
            begun.append(what)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(guarded("in time"), 10)
    assert pulse.left <= 0
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(guarded("too late"), 10)
    assert begun == ["in time"]


async def test_a_renewal_gives_what_is_guarded_more_time(monkeypatch: pytest.MonkeyPatch, storage: OpenStorage) -> None:
    monkeypatch.setattr(presence, "LASTS", presence.MARGIN + 0.3)
    monkeypatch.setattr(presence, "RENEW", 0.02)
    pulse = Pulse(storage)
    await pulse.start()
    beating = asyncio.create_task(pulse.run())
    began = time.monotonic()
    async with pulse.guarded():
        while time.monotonic() < began + 0.6:
            pulse.renewed.clear()
            await pulse.renewed.wait()
    beating.cancel()


async def test_the_dead_are_noticed_once(monkeypatch: pytest.MonkeyPatch, storage: OpenStorage) -> None:
    monkeypatch.setattr(presence, "RENEW", 0.01)
    died = asyncio.Event()

    async def on_death() -> None:
        died.set()

    pulse = Pulse(storage)
    pulse.on_death = on_death
    await pulse.start()
    beating = asyncio.create_task(pulse.run())
    await pulse.renewed.wait()
    assert not died.is_set()
    await storage.write(lambda tx: tx.leases.take("process/dead", "dead", -1))
    await asyncio.wait_for(died.wait(), 10)
    beating.cancel()


async def test_a_database_that_is_away_ends_nothing_but_the_lease(
    monkeypatch: pytest.MonkeyPatch, storage: OpenStorage, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(presence, "RENEW", 0.01)
    pulse = Pulse(storage)
    await pulse.start()
    await storage.close()
    beating = asyncio.create_task(pulse.run())
    async with asyncio.timeout(10):
        while "can't say that it lives" not in caplog.text:  # noqa: ASYNC110  a line of the log
            await asyncio.sleep(0.01)
    assert not beating.done()
    beating.cancel()
    with pytest.raises(StorageBroken):
        await pulse.start()
    await pulse.stop()
    assert "others will notice only after" in caplog.text
