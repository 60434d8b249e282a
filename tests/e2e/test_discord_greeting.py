"""First contact: a server that adds the bot is told once what it does and how to begin."""

from pathlib import Path

import pytest

from tests.support import wire_discord_world as world
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, ANA, EIGHT, House, discord_house, text
from tests.support.wire_discord_world import Channel, Guild

JUST_NOW = EIGHT.isoformat()


def newcomer(discord: FakeDiscord, *, joined: str = JUST_NOW, **channel: int) -> tuple[Guild, Channel]:
    """A server that has added the bot."""
    guild = discord.guild("New server")
    place = discord.channel(guild, name="general", **channel)
    guild.system_channel, guild.joined = place.id, joined
    return guild, place


async def announce(house: House, guild: Guild) -> None:
    """The gateway says that the bot is in; returns when the bot has dealt with it."""
    told = {name: value for name, value in guild.payload().items() if name != "unavailable"}
    await house.discord.gateway.dispatch("GUILD_CREATE", told, guild=guild.id)
    await house.say(ANA, "trapwise help")


async def test_a_server_is_greeted_once(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    try:
        async with discord_house(tmp_path, discord=discord) as house:
            guild, place = newcomer(discord)
            await announce(house, guild)
            [hello] = await discord.until(lambda: discord.posts(place))
            assert "Hello, I'm Trapwise" in text(hello)
            assert "types /trapwise-admin setup in it" in text(hello)
            assert "What you can do here" in text(await house.press(ANA, hello, "What you can do here"))
            await discord.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild=guild.id)
            await announce(house, guild)
            assert "### " in text(await house.say(ANA, "trapwise help"))
        async with discord_house(tmp_path, discord=discord) as house:
            assert "### " in text(await house.say(ANA, "trapwise help"))
        assert len(discord.posts(place)) == 1
    finally:
        await discord.stop()


async def test_a_server_that_was_added_while_the_bot_was_away_is_greeted(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    try:
        _, place = newcomer(discord)
        _, old = newcomer(discord, joined="2026-11-01T00:00:00+00:00")
        async with discord_house(tmp_path, discord=discord):
            await discord.until(lambda: discord.posts(place))
        async with discord_house(tmp_path, discord=discord) as house:
            assert "### " in text(await house.say(ANA, "trapwise help"))
        assert (len(discord.posts(place)), len(discord.posts(old))) == (1, 0)
    finally:
        await discord.stop()


async def test_who_has_begun_already_needs_no_greeting(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    try:
        guild, place = newcomer(discord)
        guild.joined = "2026-11-01T00:00:00+00:00"
        async with discord_house(tmp_path, discord=discord) as house:
            await house.set_up(place)
            guild.joined = JUST_NOW
            await announce(house, guild)
            assert "### " in text(await house.say(ADMIN, "trapwise-admin status", place))
            assert discord.posts(place) == []
    finally:
        await discord.stop()


@pytest.mark.parametrize("lacks", [world.SEND, world.VIEW, None], ids=["send", "view", "no such channel"])
async def test_where_the_bot_may_not_post_it_says_nothing(tmp_path: Path, lacks: int | None) -> None:
    async with discord_house(tmp_path) as house:
        guild, place = newcomer(house.discord, bot=world.USUAL & ~(lacks or 0))
        if lacks is None:
            guild.system_channel = None
        await announce(house, guild)
        assert "### " in text(await house.say(ANA, "trapwise help"))
        assert house.discord.requests("POST", f"/{place.id}/messages") == []
