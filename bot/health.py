"""Whether all is well, for whoever supervises the process: is it alive, and can it serve?"""

import asyncio
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot import __version__
from bot.alarm import STALLED_AFTER, Alarm
from bot.app.ports import Clock, Storage, Tx
from bot.app.troubles import Troubles
from bot.backups import Backups
from bot.core.errors import StorageError

PROBE = "probe"
"""The name under which the write that proves the database writable is kept."""

FRESH = 1.0
"""Seconds for which one look serves all who ask: a page that anybody may call must not keep the disk busy."""

PATIENCE = 3.0
"""Seconds after which a database that doesn't answer counts as stuck."""

READY = "ready"
"""What a connection that can take presses says of itself; anything else says why it can't."""


class Connection(Protocol):
    """A platform we are connected to."""

    async def state(self) -> str:
        """`ready`, or a word for what it is doing instead, such as `connecting`."""
        ...


class Database(Storage, Protocol):
    """The storage, as far as its health goes; see storage.OpenStorage."""

    @property
    def waiting(self) -> int: ...
    @property
    def amiss(self) -> str: ...


class Health:
    """Asks the parts how they are. `platforms` are filled in by whoever starts them, `started` and `stopping` set."""

    def __init__(
        self, storage: Database, alarm: Alarm, clock: Clock, troubles: Troubles, backups: Backups | None = None
    ) -> None:
        self._storage, self._alarm, self._clock, self._troubles = storage, alarm, clock, troubles
        self._backups = backups
        self._looking = asyncio.Lock()
        self._looked = (0.0, "")
        self.platforms: dict[str, Connection] = {}
        self.started = self.stopping = False

    async def report(self) -> dict[str, Any]:
        """`ok` and what it rests on: the database takes writes and the alarm ticks. Besides, what else is known."""
        database = await self._database()
        age = time.monotonic() - self._alarm.last_tick
        return {
            "ok": database == "ok" and age < STALLED_AFTER,
            "version": __version__,
            "database": database,
            "alarm_seconds_since_tick": round(age, 1),
            "calls_waiting": self._storage.waiting,
            "outbox": await self._outbox(),
            "platforms": await self._states(),
            "last_backup": _iso(self._backups.last) if self._backups is not None else "off",
            "troubles": sorted(self._troubles.now),
            "memory_mb": memory_mb(),
        }

    async def readiness(self) -> dict[str, Any]:
        """`ok` if presses can be taken just now; `why` says in words what stands against it."""
        why = []
        if self.stopping:
            why.append("it is stopping")
        elif not self.started:
            why.append("it is starting")
        if (database := await self._database()) != "ok":
            why.append(f"database: {database}")
        if time.monotonic() - self._alarm.last_tick >= STALLED_AFTER:
            why.append("the alarm doesn't tick")
        states = await self._states()
        why += [f"{name} is {state}" for name, state in states.items() if state != READY]
        return {"ok": not why, "why": why, "platforms": states}

    async def _database(self) -> str:
        """ok, or what is wrong. However many ask, there is one look at a time."""
        async with self._looking:
            at, said = self._looked
            if time.monotonic() - at > FRESH or not said:
                said = await self._probe()
                self._looked = time.monotonic(), said
            return said

    async def _probe(self) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._storage.write(lambda tx: tx.keyring.put(PROBE, str(int(time.time()))))
        except StorageError as error:
            return str(error)
        except TimeoutError:
            return f"The database has not answered for {PATIENCE:.0f} s."
        return self._storage.amiss or "ok"

    async def _outbox(self) -> dict[str, Any] | None:
        """How much should have been posted by now and hasn't, and for how many seconds; None if it can't be asked."""
        now = self._clock.now()

        def ask(tx: Tx) -> tuple[int, datetime | None]:
            return tx.deliveries.backlog(now)

        try:
            async with asyncio.timeout(PATIENCE):
                count, oldest = await self._storage.read(ask)
        except (StorageError, TimeoutError):
            return None
        return {"waiting": count, "oldest_seconds": round((now - oldest).total_seconds()) if oldest else 0}

    async def _states(self) -> Mapping[str, str]:
        return {name: await connection.state() for name, connection in self.platforms.items()}


def memory_mb() -> int | None:
    """The memory that the process occupies, in MB; None where the system doesn't tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None
