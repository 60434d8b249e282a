"""Keeps a connection to Discord: a client that ends for whatever reason is replaced by a new one.

discord.py reconnects by itself after most failures, but its client ends when the very first connection fails or a
message from the gateway can't be read, and it may log in again every five seconds for ever.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

import discord

from bot.adapters.discord import client as clients
from bot.adapters.discord.budget import BAD_TOKEN, Gateway, TooManyLogins, ask_gateway
from bot.adapters.discord.client import Parts
from bot.core.errors import MessengerError, SettingsError

FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0
"""Seconds. Discord takes one log-in every five seconds."""

LIVED = 600.0
"""Seconds after which a client counts as having worked, so that the next failure begins with a short wait."""

FATAL = {
    4004: BAD_TOKEN,
    4010: "Discord refuses the shard. Check DISCORD_SHARD_IDS against DISCORD_SHARD_COUNT.",
    4011: "Discord wants more shards. Raise DISCORD_SHARD_COUNT, or leave it empty.",
    4012: "Discord no longer speaks the protocol of this version. Update Trapwise.",
    4013: "Discord refuses the intents of this version. Update Trapwise.",
    4014: "Discord refuses an intent that Trapwise doesn't ask for. Update Trapwise.",
}

_log = logging.getLogger(__name__)


class Supervisor:
    """Runs one client after another. `client` is the one that can be used to post, if there is one."""

    def __init__(self, parts: Parts, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._parts, self._sleep = parts, sleep
        self._client: discord.Client | None = None
        self._failures = 0
        self.tried = asyncio.Event()
        """Set once the first attempt to log in has ended, well or not."""

    @property
    def client(self) -> discord.Client | None:
        """The client, if it has logged in."""
        found = self._client
        return found if found is not None and found.user is not None and not found.is_closed() else None

    async def run(self) -> None:
        """Run until cancelled; raises SettingsError for what only the host can mend."""
        try:
            while True:
                began = time.monotonic()
                await self._run_one()
                self._client = None
                self.tried.set()
                self._failures = 0 if time.monotonic() - began > LIVED else self._failures + 1
                wait = back_off(self._failures)
                _log.warning("connecting to Discord again in %.0f s", wait)
                await self._sleep(wait)
        finally:
            await self.close()
            self.tried.set()

    async def close(self) -> None:
        """Log out."""
        found, self._client = self._client, None
        if found is not None and not found.is_closed():
            await found.close()

    async def _run_one(self) -> None:
        try:
            gateway = await ask_gateway(self._parts.settings)
            await self._spare(gateway)
            self._client = clients.make(self._parts, shards=gateway.shards)
            self._parts.budget.shards = self._shards(gateway)
            async with self._client as client:
                await client.login(self._parts.settings.token)
                self.tried.set()
                await client.connect()
        except discord.LoginFailure:
            raise SettingsError(BAD_TOKEN) from None
        except discord.PrivilegedIntentsRequired:
            raise SettingsError(FATAL[4014]) from None
        except discord.ConnectionClosed as error:
            if error.code in FATAL:
                raise SettingsError(FATAL[error.code]) from None
            _log.warning("Discord closed the connection with %s", error.code)
        except (MessengerError, TooManyLogins) as error:
            _log.warning("no connection to Discord: %s", error)
        except (SettingsError, asyncio.CancelledError):
            raise
        except Exception:
            _log.exception("the connection to Discord failed")

    async def _spare(self, gateway: Gateway) -> None:
        wait = gateway.wait(self._shards(gateway))
        if wait > 0:
            _log.error("only %d log-ins to Discord are left today; waiting %.0f s", gateway.remaining, wait)
            self.tried.set()
            await self._sleep(wait)

    def _shards(self, gateway: Gateway) -> int:
        settings = self._parts.settings
        return len(settings.shard_ids) or settings.shard_count or gateway.shards


def back_off(failures: int) -> float:
    """Seconds before the next client: doubling, with some chance in it so that many processes don't come together."""
    if failures <= 0:
        return FIRST_WAIT
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures, 20))
    return longest * random.uniform(0.75, 1.0)  # noqa: S311  no secret
