"""An SQLite file as one end of a move."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bot.core.errors import StorageBroken
from storage.backup import examine, into_place
from storage.connection import connect, hold, make_folder, make_private, understood
from storage.moving_ends import SOURCE, STATE, Progress, Row, beyond
from storage.moving_plan import Table
from storage.sqlite import make_current
from storage.version import LATEST


class SqliteEnd:
    """See moving_ends.End and Target."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db, self._path = db, path
        self.name = str(path)

    def count(self, table: Table) -> int:
        (count,) = self._db.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()  # noqa: S608  our schema's names
        return int(count)

    def rows(self, table: Table, after: Row, limit: int) -> Sequence[Row]:
        return self._db.execute(beyond(table, after, "?"), (*after, limit)).fetchall()

    def given_out(self) -> Mapping[str, int]:
        return dict(self._db.execute("SELECT name, seq FROM sqlite_sequence").fetchall())

    def text(self, text: str) -> str:
        return text

    def begun(self) -> Mapping[str, str]:
        return dict(self._db.execute(f"SELECT name, said FROM {STATE}").fetchall())  # noqa: S608  a constant

    def begin(self, source: str) -> None:
        self._note(SOURCE, source)

    def put(self, table: Table, rows: Sequence[Row], progress: Progress) -> None:
        columns, marks = ", ".join(f'"{name}"' for name in table.columns), ", ".join("?" for _ in table.columns)
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', rows)  # noqa: S608  as above
        self._note(table.name, progress.written())
        self._db.execute("COMMIT")

    def finish(self, given_out: Mapping[str, int]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("DELETE FROM sqlite_sequence")
        self._db.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", sorted(given_out.items()))
        self._db.execute(f"DROP TABLE {STATE}")
        self._db.execute("COMMIT")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.execute("PRAGMA journal_mode = DELETE")

    def _note(self, name: str, said: str) -> None:
        self._db.execute(
            f"INSERT INTO {STATE} (name, said) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET said = excluded.said",  # noqa: S608
            (name, said),
        )


@contextmanager
def source(path: Path) -> Iterator[SqliteEnd]:
    """The file, read only, and held so that no bot writes to it meanwhile. Raises StorageError."""
    if not path.is_file():
        raise StorageBroken(f"There is no database {path}. Check the name.")
    lock = hold(path)
    try:
        with closing(connect(str(path), read_only=True)) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if not {"_sqlite_migrations", "responses"} <= tables:
                raise StorageBroken(f"{path} is no database of Trapwise. Check the name.")
            (found,) = db.execute("PRAGMA user_version").fetchone()
            if found != LATEST:
                raise StorageBroken(
                    f"{path} has schema {found}, and this version works with {LATEST}. "
                    "Start this version on it once, or use the one that wrote it."
                )
            db.execute("BEGIN")
            yield SqliteEnd(db, path)
    except sqlite3.Error as error:
        raise understood(error, str(path)) from error
    finally:
        lock.release()


@contextmanager
def target(path: Path) -> Iterator[SqliteEnd]:
    """A file that gets its name only once everything is in it and found sound. Raises StorageError."""
    if path.exists() and path.stat().st_size:
        raise StorageBroken(f"{path} exists already, and a move overwrites nothing. Choose another name.")
    make_folder(path.parent)
    partial = path.with_name(f"{path.name}.moving")
    lock = hold(path)
    try:
        if _is_of_no_use(partial):
            partial.unlink()
        make_private(partial)
        with closing(connect(str(partial))) as db:
            # Only a power failure could take the latest batches back with that, and then their notes with them.
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = OFF")
            # The source has been held to that, and the whole is looked over at the end.
            db.execute("PRAGMA foreign_keys = OFF")
            make_current(db, str(partial))
            db.execute(
                f"CREATE TABLE IF NOT EXISTS {STATE} (name TEXT PRIMARY KEY, said TEXT NOT NULL) STRICT, WITHOUT ROWID"
            )
            yield SqliteEnd(db, path)
        if faults := examine(partial).faults:
            raise StorageBroken(f"What was moved to {partial} is not sound:\n" + "\n".join(faults))
        _named(partial, path)
    except sqlite3.Error as error:
        raise understood(error, str(partial)) from error
    finally:
        lock.release()


def _is_of_no_use(partial: Path) -> bool:
    """Whether it was left by a move that was killed after its last note, or before its first."""
    if not partial.is_file():
        return False
    with closing(connect(str(partial))) as db:
        return db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (STATE,)).fetchone() is None


def _named(partial: Path, path: Path) -> None:
    """Give the finished file its name, once nothing of an earlier file is left beside it."""
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    into_place(partial, path)
