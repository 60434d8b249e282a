"""Queries about attempts, and about what members remember."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.app.records import NewAttempt
from bot.core.attempt import Attempt, Progress, Sitting
from bot.core.form import Place
from bot.core.refs import AttemptId, MemberId, RevisionId, WorkspaceId
from bot.core.review import Memory
from storage.dialect import Connection, Dialect
from storage.known import Known
from storage.rounds import Revisions
from storage.rows import DAY_MS, from_ms, to_ms
from storage.subjects import Subjects

_COLUMNS = """
    SELECT id, workspace, member, sitting, pack, label, form, answers, flags, place, started_at, deadline_at,
           ended_at, progress
    FROM attempts
"""

_ALL = 2**62
"""More than there are; the databases have no word in common for no limit."""

_SAVE = """
    INSERT INTO memories (workspace, member, subject, stability, difficulty, days, last_at, times)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (workspace, member, subject) DO UPDATE SET
        stability = excluded.stability, difficulty = excluded.difficulty, days = excluded.days,
        last_at = excluded.last_at, times = excluded.times
"""


class SqlAttempts:
    """See ports.Attempts."""

    def __init__(self, db: Connection, revisions: Revisions, dialect: Dialect) -> None:
        self._db, self._revisions, self._dialect = db, revisions, dialect

    def start(self, new: NewAttempt) -> Attempt:
        form = [[self._revisions.keep(place.item), place.order] for place in new.places]
        row = self._db.execute(
            """INSERT INTO attempts (workspace, member, sitting, pack, label, form, started_at, deadline_at, progress)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open') RETURNING id""",
            (
                new.workspace,
                new.member,
                new.sitting,
                new.pack,
                new.label,
                json.dumps(form, separators=(",", ":")),
                to_ms(new.started),
                to_ms(new.deadline) if new.deadline else None,
            ),
        ).fetchone()
        return self._all("WHERE workspace = ? AND id = ?", (new.workspace, row[0]))[0]

    def get(self, workspace: WorkspaceId, attempt: AttemptId) -> Attempt | None:
        return next(iter(self._all("WHERE workspace = ? AND id = ?", (workspace, attempt))), None)

    def open_of(self, workspace: WorkspaceId, member: MemberId, sitting: Sitting) -> Attempt | None:
        found = self._all(
            "WHERE workspace = ? AND member = ? AND sitting = ? AND progress = 'open'", (workspace, member, sitting)
        )
        return next(iter(found), None)

    def save(self, attempt: Attempt) -> None:
        self._db.execute(
            """UPDATE attempts SET answers = ?, flags = ?, place = ?, ended_at = ?, progress = ?
               WHERE workspace = ? AND id = ?""",
            (
                json.dumps(attempt.answers, separators=(",", ":")),
                json.dumps(sorted(attempt.flags), separators=(",", ":")),
                attempt.at,
                to_ms(attempt.ended) if attempt.ended else None,
                attempt.progress,
                attempt.workspace,
                attempt.id,
            ),
        )

    def expired(self, now: datetime, limit: int) -> Sequence[Attempt]:
        if not self._dialect.many:
            return self._all(
                "WHERE progress = 'open' AND deadline_at <= ? ORDER BY deadline_at LIMIT ?", (to_ms(now), limit)
            )
        # Everything of a member is changed by whoever has the member's row. It is locked by a statement of its own:
        # what the next one reads is then as the last holder left it.
        members = self._db.execute(
            "SELECT m.id FROM attempts a JOIN members m ON m.id = a.member "  # noqa: S608  a constant
            "WHERE a.progress = 'open' AND a.deadline_at <= ? ORDER BY a.deadline_at LIMIT ?"
            + self._dialect.claim.replace("SKIP", "OF m SKIP"),
            (to_ms(now), limit),
        ).fetchall()
        marks = ", ".join("?" for _ in members) or "NULL"
        return self._all(
            f"WHERE progress = 'open' AND deadline_at <= ? AND member IN ({marks}) ORDER BY deadline_at",
            (to_ms(now), *(member for (member,) in members)),
        )

    def earliest_deadline(self) -> datetime | None:
        (ms,) = self._db.execute("SELECT min(deadline_at) FROM attempts WHERE progress = 'open'").fetchone()
        return from_ms(ms) if ms is not None else None

    def submitted(
        self, workspace: WorkspaceId, member: MemberId, pack: str, sitting: Sitting, *, most: int | None = None
    ) -> Sequence[Attempt]:
        return self._all(
            """WHERE workspace = ? AND member = ? AND pack = ? AND sitting = ? AND progress = 'submitted'
               ORDER BY id DESC LIMIT ?""",
            (workspace, member, pack, sitting, _ALL if most is None else most),
        )

    def served(self, workspace: WorkspaceId, member: MemberId, pack: str, sitting: Sitting) -> Mapping[str, int]:
        rows = self._db.execute(
            "SELECT form FROM attempts WHERE workspace = ? AND member = ? AND pack = ? AND sitting = ? ORDER BY id",
            (workspace, member, pack, sitting),
        ).fetchall()
        return {
            self._revisions.get(RevisionId(revision)).id: number
            for number, (form,) in enumerate(rows, 1)
            for revision, _ in json.loads(form)
        }

    def _all(self, where: str, values: tuple[object, ...]) -> list[Attempt]:
        return [self._attempt(row) for row in self._db.execute(_COLUMNS + where, values).fetchall()]

    def _attempt(self, row: tuple[Any, ...]) -> Attempt:
        form = json.loads(row[6])
        return Attempt(
            id=AttemptId(row[0]),
            workspace=WorkspaceId(row[1]),
            member=MemberId(row[2]),
            sitting=Sitting(row[3]),
            pack=row[4],
            label=row[5],
            places=tuple(Place(self._revisions.get(RevisionId(revision)), order) for revision, order in form),
            revisions=tuple(RevisionId(revision) for revision, _ in form),
            started=from_ms(row[10]),
            deadline=from_ms(row[11]) if row[11] is not None else None,
            ended=from_ms(row[12]) if row[12] is not None else None,
            progress=Progress(row[13]),
            at=row[9],
            answers={int(place): option for place, option in json.loads(row[7]).items()},
            flags=frozenset(json.loads(row[8])),
        )


