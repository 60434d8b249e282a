"""Queries for checking and rebuilding the maintained counts."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bot.app.records import Answer, Counts, Member, Workspace
from bot.core.refs import MemberId, Platform, RevisionId, RoundId, WorkspaceId, WorkspaceRef
from bot.core.response import Source
from bot.core.round import Round
from storage.dialect import Connection
from storage.people import SqlPeople
from storage.responses import response_of
from storage.rounds import Revisions, SqlRounds
from storage.subjects import Subjects

# Every table of maintained counts: its key, and what is counted. A test compares the list with the schema.
COUNTED: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("tallies", ("workspace", "round", "choice"), ("count",)),
    (
        "standings",
        ("workspace", "channel", "member"),
        (
            *("answered", "correct", "points", "streak", "best_streak", "freezes", "run", "last"),
            *("week0", "week0_points", "week0_correct", "week0_answered"),
            *("week1", "week1_points", "week1_correct", "week1_answered"),
            *("month0", "month0_points", "month0_correct", "month0_answered"),
            *("month1", "month1_points", "month1_correct", "month1_answered"),
        ),
    ),
    (
        "domain_tallies",
        ("workspace", "member", "pack", "domain", "channel"),
        (
            "answered",
            "correct",
            "weight",
            "weight_correct",
            "fair_answered",
            "fair_correct",
            "fair_weight",
            "fair_weight_correct",
        ),
    ),
    (
        "memories",
        ("workspace", "member", "subject"),
        ("times", "stability", "difficulty", "days", "last_at"),
    ),
)

# What forgotten members left, by table: column and where it is kept.
_LEFT = (("tallies", (("count", "forgotten"),)),)

# Answers are counted again in the order they were given in, which is that of time unless the clock was set back:
# then a channel has a daily round that opened before the one numbered ahead of it. There an era ends, and whatever
# came before it is counted before. (Two rounds may well be open at once, when their schedule was changed.)
_TURNS = """
    WITH turns AS (
        SELECT id, channel, number,
               CASE WHEN opens_at < lag(opens_at) OVER (PARTITION BY channel ORDER BY number) THEN 1 ELSE 0 END AS back
        FROM rounds WHERE number IS NOT NULL
"""
_TAKEN = """
    ),
    numbered AS (SELECT id, sum(back) OVER (PARTITION BY channel ORDER BY number) AS era FROM turns),
    -- Without the first era there is nothing to join with where the clock was never set back; a join with all rounds
    -- would look through them once for each answer.
    eras AS MATERIALIZED (SELECT id, era FROM numbered WHERE era > 0)
    SELECT r.source, r.source_id, r.member, r.revision, r.choice, r.correct, r.at, r.workspace
    FROM responses r
    LEFT JOIN rounds o ON r.source = 0 AND o.id = r.source_id AND o.workspace = r.workspace
    LEFT JOIN eras e ON e.id = o.id
    WHERE (r.source = 1 OR o.state <> 'skipped')
