"""Does the chores in the background: deletes what was kept for long enough, makes the backup, gives memory back."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.app.ports import Clock
from bot.app.retention import Retention
from bot.app.troubles import Troubles
from bot.backups import Backups
from bot.core.errors import StorageError
from bot.core.trouble import Trouble
from bot.memory import give_back

LOOKS = 60.0
"""Seconds between two looks at what is due."""

EVERY = timedelta(hours=24)
AGAIN = timedelta(hours=1)
"""How often old data is deleted, and how long after a failure that is tried again."""

PATIENCE = 3.0
"""Seconds that a chore under way gets at the end, to leave nothing half done."""

_log = logging.getLogger(__name__)


class Caretaker:
    """Nothing that goes wrong here ends the bot: it is logged, shown in /healthz and to managers, and tried again."""

    def __init__(
        self,
        retention: Retention,
        backups: Backups | None,
        clock: Clock,
        troubles: Troubles,
        *,
        amiss: Callable[[], str] = str,
    ) -> None:
        """`amiss` says what is wrong with the database although it answers, or nothing."""
        self._retention, self.backups, self._clock, self._troubles = retention, backups, clock, troubles
        self._amiss = amiss
        self._next: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self.looked = asyncio.Event()
        """Set once everything was looked at for the first time."""

    def start(self) -> None:
        """Look at once, and then every minute."""
        self._task = asyncio.create_task(self._run(), name="caretaker")

    async def stop(self) -> None:
        """Stop looking; a backup under way is broken off."""
        if self._task is None:
            return
        if self.backups is not None:
            self.backups.stop()
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=PATIENCE)

    async def look(self) -> None:
        """Do what is due."""
        self._look_at_database()
        await self._enforce()
        if self.backups is not None:
            await self.backups.run_due()
        await give_back()
        self.looked.set()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                _log.exception("a daily chore failed in an unforeseen way and is tried again")
            await asyncio.sleep(LOOKS)

    def _look_at_database(self) -> None:
        if amiss := self._amiss():
            if self._troubles.note(Trouble.DAMAGED):
                _log.error("the database is damaged: %s", amiss)
        else:
            self._troubles.over(Trouble.DAMAGED)

    async def _enforce(self) -> None:
        now = self._clock.now()
        # One that was set by a clock that was ahead would put it off for long.
        if self._next is not None and now < self._next <= now + EVERY:
            return
        try:
            await self._retention.enforce()
        except StorageError as error:
            self._next = now + AGAIN
            if self._troubles.note(Trouble.RETENTION):
                _log.error("old data could not be deleted, which is tried again in an hour: %s", error)
        else:
            self._next = now + EVERY
            self._troubles.over(Trouble.RETENTION)
