"""PostgreSQL: any number of processes, each with some connections, each connection owned by a thread.

Every write is a transaction of its own, under READ COMMITTED with locks on rows: whoever acts locks the member's row
first, whoever answers shares the round's, whoever opens, closes or delivers claims the row of what is due. So what one
transaction reads in order to change it, nobody else changes meanwhile, and counts that many share are added to by one
statement each. A stricter isolation was not chosen: all who answer one question count into the same few rows, so that
all but one of those who press at the same time would fail and begin anew (docs/decisions.md).

A write that failed before its commit was asked for is run again. One whose connection broke during the commit is
looked up by its transaction's id; see `_Doubt`.
"""

import asyncio
import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

from bot.app.ports import Tx, Upkeep
from bot.core.errors import GaveUp, StorageBroken, StorageUncertain
from bot.core.item import Item
from bot.core.refs import RevisionId
from storage.calls import Call, Sort
from storage.dialect import Dialect
from storage.postgres_connection import AGAIN, PgConnection, connect, is_lost, shown, understood
from storage.postgres_notices import Notices
from storage.postgres_schema import make_current
from storage.tx import SqlTx, over
from storage.workspaces import WORKSPACE_TABLES

T = TypeVar("T")

CONNECTIONS = 8
"""Transactions that one process has under way at once."""

PATIENCE = 10.0
"""Seconds from the call on in which it is tried again, such as while the server restarts."""

TRIES = {"23505": 8, "23503": 3}
"""How often a call is run whose rows clash with what is there: because others were at it too, or because it's wrong."""

STUCK = 12.0
"""Seconds after which a connection that says nothing is given up; the server itself ends a statement before that."""

_CLOSED = "The database is closed."

_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

WRITING = Dialect(
    share=" FOR SHARE",
    change=" FOR NO KEY UPDATE",
    claim=" FOR NO KEY UPDATE SKIP LOCKED",
    now_ms=_NOW,
    many=True,
    keyed=", workspace",
    aside="",
)
READING = Dialect(share="", change="", claim="", now_ms=_NOW, many=True, keyed=", workspace", aside="")

_BEGIN_WRITE = b"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_current_xact_id()::text"
_BEGIN_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOCK_ALL = (
    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = 0; "
    f"LOCK TABLE {', '.join(WORKSPACE_TABLES)} IN EXCLUSIVE MODE"
).encode()

_log = logging.getLogger(__name__)


class _Doubt(Exception):
    """The connection broke during a commit: whether it was done isn't known yet."""

    def __init__(self, outcome: Any, transaction: str, server: str) -> None:
        self.outcome, self.transaction, self.server = outcome, transaction, server


