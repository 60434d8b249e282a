"""Queries that delete what has been kept for long enough, and keep the counts that were made of it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.app.ports import Tx
from bot.app.records import Aging, Answer
from bot.core.refs import MemberId, WorkspaceId
from bot.core.response import Response, Source
from storage import condensed
from storage.dialect import Connection
from storage.forgetting import keep_votes
from storage.rows import from_ms, to_ms
from storage.upkeep import SqlUpkeep

_SOURCES = {Source.ROUND: 0, Source.ATTEMPT: 1}


class SqlRetention:
    """See ports.Retention."""

    def __init__(self, db: Connection, upkeep: SqlUpkeep) -> None:
        self._db, self._upkeep = db, upkeep

    def members(self, after: MemberId, limit: int) -> Sequence[Aging]:
        rows = self._db.execute(
            """SELECT m.workspace, m.id,
                      (SELECT min(r.at) FROM responses r WHERE r.workspace = m.workspace AND r.member = m.id),
                      EXISTS (SELECT 1 FROM schedules s WHERE s.workspace = m.workspace AND s.set_by = m.id),
                      m.made_at,
                      (SELECT max(r.at) FROM responses r WHERE r.workspace = m.workspace AND r.member = m.id),
                      (SELECT max(a.started_at) FROM attempts a WHERE a.workspace = m.workspace AND a.member = m.id),
                      (SELECT max(a.ended_at) FROM attempts a WHERE a.workspace = m.workspace AND a.member = m.id),
                      (SELECT max(p.at) FROM reports p WHERE p.workspace = m.workspace AND p.member = m.id),
                      (SELECT c.until FROM condensed c WHERE c.workspace = m.workspace AND c.member = m.id)
               FROM members m WHERE m.id > ? ORDER BY m.id LIMIT ?""",
            (after, limit),
        ).fetchall()
        return [
            Aging(
                workspace=WorkspaceId(row[0]),
                member=MemberId(row[1]),
                oldest=from_ms(row[2]) if row[2] is not None else None,
                latest=from_ms(max(at for at in row[4:] if at is not None)),
                needed=bool(row[3]),
            )
            for row in rows
        ]

    def oldest(self, workspace: WorkspaceId, member: MemberId, before: datetime, limit: int) -> Sequence[Answer]:
        found: list[Answer] = []
        for answer in self._upkeep.answers_of(workspace, member):
            whole = len(found) >= limit and answer.response.at != found[-1].response.at
            if whole or answer.response.at >= before:
                break
            found.append(answer)
        return found

    def condense(
        self, workspace: WorkspaceId, member: MemberId, answers: Sequence[Answer], count: Callable[[Tx, Answer], None]
    ) -> None:
        # Deleted first: of two processes that do this at once, only one gets each answer, and sees what the other kept.
        mine = [answer for answer in answers if self._delete(workspace, member, answer.response)]
        if not mine:
            return
        kept = self._db.execute(
            "SELECT counts, until FROM condensed WHERE workspace = ? AND member = ?", (workspace, member)
        ).fetchone()
        counts = condensed.added(kept[0] if kept else None, mine, count)
        until = max(to_ms(answer.response.at) for answer in mine)
        self._db.execute(
            """INSERT INTO condensed (workspace, member, counts, until) VALUES (?, ?, ?, ?)
               ON CONFLICT (workspace, member) DO UPDATE SET counts = excluded.counts, until = excluded.until""",
            (workspace, member, counts, max(until, kept[1] if kept else 0)),
        )
        keep_votes(self._db, workspace, [one.response for one in mine if one.round is not None])

    def _delete(self, workspace: WorkspaceId, member: MemberId, response: Response) -> bool:
        done = self._db.execute(
            """DELETE FROM responses
               WHERE workspace = ? AND member = ? AND source = ? AND source_id = ? AND revision = ?""",
            (workspace, member, _SOURCES[response.source], response.source_id, response.revision),
        )
        return done.rowcount == 1

    def drop_sittings(self, workspace: WorkspaceId, member: MemberId, before: datetime) -> int:
        # An exam that is open is handed in at its deadline; a practice has none, and may lie about for ever.
        attempts = self._db.execute(
            """DELETE FROM attempts
               WHERE workspace = ? AND member = ? AND started_at < ? AND coalesce(ended_at, started_at) < ?
                 AND (progress <> 'open' OR deadline_at IS NULL)
                 AND NOT EXISTS (SELECT 1 FROM responses r
                                 WHERE r.workspace = attempts.workspace AND r.member = attempts.member
                                   AND r.source = 1 AND r.source_id = attempts.id)""",
            (workspace, member, to_ms(before), to_ms(before)),
        )
        reports = self._db.execute(
            "DELETE FROM reports WHERE workspace = ? AND member = ? AND at < ?", (workspace, member, to_ms(before))
        )
        return attempts.rowcount + reports.rowcount

    def drop_deliveries(self, before: datetime, limit: int) -> int:
        return self._db.execute(
            """DELETE FROM deliveries WHERE id IN (
                   SELECT id FROM deliveries WHERE state IN ('done', 'given_up') AND try_at < ? ORDER BY id LIMIT ?
               )""",
            (to_ms(before), limit),
        ).rowcount
