"""The backups that the bot makes by itself: their names, how many are kept, and which may be deleted."""

import contextlib
import re
import shutil
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.core.errors import StorageBroken
from storage.backup import Examined, back_up
from storage.connection import make_folder

SPARE_BYTES = 50_000_000
"""What a backup has to leave free: on a full disk no more answers could be saved."""

PAUSE = 0.01
"""Seconds between two steps of about 8 MB, so that commits get their turn on a slow disk."""

_INSTANT = "%Y%m%d-%H%M%S"


class DailyBackups:
    """Backups of one database in one folder, which are told from all other files by their names.

    A name holds the instant in UTC, so what is there tells when the next one is due, whatever happened in between.
    """

    def __init__(self, database: Path, folder: Path, *, keep: int) -> None:
        self._database, self._folder, self._keep = database, folder, keep
        self._name = re.compile(re.escape(database.stem) + r"-auto-(\d{8}-\d{6})\.db(\.partial)?")
        self._stop = threading.Event()

    def made(self) -> Sequence[datetime]:
        """When the backups that are there were made, oldest first."""
        return sorted(at for at, path in self._found() if path.suffix == ".db")

    def make(self, now: datetime) -> Examined:
        """Make and verify one, and only then delete the oldest beyond those to keep. Takes a while.

        Raises StorageError; then every older one is still there.
        """
        target = self._folder / f"{self._database.stem}-auto-{now.astimezone(UTC).strftime(_INSTANT)}.db"
        make_folder(self._folder)
        self._sweep()
        self._check_space()
        made = back_up(self._database, target, self._pace, stopped=self._stop.is_set)
        self._thin(target, now)
        return made

    def stop(self) -> None:
        """Break off one that is being made; it leaves nothing behind."""
        self._stop.set()

    def _pace(self, done: int, total: int) -> None:
        time.sleep(PAUSE)

    def _check_space(self) -> None:
        needed = self._database.stat().st_size + SPARE_BYTES
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise StorageBroken(
                f"A backup to {self._folder} needs {needed / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free. "
                "Free some space, or set TRAPWISE_BACKUPS to another disk."
            )

    def _thin(self, newest: Path, now: datetime) -> None:
        # What a clock that was ahead has made has a wrong date, so it is the first to go.
        others = [(at <= now, at, path) for at, path in self._found() if path.suffix == ".db" and path != newest]
        surplus = len(others) + 1 - self._keep
        for _, _, path in sorted(others)[: max(0, surplus)]:
            with contextlib.suppress(OSError):  # one that can't be deleted now is deleted tomorrow
                path.unlink()

    def _sweep(self) -> None:
        """Delete what a killed process left half made."""
        for _, path in self._found():
            if path.suffix == ".partial":
                path.unlink(missing_ok=True)

    def _found(self) -> Sequence[tuple[datetime, Path]]:
        """Files of ours, and nobody else's: a link or a folder of such a name was not made by us."""
        found = []
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            match = self._name.fullmatch(path.name)
            if match and path.is_file() and not path.is_symlink():
                with contextlib.suppress(ValueError):  # digits that are no date
                    found.append((datetime.strptime(match[1], _INSTANT).replace(tzinfo=UTC), path))
        return found
