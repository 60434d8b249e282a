"""What the fake Discord knows at one time, and how a test looks at it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support import wire_discord_world as world
from tests.support.wire_discord_gateway import Gateway
from tests.support.wire_discord_world import Channel, Guild, Interaction

EPOCH = 1420070400000
PATIENCE = 15.0


@dataclass(slots=True, kw_only=True)
class Sent:
    """One request of the bot's and how it was answered."""

    method: str
    path: str
    body: Any
    files: dict[str, bytes]
    status: int = 0


@dataclass(slots=True, kw_only=True)
class Trouble:
    """What happens to the next requests of a route. `done` carries the request out before answering so."""

    method: str
    ending: str
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    done: bool = False
    cut: bool = False
    gate: asyncio.Event | None = None


class Refusal(Exception):
    """An error answer with Discord's own code."""

    def __init__(self, status: int, code: int, message: str = "refused") -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


class State:
    """Servers, messages, interactions, what was sent, and what shall go wrong."""

    def __init__(self, *, shards: int = 1) -> None:
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, dict[str, Any]] = {}
        self.interactions: dict[int, Interaction] = {}
        self.uploads: dict[int, bytes] = {}
        self.commands: list[dict[str, Any]] = []
        self.syncs: list[str] = []
        self.sent: list[Sent] = []
        self.faults: list[str] = []
        self.troubles: list[Trouble] = []
        self.shards, self.remaining, self.reset_after = shards, 1000, 60_000
        self.age_messages_by = 0.0
        self.deadline = 3.0
        self.changed = asyncio.Condition()
        self.gateway = Gateway(self.guilds, world.TOKEN)
        self._nonces: dict[tuple[int, str], int] = {}
        self._old_edits: dict[int, int] = {}
        self._count = 0
        self.max_concurrency = 1

    def snowflake(self) -> int:
        """A new id that carries the present time, as all of Discord's do."""
        self._count += 1
        return (int((time.time() - self.age_messages_by) * 1000) - EPOCH) << 22 | self._count

    def guild(self, name: str = "Night school", number: int = 0) -> Guild:
        """A new server. The bot is told of it when it connects, or by `announce`."""
        made = Guild(id=number or self.snowflake(), name=name)
        self.guilds[made.id] = made
        return made

    def channel(self, guild: Guild, **about: Any) -> Channel:
        """A new channel or thread in the server."""
        made = Channel(id=self.snowflake(), guild=guild.id, **about)
        guild.channels[made.id] = self.channels[made.id] = made
        return made

    def direct(self) -> Channel:
        """A direct message with the bot."""
        made = Channel(id=self.snowflake(), guild=None, kind=world.DM, name="")
        self.channels[made.id] = made
        return made

    def bot_may(self, channel: Channel) -> int:
        """The bot's permissions: a thread's are its parent's."""
        return self.channels[channel.parent].bot if channel.parent else channel.bot

    def trouble(self, method: str, ending: str, **what: Any) -> Trouble:
        """Let the next requests whose path ends so go wrong."""
        made = Trouble(method=method, ending=ending, **what)
        self.troubles.append(made)
        return made

    async def until(self, wanted: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
        """Wait until something is so, woken by each request; its value."""
        try:
            async with asyncio.timeout(seconds), self.changed:
                await self.changed.wait_for(lambda: bool(wanted()))
        except TimeoutError:
            told = [f"{found.method} {found.path} {found.status}" for found in self.sent[-12:]]
            raise AssertionError(f"waited in vain; faults {self.faults}; the last requests: {told}") from None
        return wanted()

    async def connected(self, times: int = 1) -> None:
        """Wait until the bot has logged in so often."""
        async with asyncio.timeout(PATIENCE), self.gateway.changed:
            await self.gateway.changed.wait_for(lambda: len(self.gateway.sessions) >= times)

    def posts(self, channel: Channel) -> list[dict[str, Any]]:
        """The messages of a channel, oldest first, those still there."""
        return [self.messages[number] for number in channel.messages if number in self.messages]

    def files(self, message: dict[str, Any]) -> dict[str, bytes]:
        """The files that a message holds."""
        return {found["filename"]: self.uploads[int(found["id"])] for found in message["attachments"]}

    def requests(self, method: str, ending: str) -> list[Sent]:
        """What the bot asked for so far."""
        return [found for found in self.sent if found.method == method and found.path.endswith(ending)]
