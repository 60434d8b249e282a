"""Discord's interactions, changed: parsed by the real discord.py, handled by our handlers and the whole product."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import discord

from tests.fuzz.looped import LoopedBench, looped
from tests.fuzz.mutation import mutated_json
from tests.fuzz.target import Complaints, Target, Wrong
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ANA, BEN, EIGHT, discord_house
from tests.support.wire_discord_house import House as DiscordHouse
from tests.support.wire_discord_world import Interaction

KINDS = (2, 3, 4, 5)


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[LoopedBench]:
    fake = await FakeDiscord().start()
    try:
        async with discord_house(folder, discord=fake) as house:
            await _usual_day(house)
            seeds = [
                json.dumps(event["d"]).encode()
                for session in fake.gateway.sessions
                for event in session.events
                if event["t"] == "INTERACTION_CREATE"
            ]
            fake.faults.clear()
            with Complaints(("bot.",), others=("discord", "asyncio")).listening() as complaints:
                yield LoopedBench(check=partial(_happened, house, complaints), seeds=tuple(seeds))
            fake.faults.clear()
    finally:
        await fake.stop()


async def _usual_day(house: DiscordHouse) -> None:
    """What people do, so that there is one seed of each kind."""
    fake = house.discord
    await house.set_up()
    await house.tick(EIGHT + timedelta(hours=1))
    [post] = fake.posts(house.channel)[-1:]
    await house.press(BEN, post, "B")
    await house.say(ANA, "quiz", domain="basics", count=3)
    for line in ("stats", "leaderboard", "exam", "trapwise settings", "trapwise help"):
        await house.say(ANA, line)
    await fake.complete(ANA, house.channel, "quiz", "domain", "pra")
    await house.say(ANA, "quiz", channel=fake.direct())


async def _happened(house: DiscordHouse, complaints: Complaints, data: bytes) -> None:
    fake, client = house.discord, _client(house)
    event = json.loads(data)
    if isinstance(event, dict):
        _enlist(fake, house, event)
    before = asyncio.all_tasks()
    client._connection.parsers["INTERACTION_CREATE"](event)
    while new := [task for task in asyncio.all_tasks() - before if task.get_name().startswith("discord")]:
        await asyncio.wait(new)
    complaints.settle()
    refused = [fault for fault in fake.faults if "callback type" not in fault]
    _tidy(fake)
    if refused:
        raise Wrong(f"an answer that Discord would refuse: {refused}")


def _client(house: DiscordHouse) -> discord.Client:
    assert house.parts.discord is not None
    client = house.parts.discord._client()
    assert client is not None
    return client


def _enlist(fake: FakeDiscord, house: DiscordHouse, event: dict[str, Any]) -> None:
    """Let the fake know of the interaction, under an id of its own, or no answer to it would be taken."""
    known = fake.interactions.get(_number(event.get("id")))
    if known is None or event.get("token") != known.token:
        return
    number = fake.snowflake()
    kind = event.get("type") if event.get("type") in KINDS else known.kind
    source = event.get("message")
    message = _number(source.get("id")) if isinstance(source, dict) else 0
    fake.interactions[number] = Interaction(
        id=number,
        token=f"fuzz-{number}",
        kind=int(kind or 3),
        person=known.person,
        channel=known.channel,
        source=message if message in fake.messages else None,
    )
    event["id"], event["token"] = str(number), f"fuzz-{number}"


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 30 else 0


def _tidy(fake: FakeDiscord) -> None:
    """Forget what was answered, or the memory fills."""
    fake.faults.clear()
    for number in [number for number, made in fake.interactions.items() if made.token.startswith("fuzz-")]:
        del fake.interactions[number]
    if len(fake.sent) > 500:
        fake.sent.clear()
        for number in list(fake.messages)[300:]:
            del fake.messages[number]


TARGETS = (Target(name="Discord interactions", share=40, opened=partial(looped, _opened), mutate=mutated_json),)
