"""Notices when somebody takes the database's files away while the bot runs, and saves what only the bot still has.

A file that was deleted or moved stays readable for whoever has it open, and is lost when the last one closes it. So
everything confirmed is still there, and can be written back.
"""

import contextlib
import logging
import os
import sqlite3
from contextlib import closing
from enum import Enum
from pathlib import Path

from bot.core.errors import StorageBroken
from storage.connection import make_private, understood

_log = logging.getLogger(__name__)

GONE = (
    "{path} was moved or replaced while the bot ran, so nothing is saved any more. Stop the bot, put the right file "
    "in its place, and start it again. What the bot still had is in {rescued}."
)


class Lost(Enum):
    """What is no longer where it was when the database was opened."""

    NOTHING = "nothing"
    LOG = "log"
    FILE = "file"
    REPLACED = "replaced"


class Files:
    """The files of an open database; a path of None is one in memory, which has none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        # As text: paths are turned into it at each look otherwise, which costs more than looking.
        self._file = str(path) if path is not None else None
        self._log = f"{path}-wal" if path is not None else None
        self._seen: tuple[int | None, int | None] = (None, None)
        self._rescued: Path | None = None

    def note(self) -> None:
        """Take the files as they are for the right ones; right after opening."""
        self._seen = _number(self._file), _number(self._log)

    def lost(self) -> Lost:
        """What is gone; two looks at the folder, some microseconds."""
        if self._file is None:
            return Lost.NOTHING
        file, log = self._seen
        there = _number(self._file)
        if there != file:
            return Lost.FILE if there is None else Lost.REPLACED
        # A log that wasn't there yet when we looked has nothing in it that could be lost.
        return Lost.LOG if log is not None and _number(self._log) != log else Lost.NOTHING

    def save_log(self, db: sqlite3.Connection) -> None:
        """Write into the file what only the log held, so that the connection can be made anew."""
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _log.error("the log of %s was deleted while the bot ran; nothing is lost, and a new one is begun", self._path)

    def save_file(self, db: sqlite3.Connection) -> None:
        """Write the deleted file anew, in its old place. Raises StorageBroken."""
        if self._path is None:
            return
        _copy(db, self._path)
        _log.error("%s was deleted while the bot ran; it was written anew, nothing is lost", self._path)

    def refuse(self, db: sqlite3.Connection) -> StorageBroken:
        """Another file is in its place, which is not ours to overwrite: save a copy beside it, once, and say so."""
        path = self._path or Path()
        if self._rescued is None:
            target = path.with_name(f"{path.name}.rescued-{os.getpid()}")
            try:
                _copy(db, target)
            except StorageBroken as error:
                return error
            self._rescued = target
            _log.error(GONE.format(path=path, rescued=target))
        return StorageBroken(GONE.format(path=path, rescued=self._rescued))


def _copy(db: sqlite3.Connection, target: Path) -> None:
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        make_private(partial)
        with closing(sqlite3.connect(partial, isolation_level=None)) as copied:
            db.backup(copied)
            copied.execute("PRAGMA journal_mode = DELETE")
        # Sidecars of the file that is gone would be replayed into the new one.
        for suffix in ("-wal", "-shm"):
            target.with_name(f"{target.name}{suffix}").unlink(missing_ok=True)
        partial.rename(target)
    except sqlite3.Error as error:
        raise understood(error, str(target)) from error
    except OSError as error:
        raise StorageBroken(f"{target} can't be made: {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _number(path: str | None) -> int | None:
    """Which file this is; None if there is none."""
    if path is None:
        return None
    try:
        return os.stat(path).st_ino
    except OSError:
        return None
