"""What one process says to the others on PostgreSQL, and who listens to a channel through which of them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot import together
from bot.app.live import Live
from bot.app.neighbours import Neighbours
from bot.app.presence import Presence
from bot.core.refs import ChannelRef, Platform, WorkspaceRef
from bot.pulse import Pulse
from storage import OpenStorage, open_storage
from tests.support.pg_server import PgServer

CHANNEL = ChannelRef(WorkspaceRef(Platform.WEB, "local"), "exam-prep")


@pytest.fixture
async def two(pg_url: str) -> AsyncIterator[list[OpenStorage]]:
    opened = [await open_storage(pg_url) for _ in range(2)]
    yield opened
    for storage in opened:
        await storage.close()


async def _heard(speaker: Neighbours, listener: Neighbours, word: str) -> None:
    """Say it until it is heard: what is said before both are connected is lost."""
    got = asyncio.Event()
    listener.on(word, lambda text: got.set() if text == "x" else None)
    async with asyncio.timeout(20):
        while not got.is_set():
            speaker.tell(word, "x")
            try:
                await asyncio.wait_for(got.wait(), 0.3)
            except TimeoutError:
                continue


async def test_the_others_hear_what_one_says_and_it_doesnt_hear_itself(two: list[OpenStorage]) -> None:
    async with together.neighbours(two[0]) as one, together.neighbours(two[1]) as other:
        echo: list[str] = []
        one.on("word", echo.append)
        await _heard(one, other, "word")
        await _heard(other, one, "back")
        assert echo == []


async def test_a_restart_of_the_server_ends_no_conversation(two: list[OpenStorage], pg_server: PgServer) -> None:
    async with together.neighbours(two[0]) as one, together.neighbours(two[1]) as other:
        await _heard(one, other, "before")
        await asyncio.to_thread(pg_server.restart)
        await _heard(one, other, "after")


async def test_who_looks_at_a_channel_learns_of_changes_made_elsewhere(two: list[OpenStorage]) -> None:
    async with together.neighbours(two[0]) as one, together.neighbours(two[1]) as other:
        here, there = Live(), Live()
        here.share(one)
        there.share(other)
        changes = there.changes(CHANNEL)
        waiting = asyncio.ensure_future(anext(changes))
        async with asyncio.timeout(20):
            while not waiting.done():
                here.changed(CHANNEL)
                await asyncio.wait({waiting}, timeout=0.3)
        await changes.aclose()  # type: ignore[attr-defined]  # it is a generator


async def test_a_file_has_nobody_to_tell() -> None:
    storage = await open_storage("sqlite://:memory:")
    async with together.neighbours(storage) as nobody, together.presence(storage) as alone:
        nobody.tell("word", "x")
        assert type(alone) is Presence
    await storage.close()


async def test_processes_on_postgresql_know_of_one_another(two: list[OpenStorage]) -> None:
    async with together.presence(two[0]) as first:
        async with together.presence(two[1]) as second:
            assert isinstance(second, Pulse)
            assert await two[0].read(first.others) == {second.holder}
        assert await two[0].read(first.others) == frozenset()
