"""Whether all is well, for whoever supervises the process."""

import time
from typing import Any

from bot.alarm import STALLED_AFTER, Alarm
from bot.app.ports import Storage
from bot.core.errors import StorageError


class Health:
    """Asks the parts how they are."""

    def __init__(self, storage: Storage, alarm: Alarm) -> None:
        self._storage, self._alarm = storage, alarm

    async def report(self) -> dict[str, Any]:
        """`ok`, whether the database takes writes, and the seconds since the alarm's last tick."""
        try:
            await self._storage.write(lambda tx: tx.keyring.put("probe", str(int(time.time()))))
            database = "ok"
        except StorageError as error:
            database = str(error)
        age = time.monotonic() - self._alarm.last_tick
        return {
            "ok": database == "ok" and age < STALLED_AFTER,
            "database": database,
            "alarm_seconds_since_tick": round(age, 1),
        }
