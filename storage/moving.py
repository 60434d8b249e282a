"""Moves a whole database from SQLite to PostgreSQL or back: in batches, resumable, and compared at the end.

The source is only read, and nobody writes to it meanwhile. The target notes with each batch how far it is, in the same
transaction, so a move that was killed goes on with the next batch. At the end every table of both is read once more,
in the order of its keys, and summed up row by row: the target is let go only if all sums are the same.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from bot.core.errors import SettingsError, StorageBroken
from bot.faults import reached
from storage import is_postgres, sqlite_path
from storage.moving_ends import SOURCE, End, Progress, Row, Target
from storage.moving_plan import Table, plan

AT_ONCE = 20_000
"""Rows in a batch."""

Told = Callable[[str, int, int], None]
"""Told what is done, the rows so far and the rows in all, after each batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The rows by table, the same in both; `went_on` after a move that was broken off.

    `changed` is in how many rows a character was replaced that the target can't keep.
    """

    rows: Mapping[str, int]
    went_on: bool
    changed: int


def move(source: str, target: str, told: Told = lambda what, done, total: None) -> Moved:
    """Move everything from one address to the other. Raises SettingsError or StorageError with what to do."""
    if is_postgres(source) == is_postgres(target):
        raise SettingsError(
            "A move is from SQLite to PostgreSQL or back. For two files use `trapwise data backup` and `restore`, for "
            "two PostgreSQL databases pg_dump and pg_restore."
        )
    with ExitStack() as stack:
        origin = stack.enter_context(_source(source))
        goal = stack.enter_context(_target(target))
        tables = plan()
        counts = {table.name: origin.count(table) for table in tables}
        went_on = _begin(origin, goal, tables, counts)
        _copy(origin, goal, tables, counts, told)
        changed = _compare(origin, goal, tables, counts, told)
        goal.finish(origin.given_out())
    return Moved(rows=counts, went_on=went_on, changed=changed)


def _begin(origin: End, goal: Target, tables: Sequence[Table], counts: Mapping[str, int]) -> bool:
    """Whether a move of the same source was broken off here. StorageBroken if one of another source was."""
    mark, noted = _mark(origin, tables, counts), goal.begun()
    if not noted:
        goal.begin(mark)
    elif noted.get(SOURCE) != mark:
        raise StorageBroken(
            f"A move to {goal.name} was broken off, but not of {origin.name} as it is now. Delete what is there "
            f"({goal.name}.moving, or the database on the server) and begin anew."
        )
    return bool(noted)


def _mark(origin: End, tables: Sequence[Table], counts: Mapping[str, int]) -> str:
    """Tells this database from others, and from itself at another time."""
    found = hashlib.sha256(repr(sorted(counts.items())).encode())
    for table in tables:
        if table.name in ("keyring", "workspaces"):
            for rows in _batches(origin, table, ()):
                found.update(repr(rows).encode())
    found.update(repr(sorted(origin.given_out().items())).encode())
    return found.hexdigest()


def _copy(origin: End, goal: Target, tables: Sequence[Table], counts: Mapping[str, int], told: Told) -> None:
    noted = {name: Progress.read(said) for name, said in goal.begun().items() if name != SOURCE}
    total, done = sum(counts.values()), sum(one.done for one in noted.values())
    for table in tables:
        at = noted.get(table.name, Progress(0, ()))
        for rows in _batches(origin, table, at.last):
            at = Progress(at.done + len(rows), _key(table, rows[-1]))
            goal.put(table, [_kept(row, goal) for row in rows], at)
            reached("during_move")
            done += len(rows)
            told("copied", done, total)


def _compare(origin: End, goal: Target, tables: Sequence[Table], counts: Mapping[str, int], told: Told) -> int:
    """In how many rows a character was replaced. StorageBroken if anything else isn't the same in both."""
    total, done, changed, faults = sum(counts.values()), 0, 0, []
    for table in tables:
        ours, theirs, there = hashlib.sha256(), hashlib.sha256(), 0
        for rows in _batches(origin, table, ()):
            kept = [_kept(row, goal) for row in rows]
            changed += sum(before is not after for before, after in zip(rows, kept, strict=True))
            ours.update(_summed(kept))
            done += len(rows)
            told("compared", done, total)
        for rows in _batches(goal, table, ()):
            theirs.update(_summed(rows))
            there += len(rows)
        if there != counts[table.name]:
            faults.append(f"{table.name}: {counts[table.name]} rows in the one, {there} in the other")
        elif ours.digest() != theirs.digest():
            faults.append(f"{table.name}: the rows aren't the same")
    if faults:
        raise StorageBroken(
            f"{goal.name} isn't what {origin.name} is, so it is not to be used. Delete it and begin anew:\n"
            + "\n".join(faults)
        )
    return changed


def _batches(end: End, table: Table, after: Row) -> Iterator[Sequence[Row]]:
    while rows := end.rows(table, after, AT_ONCE):
        yield rows
        after = _key(table, rows[-1])


def _key(table: Table, row: Row) -> Row:
    return tuple(row[place] for place in table.places)


def _kept(row: Row, goal: Target) -> Row:
    """The row as the target keeps it; the same object if nothing is to be changed."""
    for value in row:
        if type(value) is str and goal.text(value) != value:
            return tuple(goal.text(one) if type(one) is str else one for one in row)
    return row


def _summed(rows: Sequence[Row]) -> bytes:
    """Whole numbers, texts and floating-point numbers are written the same way wherever they come from."""
    return "\n".join(map(repr, [*rows, ""])).encode()


def _source(url: str) -> AbstractContextManager[End]:
    if is_postgres(url):
        from storage import moving_postgres  # its driver is slow to import, and needed on one side only

        return moving_postgres.source(url)
    from storage import moving_sqlite

    path = sqlite_path(url)
    if path is None:
        raise SettingsError("A database in memory holds nothing to move. Name a file.")
    return moving_sqlite.source(path)


def _target(url: str) -> AbstractContextManager[Target]:
    if is_postgres(url):
        from storage import moving_postgres

        return moving_postgres.target(url)
    from storage import moving_sqlite

    path = sqlite_path(url)
    if path is None:
        raise SettingsError("A database in memory is gone at once. Name a file.")
    return moving_sqlite.target(path)
