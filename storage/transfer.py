"""Whole databases from PostgreSQL, read as they are at one instant while the bots go on writing."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bot.core.errors import StorageBroken
from storage import connection, sqlite
from storage.connection import make_private
from storage.postgres import READING
from storage.postgres_connection import PgConnection, check, connect, shown, understood
from storage.postgres_schema import count_of, tables, version
from storage.tx import SqlTx, over
from storage.version import LATEST

AT_ONCE = 5_000
"""Rows that are on their way at a time."""

Progress = Callable[[int, int], None]
"""Told the rows done and the rows in all, some times a second."""


@contextmanager
def reading(url: str) -> Iterator[SqlTx]:
    """The queries on a consistent view, also while bots run. They must change nothing."""
    with _looking_at(url) as db:
        yield over(PgConnection(db), READING)


def copy_to_file(url: str, target: Path, progress: Progress = lambda done, total: None) -> Mapping[str, int]:
    """Copy everything into a fresh SQLite file, as it is at one instant; the rows by table. Raises StorageError."""
    make_private(target)
    with _looking_at(url) as db, closing(connection.connect(str(target))) as file:
        sqlite.make_current(file, str(target))
        counted = {table: count_of(db, table) for table in tables(db)}
        total, done = sum(counted.values()), 0
        # Tables come in the order of their names, in which a row may be there before the one it hangs on.
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute("BEGIN IMMEDIATE")
        for table in counted:
            columns, batches = read_rows(db, table)
            names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" for _ in columns)
            for rows in batches:
                file.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608  our schema's names
                done += len(rows)
                progress(done, total)
        file.execute("COMMIT")
    return counted


def read_rows(db: psycopg.Connection[Any], table: str) -> tuple[tuple[str, ...], Iterator[list[tuple[Any, ...]]]]:
    """A table's columns, and its rows a few thousand at a time; `db` has to be in a transaction."""
    found = db.execute(
        """SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
           ORDER BY attnum""",
        (table,),
    ).fetchall()
    columns = tuple(name for (name,) in found)
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table))

    def batches() -> Iterator[list[tuple[Any, ...]]]:
        with db.cursor(name="rows") as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(AT_ONCE):
                yield rows

    return columns, batches()


@contextmanager
def _looking_at(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection in a transaction that sees one instant and changes nothing; its errors in our own terms."""
    check(url)
    try:
        with closing(connect(url)) as db:
            db.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
            db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = version(db, shown(url))
            if found != LATEST:
                raise StorageBroken(
                    f"{shown(url)} has schema {found}, and this version works with {LATEST}. "
                    "Start this version once, or use the one that wrote it."
                )
            yield db
    except psycopg.Error as error:
        raise understood(error, url) from error
    except sqlite3.Error as error:
        raise StorageBroken(f"The copy could not be made: {error}") from error
