"""Backups: copied while the bot runs, verified, and put back.

Whatever reads the live file here is read-only and never checkpoints, so that the bot's own connection stays the
only one that does: https://sqlite.org/wal.html#walresetbug
"""

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.errors import StorageBroken, StorageError
from bot.faults import reached
from storage.connection import connect, hold, make_folder, make_private, understood
from storage.rows import from_ms
from storage.sqlite import make_current
from storage.tx import SqlTx, over
from storage.version import LATEST

PAGES_AT_ONCE = 2_000
"""Pages copied between two reports of progress; about 8 MB."""

KEYS_JUMP = 1_000_000
"""How far keys are moved on if the replaced file can't tell which ones it had given out."""

Progress = Callable[[int, int], None]
"""Told the pages done and the pages in all, some times a second."""

Stopped = Callable[[], bool]
"""Whether to break off."""

BROKEN_OFF = "The backup was broken off."

_MOST_FAULTS = 1_000_000
"""Among those that SQLite lists may be many that are none, see `_is_mistaken`; by itself it stops at a hundred."""

_STEPS = 100_000
"""Of SQLite's virtual machine, between two looks at whether to break off; some milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a database file holds. `faults` is empty for a sound one; `newest` is its latest response."""

    path: Path
    schema: int
    rows: Mapping[str, int]
    newest: datetime | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: the backup, where the replaced file is now, if there was one."""

    backup: Examined
    kept: Path | None
    migrated: bool


def examine(path: Path, *, thorough: bool = True, stopped: Stopped = lambda: False) -> Examined:
    """Look a database file over; raises StorageError if it can't be read at all or isn't ours.

    `thorough` reads every page and compares every index with its table, which takes a while for large files.
    """
    with _looking_at(path) as db:
        db.set_progress_handler(stopped, _STEPS)
        check = "integrity_check" if thorough else "quick_check"
        found = [line for (line,) in db.execute(f"PRAGMA {check}({_MOST_FAULTS})") if line != "ok"]
        faults = [f"integrity: {line}" for line in found if not _is_mistaken(db, line)]
        if thorough:
            broken = db.execute('SELECT "table", "parent", count(*) FROM pragma_foreign_key_check GROUP BY 1, 2')
            faults += [
                f"{table}: {count} rows name a row of {parent} that isn't there" for table, parent, count in broken
            ]
        (newest,) = db.execute("SELECT max(at) FROM responses").fetchone()
        return Examined(
            path=path,
            schema=db.execute("PRAGMA user_version").fetchone()[0],
            rows=_rows(db),
            newest=from_ms(newest) if newest is not None else None,
            faults=tuple(faults),
        )


@contextmanager
def reading(path: Path) -> Iterator[SqlTx]:
    """The queries on a consistent view of the file, also while the bot runs. They must change nothing."""
    with _looking_at(path) as db:
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found != LATEST:
            raise StorageBroken(
                f"{path} has schema {found}, and this version works with {LATEST}. "
                "Start this version once, or use the one that wrote it."
            )
        yield over(db)


def back_up(
    path: Path,
    target: Path,
    progress: Progress = lambda done, total: None,
    *,
    stopped: Stopped = lambda: False,
) -> Examined:
    """Copy the database to a file that doesn't exist yet, and verify the copy; raises StorageError.

    A copy that failed or was interrupted never bears the backup's name.
    """

    def step(done: int, total: int) -> None:
        progress(done, total)
        if stopped():
            raise StorageBroken(BROKEN_OFF)

    if target.exists():
        raise StorageBroken(f"{target} exists already, and a backup is never overwritten. Choose another name.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        expected = copy(path, partial, step)
        found = examine(partial, stopped=stopped)
        faults = [*found.faults, *_miscounts(expected, found.rows)]
        if faults:
            raise StorageBroken(f"The copy of {path} is not sound, so it was not kept:\n" + "\n".join(faults))
        reached("during_backup")
        into_place(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return Examined(path=target, schema=found.schema, rows=found.rows, newest=found.newest, faults=())


def copy(path: Path, target: Path, progress: Progress = lambda done, total: None) -> Mapping[str, int]:
    """Copy the database as it is at one instant; its rows by table. The copy is a single file, for its owner only."""

    def done(pages: int, total: int) -> None:
        reached("during_backup")
        progress(pages, total)

    with _looking_at(path) as db:
        rows = _rows(db)
        target.unlink(missing_ok=True)
        make_private(target)
        try:
            with closing(sqlite3.connect(target, isolation_level=None)) as copied:
                # The transaction holds the view: without it, every write of the bot would begin the copy anew.
                db.backup(copied, pages=PAGES_AT_ONCE, progress=lambda _, left, all_: done(all_ - left, all_))
                copied.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            raise understood(error, str(path if damaged else target)) from error
    return rows


def restore(backup: Path, path: Path, now: datetime) -> Restored:
    """Put a backup in the database's place, migrated if it is older; raises StorageError, and then nothing changed.

    The replaced file is kept beside it. StorageInUse if the bot is running.
    """
    if path.exists() and backup.exists() and path.samefile(backup):
        raise StorageBroken(f"{backup} is the database itself. Name a backup.")
    found = examine(backup)
    if found.faults:
        raise StorageBroken(f"{backup} is not sound, so nothing was restored:\n" + "\n".join(found.faults))
    if found.schema > LATEST:
        raise StorageBroken(
            f"{backup} was written by a newer Trapwise (schema {found.schema}; this one knows {LATEST}). "
            "Restore it with that version."
        )
    fresh = path.with_name(f"{path.name}.restoring")
    make_folder(path.parent)
    lock = hold(path)
    try:
        copy(backup, fresh)
        _prepare(fresh, _keys(path))
        if faults := examine(fresh).faults:
            raise StorageBroken(f"The restored copy of {backup} is not sound:\n" + "\n".join(faults))
        kept = _set_aside(path, now)
        into_place(fresh, path)
    finally:
        for leftover in (fresh, *_sidecars(fresh)):
            leftover.unlink(missing_ok=True)
        lock.release()
    return Restored(backup=found, kept=kept, migrated=found.schema < LATEST)


def _is_mistaken(db: sqlite3.Connection, line: str) -> bool:
    """Whether SQLite sees a NULL where there is none.

    Some versions, 3.40 among them, say so of a table WITHOUT ROWID whose key isn't its first columns, as of skips.
    """
    named = re.fullmatch(r"NULL value in (\w+)\.(\w+)", line)
    if named is None:
        return False
    # By its type: of a column declared NOT NULL, SQLite answers IS NULL without a look.
    query = f'SELECT 1 FROM "{named[1]}" WHERE typeof("{named[2]}") = \'null\''  # noqa: S608  SQLite's own words
    return db.execute(query).fetchone() is None


@contextmanager
def _looking_at(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection in a transaction; its SQLite errors in our own terms."""
    if not path.is_file():
        raise StorageBroken(f"There is no database {path}. Check the name.")
    with closing(connect(str(path), read_only=True)) as db:
        try:
            db.execute("BEGIN")
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if not {"_sqlite_migrations", "responses"} <= tables:
                raise StorageBroken(f"{path} is no database of Trapwise. Check the name.")
            yield db
        except sqlite3.Error as error:
            raise understood(error, str(path)) from error


