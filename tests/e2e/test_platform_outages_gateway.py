"""Half of a platform is in trouble: its gateway but not its requests, its requests but not its gateway, its name."""

import asyncio
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.discord import supervisor
from tests.support import wire_discord_world as world
from tests.support.outage_house import CLOSES, NINE, OnDiscord, OnSlack, everything, hurried
from tests.support.outage_line import http
from tests.support.wire_discord_house import ANA, button, text

__all__ = ["hurried"]

PLATFORMS = pytest.mark.parametrize("platform", ["discord", "slack"])


async def _gateway_refuses(discord: OnDiscord) -> None:
    await discord.gateway.away()


async def _gateway_hangs(discord: OnDiscord) -> None:
    """It takes calls and says nothing: no heartbeat is acknowledged, no new connection is greeted."""
    discord.gateway.hold()


async def _gateway_talks_nonsense(discord: OnDiscord) -> None:
    discord.gateway.say(http("200 OK", b"<h1>Back soon</h1>", kind="text/html"))
    discord.gateway.cut()


GATEWAY = pytest.mark.parametrize(
    "trouble", [_gateway_refuses, _gateway_hangs, _gateway_talks_nonsense], ids=["refused", "half-open", "nonsense"]
)


@GATEWAY
async def test_without_its_gateway_discord_still_gets_its_questions(
    tmp_path: Path, hurried: None, trouble: Any
) -> None:
    async with everything(tmp_path) as all_:
        discord, connection = all_.discord, all_.parts.discord
        assert connection is not None
        client = connection._client()
        assert client is not None
        noticed = asyncio.ensure_future(client.wait_for("disconnect"))
        await asyncio.sleep(0)
        await trouble(discord)
        await asyncio.wait_for(noticed, 20)
        await all_.hour(NINE, minutes=(0, 1, 5, 20, 60))
        assert len(discord.posts) == len(all_.slack.posts) == 1
        assert (await all_.report())["platforms"]["discord"] != "ready"
        await discord.gateway.mend()
        await discord.back()
        assert "B" in await discord.press("B")
        await all_.tick(CLOSES)
        assert ["closed" in post for post in discord.posts] == [True]
        assert len(discord.fake.gateway.identifies) < 20


