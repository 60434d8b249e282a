"""Queries about responses, the append-only facts, and the tally of each round."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from bot.core.item import Item
from bot.core.refs import MemberId, MemberRef, RevisionId, RoundId, WorkspaceId
from bot.core.response import Given, Response, Source
from storage.dialect import Connection
from storage.forgetting import spent_mark
from storage.known import Known
from storage.rounds import Revisions
from storage.rows import from_ms, pairs, to_ms

_SOURCES = {Source.ROUND: 0, Source.ATTEMPT: 1}
_SOURCE_OF = {number: source for source, number in _SOURCES.items()}

_END: tuple[int, int] = (2**62, 0)
"""Behind the last round and attempt."""

PAGE = 64
"""Rows that are read at a time where it shows only then whether there is more to read."""

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

    def lately(self, workspace: WorkspaceId, member: MemberId, pack: str, most: int) -> Sequence[Given]:
        found = [row for source in _SOURCE_OF for row in self._before(workspace, member, source, _END, most)]
        found.sort(key=itemgetter(3), reverse=True)
        return [
            (item, choice, bool(correct), from_ms(at))
            for revision, choice, correct, at, _ in found[:most]
            if (item := self._revisions.get(revision)).pack == pack
        ]

    def since(
        self, workspace: WorkspaceId, member: MemberId, pack: str, starts: Sequence[datetime]
    ) -> Sequence[tuple[int, int]]:
        begins = [to_ms(start) for start in starts]
        right, answered = [0] * len(begins), [0] * len(begins)
        for source in _SOURCE_OF:
            before, going_on = _END, True
            while going_on:
                page = self._before(workspace, member, source, before, PAGE)
                newer = [row for row in page if row[3] >= begins[0]]
                for revision, _, correct, at, _ in newer:
                    if self._revisions.get(revision).pack == pack:
                        place = bisect_right(begins, at) - 1
                        right[place] += correct
                        answered[place] += 1
                if going_on := bool(newer) and len(page) == PAGE:
                    before = page[-1][4], page[-1][0]
        return list(zip(right, answered, strict=True))

    def _before(
        self, workspace: WorkspaceId, member: MemberId, source: int, before: tuple[int, int], limit: int
    ) -> list[tuple[Any, ...]]:
        """Some of the member's rows, the newest rounds or attempts first, behind the one with the key `before`."""
        return self._db.execute(
            """SELECT revision, choice, correct, at, source_id FROM responses
               WHERE workspace = ? AND member = ? AND source = ? AND (source_id, revision) < (?, ?)
               ORDER BY source_id DESC, revision DESC LIMIT ?""",
            (workspace, member, source, *before, limit),
        ).fetchall()

    def mistakes(self, workspace: WorkspaceId, member: MemberId, pack: str, most: int) -> Sequence[tuple[Item, str]]:
        rows = [
            row
            for source in _SOURCE_OF
            for row in self._db.execute(
                """SELECT revision, choice FROM (
                       SELECT revision, choice, correct FROM responses
                       WHERE workspace = ? AND member = ? AND source = ?
                       ORDER BY source_id DESC, revision DESC LIMIT ?
                   ) AS newest WHERE correct = 0""",
                (workspace, member, source, most),
            ).fetchall()
        ]
        return [(item, choice) for revision, choice in rows if (item := self._revisions.get(revision)).pack == pack]

    def newest_of_each(self, workspace: WorkspaceId, member: MemberId) -> Sequence[tuple[Item, bool, datetime]]:
        # One number tells when and whether it was right, so that the database needs no second look for the latter.
        rows = self._db.execute(
            """SELECT revision, max(at * 2 + correct) AS latest FROM responses WHERE workspace = ? AND member = ?
               GROUP BY revision ORDER BY latest, revision""",
            (workspace, member),
        ).fetchall()
        return [(self._revisions.get(revision), bool(latest & 1), from_ms(latest >> 1)) for revision, latest in rows]

    def rounds_of(self, workspace: WorkspaceId, member: MemberId, limit: int) -> Sequence[RoundId]:
        rows = self._db.execute(
            """SELECT source_id FROM responses WHERE workspace = ? AND member = ? AND source = 0
               ORDER BY source_id DESC LIMIT ?""",
            (workspace, member, limit),
        ).fetchall()
        return [RoundId(round_id) for (round_id,) in rows]

    def count_of(self, workspace: WorkspaceId, member: MemberId) -> int:
        (total,) = self._db.execute(
            "SELECT count(*) FROM responses WHERE workspace = ? AND member = ?", (workspace, member)
        ).fetchone()
        return int(total)

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
