"""The connection itself: log-ins, resuming, shards, and servers that come and go."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.discord import supervisor
from bot.app import leaving
from bot.core.errors import SettingsError
from bot.core.schedule import Pause
from tests.support import wire_discord_world as world
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_gateway import SPOILT
from tests.support.wire_discord_house import ADMIN, ANA, EIGHT, House, discord_house, text

NINE, FIVE = EIGHT + timedelta(hours=1), EIGHT + timedelta(hours=9)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.01)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        yield house


async def _ready(house: House) -> None:
    """Wait until the bot has heard of all its servers, and acted on it."""
    assert house.parts.discord is not None
    client = house.parts.discord._client()
    assert client is not None
    await client.wait_until_ready()
    await house.say(ANA, "trapwise help", house.discord.direct())


async def test_reconnects_and_resumes_with_what_was_missed(house: House) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    gateway = house.discord.gateway
    await gateway.op(7)
    async with gateway.changed:
        await gateway.changed.wait_for(lambda: gateway.resumes == 1)
    assert "### " in text(await house.press(ANA, post, "A"))
    assert len(gateway.identifies) == 1


async def test_a_cut_connection_replays_a_press(house: House) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    house.discord.gateway.cut()
    pressed = await house.pressing(ANA, post, "A")
    assert "### " in text(await house.discord.answer(pressed))
    assert house.discord.gateway.resumes == 1


async def test_a_frame_that_cannot_be_read_makes_a_new_client(house: House) -> None:
    gateway = house.discord.gateway
    await gateway.raw(SPOILT)
    await house.discord.connected(2)
    assert "### " in text(await house.say(ANA, "trapwise help"))


async def test_a_refused_first_connection_is_tried_again(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    discord.gateway.refuse_upgrades = 2
    try:
        async with discord_house(tmp_path, discord=discord) as house:
            assert "### " in text(await house.say(ANA, "trapwise help"))
    finally:
        await discord.stop()


@pytest.mark.parametrize("code", [4004, 4014])
async def test_a_fatal_close_ends_with_what_to_do(tmp_path: Path, code: int) -> None:
    discord = await FakeDiscord().start()
    discord.gateway.refuse_identify = code
    try:
        async with discord_house(tmp_path, discord=discord, wait=False) as house:
            assert house.parts.discord is not None
            with pytest.raises(SettingsError, match=r"DISCORD_TOKEN|Update Trapwise"):
                await asyncio.wait_for(house.parts.discord.watch(), 15)
    finally:
        await discord.stop()


async def test_log_ins_are_spared_when_few_are_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    discord = await FakeDiscord().start()
    discord.remaining = 20
    try:
        with caplog.at_level(logging.ERROR):
            async with discord_house(tmp_path, discord=discord, wait=False):
                assert discord.gateway.identifies == []
        assert "only 20 log-ins to Discord are left today" in caplog.text
    finally:
        await discord.stop()


async def test_several_shards_serve_all_servers(tmp_path: Path) -> None:
    discord = await FakeDiscord(shards=2).start()
    first, second = discord.guild("Even", 2 << 22), discord.guild("Odd", 3 << 22)
    channels = [discord.channel(first), discord.channel(second)]
    try:
        async with discord_house(tmp_path, discord=discord) as house:
            await discord.connected(2)
            assert sorted(found["shard"] for found in discord.gateway.identifies) == [[0, 2], [1, 2]]
            for channel in channels:
                assert "### " in text(await house.say(ANA, "trapwise help", channel))
    finally:
        await discord.stop()


async def test_several_shards_that_lose_their_gateway_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = asyncio.Event()

    def back_off(_: int) -> float:
        given_up.set()
        return 0.01

    for name, seconds in (("OFFLINE", 0.3), ("LOOKS", 0.1)):
        monkeypatch.setattr(supervisor, name, seconds)
    discord = await FakeDiscord(shards=2).start()
    channels = [discord.channel(discord.guild("Even", 2 << 22)), discord.channel(discord.guild("Odd", 3 << 22))]
    try:
        async with discord_house(tmp_path, discord=discord) as house:
            await discord.connected(2)
            monkeypatch.setattr(supervisor, "back_off", back_off)
            discord.gateway.refuse_upgrades = 1000
            discord.gateway.cut()
            await asyncio.wait_for(given_up.wait(), 15)
            discord.gateway.refuse_upgrades = 0
            # Discord wants five seconds between two shards' log-ins, and a try that was refused waits as long.
            monkeypatch.setattr(supervisor, "OFFLINE", 90.0)
            await discord.connected(4)
            for channel in channels:
                assert "### " in text(await house.say(ANA, "trapwise help", channel))
    finally:
        await discord.stop()


async def test_a_server_that_removes_the_bot_is_deleted_after_a_month(house: House, tmp_path: Path) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    await house.press(ANA, post, "A")
    storage = house.parts.services.storage
    await house.discord.gateway.dispatch("GUILD_DELETE", {"id": str(house.guild.id)}, guild=house.guild.id)
    for _ in range(20):
        # Events are begun in order, so when this is answered, the removal has been begun at least.
        await house.say(ANA, "trapwise help", house.discord.direct())
        if not await storage.read(lambda tx: tx.schedules.active()):
            break
    assert await storage.read(lambda tx: tx.schedules.active()) == []
    assert await leaving.erase_long_gone(house.parts.services) == 0
    house.clock.set(NINE + timedelta(days=30, hours=1))
    assert await leaving.erase_long_gone(house.parts.services) == 1
    assert await leaving.erase_long_gone(house.parts.services) == 0


async def test_a_server_away_for_a_while_keeps_its_schedule(house: House) -> None:
    gone = {"id": str(house.guild.id), "unavailable": True}
    await house.discord.gateway.dispatch("GUILD_DELETE", gone, guild=house.guild.id)
    await house.tick(NINE)
    assert len(house.discord.posts(house.channel)) == 1
    plans = await house.parts.services.storage.read(lambda tx: tx.schedules.active())
    assert [plan.pause for plan in plans] == [None]
    assert Pause.CHANNEL_REFUSED not in {plan.pause for plan in plans}


async def test_an_invalid_session_logs_in_anew(house: House) -> None:
    await house.discord.gateway.op(9, False)
    await house.discord.connected(2)
    assert "### " in text(await house.say(ANA, "trapwise help"))
    assert len(house.discord.syncs) == 1


async def test_a_session_that_cannot_be_resumed_logs_in_anew(house: House) -> None:
    gateway = house.discord.gateway
    gateway.refuse_resume = True
    gateway.cut()
    await house.discord.connected(2)
    assert gateway.resumes == 1
    assert "### " in text(await house.say(ANA, "trapwise help"))


async def test_commands_that_discord_refuses_do_not_stop_the_bot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    discord = await FakeDiscord().start()
    discord.trouble("PUT", "/commands", status=400, body={"code": 50035, "message": "Invalid Form Body"})
    try:
        async with discord_house(tmp_path, discord=discord) as house:
            assert "### " in text(await house.say(ANA, "trapwise help"))
            assert "they stay as they were" in caplog.text
        async with discord_house(tmp_path, discord=discord):
            assert len(discord.syncs) == 1
    finally:
        await discord.stop()


async def test_one_test_server_gets_the_commands_alone(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    guild = discord.guild()
    try:
        async with discord_house(tmp_path, discord=discord, DISCORD_TEST_GUILD=str(guild.id)):
            assert discord.syncs == [f"/applications/{world.APPLICATION}/guilds/{guild.id}/commands"]
    finally:
        await discord.stop()


async def test_shards_without_their_number_are_refused(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    try:
        with pytest.raises(SettingsError, match="DISCORD_SHARD_COUNT"):
            async with discord_house(tmp_path, discord=discord, DISCORD_SHARD_IDS="0"):
                pass
    finally:
        await discord.stop()


async def test_one_process_of_several_serves_its_shards_and_forgets_no_others(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    mine, other = discord.channel(discord.guild("Even", 2 << 22)), discord.channel(discord.guild("Odd", 3 << 22))
    shards: dict[str, Any] = {"DISCORD_SHARD_IDS": "0", "DISCORD_SHARD_COUNT": "2"}
    try:
        async with discord_house(tmp_path, discord=discord) as house:
            await house.set_up(other)
        async with discord_house(tmp_path, discord=discord, **shards) as house:
            assert discord.gateway.identifies[-1]["shard"] == [0, 2]
            await _ready(house)
            assert "### " in text(await house.say(ANA, "trapwise help", mine))
            assert len(await house.parts.services.storage.read(lambda tx: tx.schedules.active())) == 1
    finally:
        await discord.stop()


async def test_a_removal_while_the_bot_was_away_is_noticed_and_a_return_too(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    guild = discord.guild()
    channel = discord.channel(guild)
    try:
        async with discord_house(tmp_path, discord=discord) as house:
            await house.set_up(channel)
        del discord.guilds[guild.id]
        async with discord_house(tmp_path, discord=discord) as house:
            await _ready(house)
            services = house.parts.services
            assert len(await services.storage.read(lambda tx: tx.workspaces.left_before(EIGHT))) == 1
        discord.guilds[guild.id] = guild
        async with discord_house(tmp_path, discord=discord, at=EIGHT + timedelta(days=29)) as house:
            await _ready(house)
            house.clock.set(EIGHT + timedelta(days=90))
            assert await leaving.erase_long_gone(house.parts.services) == 0
            status = await house.say(ADMIN, "trapwise-admin status", channel)
            assert "paused" not in text(status)
    finally:
        await discord.stop()
