"""A start with Slack and Discord: neither waits for the other, and what one refuses ends both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot import compose, config
from bot.config import Settings
from bot.core.errors import SettingsError
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import small_content
from tests.support.wire_slack import FakeSlack
from tests.support.wire_slack_house import HTTP


@asynccontextmanager
async def both(folder: Path) -> AsyncIterator[tuple[FakeSlack, FakeDiscord, Settings]]:
    """The two platforms, and the settings of a bot for both."""
    small_content(folder / "content")
    slack, discord = await FakeSlack().start(), await FakeDiscord().start()
    given = config.of({"SLACK_API_BASE_URL": slack.api, **HTTP, **discord.environment()})
    settings = replace(
        given, database=str(folder / "trapwise.db"), content=folder / "content", pack="my-exam", zone="UTC"
    )
    try:
        yield slack, discord, settings
    finally:
        await slack.stop()
        await discord.stop()


async def test_discord_logs_in_while_slack_has_not_answered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with both(tmp_path) as (slack, discord, settings):
        answer = asyncio.Event()
        slack.fail("auth.test", hold=answer)

        async def ready() -> None:
            async with compose.running(settings):
                assert slack.called("auth.test")

        starting = asyncio.create_task(ready())
        await discord.until(lambda: discord.requests("GET", "/users/@me"))
        assert slack.called("auth.test") == []
        answer.set()
        await starting
    assert "Slack doesn't answer" not in caplog.text


async def test_a_token_that_slack_refuses_ends_the_start_while_discord_is_silent(tmp_path: Path) -> None:
    async with both(tmp_path) as (slack, discord, settings):
        never = asyncio.Event()
        discord.trouble("GET", "/gateway/bot", gate=never)
        slack.fail("auth.test", error="invalid_auth")
        with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
            async with compose.running(settings):
                pytest.fail("it started without Slack")
        assert under_way("DiscordConnection", "Supervisor") == []
        never.set()


async def test_what_discord_refuses_ends_the_log_in_to_slack(tmp_path: Path) -> None:
    async with both(tmp_path) as (slack, _, settings):
        never = asyncio.Event()
        slack.fail("auth.test", hold=never)
        with pytest.raises(SettingsError, match="DISCORD_SHARD_COUNT"):
            async with compose.running(replace(settings, discord_shard_ids="3")):
                pytest.fail("it started without Discord")
        assert under_way("SlackConnection") == []
        never.set()


def under_way(*names: str) -> list[str]:
    """Tasks of these classes that haven't ended."""
    return [repr(task) for task in asyncio.all_tasks() if any(f"{name}." in repr(task) for name in names)]
