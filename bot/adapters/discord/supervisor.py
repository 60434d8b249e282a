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
from bot.adapters.discord import lines
from bot.adapters.discord.budget import BAD_TOKEN, Gateway, TooManyLogins, ask_gateway
from bot.adapters.discord.client import Client, Parts
from bot.core.errors import MessengerError, SettingsError

FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0
"""Seconds. Discord takes one log-in every five seconds."""

WAIT_UNSPENT = 60.0
"""Seconds to wait at most after a failure that cost no log-in, so that the end of an outage is noticed soon."""

LIVED = 600.0
"""Seconds after which a client counts as having worked, so that the next failure begins with a short wait."""

LOGIN_WITHIN = 90.0
"""Seconds that logging in and registering the commands may take; discord.py itself would wait for half an hour."""

OFFLINE = 90.0
"""Seconds without a gateway after which a client is given up: its own pauses grow to a quarter of an hour."""

LOOKS = 5.0
"""Seconds between looks at whether there is a gateway."""

READY, CONNECTING, UNREACHABLE, SPARING = "ready", "connecting", "unreachable", "waiting for log-ins"
"""How the connection stands."""

FATAL = {
    4004: BAD_TOKEN,
    4010: "Discord refuses the shard. Check DISCORD_SHARD_IDS against DISCORD_SHARD_COUNT.",
    4011: "Discord wants more shards. Raise DISCORD_SHARD_COUNT, or leave it empty.",
    4012: "Discord no longer speaks the protocol of this version. Update Trapwise.",
    4013: "Discord refuses the intents of this version. Update Trapwise.",
    4014: "Discord refuses an intent that Trapwise doesn't ask for. Update Trapwise.",
}

_log = logging.getLogger(__name__)


class Offline(Exception):
    """There has been no gateway for so long that a new client is the better remedy."""


class Supervisor:
    """Runs one client after another. `client` is the one that can be used to post, if there is one.

    One that lost its gateway stays in use for posting until the next has logged in: Discord often still takes
    requests when its gateway is away.
    """

    def __init__(self, parts: Parts, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._parts, self._sleep = parts, sleep
        self._client: Client | None = None
        self._failures = 0
        self._standing = CONNECTING
        self.tried = asyncio.Event()
        """Set once the first attempt to log in has ended, well or not."""

    @property
    def client(self) -> discord.Client | None:
        """The client, if it has logged in."""
        found = self._client
        return found if found is not None and found.user is not None and not found.is_closed() else None

    @property
    def state(self) -> str:
        """How the connection stands, in a word or two: `ready`, or why not."""
        client = self._client
        if self._standing != READY or client is None:
            return self._standing
        return READY if client.is_ready() and lines.open_to(client) else CONNECTING

    async def run(self) -> None:
        """Run until cancelled; raises SettingsError for what only the host can mend."""
        try:
            while True:
                began, used = time.monotonic(), self._parts.budget.used
                await self._run_one()
                if self._client is not None:
                    await lines.hang_up(self._client)
                self.tried.set()
                self._failures = 0 if time.monotonic() - began > LIVED else self._failures + 1
                wait = back_off(self._failures)
                if self._parts.budget.used == used:
                    wait = min(wait, WAIT_UNSPENT)
                _log.warning("connecting to Discord again in %.0f s", wait)
                await self._sleep(wait)
        finally:
            await self.close()
            self.tried.set()

    async def close(self) -> None:
        """Log out."""
        found, self._client = self._client, None
        if found is not None:
            await lines.close(found)

    async def _run_one(self) -> None:
        try:
            gateway = await ask_gateway(self._parts.settings)
            await self._spare(gateway)
            self._parts.budget.shards = self._shards(gateway)
            client = await self._log_in(gateway)
            self._standing = READY
            self.tried.set()
            try:
                await self._stay(client)
            finally:
                self._standing = CONNECTING
        except discord.LoginFailure:
            raise SettingsError(BAD_TOKEN) from None
        except discord.PrivilegedIntentsRequired:
            raise SettingsError(FATAL[4014]) from None
        except discord.ConnectionClosed as error:
            if error.code in FATAL:
                raise SettingsError(FATAL[error.code]) from None
            _log.warning("Discord closed the connection with %s", error.code)
        except (MessengerError, TooManyLogins, Offline) as error:
            self._standing = UNREACHABLE
            _log.warning("no connection to Discord: %s", error)
        except TimeoutError:
            self._standing = UNREACHABLE
            _log.warning("no connection to Discord: it didn't answer in time")
        except (SettingsError, asyncio.CancelledError):
            raise
        except Exception:
            self._standing = UNREACHABLE
            _log.exception("the connection to Discord failed")

    async def _log_in(self, gateway: Gateway) -> Client:
        """A new client that can post, in place of the last one."""
        client = clients.make(self._parts, shards=gateway.shards)
        try:
            async with asyncio.timeout(LOGIN_WITHIN):
                await client.login(self._parts.settings.token)
        except BaseException:
            await lines.close(client)
            raise
        last, self._client = self._client, client
        if last is not None:
            await lines.close(last)
        return client

    async def _stay(self, client: Client) -> None:
        """Serve the gateway until it ends; raise Offline when it has been away for too long."""
        serving = asyncio.create_task(client.connect(), name="discord gateway")
        try:
            online = time.monotonic()
            while not serving.done():
                await asyncio.wait({serving}, timeout=LOOKS)
                if lines.open_to(client):
                    online = time.monotonic()
                elif time.monotonic() - online > OFFLINE:
                    raise Offline(f"there was no gateway for {OFFLINE:.0f} s")
            serving.result()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _spare(self, gateway: Gateway) -> None:
        wait = gateway.wait(self._shards(gateway))
        if wait > 0:
            _log.error("only %d log-ins to Discord are left today; waiting %.0f s", gateway.remaining, wait)
            self._standing = SPARING
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
