"""SQLite: one file, one process, one thread that owns the one connection.

Writes that are waiting together share one BEGIN IMMEDIATE ... COMMIT, each in a savepoint of its own, and every
caller is resumed only after the commit that holds its write. So one sync to disk serves all who press at once,
and a failing write takes nobody else's with it.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from bot.app.ports import Tx
from bot.core.errors import StorageBroken, StorageBusy, StorageError, StorageInUse
from storage.tx import SqlTx, over
from storage.version import LATEST

T = TypeVar("T")

BUSY_TIMEOUT_MS = 2_000
"""How long a lock held by somebody else is waited for. Platforms want an acknowledgement within 3 s."""

BATCH_MAX = 512
"""The most calls that share one transaction; it bounds how long the first of them waits for the last."""

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


@dataclass(frozen=True, slots=True)
class _Job:
    """One call: the function, whether it writes, and where the outcome goes."""

    fn: Callable[[SqlTx], Any]
    writes: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


def connect(path: str, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with our settings; raises StorageError with a sentence that says what to do."""
    try:
        if read_only:
            db = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=2)
        else:
            db = sqlite3.connect(path, isolation_level=None, cached_statements=256, timeout=2)
        db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        db.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            db.execute("PRAGMA journal_mode = WAL")
            # FULL, since with shared commits it costs nothing measurable, and NORMAL may lose acknowledged
            # answers when the power fails: https://sqlite.org/pragma.html#pragma_synchronous
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA cache_size = -32000")
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        raise understood(error, path) from error
    return db


def understood(error: sqlite3.Error, path: str) -> StorageError:
    """The failure in our own terms, with a sentence that says what to do."""
    # The low byte is the primary code: https://sqlite.org/rescode.html
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return StorageBusy(f"{path} is locked by another program. Close it there, then try again.")
    if code in _BROKEN:
        return StorageBroken(f"{path}: {_BROKEN[code]}.")
    return StorageBroken(f"{path}: {error}")


class SqliteStorage:
    """See ports.Storage. Use `open`, and `close` at the end."""

    def __init__(self, path: Path | None) -> None:
        self._path = str(path) if path else ":memory:"
        self._lock = FileLock(f"{path}.lock", timeout=0) if path else None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="storage", daemon=True)
        self._opened: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    async def open(cls, path: Path | None) -> "SqliteStorage":
        """Open the file, made and migrated as needed; None is a database in memory.

        Raises StorageInUse if another process has it, else StorageError.
        """
        storage = cls(path)
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageBroken(f"The folder {path.parent} can't be made: {error.strerror}.") from error
        if storage._lock is not None:
            try:
                storage._lock.acquire()
            except Timeout as error:
                raise StorageInUse(
                    f"{path} is in use by another Trapwise. Stop that one first, or set TRAPWISE_DATABASE "
                    "to another file."
                ) from error
            except OSError as error:
                raise StorageBroken(
                    f"{path}.lock can't be written: {error.strerror}. Give this user the right to write there."
                ) from error
        storage._loop = asyncio.get_running_loop()
        storage._opened = storage._loop.create_future()
        storage._thread.start()
        try:
            await storage._opened
        except BaseException:
            storage._release()
            raise
        return storage

    async def write(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` in a transaction that is committed before this returns."""
        return await self._submit(fn, writes=True)

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn`, which changes nothing, on a consistent view."""
        return await self._submit(fn, writes=False)

    async def close(self) -> None:
        """Finish what is waiting, then close the file. Further calls raise StorageBroken."""
        if self._thread.is_alive():
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    async def _submit(self, fn: Callable[[Tx], T], *, writes: bool) -> T:
        if not self._thread.is_alive():
            raise StorageBroken("The database is closed.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(fn, writes, loop, future))
        return await future

    def _serve(self) -> None:
        """The storage thread: take what is waiting, run it as one transaction, resume the callers."""
        assert self._loop is not None  # noqa: S101  set before the thread starts
        assert self._opened is not None  # noqa: S101
        try:
            db = connect(self._path)
            if db.execute("PRAGMA user_version").fetchone()[0] != LATEST:
                _migrate(db, self._path)
        except Exception as error:  # reported to whoever is opening
            self._loop.call_soon_threadsafe(_settle, [(self._opened, _Failed(error))])
            return
        tx = over(db)
        self._loop.call_soon_threadsafe(_settle, [(self._opened, None)])
        serving = True
        while serving:
            batch: list[_Job] = []
            job = self._jobs.get()
            while job is not None:
                batch.append(job)
                if len(batch) == BATCH_MAX:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            serving = job is not None
            if batch:
                self._answer(batch, self._run(db, tx, batch))
        with contextlib.suppress(sqlite3.Error):
            db.execute("PRAGMA optimize")
        db.close()

    def _run(self, db: sqlite3.Connection, tx: SqlTx, batch: list[_Job]) -> list[Any]:
        """Run the batch as one transaction; the outcome of each job, in order."""
        try:
            db.execute("BEGIN IMMEDIATE" if any(job.writes for job in batch) else "BEGIN")
            outcomes = [self._run_one(db, tx, job) for job in batch]
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            tx.revisions.forget()
            failed = _Failed(understood(error, self._path))
            return [failed] * len(batch)
        return outcomes

    def _run_one(self, db: sqlite3.Connection, tx: SqlTx, job: _Job) -> Any:
        db.execute("SAVEPOINT one")
        try:
            outcome = job.fn(tx)
        except Exception as error:
            tx.revisions.forget()
            if not db.in_transaction:
                # A full disk or an I/O error makes SQLite roll back the whole transaction by itself, the other
                # callers' writes included: https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
                raise
            db.execute("ROLLBACK TO one")
            outcome = _Failed(understood(error, self._path) if isinstance(error, sqlite3.OperationalError) else error)
        db.execute("RELEASE one")
        return outcome

    def _answer(self, batch: list[_Job], outcomes: list[Any]) -> None:
        settled: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
        for job, outcome in zip(batch, outcomes, strict=True):
            settled.setdefault(job.loop, []).append((job.future, outcome))
        for loop, pairs in settled.items():
            # A loop that was closed meanwhile has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in pairs:
        if future.cancelled():
            continue
        if isinstance(outcome, _Failed):
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome)


def _migrate(db: sqlite3.Connection, path: str) -> None:
    from sqlite_utils import Database  # slow to import, and not needed for a database that is current

    from storage.schema import migrate

    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found > LATEST:
        raise StorageBroken(
            f"{path} was written by a newer Trapwise (schema {found}; this one knows {LATEST}). Use that version."
        )
    try:
        migrate(Database(db))
    except sqlite3.Error as error:
        raise understood(error, path) from error
