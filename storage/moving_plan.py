"""What is moved from one database to another: which tables, in which order, and by which keys."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from storage import sqlite
from storage.workspaces import WORKSPACE_TABLES

SHARED = ("workspaces", "revisions", "subjects", "keyring", "slack_installations", "slack_org_teams", "slack_states")
"""Tables that hang on nothing."""

LEFT_BEHIND = ("leases",)
"""What processes have for a few seconds. None runs while its database is moved."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns, and those of its primary key, by which rows are read in order."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """Where the key's columns are among all."""
        return tuple(self.columns.index(name) for name in self.key)


def plan() -> tuple[Table, ...]:
    """Every table to be moved, each after those that its rows refer to."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        sqlite.make_current(db, "memory")
        return tuple(_table(db, name) for name in (*SHARED, *reversed(WORKSPACE_TABLES)))


def _table(db: sqlite3.Connection, name: str) -> Table:
    found = db.execute("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", (name,)).fetchall()
    key = sorted((place, column) for column, place in found if place)
    return Table(name, tuple(column for column, _ in found), tuple(column for _, column in key))