def _rows(db: sqlite3.Connection) -> Mapping[str, int]:
    tables = db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
    ).fetchall()
    # The names come from the schema, not from anybody's input.
    return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables}  # noqa: S608


def _miscounts(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    return [
        f"{table}: {found.get(table, 0)} rows instead of {expected.get(table, 0)}"
        for table in sorted({*expected, *found})
        if expected.get(table) != found.get(table)
    ]


def _prepare(fresh: Path, given_out: Mapping[str, int] | None) -> None:
    """Make a copy fit to go on with: the present schema, and nothing taken for new that was done since the backup."""
    with closing(connect(str(fresh))) as db:
        try:
            make_current(db, str(fresh))
            db.execute("BEGIN IMMEDIATE")
            # A post that waited then may have been made since: it is looked for before it is made again.
            db.execute(
                "UPDATE deliveries SET state = 'trying', tries = tries + 1 WHERE kind = 'post' AND state = 'waiting'"
            )
            # Buttons under messages posted since carry keys that the backup doesn't know. If they were given out
            # again, such a button would answer another question.
            for table, seq in db.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
                beyond = seq + KEYS_JUMP if given_out is None else max(seq, given_out.get(table, 0))
                db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (beyond, table))
            for table in ("rounds", "attempts"):
                beyond = KEYS_JUMP if given_out is None else given_out.get(table, 0)
                db.execute(
                    """INSERT INTO sqlite_sequence (name, seq)
                       SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)""",
                    (table, beyond, table),
                )
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise understood(error, str(fresh)) from error


def _keys(path: Path) -> Mapping[str, int] | None:
    """The highest key that each table of the replaced database has given out; None if it can't tell."""
    try:
        with _looking_at(path) as db:
            return dict(db.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    except StorageError:
        return None


def _set_aside(path: Path, now: datetime) -> Path | None:
    """Move the database out of the way, with what belongs to it; the new name."""
    if not path.exists():
        for stray in _sidecars(path):
            stray.unlink(missing_ok=True)
        return None
    while (kept := path.with_name(f"{path.name}.before-restore-{now:%Y%m%d-%H%M%S}")).exists():
        now += timedelta(seconds=1)
    # A log left beside the restored file would be replayed into it. Folding it in first leaves one file to move;
    # where that fails, because the file is damaged, file and log move together.
    with contextlib.suppress(StorageError, sqlite3.Error), closing(connect(str(path))) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try:
        for sidecar, suffix in zip(_sidecars(path), ("-wal", "-shm"), strict=True):
            if sidecar.exists():
                sidecar.rename(kept.with_name(f"{kept.name}{suffix}"))
        path.rename(kept)
    except OSError as error:
        raise StorageBroken(
            f"{path} can't be moved out of the way: {error.strerror}. Give this user the right to write there."
        ) from error
    return kept


def _sidecars(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def into_place(made: Path, target: Path) -> None:
    """Give a finished file its name, in a way that a power failure can't undo halfway."""
    try:
        _sync(made)
        made.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise StorageBroken(f"{target} can't be made: {error.strerror}.") from error


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
