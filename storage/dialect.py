"""What the queries need of a connection, and the few words in which databases differ.

Everything else is written in the part of SQL that SQLite and PostgreSQL share.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Cursor(Protocol):
    """The rows that a statement gave back."""

    @property
    def rowcount(self) -> int: ...
    @property
    def description(self) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Runs statements whose values stand as question marks."""

    def execute(self, sql: str, values: Sequence[Any] = ..., /) -> Cursor: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Endings that lock the rows a SELECT finds, until the transaction ends; empty where there is one writer only.

    `share`: nobody changes the rows meanwhile. `change`: nobody else changes or shares them. `claim`: the same, and
    rows that somebody else has are left out instead of waited for. `now_ms` is the database's own clock.
    `many` says that other processes may be at work on the same tables. `keyed` is what every unique key of a table with
    a workspace ends with, if it doesn't hold the workspace anyway; see postgres_keys. `aside`, before a
    column of numbers, keeps the indexes that begin with it out of a query, where SQLite takes the worse of two.
    """

    share: str
    change: str
    claim: str
    now_ms: str
    many: bool
    keyed: str
    aside: str


SQLITE = Dialect(
    share="",
    change="",
    claim="",
    now_ms="CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    many=False,
    keyed="",
    aside="+",
)
