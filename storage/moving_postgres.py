"""A PostgreSQL database as one end of a move."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import sql

from bot.core.errors import StorageBroken, StorageInUse
from storage.moving_ends import SOURCE, STATE, Progress, Row, beyond
from storage.moving_plan import Table
from storage.postgres_connection import check, connect, shown, understood
from storage.postgres_schema import count_of, make_current, tables, version
from storage.version import LATEST

ONE_MOVER = 7_241_900_002
"""The advisory lock that keeps a second mover out."""

_IDENTITIES = """
    SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
    FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'
"""


class PostgresEnd:
    """See moving_ends.End and Target."""

    def __init__(self, db: psycopg.Connection[Any], url: str) -> None:
        self._db = db
        self.name = shown(url)

    def count(self, table: Table) -> int:
        return count_of(self._db, table.name)

    def rows(self, table: Table, after: Row, limit: int) -> Sequence[Row]:
        return self._db.execute(beyond(table, after, "%s").encode(), (*after, limit)).fetchall()

    def given_out(self) -> Mapping[str, int]:
        found = {}
        for table, _, sequence in self._db.execute(_IDENTITIES).fetchall():
            query = sql.SQL("SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {}")
            (found[table],) = self._db.execute(query.format(sql.SQL(sequence))).fetchone() or (0,)
        return {table: count for table, count in found.items() if count}

    def text(self, text: str) -> str:
        return text.replace("\x00", "\ufffd")

    def begun(self) -> Mapping[str, str]:
        return dict(self._db.execute(f"SELECT name, said FROM {STATE}".encode()).fetchall())  # noqa: S608  a constant

    def begin(self, source: str) -> None:
        self._note(SOURCE, source)

    def put(self, table: Table, rows: Sequence[Row], progress: Progress) -> None:
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
        )
        with self._db.transaction():
            with self._db.cursor() as cursor, cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(row)
            self._note(table.name, progress.written())

    def finish(self, given_out: Mapping[str, int]) -> None:
        with self._db.transaction():
            for table, column, sequence in self._db.execute(_IDENTITIES).fetchall():
                query = sql.SQL("SELECT setval({}, greatest(%s, (SELECT coalesce(max({}), 0) FROM {})) + 1, false)")
                self._db.execute(
                    query.format(sql.Literal(sequence), sql.Identifier(column), sql.Identifier(table)),
                    (given_out.get(table, 0),),
                )
            self._db.execute(f"DROP TABLE {STATE}".encode())
        # So that the first queries are planned well, and needn't look whether rows are there.
        self._db.execute("VACUUM (ANALYZE)")

    def _note(self, name: str, said: str) -> None:
        self._db.execute(
            f"""INSERT INTO {STATE} (name, said) VALUES (%s, %s)
                ON CONFLICT (name) DO UPDATE SET said = excluded.said""".encode(),  # noqa: S608  a constant
            (name, said),
        )


@contextmanager
def source(url: str) -> Iterator[PostgresEnd]:
    """The database as it is at one instant, read only, with no bot at work. Raises StorageError."""
    with _connected(url) as db:
        db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = version(db, shown(url))
        if found != LATEST:
            raise StorageBroken(
                f"{shown(url)} has schema {found}, and this version works with {LATEST}. "
                "Start this version on it once, or use the one that wrote it."
            )
        _refuse_if_at_work(db, url)
        yield PostgresEnd(db, url)


@contextmanager
def target(url: str) -> Iterator[PostgresEnd]:
    """An empty database, or one that a move was broken off in; no bot opens it meanwhile. Raises StorageError."""
    with _connected(url) as db:
        if not (db.execute("SELECT pg_try_advisory_lock(%s)", (ONE_MOVER,)).fetchone() or (False,))[0]:
            raise StorageInUse(f"Another move to {shown(url)} is under way. Let it finish.")
        if db.execute("SELECT to_regclass(%s)", (STATE,)).fetchone() == (None,):
            make_current(db, shown(url))
            _refuse_if_at_work(db, url)
            if filled := [name for name in tables(db) if name != "leases" and count_of(db, name)]:
                raise StorageBroken(
                    f"{shown(url)} isn't empty: there is something in {', '.join(filled)}. A move overwrites and mixes "
                    "nothing. Make a fresh database (createdb) and name that."
                )
            db.execute(f"CREATE TABLE {STATE} (name TEXT PRIMARY KEY, said TEXT NOT NULL)".encode())
        if version(db, shown(url), moving=True) != LATEST:
            raise StorageBroken(
                f"The move to {shown(url)} was begun by another version of Trapwise. Go on with that one, or make a "
                "fresh database."
            )
        yield PostgresEnd(db, url)


def _refuse_if_at_work(db: psycopg.Connection[Any], url: str) -> None:
    row = db.execute(
        """SELECT count(*) FROM leases
           WHERE name LIKE 'process/%' AND until > extract(epoch FROM clock_timestamp()) * 1000"""
    ).fetchone()
    if row and row[0]:
        raise StorageInUse(
            f"{shown(url)} is in use by {row[0]} {'process' if row[0] == 1 else 'processes'} of the bot. Stop them "
            "all, wait fifteen seconds if one was killed, and try again."
        )


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    check(url)
    try:
        with closing(connect(url)) as db:
            # A batch may take longer than a press of a button is allowed to.
            db.execute("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0")
            yield db
    except psycopg.Error as error:
        raise understood(error, url) from error
