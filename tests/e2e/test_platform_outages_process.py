"""The real process while Discord takes calls and says nothing: it starts, says so, and ends in time."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.test_discord_process import bot
from tests.support import wire_discord_world as world
from tests.support.outage_line import Line
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, ANA, button, small_content, text

ENDS_WITHIN = 10.0


@asynccontextmanager
async def behind_a_line() -> AsyncIterator[tuple[FakeDiscord, Line, world.Channel]]:
    discord = await FakeDiscord().start()
    channel = discord.channel(discord.guild())
    line = await Line(("127.0.0.1", int(discord.base.split(":")[2].split("/")[0]))).start()
    address = f"127.0.0.1:{line.port}"
    discord.base, discord.gateway.url = f"http://{address}/api/v10", f"ws://{address}/gw"
    try:
        yield discord, line, channel
    finally:
        await line.stop()
        await discord.stop()


async def health(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """What /healthz says, at the address that the process says."""
    assert process.stdout is not None
    async with asyncio.timeout(40):
        while not (found := re.search(r"ready: (http://\S+)", (await process.stdout.readline()).decode())):
            pass
    async with aiohttp.ClientSession() as session, session.get(f"{found[1].split('/?')[0].rstrip('/')}/healthz") as got:
        assert got.status == 200
        return dict(await got.json())


async def ends(process: asyncio.subprocess.Process) -> bytes:
    """Ask it to stop; its log. Fails if that takes too long."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, log = await asyncio.wait_for(process.communicate(), 30)
    assert time.monotonic() - began < ENDS_WITHIN
    assert process.returncode == 0, log.decode()
    return log


async def test_a_start_while_discord_says_nothing(tmp_path: Path) -> None:
    small_content(tmp_path / "content")
    async with behind_a_line() as (discord, line, _):
        line.hold()
        async with bot(tmp_path, discord, TRAPWISE_WEB="on", TRAPWISE_WEB_PORT="0") as process:
            said = await health(process)
            assert said["ok"] is True
            assert said["platforms"]["discord"] in ("connecting", "unreachable")
            assert b"Traceback" not in await ends(process)


async def test_an_end_while_discord_says_nothing(tmp_path: Path) -> None:
    small_content(tmp_path / "content")
    async with behind_a_line() as (discord, line, channel):
        async with bot(tmp_path, discord, TRAPWISE_WEB="on", TRAPWISE_WEB_PORT="0") as process:
            await discord.connected()
            opened = await discord.command(ADMIN, channel, "trapwise-admin setup")
            await discord.until(lambda: opened.callback)
            await discord.answer(await discord.submit(opened))
            await discord.answer(await discord.command(ADMIN, channel, "trapwise-admin post-now"))
            await discord.until(lambda: discord.posts(channel))
            [post] = discord.posts(channel)
            line.used.clear()
            discord.trouble("POST", "/callback", gate=asyncio.Event())
            await discord.press(ANA, post, button(post, "A")["custom_id"])
            await asyncio.wait_for(line.used.wait(), 10)
            line.hold()
            await ends(process)
        await line.mend()
        discord.troubles.clear()
        async with bot(tmp_path, discord):
            await discord.connected(2)
            again = await discord.press(ANA, post, button(post, "B")["custom_id"])
            assert "You already chose A" in text(await discord.answer(again))
