"""Several processes on one database: which of them live, and what each may still do.

Each holds a lease under its own name and renews it. What it began to post is left to it for as long as the lease
runs; so it stops by itself, a little before, when it can't renew: then whoever takes over has it alone. Times are
told by the database's clock there, and by a clock that never jumps here, from before the renewal was asked for.
"""

import asyncio
import logging
import math
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.app.ports import Storage, Tx
from bot.app.presence import Presence
from bot.core.errors import StorageError

LASTS = 15.0
"""Seconds after its last renewal in which a process counts as living."""

RENEW = 3.0
"""Seconds between renewals."""

MARGIN = 4.0
"""Seconds that it stops before others may take over, for requests that are on their way."""

PREFIX = "process/"

_log = logging.getLogger(__name__)


class Pulse(Presence):
    """One of several processes. `start`, then `run`, and `stop` at the end.

    `on_death` is awaited when others have died, for the one that notices it first.
    """

    def __init__(self, storage: Storage) -> None:
        self.holder = secrets.token_hex(6)
        self.on_death: Callable[[], Awaitable[None]] | None = None
        self._storage = storage
        self._until = -math.inf
        self._limits: set[asyncio.Timeout] = set()
        self.renewed = asyncio.Event()
        """Set, and cleared again by whoever waits for it, after each renewal."""

    @property
    def left(self) -> float:
        # The clock of asyncio's loops, also for other threads.
        return self._until - time.monotonic()

    @property
    def alone(self) -> bool:
        return False

    def others(self, tx: Tx) -> frozenset[str]:
        return frozenset(tx.leases.held(PREFIX).values()) - {self.holder}

    @asynccontextmanager
    async def guarded(self) -> AsyncIterator[None]:
        if self.left <= 0:
            # A timeout would come into force only where what follows first waits for something.
            raise TimeoutError
        async with asyncio.timeout_at(self._until) as limit:
            self._limits.add(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    async def start(self) -> None:
        """Begin to count as living. Raises StorageError."""
        await self._renew()

    async def run(self) -> None:
        """Renew for ever."""
        while True:
            await asyncio.sleep(RENEW)
            try:
                if await self._renew() and self.on_death is not None:
                    await self.on_death()
            except StorageError as error:
                _log.warning("this process can't say that it lives, %.0f s are left: %s", max(self.left, 0), error)
            except Exception:
                _log.exception("this process could not say that it lives, in an unforeseen way; it tries again")

    async def stop(self) -> None:
        """Give up everything at once, so that others needn't wait."""
        self._until = -math.inf
        try:
            await self._storage.write(lambda tx: tx.leases.release(self.holder))
        except StorageError as error:
            _log.warning("others will notice only after %.0f s that this process has ended: %s", LASTS, error)

    async def _renew(self) -> bool:
        """Go on living; whether others were found dead."""

        def renew(tx: Tx) -> frozenset[str]:
            tx.leases.renew(self.holder, LASTS)
            tx.leases.take(PREFIX + self.holder, self.holder, LASTS)
            return tx.leases.sweep()

        began = time.monotonic()
        gone = await self._storage.write(renew)
        self._until = began + LASTS - MARGIN
        for limit in self._limits:
            # One that has run out already is on its way to be told so.
            if not limit.expired():
                limit.reschedule(self._until)
        self.renewed.set()
        return any(name.startswith(PREFIX) for name in gone)