class SqlMemories:
    """See ports.Memories."""

    def __init__(self, db: Connection, subjects: Subjects, known: Known) -> None:
        self._db, self._subjects, self._known = db, subjects, known
        known.told_of(_SAVE)

    def all(self, workspace: WorkspaceId, member: MemberId, pack: str) -> Sequence[Memory]:
        rows = self._db.execute(
            """SELECT subject, stability, difficulty, days, last_at, times FROM memories
               WHERE workspace = ? AND member = ?""",
            (workspace, member),
        ).fetchall()
        found = [(self._subjects.get(row[0]), row) for row in rows]
        return [_memory(name, row) for (of, name), row in sorted(found) if of == pack]

    def due(self, workspace: WorkspaceId, member: MemberId, pack: str, by: datetime) -> int:
        (count,) = self._db.execute(
            f"""SELECT count(*) FROM memories m JOIN subjects s ON s.id = m.subject
                WHERE m.workspace = ? AND m.member = ? AND m.last_at + m.days * {DAY_MS} <= ? AND s.pack = ?""",  # noqa: S608  a constant
            (workspace, member, to_ms(by), pack),
        ).fetchone()
        return int(count)

    def get(self, workspace: WorkspaceId, member: MemberId, pack: str, subject: str) -> Memory | None:
        number = self._subjects.find(pack, subject)
        if number is None or not self._met(workspace, member) >> number & 1:
            return None
        row = self._db.execute(
            """SELECT subject, stability, difficulty, days, last_at, times FROM memories
               WHERE workspace = ? AND member = ? AND subject = ?""",
            (workspace, member, number),
        ).fetchone()
        return _memory(subject, row) if row else None

    def save(self, workspace: WorkspaceId, member: MemberId, pack: str, memory: Memory) -> None:
        number = self._subjects.keep(pack, memory.subject)
        self._db.execute(
            _SAVE,
            (
                workspace,
                member,
                number,
                memory.stability,
                memory.difficulty,
                memory.days,
                to_ms(memory.last),
                memory.times,
            ),
        )
        met = self._known.met
        if (workspace, member) in met:
            met[workspace, member] |= 1 << number

    def _met(self, workspace: WorkspaceId, member: MemberId) -> int:
        """Which subjects the member has memories of, as the bits of a number; all of them if that isn't kept.

        Most answers are about something the member has never met, and need not look for it.
        """
        if not self._known.keeps:
            return -1
        met = self._known.met.get((workspace, member))
        if met is None:
            met = 0
            for (number,) in self._db.execute(
                "SELECT subject FROM memories WHERE workspace = ? AND member = ?", (workspace, member)
            ):
                met |= 1 << number
            self._known.put(self._known.met, (workspace, member), met)
        return met


def _memory(subject: str, row: tuple[Any, ...]) -> Memory:
    return Memory(
        subject=subject,
        stability=row[1],
        difficulty=row[2],
        days=row[3],
        last=from_ms(row[4]),
        times=row[5],
    )
