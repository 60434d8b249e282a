"""SQLite: one file, one process, one connection, which a thread owns.

Writes that are waiting together share one BEGIN IMMEDIATE ... COMMIT, and every caller is resumed only after the
commit that holds its write. So one sync to disk serves all who press at once. A failing write takes nobody else's
with it: when one fails, all of them are rolled back and run once more, each in a savepoint of its own. Failures are
rare, and savepoints for everybody would cost more than the statements of some calls.

A brief call that is alone may be spared the way to the thread and back; see storage.lone.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from bot.app.ports import Tx, Upkeep
from bot.core.errors import GaveUp, StorageBroken, StorageBusy, StorageError
from storage.connection import connect, hold, make_private, understood
from storage.files import Files, Lost
from storage.jobs import Failed, Job, answer, begin_meanwhile, resume, settle
from storage.known import Known, Watched
from storage.laying import lay_out
from storage.lone import Lone
from storage.tx import SqlTx, over
from storage.version import LATEST

T = TypeVar("T")

BATCH_MAX = 512
"""The most calls that share one transaction; it bounds how long the first of them waits for the last."""

_CLOSED = "The database is closed."


class SqliteStorage:
    """See ports.Storage. Use `open`, and `close` at the end."""

    many = False
    """One process has the file for itself."""

    def notices(self, heard: Callable[[str, str], None]) -> None:
        """There is nobody to tell."""

    def __init__(self, path: Path | None) -> None:
        self._path = str(path) if path else ":memory:"
        self._file, self._settling = path, False
        self._lock: FileLock | None = None
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        self._thread = threading.Thread(target=self._serve, name="storage", daemon=True)
        self._opened: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = self._asked = self._ran = False
        self._ended = asyncio.Event()
        self._under_way: list[Job] = []
        self._lone = Lone()
        self._files, self._amiss = Files(path), ""

    @classmethod
    async def open(cls, path: Path | None) -> "SqliteStorage":
        """Open the file, made and migrated as needed; None is a database in memory.

        Raises StorageInUse if another process has it, else StorageError.
        """
        storage = cls(path)
        if path is not None:
            make_private(path)
            storage._lock = hold(path)
        storage._loop = asyncio.get_running_loop()
        storage._opened = storage._loop.create_future()
        storage._thread.start()
        try:
            await storage._opened
        except BaseException:
            # Also when whoever opens is cancelled: the lock must not be free while the thread still has the file.
            await storage.close()
            raise
        return storage

    async def write(
        self, fn: Callable[[Tx], T], *, brief: bool = False, meanwhile: Callable[[T], object] | None = None
    ) -> T:
        """Run `fn` in a transaction that is committed before this returns; see ports.Storage."""
        return await self._submit(fn, writes=True, brief=brief, meanwhile=meanwhile)

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn`, which changes nothing, on a consistent view."""
        return await self._submit(fn, writes=False)

    async def maintain(self, fn: Callable[[Tx, Upkeep], T]) -> T:
        """As `write`, with the queries of upkeep besides."""

        def run(tx: Tx) -> T:
            assert isinstance(tx, SqlTx)  # noqa: S101  the only kind there is here
            return fn(tx, tx.upkeep)

        return await self._submit(run, writes=True)

    async def settle_in(self) -> None:
        """Do ahead what makes later writes quicker; for a process that stays, once it is ready."""
        self._settling = self._file is not None
        await self.read(lambda _: None)

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return self._jobs.qsize() + sum(len(jobs) for jobs in self._gathered.values())

    @property
    def amiss(self) -> str:
        """What is wrong with the file although it answers, with what to do; empty if nothing is."""
        return self._amiss

    async def watch(self) -> None:
        """Run until closed; raises GaveUp if the thread has ended before."""
        await self._ended.wait()
        if not self._asked:
            raise GaveUp("The thread that owns the database has ended. Restarting is the remedy.")

    async def close(self) -> None:
        """Finish what is waiting, then close the file. Further calls raise StorageBroken."""
        for loop in tuple(self._gathered):
            self._hand_over(loop)
        self._closing = self._asked = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        if self._lock is not None:
            self._lock.release()

    async def _submit(
        self,
        fn: Callable[[Tx], T],
        *,
        writes: bool,
        brief: bool = False,
        meanwhile: Callable[[T], object] | None = None,
    ) -> T:
        # A call behind the closing mark would wait for ever.
        if self._closing:
            raise StorageBroken(_CLOSED)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        job = Job(fn, writes, brief, meanwhile, loop, future)
        if brief and not self._gathered and not self._ran and self._run_here(job):
            # Nobody has waited so far. Who else calls in this turn of the loop is gathered all the same.
            self._ran = True
            loop.call_soon(self._turn_over)
            return future.result()
        gathered = self._gathered.setdefault(loop, [])
        gathered.append(job)
        if len(gathered) == 1:
            # The first of a turn of the loop hands over for all who call in it. One at a time would wake the thread
            # for the first, and it would commit for that one alone while the others, who were resumed together by
            # the commit before, still draw what they have to show.
            try:
                await asyncio.sleep(0)
            except BaseException:
                future.cancel()
                raise
            finally:
                self._hand_over(loop)
        return await future

    def _turn_over(self) -> None:
        self._ran = False

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give the thread all that was asked in this turn of the loop, unless it is one call that can be run here."""
        jobs = self._gathered.pop(loop, [])
        if self._closing:
            settle([(job.future, Failed(StorageBroken(_CLOSED))) for job in jobs])
            return
        if len(jobs) == 1 and jobs[0].brief and self._run_here(jobs[0]):
            return
        for job in jobs:
            self._jobs.put(job)

    def _run_here(self, job: Job) -> bool:
        """Whether the call was run on the loop, at once; if not, nothing has happened."""
        if job.loop is not self._loop or not self._jobs.empty():
            return False

        def run(db: sqlite3.Connection, tx: SqlTx) -> bool:
            if self._files.lost() is not Lost.NOTHING:
                return False
            (outcome,) = self._run(db, tx, [job])
            if isinstance(outcome, Failed) and isinstance(outcome.error, StorageBusy):
                # Another program has the database locked. The thread waits for it.
                return False
            settle([(job.future, outcome)])
            return True

        return self._lone.by_loop(run)

    def _serve(self) -> None:
        """The storage thread: take what is waiting, run it as one transaction, resume the callers."""
        assert self._loop is not None  # noqa: S101  set before the thread starts
        assert self._opened is not None  # noqa: S101
        db = None
        try:
            db = connect(self._path)
            make_current(db, self._path)
        except Exception as error:  # reported to whoever is opening
            if db is not None:
                db.close()
            resume(self._loop, [(self._opened, Failed(error))])
            return
        resume(self._loop, [(self._opened, None)])
        try:
            self._serve_until_closed(db)
        finally:
            self._closing = True
            self._turn_away()
            with contextlib.suppress(RuntimeError):  # a loop that was closed has nobody left to tell
                self._loop.call_soon_threadsafe(self._ended.set)

    def _serve_until_closed(self, db: sqlite3.Connection) -> None:
        try:
            while (again := self._serve_with(db)) is not None:
                db = again
        finally:
            self._lone.take_back()
            with contextlib.suppress(sqlite3.Error):
                db.execute("PRAGMA optimize")
            db.close()

    def _serve_with(self, db: sqlite3.Connection) -> sqlite3.Connection | None:
        """Answer calls over this connection until closed; a new one if its files were taken away and are mended."""
        known = Known(keep=True)
        tx = over(Watched(db, known), known=known)
        self._files.note()
        self._lone.lend(db, tx)
        serving = True
        while serving:
            batch: list[Job] = []
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
            if not batch:
                continue
            self._under_way = batch
            if self._settling and self._file is not None:
                self._settling = False
                with self._lone.by_thread(calls=0, brief=0):
                    lay_out(db, self._file)
            with self._lone.by_thread(calls=len(batch), brief=sum(job.brief for job in batch)):
                lost = self._files.lost()
                outcomes = self._run(db, tx, batch) if lost is Lost.NOTHING else []
            if lost is Lost.NOTHING:
                answer(batch, outcomes)
                continue
            self._lone.take_back()
            try:
                mended = self._mended(db, lost)
            except (sqlite3.Error, StorageError) as error:
                answer(batch, [self._failed(error) for _ in batch])
                continue
            for waiting in batch:
                self._jobs.put(waiting)
            if not serving:
                self._jobs.put(None)
            return mended
        return None

    def _mended(self, db: sqlite3.Connection, lost: Lost) -> sqlite3.Connection:
        """A new connection, after what only the old one still had is in the file. Raises if that can't be done."""
        match lost:
            case Lost.REPLACED:
                raise self._files.refuse(db)
            case Lost.FILE:
                self._files.save_file(db)
            case _:
                self._files.save_log(db)
        fresh = connect(self._path)
        db.close()
        return fresh

    def _run(self, db: sqlite3.Connection, tx: SqlTx, batch: list[Job]) -> list[Any]:
        """Run the batch as one transaction; the outcome of each job, in order."""
        begin = "BEGIN IMMEDIATE" if any(job.writes for job in batch) else "BEGIN"
        try:
            db.execute(begin)
            try:
                outcomes = [job.fn(tx) for job in batch]
            except BaseException as error:  # whatever it is, the caller gets it, and the thread lives on
                self._roll_back(db, tx)
                if len(batch) == 1:
                    return [self._failed(error)]
                db.execute(begin)
                outcomes = [self._run_apart(db, tx, job) for job in batch]
            if len(batch) > 1:
                begin_meanwhile(batch, outcomes)
            db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back(db, tx)
            return [self._failed(error) for _ in batch]
        return outcomes

    def _roll_back(self, db: sqlite3.Connection, tx: SqlTx) -> None:
        tx.forget()
        with contextlib.suppress(sqlite3.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")

    def _failed(self, error: BaseException) -> Failed:
        if not isinstance(error, sqlite3.Error):
            return Failed(error)
        found = understood(error, self._path)
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
            # Others may never touch the damaged page, and would not learn of it.
            self._amiss = str(found)
        return Failed(found)

    def _run_apart(self, db: sqlite3.Connection, tx: SqlTx, job: Job) -> Any:
        """One job of a batch in which one fails; if it's this one, the others don't notice."""
        db.execute("SAVEPOINT one")
        try:
            outcome = job.fn(tx)
        except BaseException as error:
            tx.forget()
            if not db.in_transaction:
                # A full disk or an I/O error makes SQLite roll back the whole transaction by itself, the other
                # callers' writes included: https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
                if isinstance(error, sqlite3.Error):
                    raise
                raise sqlite3.OperationalError("the transaction was rolled back") from error
            db.execute("ROLLBACK TO one")
            outcome = self._failed(error)
        db.execute("RELEASE one")
        return outcome

    def _turn_away(self) -> None:
        """Resume those who called while the thread was ending; nobody else would."""
        for begun in self._under_way:  # whoever was answered already doesn't notice
            resume(begun.loop, [(begun.future, Failed(StorageBroken(_CLOSED)))])
        with contextlib.suppress(queue.Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    resume(job.loop, [(job.future, Failed(StorageBroken(_CLOSED)))])


def make_current(db: sqlite3.Connection, path: str) -> None:
    """Bring the tables to the present version; StorageError if they are another program's or a newer Trapwise's."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if tables and "_sqlite_migrations" not in tables:
        raise StorageBroken(f"{path} holds another program's tables. Set TRAPWISE_DATABASE to another file.")
    if found > LATEST:
        raise StorageBroken(
            f"{path} was written by a newer Trapwise (schema {found}; this one knows {LATEST}). Use that version."
        )
    if found == LATEST:
        return
    from sqlite_utils import Database  # slow to import, and not needed for a database that is current

    from storage.schema import migrate

    try:
        migrate(Database(db))
    except sqlite3.Error as error:
        raise understood(error, path) from error
