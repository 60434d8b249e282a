"""Divides the shards among the processes on one database: each holds the leases of those that it serves.

Every shard has a client and a supervisor of its own here, so that taking over a dead process's shards leaves those
that are served alone. Whoever can't show any longer that it lives hangs up before others take its shards: a press
that two processes get would be answered twice.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace

import discord

from bot.adapters.discord import client as clients
from bot.adapters.discord import lines
from bot.adapters.discord.budget import BAD_TOKEN, ask_gateway
from bot.adapters.discord.client import Client, Parts
from bot.adapters.discord.supervisor import CONNECTING, READY, Supervisor
from bot.app.ports import Tx
from bot.app.services import Services
from bot.core.errors import MessengerError, SettingsError, StorageError, TrapwiseError

COUNT = "discord shards"
"""The name under which the number of shards is kept: all processes have to mean the same."""

PREFIX = "discord shard/"

LOOKS = 1.0
"""Seconds between looks at what is free and what is ours."""

TURN = 5.5
"""Seconds between two log-ins of all processes together; Discord asks for five."""

_log = logging.getLogger(__name__)


class LeasedShards:
    """The shards that this process serves at the moment, and a client for posting that needs none."""

    def __init__(self, parts: Parts, services: Services) -> None:
        self._services = services
        self._parts = replace(parts, turn=self._turn)
        self._serving: dict[int, tuple[Supervisor, asyncio.Task[None]]] = {}
        self._poster: Client | None = None
        self._count = 0
        self._at_once = 1
        self.tried = asyncio.Event()
        """Set once something can be posted, or that has failed."""

    @property
    def state(self) -> str:
        """How the connections stand; a process without shards is ready to post."""
        standings = {supervisor.state for supervisor, _ in self._serving.values()} - {READY}
        return min(standings, default=READY) if self._poster is not None else CONNECTING

    def client(self, guild: str = "") -> discord.Client | None:
        """The client that serves the server, else one that can post."""
        if guild.isdigit() and self._count:
            serving = self._serving.get((int(guild) >> 22) % self._count)
            if serving is not None and serving[0].client is not None:
                return serving[0].client
        return self._poster

    def serves(self, guild: str) -> bool:
        """Whether this process is told what happens in the server."""
        return self.client(guild) is not self._poster

    async def run(self) -> None:
        """Run until cancelled; raises SettingsError for what only the host can mend."""
        try:
            await self._begin()
            while True:
                await self._look()
                await asyncio.sleep(LOOKS)
        finally:
            self.tried.set()
            for number in list(self._serving):
                await self._hang_up(number)
            if self._poster is not None:
                await lines.close(self._poster)

    async def _begin(self) -> None:
        """Log in for posting, and agree on the number of shards."""
        while True:
            client = clients.make(replace(self._parts, settings=replace(self._parts.settings, shard_count=1)), shards=1)
            try:
                gateway = await ask_gateway(self._parts.settings)
                await client.login(self._parts.settings.token)
                wanted, self._at_once = self._parts.settings.shard_count or gateway.shards, gateway.at_once
                self._count = await self._services.storage.write(lambda tx, wanted=wanted: _agree(tx, wanted))  # type: ignore[misc]  # mypy doesn't know defaults of lambdas
            except discord.LoginFailure:
                await lines.close(client)
                raise SettingsError(BAD_TOKEN) from None
            except (MessengerError, StorageError, discord.DiscordException, OSError, TimeoutError) as error:
                await lines.close(client)
                _log.warning("no connection to Discord: %s", error if isinstance(error, TrapwiseError) else type(error))
                self.tried.set()
                await asyncio.sleep(5)
            else:
                self._poster = client
                self.tried.set()
                self._parts.budget.shards = self._count
                return

    async def _look(self) -> None:
        """Serve what is ours, take what is free and falls to us, give up what others should have."""
        for number, (_, task) in list(self._serving.items()):
            if task.done():
                await self._hang_up(number)
                task.result()
        if self._services.presence.left <= 0:
            for number in list(self._serving):
                _log.error("this process can't say that it lives; it leaves shard %d to others", number)
                await self._hang_up(number)
            return
        try:
            ours, surplus = await self._services.storage.write(self._claim)
        except StorageError as error:
            _log.warning("shards stay as they are: %s", error)
            return
        for number in set(self._serving) - ours:
            _log.warning("another process has shard %d now", number)
            await self._hang_up(number)
        for number in ours - set(self._serving):
            self._serve(number)
        for number in surplus:
            await self._hang_up(number)
            with suppress(StorageError):
                await self._services.storage.write(self._giving_up(number))

    def _claim(self, tx: Tx) -> tuple[frozenset[int], tuple[int, ...]]:
        """The shards that are ours, one more than before at most, and those of them that others wait for."""
        presence, leases = self._services.presence, tx.leases.held(f"{PREFIX}{self._count}/")
        held = {number: leases[name] for number in range(self._count) if (name := self._name(number)) in leases}
        wanted, surplus = shared_out(self._count, held, presence.holder, presence.others(tx))
        if wanted is not None and tx.leases.take(self._name(wanted), presence.holder, self._lasts()):
            held[wanted] = presence.holder
        return frozenset(number for number, holder in held.items() if holder == presence.holder), surplus

    def _lasts(self) -> float:
        # Renewed with everything else that the process holds; until then it may not outlive the process's own lease.
        return max(self._services.presence.left, 0.1)

    def _giving_up(self, number: int) -> Callable[[Tx], None]:
        return lambda tx: tx.leases.give_up(self._name(number), self._services.presence.holder)

    def _name(self, number: int) -> str:
        return f"{PREFIX}{self._count}/{number}"

    def _serve(self, number: int) -> None:
        settings = replace(self._parts.settings, shard_ids=(number,), shard_count=self._count)
        supervisor = Supervisor(replace(self._parts, settings=settings))
        task = asyncio.create_task(supervisor.run(), name=f"discord shard {number}")
        self._serving[number] = (supervisor, task)
        _log.info("serving shard %d of %d", number, self._count)

    async def _hang_up(self, number: int) -> None:
        _, task = self._serving.pop(number)
        task.cancel()
        await asyncio.wait({task})

    async def _turn(self, shard: int | None) -> None:
        """Wait until it is our turn to log in: Discord counts those of all processes together."""
        holder = f"{self._services.presence.holder}/turn"
        name = f"discord log-in/{(shard or 0) % self._at_once}"
        # It lasts for a log-in, whoever it was: so nobody takes it again before it has run out.
        holder = f"{holder}/{shard}"
        while not await self._services.storage.write(lambda tx: _take_turn(tx, name, holder)):  # noqa: ASYNC110
            await asyncio.sleep(0.5)


def shared_out(
    count: int, held: Mapping[int, str], me: str, others: Collection[str]
) -> tuple[int | None, tuple[int, ...]]:
    """Of `count` shards the one that `me` should take next, and those that it should give up.

    Everybody decides for itself by the same rule, and in the end nobody has two more than another.
    """
    share, rest = divmod(count, 1 + len(others))
    counts = Counter(held.values())
    # Where it doesn't come out even, some have one more; but first everybody has what all have.
    most = share + (1 if rest and all(counts[other] >= share for other in others) else 0)
    ours = sorted(number for number, holder in held.items() if holder == me)
    free = [number for number in range(count) if number not in held]
    return (free[0] if free and len(ours) < most else None), tuple(ours[most:])


def _take_turn(tx: Tx, name: str, holder: str) -> bool:
    return name not in tx.leases.held(name) and tx.leases.take(name, holder, TURN)


def _agree(tx: Tx, wanted: int) -> int:
    """The number of shards: what we want if nobody serves any, else what those mean who do."""
    if not tx.leases.held(PREFIX):
        tx.keyring.put(COUNT, str(wanted))
        return wanted
    return int(tx.keyring.settle(COUNT, str(wanted)))
