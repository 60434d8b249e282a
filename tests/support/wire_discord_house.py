"""The whole product, connected to the fake Discord by the real discord.py, under a clock that the test sets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from bot import config
from bot.app.ports import Tx
from bot.compose import Running, running
from bot.config import Settings, Web
from tests.support import wire_discord_rules as rules
from tests.support import wire_discord_world as world
from tests.support.builders import SettableClock
from tests.support.packs import item_entry, pack_entry, write_pack
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_world import Channel, Guild, Interaction, Person

EIGHT = datetime.fromisoformat("2031-11-24T07:00:00+00:00")
"""A Monday, 08:00 in Berlin; later than any machine shows, so that only the test lets time pass."""

ADMIN = Person(id=501, name="Ada", permissions=world.USUAL | world.MANAGE_CHANNELS)
T = TypeVar("T")
ANA, BEN = Person(id=502, name="Ana"), Person(id=503, name="Ben")


def small_content(folder: Path, *, items: int = 12, exam: int = 4) -> Path:
    """Content with one small pack, so that an exam is over soon."""
    pack = pack_entry()
    pack["blueprint"] = pack["blueprint"] | {"questions": str(exam), "minutes": "90"}
    entries = {
        domain: [item_entry(f"{domain}-{n}", domain=domain) for n in range(1, items + 1)]
        for domain in ("basics", "practice")
    }
    write_pack(folder, pack=pack, items=entries)
    return folder


@dataclass(kw_only=True)
class House:
    """One running bot and its Discord."""

    discord: FakeDiscord
    parts: Running
    clock: SettableClock
    guild: Guild
    channel: Channel

    async def tick(self, at: datetime) -> None:
        """Let it be that late, and everything due done."""
        self.clock.set(at)
        await self.parts.alarm.tick()
        await self.parts.alarm.settled()

    async def set_up(self, channel: Channel | None = None, **values: Any) -> dict[str, Any]:
        """Fill in the setup modal; the card that comes back."""
        opened = await self.discord.command(ADMIN, channel or self.channel, "trapwise-admin setup")
        await self.discord.until(lambda: opened.callback)
        sent = await self.discord.submit(opened, **({"time": "09:00", "zone": "Europe/Berlin"} | values))
        return await self.discord.answer(sent)

    async def press(self, person: Person, message: dict[str, Any], label: str) -> dict[str, Any]:
        """Press the button whose label begins so; what they see then."""
        return await self.discord.answer(await self.pressing(person, message, label))

    async def pressing(self, person: Person, message: dict[str, Any], label: str) -> Interaction:
        """Press without waiting for the answer."""
        return await self.discord.press(person, message, button(message, label)["custom_id"])

    async def say(self, person: Person, line: str, channel: Channel | None = None, **options: Any) -> dict[str, Any]:
        """Give a command; what they see."""
        return await self.discord.answer(await self.discord.command(person, channel or self.channel, line, **options))


def text(message: dict[str, Any]) -> str:
    """All texts of a message."""
    return "\n".join(part["content"] for part in rules.walk(message["components"]) if part["type"] == 10)


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    """All buttons of a message."""
    return [part for part in rules.walk(message["components"]) if part["type"] == 2]


def button(message: dict[str, Any], label: str) -> dict[str, Any]:
    """The button whose label begins so."""
    found = [part for part in buttons(message) if part["label"].startswith(label)]
    assert found, f"no button {label} among {[part['label'] for part in buttons(message)]}"
    return found[0]


def settings(discord: FakeDiscord, folder: Path, *, content: Path, **more: str) -> Settings:
    """Settings that point at the fake; `more` are variables of the environment."""
    return replace(
        config.of({**discord.environment(), **more}),
        database=f"sqlite:///{folder / 'trapwise.db'}",
        content=content,
        pack="my-exam",
        zone="Europe/Berlin",
        web=Web.OFF,
    )


@asynccontextmanager
async def discord_house(
    folder: Path, *, discord: FakeDiscord | None = None, at: datetime = EIGHT, wait: bool = True, **more: str
) -> AsyncIterator[House]:
    """Start everything. Ends with a failure if Discord found fault with anything that was sent."""
    mine = discord is None
    fake = discord or await FakeDiscord().start()
    content = folder / "content"
    if not content.exists():
        small_content(content)
    guild = next(iter(fake.guilds.values()), None) or fake.guild()
    channel = next(iter(guild.channels.values()), None) or fake.channel(guild)
    clock = SettableClock(at)
    sessions = len(fake.gateway.sessions)
    try:
        async with running(settings(fake, folder, content=content, **more), clock=clock) as parts:
            if wait:
                await fake.connected(sessions + 1)
            yield House(discord=fake, parts=parts, clock=clock, guild=guild, channel=channel)
    finally:
        if mine:
            await fake.stop()
    assert not fake.faults, fake.faults


@asynccontextmanager
async def hanging(house: House) -> AsyncIterator[None]:
    """No write is begun in the meantime; those that were asked for go on afterwards."""
    storage: Any = house.parts.services.storage
    go_on, real = asyncio.Event(), storage.write

    async def write(fn: Callable[[Tx], T], **_: bool) -> T:
        await go_on.wait()
        result: T = await real(fn)
        return result

    storage.write = write
    try:
        yield
    finally:
        go_on.set()
        storage.write = real
