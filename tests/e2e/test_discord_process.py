"""The real process, `python -m bot run`, against the fake Discord: from the first start to a restart."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, ANA, button, small_content, text

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def bot(folder: Path, discord: FakeDiscord, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot as a process; killed in the end if it still runs."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))}
    settings = {
        "TRAPWISE_DATABASE": f"sqlite:///{folder / 'trapwise.db'}",
        "TRAPWISE_CONTENT": str(folder / "content"),
        "TRAPWISE_PACK": "my-exam",
        "TRAPWISE_ZONE": "Europe/Berlin",
        "PYTHONPATH": str(ROOT),
        **discord.environment(),
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        cwd=folder,
        env={**kept, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_from_the_first_start_to_a_restart(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    channel = discord.channel(discord.guild())
    small_content(tmp_path / "content")
    try:
        async with bot(tmp_path, discord) as process:
            await discord.connected()
            assert {command["name"] for command in discord.commands} >= {"trapwise", "leaderboard", "stats"}
            opened = await discord.command(ADMIN, channel, "trapwise setup")
            await discord.until(lambda: opened.callback)
            saved = await discord.answer(await discord.submit(opened))
            assert "Saved." in text(saved)
            assert "Posted." in text(await discord.answer(await discord.command(ADMIN, channel, "trapwise post-now")))
            await discord.until(lambda: discord.posts(channel))
            [post] = discord.posts(channel)
            pressed = await discord.press(ANA, post, button(post, "A")["custom_id"])
            assert "### " in text(await discord.answer(pressed))
            process.send_signal(signal.SIGTERM)
            _, log = await asyncio.wait_for(process.communicate(), 20)
            assert process.returncode == 0, log.decode()
            assert b"Traceback" not in log, log.decode()
        async with bot(tmp_path, discord):
            await discord.connected(2)
            again = await discord.press(ANA, post, button(post, "B")["custom_id"])
            assert "You already chose A" in text(await discord.answer(again))
            assert len(discord.syncs) == 1
        assert not discord.faults, discord.faults
    finally:
        await discord.stop()


async def test_a_wrong_token_ends_with_what_to_do_and_without_the_token(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    small_content(tmp_path / "content")
    try:
        async with bot(tmp_path, discord, DISCORD_TOKEN="wrong.secret.token") as process:
            out, log = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        assert b"DISCORD_TOKEN" in log
        assert b"wrong.secret.token" not in out + log
        assert discord.gateway.identifies == []
    finally:
        await discord.stop()
