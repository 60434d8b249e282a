"""Makes a backup a day in the background, without anybody having to think of it."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.app.ports import Clock, Storage, Tx
from bot.app.troubles import Troubles
from bot.core import dates
from bot.core.errors import StorageError
from bot.core.trouble import Trouble

SINCE = "backups since"
"""The name under which it is kept when this database was first seen by a bot that makes backups."""

AGAIN = timedelta(hours=1)
"""How long after a failure the next one is tried."""

_log = logging.getLogger(__name__)


class Copies(Protocol):
    """Where backups are kept; see storage.dailybackup."""

    def made(self) -> Sequence[datetime]:
        """When those that are there were made, oldest first."""
        ...

    def make(self, now: datetime) -> object:
        """Make and verify one, then delete surplus ones. Blocks; raises StorageError."""
        ...

    def stop(self) -> None:
        """Break off one that is being made."""
        ...


class Backups:
    """Asked now and then, makes one if it is due: `at` o'clock in `zone` has come since the last.

    What is there tells what is due, so restarts make no more of them, and one that was missed is caught up on.
    """

    def __init__(
        self, copies: Copies, storage: Storage, clock: Clock, troubles: Troubles, *, at: time, zone: ZoneInfo
    ) -> None:
        self._copies, self._storage, self._clock, self._troubles = copies, storage, clock, troubles
        self._at, self._zone = at, zone
        self._again: datetime | None = None
        self.last: datetime | None = None

    async def run_due(self) -> bool:
        """Make one if it is due; whether it was made. A failure is noted and never raised."""
        now = self._clock.now()
        try:
            if not await self._is_due(now):
                return False
            await self._make(now)
        except (StorageError, OSError) as error:
            self._again = now + AGAIN
            if self._troubles.note(Trouble.BACKUP):
                _log.error("the automatic backup failed and is tried again in an hour: %s", error)
            return False
        self._again, self.last = None, now
        _log.info("made the daily backup")
        if self._troubles.over(Trouble.BACKUP):
            _log.info("automatic backups work again")
        return True

    def stop(self) -> None:
        """Break off one that is being made, since the process ends."""
        self._copies.stop()

    async def _make(self, now: datetime) -> None:
        making = asyncio.ensure_future(asyncio.to_thread(self._copies.make, now))
        try:
            await asyncio.shield(making)
        except asyncio.CancelledError:
            # The thread can't be cancelled. It looks whether to stop some times a second; until then it has the file.
            await asyncio.wait({making})
            making.exception()
            raise

    async def _is_due(self, now: datetime) -> bool:
        if self._again is not None and now < self._again <= now + AGAIN:
            return False
        # By a clock that was ahead backups may have been made in the future. They say nothing of today.
        made = [at for at in await asyncio.to_thread(self._copies.made) if at <= now]
        self.last = made[-1] if made else None
        return (self.last or await self._since(now)) < last_time(self._at, self._zone, now)

    async def _since(self, now: datetime) -> datetime:
        """When the first one began to be waited for: a new database has nothing worth a backup yet."""

        def since(tx: Tx) -> str:
            kept = tx.keyring.get(SINCE)
            if kept is None or datetime.fromisoformat(kept) > now:
                kept = now.isoformat()
                tx.keyring.put(SINCE, kept)
            return kept

        return datetime.fromisoformat(await self._storage.write(since))


def last_time(at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """The latest instant, not after `now`, at which clocks in `zone` showed `at`."""
    today = now.astimezone(zone).date()
    found = (dates.opening(today - dates.DAY * back, at, zone) for back in range(-1, 4))
    return next(instant for instant in found if instant is not None and instant <= now)
