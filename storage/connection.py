"""Connections to SQLite with our settings, the lock that keeps a second process out, and failures in our own terms."""

import os
import sqlite3
from pathlib import Path

from filelock import FileLock, Timeout

from bot.core.errors import StorageBroken, StorageBusy, StorageError, StorageInUse

BUSY_TIMEOUT_MS = 1_400
"""How long a lock held by another program is waited for. A call that arrives while an earlier one waits has to
wait for both, and platforms want an acknowledgement within 3 s."""

CHECKPOINT_PAGES = 4_000
"""How long the write-ahead log gets before it is folded into the file. A hundred who answer at once change some
hundred pages, many of them the same ones each time: folding them in at the usual 1,000 would double the syncs."""

CACHE_KIB = 32_000
"""How much of the file SQLite keeps in memory."""

WAL_LIMIT_BYTES = 64 * 1024 * 1024
"""What the write-ahead log is cut back to after a long reader, such as a backup, has let it grow."""

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {
    sqlite3.SQLITE_FULL: "the disk is full. Free some space; answers are taken again by themselves",
    sqlite3.SQLITE_IOERR: "the disk reports an error. Check it, and have a backup at hand",
    sqlite3.SQLITE_READONLY: "the file or its folder can't be written to. Give this user the right to write",
    sqlite3.SQLITE_PERM: "this user may not use the file. Change its owner or rights",
    sqlite3.SQLITE_CANTOPEN: "the file can't be opened. Check that its folder exists and can be written to",
    sqlite3.SQLITE_CORRUPT: "the file is damaged. Stop the bot and restore a backup: trapwise data restore",
    sqlite3.SQLITE_NOTADB: "the file is no database. Check the path, or restore a backup: trapwise data restore",
}


def connect(path: str, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with our settings; raises StorageError with a sentence that says what to do.

    One that is `read_only` never checkpoints, so it may be open beside the bot's own:
    https://sqlite.org/wal.html#walresetbug
    """
    db = None
    try:
        if read_only:
            db = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        else:
            # Threads take turns at it; see storage.lone.
            db = sqlite3.connect(path, isolation_level=None, cached_statements=256, check_same_thread=False)
        db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        db.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            db.execute("PRAGMA journal_mode = WAL")
            # FULL, since with shared commits it costs nothing measurable, and NORMAL may lose acknowledged
            # answers when the power fails: https://sqlite.org/pragma.html#pragma_synchronous
            db.execute("PRAGMA synchronous = FULL")
            db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            db.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}")
            # What somebody asked to have deleted is overwritten, and doesn't live on in free pages.
            db.execute("PRAGMA secure_delete = ON")
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        if db is not None:
            db.close()
        raise understood(error, path) from error
    return db


def understood(error: sqlite3.Error, path: str) -> StorageError:
    """The failure in our own terms, with a sentence that says what to do."""
    # The low byte is the primary code: https://sqlite.org/rescode.html
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    found: StorageError
    if code in _BUSY:
        found = StorageBusy(f"{path} is locked by another program. Close it there, then try again.")
    elif code in _BROKEN:
        found = StorageBroken(f"{path}: {_BROKEN[code]}.")
    else:
        found = StorageBroken(f"{path}: {error}")
    found.__cause__ = error
    return found


def hold(path: Path) -> FileLock:
    """Keep every other process out of the database until released; StorageInUse if one has it already."""
    # Resolved, so that a link to the file leads to the same lock as the file itself.
    lock = FileLock(f"{path.resolve()}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise StorageInUse(
            f"{path} is in use by another Trapwise. Stop that one first, or set TRAPWISE_DATABASE to another file."
        ) from error
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageBroken(
            f"{path}.lock can't be written: {reason}. Give this user the right to write there."
        ) from error
    return lock


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, unless they are there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageBroken(f"The folder {folder} can't be made: {error.strerror}.") from error


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read, unless it is there: it will hold names and a signing key."""
    make_folder(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StorageBroken(
            f"{path} can't be made: {error.strerror}. Give this user the right to write to {path.parent}."
        ) from error