class PostgresStorage:
    """See ports.Storage. Use `open`, and `close` at the end."""

    many = True
    """Other processes may be at work on the same database."""

    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        read: dict[RevisionId, Item] = {}
        self._workers = [_Worker(url, self._calls, read, number) for number in range(connections)]
        self._watch = threading.Thread(target=self._watch_over, name="storage watch", daemon=True)

    @classmethod
    async def open(cls, url: str, *, connections: int = CONNECTIONS) -> "PostgresStorage":
        """Connect, and make or migrate the tables as needed. Raises StorageError with what to do."""
        await asyncio.to_thread(prepare, url)
        storage = cls(url, connections)
        for worker in storage._workers:
            worker.start()
        storage._watch.start()
        return storage

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return self._calls.qsize()

    @property
    def amiss(self) -> str:
        """Nothing that we could see from here; the server keeps watch over its own files."""
        return ""

    async def watch(self) -> None:
        """Run until closed; raises GaveUp if a thread has ended before."""
        while not self._closing.is_set():
            if not all(worker.is_alive() for worker in self._workers):
                raise GaveUp("A thread that talks to the database has ended. Restarting is the remedy.")
            await asyncio.sleep(1)

    def notices(self, heard: Callable[[str, str], None]) -> Notices:
        """Begin to listen to the other processes; to be closed."""
        notices = Notices(self._url, heard)
        notices.start()
        return notices

    async def write(
        self,
        fn: Callable[[Tx], T],
        *,
        brief: bool = False,  # noqa: ARG002  a server is always waited for
        meanwhile: Callable[[T], object] | None = None,  # noqa: ARG002  many transactions are under way at once anyway
    ) -> T:
        """Run `fn` in a transaction that is committed before this returns."""
        return await self._submit(fn, Sort.WRITE)

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn`, which changes nothing, on a consistent view."""
        return await self._submit(fn, Sort.READ)

    async def maintain(self, fn: Callable[[Tx, Upkeep], T]) -> T:
        """As `write`, with the queries of upkeep besides; all other writes wait meanwhile, also those of others."""

        def run(tx: Tx) -> T:
            assert isinstance(tx, SqlTx)  # noqa: S101  the only kind there is here
            return fn(tx, tx.upkeep)

        return await self._submit(run, Sort.WHOLE)

    async def settle_in(self) -> None:
        """There is nothing to be done ahead; the server's log is the server's affair."""

    async def close(self) -> None:
        """Finish what is waiting, then disconnect. Further calls raise StorageBroken."""
        if not self._closing.is_set():
            self._closing.set()
            for _ in self._workers:
                self._calls.put(None)
        for worker in self._workers:
            await asyncio.to_thread(worker.join)
        await asyncio.to_thread(self._watch.join)

    async def _submit(self, fn: Callable[[Tx], T], sort: Sort) -> T:
        # A call behind the closing mark would wait for ever.
        if self._closing.is_set():
            raise StorageBroken(_CLOSED)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._calls.put(Call(fn, sort, time.monotonic(), loop, future))
        return await future

    def _watch_over(self) -> None:
        """Break connections that say nothing, as when a cable was cut: TCP itself would wait for a quarter hour."""
        while not self._closing.wait(1):
            for worker in self._workers:
                worker.cut_if_stuck()


class _Worker(threading.Thread):
    """Owns one connection, made when it is needed and again when it is lost."""

    def __init__(
        self, url: str, calls: "queue.SimpleQueue[Call | None]", read: dict[RevisionId, Item], number: int
    ) -> None:
        super().__init__(name=f"storage {number}", daemon=True)
        self._url, self._calls, self._read = url, calls, read
        self._at: _Session | None = None
        self._whole = False

    def run(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                outcome = self._answer(call)
            except BaseException as error:  # whatever it is, the caller gets it, and the thread lives on
                call.fail(error)
            else:
                call.resume(outcome)
        self._drop()

    def cut_if_stuck(self) -> None:
        """For the watch: break the connection if its statement takes longer than the server would let it."""
        at = self._at
        if at is not None and not self._whole:
            since = at.db.since
            if since is not None and time.monotonic() - since > STUCK:
                at.db.cut()

    def _answer(self, call: Call) -> Any:
        until, tries = max(call.since + PATIENCE, time.monotonic() + 1), 0
        while True:
            try:
                return self._try(call)
            except _Doubt as doubt:
                if self._was_done(doubt, until):
                    return doubt.outcome
            except psycopg.Error as error:
                tries += 1
                lost = is_lost(error)
                state = error.sqlstate or ""
                again = lost or (state in AGAIN and tries < TRIES.get(state, tries + 1))
                if not again or time.monotonic() > until:
                    raise understood(error, self._url) from error
                # Apart from one another, so that two who were in each other's way aren't so again.
                time.sleep((0.2 if lost else 0.002 * min(2**tries, 64)) * (0.5 + random.random()))  # noqa: S311

    def _try(self, call: Call) -> Any:
        at = self._connected()
        db, writes = at.db, call.sort is not Sort.READ
        self._whole = call.sort is Sort.WHOLE
        transaction = ""
        try:
            begun = db.plain(_BEGIN_WRITE if writes else _BEGIN_READ)
            if writes:
                begun.nextset()
                transaction = begun.fetchone()[0]  # type: ignore[index]  # the statement gives one row
            if self._whole:
                db.plain(_LOCK_ALL)
            outcome = call.fn(at.writing if writes else at.reading)
        except BaseException:
            self._roll_back(at)
            raise
        try:
            ended = db.plain(b"COMMIT")
        except psycopg.Error as error:
            self._roll_back(at)
            if writes and is_lost(error):
                raise _Doubt(outcome, transaction, at.server) from error
            raise
        if ended.statusmessage != "COMMIT":
            raise StorageBroken(f"{shown(self._url)}: the transaction was rolled back")
        return outcome

    def _was_done(self, doubt: _Doubt, until: float) -> bool:
        """Whether the commit was done after all; False if it is to be run again. Raises StorageUncertain.

        A server that was restarted may give a number out again that it had lost, so there nothing is believed, and
        the call is run again: what it saved before, it then finds.
        """
        while time.monotonic() < until:
            try:
                at = self._connected()
                if at.server != doubt.server:
                    return False
                row = at.db.execute("SELECT pg_xact_status(?::xid8)", (doubt.transaction,)).fetchone()
            except psycopg.Error as error:
                if not is_lost(error):
                    raise understood(error, self._url) from error
                self._drop()
            else:
                if row[0] == "committed":  # type: ignore[index]
                    return True
                if row[0] == "aborted":  # type: ignore[index]
                    return False
            time.sleep(0.1)
        raise StorageUncertain(f"{shown(self._url)}: the connection broke while saving. Look before you try again.")

    def _connected(self) -> "_Session":
        if self._at is None or self._at.db.raw.closed:
            self._drop()
            self._at = _Session.begun(self._url, self._read)
        return self._at

    def _roll_back(self, at: "_Session") -> None:
        try:
            if not at.db.raw.closed:
                at.db.plain(b"ROLLBACK")
                at.writing.subjects.forget()
        except psycopg.Error:
            self._drop()
        if at.db.raw.closed:
            self._drop()

    def _drop(self) -> None:
        if self._at is not None:
            self._at.db.close()
            self._at = None


@dataclass(frozen=True, slots=True)
class _Session:
    """A connection with the queries on it, and since when its server runs."""

    db: PgConnection
    writing: SqlTx
    reading: SqlTx
    server: str

    @staticmethod
    def begun(url: str, read: dict[RevisionId, Item]) -> "_Session":
        db = PgConnection(connect(url))
        (server,) = db.plain(b"SELECT pg_postmaster_start_time()::text").fetchone()  # type: ignore[misc]
        return _Session(db, over(db, WRITING, read), over(db, READING, read), server)


def prepare(url: str) -> None:
    """Make or migrate the tables; waits a while for a server that is just starting. Raises StorageError."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            db = connect(url)
            try:
                db.execute(
                    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
                )
                make_current(db, shown(url))
            finally:
                db.close()
        except psycopg.Error as error:
            if not _is_coming(error) or time.monotonic() > until:
                raise understood(error, url) from error
            time.sleep(0.2)
        else:
            return


def _is_coming(error: psycopg.Error) -> bool:
    """Whether the server may be there in a moment; a wrong password or name won't be right later."""
    said = str(error)
    return is_lost(error) and ("FATAL" not in said or "starting up" in said or "shutting down" in said)
