"""One bot with Discord, Slack and the web space at once, each platform behind a line that a test breaks and mends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest

from bot import config
from bot.adapters.discord import answering, budget, client, messenger, supervisor
from bot.adapters.slack import workspaces
from bot.compose import Running, running
from bot.config import Web
from tests.support import wire_discord_world as world
from tests.support.builders import SettableClock
from tests.support.outage_line import Line
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, ANA, EIGHT, button, small_content, text
from tests.support.wire_slack import APP_TOKEN, BOT_TOKEN, FakeSlack, User
from tests.support.wire_slack import Channel as SlackChannel
from tests.support.wire_slack_members import Hands

NINE = EIGHT + timedelta(hours=1)
CLOSES = EIGHT + timedelta(hours=9)
DAY = timedelta(days=1)


class Place(Protocol):
    """A channel on a platform that can break."""

    line: Line

    @property
    def posts(self) -> list[str]:
        """What the messages in the channel say now, oldest first."""
        ...

    @property
    def told(self) -> list[str]:
        """What whoever set the channel up was told in private messages that nobody asked for."""
        ...

    async def set_up(self) -> None:
        """Post a question each working day at nine in Berlin."""
        ...

    async def press(self, label: str) -> str:
        """Ana presses a button of the newest question; what she sees."""
        ...

    async def pressed(self, label: str) -> None:
        """The same without waiting for what she sees, which may be nothing."""
        ...

    async def back(self) -> None:
        """Wait until members reach the bot again."""
        ...


@dataclass
class OnDiscord:
    """Discord and a channel in it. `gateway` is the line of its own that the gateway has, if it has one."""

    fake: FakeDiscord
    line: Line
    gateway: Line
    channel: world.Channel
    host: str = "127.0.0.1"

    @property
    def environment(self) -> dict[str, str]:
        self.fake.gateway.url = f"ws://{self.host}:{self.gateway.port}/gw"
        return self.fake.environment() | {"DISCORD_API_BASE": f"http://{self.host}:{self.line.port}/api/v10"}

    @property
    def posts(self) -> list[str]:
        return [text(post) for post in self.fake.posts(self.channel)]

    @property
    def told(self) -> list[str]:
        direct = [place for place in self.fake.channels.values() if place.kind == world.DM]
        return [text(self.fake.messages[number]) for place in direct for number in place.messages]

    async def set_up(self) -> None:
        opened = await self.fake.command(ADMIN, self.channel, "trapwise-admin setup")
        await self.fake.until(lambda: opened.callback)
        await self.fake.answer(await self.fake.submit(opened, time="09:00", zone="Europe/Berlin"))

    async def press(self, label: str) -> str:
        return text(await self.fake.answer(await self._press(label)))

    async def pressed(self, label: str) -> None:
        await self._press(label)

    async def _press(self, label: str) -> world.Interaction:
        newest = self.fake.posts(self.channel)[-1]
        return await self.fake.press(ANA, newest, button(newest, label)["custom_id"])

    async def back(self) -> None:
        if not self.fake.gateway.sessions:
            await self.fake.connected()
        # What is said to a connection that has died unnoticed is lost, as it is for members: they say it again.
        for _ in range(20):
            asked = await self.fake.command(ANA, self.channel, "trapwise help")
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.finished.wait(), 1)
                return
        raise AssertionError("the bot doesn't come back")


@dataclass
class OnSlack:
    """Slack and a channel in it."""

    fake: FakeSlack
    line: Line
    channel: SlackChannel
    admin: User
    ana: User

    @property
    def environment(self) -> dict[str, str]:
        self.fake.base = f"http://127.0.0.1:{self.line.port}"
        return {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_BASE_URL": self.fake.api}

    @property
    def hands(self) -> Hands:
        return Hands(self.fake)

    @property
    def posts(self) -> list[str]:
        return [message["text"] for message in self.channel.messages.values() if "question" in message["text"].lower()]

    @property
    def told(self) -> list[str]:
        return [message["text"] for message in self.fake.direct(self.admin).messages.values()]

    async def set_up(self) -> None:
        await self.hands.command(self.admin, self.channel, "/trapwise schedule 09:00 Europe/Berlin")
        await self.fake.until(lambda: "Schedule" in str(self.admin.sees))

    async def press(self, label: str) -> str:
        seen = len(self.ana.sees)
        await self.pressed(label)
        await self.fake.until(lambda: len(self.ana.sees) > seen)
        return str(self.ana.sees[-1]["text"])

    async def pressed(self, label: str) -> None:
        await self.hands.press(self.ana, self.channel.newest, label)

    async def back(self) -> None:
        await self.fake.until(lambda: self.fake.sockets, seconds=40)
        seen = len(self.ana.sees)
        await self.hands.command(self.ana, self.channel, "/trapwise help")
        await self.fake.until(lambda: len(self.ana.sees) > seen)


Begin = Callable[[OnDiscord, OnSlack], Awaitable[None]]


@dataclass
class Everything:
    """The bot and what it is connected to."""

    parts: Running
    clock: SettableClock
    discord: OnDiscord
    slack: OnSlack

    def place(self, platform: str) -> Place:
        """The platform's channel, by its name."""
        return self.discord if platform == "discord" else self.slack

    def others(self, platform: str) -> list[Place]:
        """The platforms that nothing happens to."""
        return [self.slack if platform == "discord" else self.discord]

    async def tick(self, at: datetime) -> None:
        """Let it be that late, and everything due done as far as it can be."""
        self.clock.set(at)
        await self.parts.alarm.tick()
        await self.parts.alarm.settled()

    async def hour(self, begin: datetime, *, minutes: tuple[int, ...] = (0, 1, 3, 10, 20, 30, 40, 50, 60)) -> None:
        """An hour in which the alarm goes off now and then."""
        for minute in minutes:
            await self.tick(begin + timedelta(minutes=minute))

    async def connected(self) -> None:
        """Wait until the bot itself knows that it is connected to Discord."""
        client = self.parts.discord._client() if self.parts.discord is not None else None
        assert client is not None
        await asyncio.wait_for(client.wait_until_ready(), 15)
        assert (await self.report())["platforms"] == {"discord": "ready", "slack": "ready"}

    async def report(self) -> dict[str, Any]:
        """What /healthz says."""
        assert self.parts.health is not None
        return await self.parts.health.report()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits for an answer that never comes be short, so that an hour of outage passes in seconds."""
    for module, name, seconds in (
        (messenger, "ANSWERS_WITHIN", 1.0),
        (answering, "TAKES_WITHIN", 2.0),
        (supervisor, "FIRST_WAIT", 0.05),
        (supervisor, "WAIT_UNSPENT", 0.1),
        (supervisor, "LOGIN_WITHIN", 3.0),
        (supervisor, "OFFLINE", 1.0),
        (supervisor, "LOOKS", 0.1),
        (client, "SILENCE", 1.5),
        (client, "SERVERS_WITHIN", 0.1),
    ):
        monkeypatch.setattr(module, name, seconds)
    for module in (budget, workspaces):
        monkeypatch.setattr(module, "TIMEOUT", aiohttp.ClientTimeout(total=1.0))


@asynccontextmanager
async def everything(
    folder: Path, *, at: datetime = EIGHT, discord_host: str = "127.0.0.1", begin: Begin | None = None
) -> AsyncIterator[Everything]:
    """Start it all, and set a channel up on each platform. `begin` breaks lines before; then set up yourself."""
    if not (folder / "content").exists():
        small_content(folder / "content")
    async with AsyncExitStack() as stack:
        fake, slack = await FakeDiscord().start(), await FakeSlack().start()
        # So often that a gateway that falls silent is soon noticed.
        fake.gateway.heartbeat = 300
        stack.push_async_callback(fake.stop)
        stack.push_async_callback(slack.stop)
        lines = []
        for address in (fake.base, slack.base, fake.base):
            port = int(address.split("://")[1].split("/")[0].rpartition(":")[2])
            lines.append(await Line(("127.0.0.1", port)).start())
            stack.push_async_callback(lines[-1].stop)
        on_slack = OnSlack(
            slack,
            lines[1],
            slack.channel("C1", "exam-prep"),
            slack.user("U0", "Ada", admin=True),
            slack.user("U1", "Ana"),
        )
        on_discord = OnDiscord(fake, lines[0], lines[2], fake.channel(fake.guild()), discord_host)
        settings = replace(
            config.of({**on_discord.environment, **on_slack.environment}),
            database=f"sqlite:///{folder / 'trapwise.db'}",
            content=folder / "content",
            pack="my-exam",
            zone="Europe/Berlin",
            web=Web.ON,
            web_port=0,
            backups="",
        )
        clock = SettableClock(at)
        if begin is not None:
            await begin(on_discord, on_slack)
        async with running(settings, clock=clock) as parts:
            made = Everything(parts, clock, on_discord, on_slack)
            if begin is None:
                await on_discord.back()
                await made.connected()
                await on_discord.set_up()
                await on_slack.set_up()
            yield made
            for line in lines:
                await line.mend()
        assert not fake.faults, fake.faults
        assert slack.problems == []
