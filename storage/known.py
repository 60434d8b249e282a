"""What was read or written already of rows that every press needs: who and where, schedules, rounds, the member's own.

The process that owns an SQLite file is the only one to change them. Each is dropped by the statement that changes its
table, whoever runs it; `Watched` sees to that.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.app.records import Channel, Member, Workspace
from bot.core.refs import ChannelId, MemberId, Platform, RoundId, WorkspaceId
from bot.core.round import Round
from bot.core.schedule import Schedule
from bot.core.scoring import Standing
from bot.core.weakness import Tally
from storage.dialect import Connection, Cursor

MOST = 20_000
"""Rows of one kind that are kept; when there are more, we begin anew. About 20 MB in all."""

_CHANGE = re.compile(r'\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)')
_ONE = re.compile(r"\s*UPDATE rounds SET\b.*\bWHERE workspace = \? AND id = \?(?!.*\?)", re.DOTALL)
"""Changes one round, whose key stands at the end of the values."""
_UNKEPT = re.compile(r"\s*UPDATE schedules SET next_at = [^,]* (WHERE|FROM)\b")
"""Changes what isn't kept: when a schedule has to be looked at next, which it does for each round."""
_NEW = {"workspaces", "channels", "members", "rounds"}
_NO_CHANGE = re.compile(r"\s*(WITH asked|WITH board|SELECT|PRAGMA|BEGIN|COMMIT|SAVEPOINT|RELEASE)\b")


class Known:
    """The rows, by what they are asked by. With `keep` false nothing stays, for connections that others write beside.

    That something is not there is never kept, so that a new row needs to drop nothing, with two exceptions: whether a
    channel has a schedule, and who is barred from answering a round a second time.
    """

    def __init__(self, *, keep: bool) -> None:
        self.keeps = keep
        self.workspaces: dict[tuple[Platform, str], Workspace] = {}
        self.channels: dict[tuple[WorkspaceId, str], Channel] = {}
        self.members: dict[tuple[WorkspaceId, str], Member] = {}
        self.schedules: dict[tuple[WorkspaceId, ChannelId], Schedule | None] = {}
        self.rounds: dict[tuple[WorkspaceId, RoundId], Round] = {}
        self.spent: dict[tuple[WorkspaceId, RoundId], frozenset[str]] = {}
        self.standings: dict[tuple[WorkspaceId, ChannelId, MemberId], Standing] = {}
        self.tallies: dict[tuple[WorkspaceId, MemberId, str, str], Tally] = {}
        self.met: dict[tuple[WorkspaceId, MemberId], int] = {}
        self._told_of: set[str] = set()
        self._of: dict[str, dict[Any, Any]] = {
            "workspaces": self.workspaces,
            "channels": self.channels,
            "members": self.members,
            "schedules": self.schedules,
            "skips": self.schedules,
            "rounds": self.rounds,
            "spent": self.spent,
            "standings": self.standings,
            "domain_tallies": self.tallies,
            "memories": self.met,
        }

    def put(self, rows: dict[Any, Any], key: Any, row: Any) -> None:
        """Keep a row that was read or written just now."""
        if self.keeps:
            if len(rows) >= MOST:
                rows.clear()
            rows[key] = row

    def forget(self) -> None:
        """Drop all, as after a rollback."""
        for rows in self._of.values():
            rows.clear()

    def told_of(self, sql: str) -> str:
        """The same statement, after which nothing needs to be dropped: who runs it puts here what it changed."""
        self._told_of.add(sql)
        return sql

    def changed_by(self, sql: str) -> tuple[dict[Any, Any], ...]:
        """What a statement makes out of date."""
        if sql in self._told_of:
            return ()
        found = _CHANGE.match(sql)
        if found is None:
            return () if _NO_CHANGE.match(sql) else tuple(self._of.values())
        kind, table = found[1][0], found[2]
        if _UNKEPT.match(sql):
            return ()
        if table not in self._of or (kind == "I" and table in _NEW and "DO UPDATE" not in sql):
            return ()
        return (self._of[table],)


class Watched:
    """A connection on which every statement drops from `known` what it changes."""

    def __init__(self, db: Connection, known: Known) -> None:
        self._execute, self._executemany = db.execute, db.executemany
        self._known = known
        # By the statement's text, of which there are some dozens.
        self._drops: dict[str, tuple[dict[Any, Any], ...]] = {}
        self._of_one: set[str] = set()
        self._of_none: set[str] = set()

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""
        if sql not in self._of_none:
            for rows in self._dropped(sql):
                if sql in self._of_one:
                    rows.pop(tuple(values[-2:]), None)
                else:
                    rows.clear()
        return self._execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Run one statement with each of these values."""
        for gone in self._dropped(sql):
            gone.clear()
        return self._executemany(sql, rows)

    def _dropped(self, sql: str) -> tuple[dict[Any, Any], ...]:
        drops = self._drops.get(sql)
        if drops is None:
            drops = self._drops[sql] = self._known.changed_by(sql)
            if not drops:
                self._of_none.add(sql)
            if _ONE.match(sql):
                self._of_one.add(sql)
        return drops
