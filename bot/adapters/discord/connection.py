"""Discord as a whole: what the composition root opens, posts through, watches and closes."""

import asyncio
import logging
from contextlib import suppress

import discord

from bot.adapters.discord import client as clients
from bot.adapters.discord import commands, supervisor
from bot.adapters.discord.answering import Answering
from bot.adapters.discord.budget import LoginBudget
from bot.adapters.discord.client import Parts
from bot.adapters.discord.guilds import KnownGuilds
from bot.adapters.discord.messenger import DiscordMessenger
from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.discord.shards import LeasedShards
from bot.adapters.discord.supervisor import Supervisor
from bot.app import leaving
from bot.app.commands import COMMANDS
from bot.app.dispatch import Trapwise
from bot.app.kept import keep, kept
from bot.app.services import Services
from bot.app.suggestions import Suggestions
from bot.core.errors import SettingsError, StorageError

REGISTERED = "discord commands"
"""The name under which the fingerprint of the registered commands is kept."""

FIRST_LOGIN = 5.0
"""Seconds to wait for the first log-in, so that what is due at the start can be posted at once."""

NO_ANSWERS = "not answering"
"""The gateway is there, but the last request got no answer."""

ERASE_EVERY = 6 * 3600.0

_log = logging.getLogger(__name__)


class DiscordConnection:
    """Made before the use cases, because they post through it; started after them, because it hands presses to them."""

    def __init__(self, settings: DiscordSettings) -> None:
        self._settings = settings
        self._supervisor: Supervisor | LeasedShards | None = None
        self._answering: Answering | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.messenger = DiscordMessenger(self._client, closest=self._closest)

    async def start(self, services: Services, trapwise: Trapwise) -> None:
        """Connect, and keep connecting; returns when the first log-in has succeeded, failed, or takes too long."""
        _check_shards(self._settings)
        # Below INFO it logs the body of every message, and addresses that let their reader answer for the bot.
        logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))
        clients.point_at(self._settings)
        suggestions = Suggestions(services.packs, services.default_pack, services.default_zone.key)
        self._answering = Answering(trapwise, suggestions)
        parts = Parts(
            settings=self._settings,
            answering=self._answering,
            guilds=KnownGuilds(services),
            budget=LoginBudget(),
            sync=lambda client: self._sync(client, services),
        )
        # Shards that the host has given to this process by number are its own.
        leased = not services.presence.alone and not self._settings.shard_ids
        self._supervisor = LeasedShards(parts, services) if leased else Supervisor(parts)
        self._tasks = [
            asyncio.create_task(self._supervisor.run(), name="discord"),
            asyncio.create_task(self._erase(services), name="discord: deleting"),
        ]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._supervisor.tried.wait(), FIRST_LOGIN)

    async def state(self) -> str:
        """`ready`, or what it is doing instead; for reports on health."""
        if self._supervisor is None:
            return supervisor.CONNECTING
        return (
            NO_ANSWERS
            if self._supervisor.state == supervisor.READY and self.messenger.silent
            else self._supervisor.state
        )

    async def watch(self) -> None:
        """Run for ever; raise what only the host can mend."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Log out, when what members are waiting for has been answered."""
        if self._answering is not None:
            await self._answering.settle()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _client(self) -> discord.Client | None:
        match self._supervisor:
            case LeasedShards() as shards:
                return shards.client()
            case Supervisor() as one:
                return one.client
            case _:
                return None

    def _closest(self, guild: str) -> discord.Client | None:
        """The client that knows the server, if this process serves it."""
        match self._supervisor:
            case LeasedShards() as shards:
                return shards.client(guild) if shards.serves(guild) else None
            case _:
                return self._client()

    async def _sync(self, client: discord.Client, services: Services) -> None:
        """Register the commands if they aren't as they were: Discord limits how many may be created a day."""
        payload = commands.payload(COMMANDS)
        application, guild = client.application_id or 0, self._settings.test_guild
        wanted = commands.fingerprint(payload, application=application, guild=guild)
        if await kept(services, REGISTERED) == wanted:
            return
        try:
            if guild is None:
                await client.http.bulk_upsert_global_commands(application, payload)
            else:
                await client.http.bulk_upsert_guild_commands(application, guild, payload)
        except (discord.HTTPException, discord.RateLimited) as error:
            # The old commands still work, and presses need none.
            _log.error("Discord didn't take the commands; they stay as they were: %s", error)
            return
        await keep(services, REGISTERED, wanted)
        _log.info("registered %d commands with Discord", len(payload))

    async def _erase(self, services: Services) -> None:
        while True:
            try:
                await leaving.erase_long_gone(services)
            except StorageError as error:
                _log.error("deleting what is due has to wait for the database: %s", error)
            await asyncio.sleep(ERASE_EVERY)


def _check_shards(settings: DiscordSettings) -> None:
    """Processes that asked Discord for the number each by itself could come to different answers."""
    if settings.shard_ids and settings.shard_count is None:
        raise SettingsError("DISCORD_SHARD_IDS needs DISCORD_SHARD_COUNT: how many shards there are in all.")
    if settings.shard_count is not None and any(number >= settings.shard_count for number in settings.shard_ids):
        raise SettingsError(f"DISCORD_SHARD_IDS: shards are numbered from 0 to {settings.shard_count - 1}.")