async def test_a_client_whose_gateway_stays_away_is_given_up_and_posts_until_the_next(
    tmp_path: Path, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = asyncio.Event()

    def back_off(_: int) -> float:
        given_up.set()
        return 3600.0

    async with everything(tmp_path) as all_:
        monkeypatch.setattr(supervisor, "back_off", back_off)
        monkeypatch.setattr(supervisor, "WAIT_UNSPENT", 3600.0)
        await all_.discord.gateway.away()
        await asyncio.wait_for(given_up.wait(), 20)
        assert (await all_.report())["platforms"]["discord"] == "unreachable"
        await all_.tick(NINE)
        assert len(all_.discord.posts) == 1
        await all_.tick(CLOSES)
        assert ["closed" in post for post in all_.discord.posts] == [True]


@GATEWAY
async def test_a_start_without_a_gateway_waits_for_it(tmp_path: Path, hurried: None, trouble: Any) -> None:
    async def begin(discord: OnDiscord, _: OnSlack) -> None:
        await trouble(discord)

    async with everything(tmp_path, begin=begin) as all_:
        await all_.slack.set_up()
        states = (await all_.report())["platforms"]
        assert states["slack"] == "ready"
        assert states["discord"] in ("connecting", "unreachable")
        await all_.tick(NINE)
        assert len(all_.slack.posts) == 1
        assert "B" in await all_.slack.press("B")
        await all_.discord.gateway.mend()
        await all_.discord.back()
        await all_.discord.set_up()


async def test_a_start_without_discord_at_all_waits_for_it(tmp_path: Path, hurried: None) -> None:
    async def away(discord: OnDiscord, _: OnSlack) -> None:
        await discord.line.away()
        await discord.gateway.away()

    async with everything(tmp_path, begin=away) as all_:
        await all_.slack.set_up()
        assert (await all_.report())["platforms"] == {"discord": "unreachable", "slack": "ready"}
        await all_.tick(NINE)
        assert len(all_.slack.posts) == 1
        await all_.discord.line.mend()
        await all_.discord.gateway.mend()
        await all_.discord.back()
        await all_.discord.set_up()
        assert len(all_.discord.fake.syncs) == 1


async def test_a_name_that_leads_nowhere_is_asked_for_until_it_does(
    tmp_path: Path, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[str, str] = {}
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and name.endswith(".invalid"):
            if name not in known:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            name = known[name]
        return real(name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def nothing(_: OnDiscord, __: OnSlack) -> None:
        """The name is enough."""

    async with everything(tmp_path, discord_host="discord.invalid", begin=nothing) as all_:
        await all_.slack.set_up()
        assert (await all_.report())["platforms"] == {"discord": "unreachable", "slack": "ready"}
        await all_.tick(NINE)
        assert len(all_.slack.posts) == 1
        known["discord.invalid"] = "127.0.0.1"
        await all_.discord.back()
        await all_.discord.set_up()


@PLATFORMS
async def test_an_answer_that_nobody_could_be_told_of_is_saved(tmp_path: Path, hurried: None, platform: str) -> None:
    async with everything(tmp_path) as all_:
        place = all_.place(platform)
        await all_.tick(NINE)
        place.line.say(http("503 Service Unavailable", b"{}"))
        place.line.used.clear()
        await place.pressed("B")
        await asyncio.wait_for(place.line.used.wait(), 20)
        await place.line.mend()
        # What couldn't be said at once may still come, and then comes first.
        assert "You already chose B" in await place.press("C") + await place.press("C")


@PLATFORMS
async def test_answers_that_take_five_seconds_hold_up_nobody(tmp_path: Path, platform: str) -> None:
    async with everything(tmp_path) as all_:
        place = all_.place(platform)
        place.line.slow(5.0)
        await all_.tick(NINE)
        assert [len(every.posts) for every in (place, *all_.others(platform))] == [1, 1]
        for other in all_.others(platform):
            assert "B" in await asyncio.wait_for(other.press("B"), 3)
        assert "B" in await asyncio.wait_for(place.press("B"), 4 if platform == "discord" else 30)
        await place.line.mend()
        await all_.tick(CLOSES)
        assert ["closed" in post for post in place.posts] == [True]


async def test_a_channel_that_hangs_holds_up_no_other(tmp_path: Path, hurried: None) -> None:
    async with everything(tmp_path) as all_:
        fake, first = all_.discord.fake, all_.discord.channel
        second = fake.channel(fake.guilds[first.guild or 0], name="second")
        await fake.gateway.dispatch("CHANNEL_CREATE", second.payload(), guild=first.guild)
        opened = await fake.command(_admin(), second, "trapwise-admin setup")
        await fake.until(lambda: opened.callback)
        await fake.answer(await fake.submit(opened, time="09:00", zone="Europe/Berlin"))
        gate = asyncio.Event()
        fake.trouble("POST", f"/{first.id}/messages", gate=gate, done=False)
        await all_.tick(NINE)
        assert (fake.posts(first), len(fake.posts(second))) == ([], 1)
        gate.set()
        for minutes in (1, 2, 5):
            await all_.tick(NINE + timedelta(minutes=minutes))
        assert [len(fake.posts(channel)) for channel in (first, second)] == [1, 1]
        answer = await fake.answer(
            await fake.press(ANA, fake.posts(first)[0], button(fake.posts(first)[0], "B")["custom_id"])
        )
        assert "### " in text(answer)


def _admin() -> world.Person:
    return world.Person(id=501, name="Ada", permissions=world.USUAL | world.MANAGE_CHANNELS)