"""
_IN_ORDER = """
    WINDOW before AS (PARTITION BY r.member, o.channel ORDER BY coalesce(e.era, -1)
                      RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ORDER BY
        CASE WHEN e.era > 0 AND max(r.at) OVER before > r.at THEN max(r.at) OVER before ELSE r.at END,
        r.member, r.source, coalesce(e.era, -1), r.at, r.source_id, r.revision
"""
_ANSWERS = _TURNS + _TAKEN + _IN_ORDER
_OF_MEMBER = f"{_TURNS} AND workspace = ? {_TAKEN} AND r.workspace = ? AND r.member = ? {_IN_ORDER}"


# Shown in place of a column's number.
_SHOWN = {"subject": "(SELECT s.pack || '/' || s.name FROM subjects s WHERE s.id = subject)"}


def put_back(db: Connection, subjects: Subjects, kept: str | None) -> None:
    """Put what was kept of a member into the tables, which hold nothing of that member."""
    for table, rows in json.loads(kept or "{}").items():
        for row in rows:
            values = row
            if table == "memories":
                values = {**row, "subject": subjects.keep(row["pack"], row["subject"])}
                del values["pack"]
            columns, holes = ", ".join(values), ", ".join("?" * len(values))
            # The names were written by condensed.py, from the constants above.
            db.execute(f"INSERT INTO {table} ({columns}) VALUES ({holes})", tuple(values.values()))  # noqa: S608


class SqlUpkeep:
    """See ports.Upkeep."""

    def __init__(
        self, db: Connection, people: SqlPeople, rounds: SqlRounds, revisions: Revisions, subjects: Subjects
    ) -> None:
        self._db, self._people, self._rounds = db, people, rounds
        self._revisions, self._subjects = revisions, subjects

    def answers(self) -> Iterator[Answer]:
        # Read whole before anything is written: SQLite doesn't say what a query sees of changes made beneath it.
        return self._in_order(self._db.execute(_ANSWERS).fetchall())

    def answers_of(self, workspace: WorkspaceId, member: MemberId) -> Iterator[Answer]:
        """Those of one member, in the same order."""
        return self._in_order(self._db.execute(_OF_MEMBER, (workspace, workspace, member)).fetchall())

    def _in_order(self, found: list[Any]) -> Iterator[Answer]:
        members: dict[MemberId, Member | None] = {}
        rounds: dict[RoundId, Round | None] = {}
        exams: dict[int, bool] = {}
        for (source, source_id, _), rows in groupby(found, key=lambda row: (row[0], row[1], row[6])):
            for row in self._in_form_order(source_id, list(rows)) if source else rows:
                response, workspace = response_of(row), WorkspaceId(row[7])
                if response.member not in members:
                    members[response.member] = self._people.find_member(workspace, response.member)
                round_id = RoundId(source_id) if response.source is Source.ROUND else None
                if round_id is not None and round_id not in rounds:
                    rounds[round_id] = self._rounds.get(workspace, round_id)
                member = members[response.member]
                if member is not None:
                    yield Answer(
                        workspace=workspace,
                        member=member,
                        response=response,
                        item=self._revisions.get(response.revision),
                        round=rounds[round_id] if round_id is not None else None,
                        in_exam=bool(source) and self._is_exam(workspace, source_id, exams),
                    )

    def _is_exam(self, workspace: WorkspaceId, attempt: int, known: dict[int, bool]) -> bool:
        if attempt not in known:
            found = self._db.execute(
                "SELECT 1 FROM attempts WHERE workspace = ? AND id = ? AND sitting = 'exam'", (workspace, attempt)
            ).fetchone()
            known[attempt] = found is not None
        return known[attempt]

    def _in_form_order(self, attempt: int, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Responses of one instant, as when a whole exam is handed in, in the order they were counted in."""
        form = self._db.execute("SELECT form FROM attempts WHERE id = ?", (attempt,)).fetchone()
        if len(rows) == 1 or form is None:
            return rows
        places = {RevisionId(revision): place for place, (revision, _) in enumerate(json.loads(form[0]))}
        return sorted(rows, key=lambda row: places.get(row[3], len(places)))

    def strays(self) -> Sequence[str]:
        rows = self._db.execute(
            """SELECT r.workspace, r.source_id, count(*) FROM responses r
               LEFT JOIN rounds o ON o.id = r.source_id AND o.workspace = r.workspace AND o.state <> 'skipped'
               WHERE r.source = 0 AND o.id IS NULL GROUP BY r.workspace, r.source_id"""
        ).fetchall()
        return [
            f"responses of workspace {workspace}: {count} to round {round_id}, which isn't there"
            for workspace, round_id, count in rows
        ]

    def clear(self) -> None:
        # All names come from the constants above.
        left = dict(_LEFT)
        for table, _, columns in COUNTED:
            if table not in left:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608
                continue
            values = ", ".join(f"{column} = {kept}" for column, kept in left[table])
            self._db.execute(f"UPDATE {table} SET {values}")  # noqa: S608
            self._db.execute(f"DELETE FROM {table} WHERE {columns[0]} = 0")  # noqa: S608
        for (counts,) in self._db.execute("SELECT counts FROM condensed ORDER BY member").fetchall():
            put_back(self._db, self._subjects, counts)

    def counts(self) -> Counts:
        found = {}
        for table, key, columns in COUNTED:
            wanted = ", ".join(_SHOWN.get(column, column) for column in (*key, *columns))
            rows = self._db.execute(f"SELECT {wanted} FROM {table}")  # noqa: S608  constants only
            found[table] = {row[: len(key)]: dict(zip(columns, row[len(key) :], strict=True)) for row in rows}
        return found

    def find(self, text: str) -> Sequence[tuple[Workspace, Member]]:
        wanted = text.strip().casefold()
        found = []
        for row in self._db.execute(
            """SELECT w.id, w.platform, w.ref, w.name, m.id, m.ref, m.name
               FROM members m JOIN workspaces w ON w.id = m.workspace ORDER BY w.id, m.id"""
        ).fetchall():
            if wanted in (str(row[4]), row[5].casefold(), row[6].casefold()):
                workspace = Workspace(id=WorkspaceId(row[0]), ref=WorkspaceRef(Platform(row[1]), row[2]), name=row[3])
                member = self._people.find_member(workspace.id, MemberId(row[4]))
                if member is not None:
                    found.append((workspace, member))
        return found
