"""The connection to Discord: as little of it as the product needs.

No intent but `guilds`, which is not privileged and brings channels, threads and permissions; interactions need none.
No members, no messages are kept. https://docs.discord.com/developers/events/gateway#gateway-intents
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

import discord
import yarl

from bot.adapters.discord import payload, rawpress
from bot.adapters.discord.answering import Answering
from bot.adapters.discord.budget import LoginBudget
from bot.adapters.discord.pressing import Pressed
from bot.adapters.discord.settings import DiscordSettings
from bot.app.greeting import Arrival
from bot.core.refs import ChannelRef, Platform, WorkspaceRef

LONGEST_WAIT = 30.0
"""Seconds that discord.py itself may wait out a rate limit (its minimum); a longer one goes to the outbox."""

SERVERS_WITHIN = 2.0
"""Seconds after the last server that was announced, when all count as known (discord.py's own figure)."""

SILENCE = 60.0
"""Seconds without a word from the gateway after which discord.py connects anew; it answers a heartbeat each 41."""

_INTERACTION = "INTERACTION_CREATE"

_log = logging.getLogger(__name__)


class Guilds(Protocol):
    """Who is told about servers."""

    async def joined(self, guild: int) -> None:
        """The bot is in the server."""
        ...

    async def arrived(self, servers: Collection[Arrival]) -> None:
        """These may never have had the bot before."""
        ...

    async def removed(self, guild: int) -> None:
        """The bot was removed from the server."""
        ...

    async def present(self, guilds: Collection[int], *, served: Callable[[int], bool]) -> None:
        """These are all the servers the bot is in, of those that this process serves."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a client needs to do its work. `turn` waits until the shard may log in, if other processes do so too."""

    settings: DiscordSettings
    answering: Answering
    guilds: Guilds
    budget: LoginBudget
    sync: Callable[[discord.Client], Awaitable[None]]
    turn: Callable[[int | None], Awaitable[None]] | None = None


def point_at(settings: DiscordSettings) -> None:
    """Set where discord.py finds Discord. It only knows class attributes for that, which is why it is pinned."""
    # Without voice there is nothing to warn of.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    discord.http.Route.BASE = settings.api_base.rstrip("/")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)


def make(parts: Parts, *, shards: int) -> "Client":
    """A new client. One that has failed is never used again."""
    intents = discord.Intents.none()
    intents.guilds = True
    options: dict[str, Any] = {
        "intents": intents,
        "allowed_mentions": discord.AllowedMentions.none(),
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "max_messages": None,
        "max_ratelimit_timeout": LONGEST_WAIT,
        "heartbeat_timeout": SILENCE,
        "guild_ready_timeout": SERVERS_WITHIN,
    }
    settings = parts.settings
    if settings.shard_ids:
        count = settings.shard_count or shards
        return ShardedClient(parts, shard_ids=list(settings.shard_ids), shard_count=count, **options)
    if (settings.shard_count or shards) > 1:
        return ShardedClient(parts, shard_count=settings.shard_count or shards, **options)
    return PlainClient(parts, **options)


class _Events(discord.Client):
    """What both kinds of client do when something happens."""

    parts: Parts

    async def setup_hook(self) -> None:
        """Before the gateway: nothing here may depend on it, and on_ready can come many times."""
        self.add_dynamic_items(Pressed)
        self._read_presses_first()
        await self.parts.sync(self)

    def _read_presses_first(self) -> None:
        """Take presses as they come from the gateway; see rawpress. Whatever else comes goes discord.py's way."""
        parsers: dict[str, Callable[[Any], None]] | None = getattr(self._connection, "parsers", None)
        ordinary = parsers.get(_INTERACTION) if parsers is not None else None
        if parsers is None or ordinary is None:
            _log.warning("this discord.py keeps its parsers elsewhere; presses take the longer way")
            return

        def taken(data: Any) -> None:
            if not payload.sound(data):
                _log.warning("an interaction that isn't built as Discord builds them was dropped")
                return
            press = rawpress.read(data, server=self.get_guild)
            if press is None:
                try:
                    ordinary(data)
                except Exception as error:
                    # Raised further, it would end the connection for everybody.
                    _log.warning("an interaction that can't be read was dropped: %s", type(error).__name__)
            else:
                self.parts.answering.take(press, lambda: discord.Interaction(data=data, state=self._connection))

        parsers[_INTERACTION] = taken

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Discord wants five seconds between log-ins; too many of them end this client."""
        self.parts.budget.check()
        if self.parts.turn is not None:
            await self.parts.turn(shard_id)
        elif not initial:
            await asyncio.sleep(5.0)

    async def pressed(self, interaction: discord.Interaction, token: str) -> None:
        """A press that discord.py brought to our item."""
        await self.parts.answering.press(interaction, token)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Everything else that members do."""
        await self.parts.answering.other(interaction)

    async def on_ready(self) -> None:
        """All servers are known; happens again after each new session."""
        if self.is_closed():
            return
        _log.info("connected to Discord as %s, in %d servers", self.user, len(self.guilds))
        await self.parts.guilds.present([guild.id for guild in self.guilds], served=self._serves)
        await self.parts.guilds.arrived([_arrival(guild) for guild in self.guilds])

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was added."""
        await self.parts.guilds.joined(guild.id)
        await self.parts.guilds.arrived([_arrival(guild)])

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed. A server that is only away for a while doesn't come here."""
        await self.parts.guilds.removed(guild.id)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log; the default would print to wherever."""
        _log.exception("handling %s failed", event_method)

    def expect_no_servers(self) -> None:
        """End discord.py's wait for servers, which would go on and announce a connection that is gone."""
        waiting = getattr(self._connection, "_ready_task", None)
        if waiting is not None:
            waiting.cancel()

    async def close(self) -> None:
        """Log out."""
        self.expect_no_servers()
        await super().close()

    def _serves(self, guild: int) -> bool:
        count = self.shard_count or 1
        ids = self.parts.settings.shard_ids
        return not ids or (guild >> 22) % count in ids


def _arrival(guild: discord.Guild) -> Arrival:
    """Since when the bot is in the server, and the channel that the server has chosen for such messages."""
    workspace, me, place = WorkspaceRef(Platform.DISCORD, str(guild.id)), guild.me, guild.system_channel
    return Arrival(
        workspace=workspace,
        name=guild.name or "",
        joined=me.joined_at if me is not None else None,
        channel=ChannelRef(workspace, str(place.id)) if place is not None else None,
    )


class PlainClient(_Events):
    """One connection."""

    def __init__(self, parts: Parts, **options: Any) -> None:
        self.parts = parts
        super().__init__(**options)


class ShardedClient(_Events, discord.AutoShardedClient):
    """Several connections, each for its part of the servers."""

    def __init__(self, parts: Parts, **options: Any) -> None:
        self.parts = parts
        super().__init__(**options)


Client = PlainClient | ShardedClient
