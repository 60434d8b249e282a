"""Queries about responses, the append-only facts, and the tally of each round."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.core.item import Item
from bot.core.refs import MemberId, MemberRef, RevisionId, RoundId, WorkspaceId
from bot.core.response import Response, Source
from storage.dialect import Connection
from storage.forgetting import spent_mark
from storage.known import Known
from storage.rounds import Revisions
from storage.rows import from_ms, pairs, to_ms

_SOURCES = {Source.ROUND: 0, Source.ATTEMPT: 1}
_SOURCE_OF = {number: source for source, number in _SOURCES.items()}

_COLUMNS = "SELECT source, source_id, member, revision, choice, correct, at FROM responses "


class SqlResponses:
    """See ports.Responses."""

    def __init__(self, db: Connection, revisions: Revisions, known: Known) -> None:
        self._db, self._revisions, self._known = db, revisions, known

    def get(self, workspace: WorkspaceId, source: Source, source_id: int, member: MemberId) -> Response | None:
        row = self._db.execute(
            _COLUMNS + "WHERE workspace = ? AND member = ? AND source = ? AND source_id = ? ORDER BY at DESC",
            (workspace, member, _SOURCES[source], source_id),
        ).fetchone()
        return response_of(row) if row else None

    def add(self, workspace: WorkspaceId, response: Response) -> bool:
        done = self._db.execute(
            """INSERT INTO responses (workspace, member, source, source_id, revision, choice, correct, at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            (
                workspace,
                response.member,
                _SOURCES[response.source],
                response.source_id,
                response.revision,
                response.option,
                int(response.right),
                to_ms(response.at),
            ),
        )
        return done.rowcount == 1

    def spent(self, workspace: WorkspaceId, round_id: RoundId, ref: MemberRef) -> bool:
        marks = self._known.spent.get((workspace, round_id))
        if marks is None:
            rows = self._db.execute("SELECT mark FROM spent WHERE workspace = ? AND round = ?", (workspace, round_id))
            marks = frozenset(mark for (mark,) in rows)
            self._known.put(self._known.spent, (workspace, round_id), marks)
        return bool(marks) and spent_mark(round_id, ref) in marks

    def add_to_tally(self, workspace: WorkspaceId, round_id: RoundId, option: str) -> None:
        self._db.execute(
            """INSERT INTO tallies (workspace, round, choice, count) VALUES (?, ?, ?, 1)
               ON CONFLICT (workspace, round, choice) DO UPDATE SET count = tallies.count + 1""",
            (workspace, round_id, option),
        )

    def of_member(self, workspace: WorkspaceId, member: MemberId) -> Sequence[tuple[Response, Item]]:
        rows = self._db.execute(
            _COLUMNS + "WHERE workspace = ? AND member = ? ORDER BY at, source, source_id, revision",
            (workspace, member),
        ).fetchall()
        return [(response := response_of(row), self._revisions.get(response.revision)) for row in rows]

    def counts(self, keys: Sequence[tuple[WorkspaceId, RoundId]]) -> Mapping[RoundId, int]:
        if not keys:
            return {}
        marks, values = pairs(keys)
        rows = self._db.execute(
            f"""WITH asked (workspace, key) AS (VALUES {marks})
               SELECT t.round, sum(t.count) FROM asked a CROSS JOIN tallies t
               WHERE t.workspace = a.workspace AND t.round = a.key GROUP BY t.round""",  # noqa: S608  question marks
            values,
        )
        return {RoundId(key): int(total) for key, total in rows}

    def count(self, workspace: WorkspaceId, round_id: RoundId) -> int:
        (total,) = self._db.execute(
            "SELECT coalesce(sum(count), 0) FROM tallies WHERE workspace = ? AND round = ?",
            (workspace, round_id),
        ).fetchone()
        return int(total)

    def report(self, workspace: WorkspaceId, member: MemberId, revision: RevisionId, now: datetime) -> bool:
        done = self._db.execute(
            "INSERT INTO reports (workspace, member, revision, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (workspace, member, revision, to_ms(now)),
        )
        return done.rowcount == 1

    def reported(self, workspace: WorkspaceId) -> Sequence[tuple[str, int]]:
        return self._db.execute(
            """SELECT v.item, count(*) FROM reports p JOIN revisions v ON v.id = p.revision
               WHERE p.workspace = ? GROUP BY v.item ORDER BY count(*) DESC, v.item""",
            (workspace,),
        ).fetchall()


def response_of(row: tuple[Any, ...]) -> Response:
    """A row of the columns source, source_id, member, revision, choice, correct, at."""
    return Response(
        source=_SOURCE_OF[row[0]],
        source_id=row[1],
        member=MemberId(row[2]),
        revision=RevisionId(row[3]),
        option=row[4],
        right=bool(row[5]),
        at=from_ms(row[6]),
    )
