"""Slack is away when the bot starts, or its sockets are: the bot lives, and finds it again by itself."""

import asyncio
import time
from pathlib import Path

import pytest

from bot.adapters.slack import connection, transports
from tests.support.outage_house import NINE, OnDiscord, OnSlack, everything, hurried
from tests.support.outage_line import Line, http
from tests.support.wire_slack import FakeSlack
from tests.support.wire_slack_house import SOCKET, process

__all__ = ["hurried"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, hurried: None) -> None:
    for module, name, seconds in (
        (connection, "FIRST_ANSWER", 0.3),
        (connection, "ASKS_EVERY", 0.1),
        (transports, "FIRST_CONNECTION", 0.3),
        (transports, "RENEWS", 0.5),
        (transports, "LOOKS", 0.1),
    ):
        monkeypatch.setattr(module, name, seconds)


@pytest.mark.parametrize("silent", [False, True], ids=["refused", "silent"])
async def test_a_start_without_slack_waits_for_it(tmp_path: Path, silent: bool) -> None:
    async def away(_: OnDiscord, slack: OnSlack) -> None:
        if silent:
            slack.line.hold()
        else:
            await slack.line.away()

    async with everything(tmp_path, begin=away) as all_:
        assert (await all_.report())["platforms"]["slack"] == "unreachable"
        await all_.discord.back()
        await all_.discord.set_up()
        await all_.tick(NINE)
        assert len(all_.discord.posts) == 1
        await all_.slack.line.mend()
        assert all_.parts.slack is not None
        introducing = all_.parts.slack._introducing
        assert introducing is not None
        await asyncio.wait_for(introducing, 20)
        await all_.slack.fake.until(lambda: all_.slack.fake.sockets)
        await all_.slack.set_up()
        assert (await all_.report())["platforms"]["slack"] == "ready"


async def test_sockets_that_are_refused_for_long_get_a_new_address(tmp_path: Path) -> None:
    async with everything(tmp_path) as all_:
        slack = all_.slack
        slack.line.say(http("503 Service Unavailable", b""), only_sockets=True)
        slack.line.cut()
        asked = len(slack.fake.called("apps.connections.open"))
        assert all_.parts.slack is not None
        watching = asyncio.create_task(all_.parts.slack.watch())
        await slack.fake.until(lambda: len(slack.fake.called("apps.connections.open")) > asked + 4)
        await all_.tick(NINE)
        assert [len(slack.posts), len(all_.discord.posts)] == [1, 1]
        assert (await all_.report())["platforms"]["slack"] == "connecting"
        await slack.line.mend()
        await slack.back()
        assert "B" in await slack.press("B")
        assert not watching.done()
        watching.cancel()


async def test_the_process_starts_and_ends_while_slack_says_nothing(tmp_path: Path) -> None:
    slack = await FakeSlack().start()
    line = await Line(("127.0.0.1", int(slack.base.rpartition(":")[2]))).start()
    line.hold()
    slack.base = f"http://127.0.0.1:{line.port}"
    try:
        async with process(tmp_path, slack, {**SOCKET, "TRAPWISE_WEB": "on", "TRAPWISE_WEB_PORT": "0"}) as bot:
            began = time.monotonic()
            assert await bot.stop() == 0
            assert time.monotonic() - began < 10
            assert "Slack" in bot.log
            assert "Traceback" not in bot.log
    finally:
        await line.stop()
        await slack.stop()
