"""Queries about workspaces, channels and members."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.app.records import Channel, Member, MemberExport, Workspace
from bot.core.refs import (
    ChannelId,
    ChannelRef,
    MemberId,
    MemberRef,
    Platform,
    WorkspaceId,
    WorkspaceRef,
)
from storage.dialect import Connection, Dialect
from storage.forgetting import keep_counts, mark_spent
from storage.known import Known
from storage.rows import DAY_MS, pairs, to_ms

_MEMBER = """
    SELECT m.id, m.workspace, m.ref, m.name, m.hidden, m.reminders, w.platform, w.ref, m.extended
    FROM members m JOIN workspaces w ON w.id = m.workspace
"""
_CHANNEL = """
    SELECT c.id, c.workspace, c.ref, c.name, w.platform, w.ref
    FROM channels c JOIN workspaces w ON w.id = c.workspace
"""

# What hangs on a member, with the columns an export shows. Forgetting empties the same tables, so that none can
# be exported and yet be left behind. A test compares the list with the schema.
MEMBER_TABLES: tuple[tuple[str, str], ...] = (
    (
        "responses",
        """SELECT r.at, v.pack, v.item, v.hash, r.choice, r.correct,
                  CASE r.source WHEN 0 THEN 'round' ELSE 'attempt' END AS source, r.source_id
           FROM responses r JOIN revisions v ON v.id = r.revision
           WHERE r.workspace = ? AND r.member = ? ORDER BY r.at""",
    ),
    (
        "reports",
        """SELECT p.at, v.pack, v.item, v.hash FROM reports p JOIN revisions v ON v.id = p.revision
           WHERE p.workspace = ? AND p.member = ? ORDER BY p.at""",
    ),
    (
        "attempts",
        """SELECT sitting, pack, label, answers, flags, started_at, deadline_at, ended_at, progress FROM attempts
           WHERE workspace = ? AND member = ? ORDER BY id""",
    ),
    (
        "memories",
        f"""SELECT s.pack, s.name AS subject, m.stability, m.difficulty, m.last_at + m.days * {DAY_MS} AS due_at,
                   m.last_at, m.times
            FROM memories m JOIN subjects s ON s.id = m.subject
            WHERE m.workspace = ? AND m.member = ? ORDER BY s.pack, s.name""",  # noqa: S608  a constant
    ),
    (
        "condensed",
        "SELECT counts, until FROM condensed WHERE workspace = ? AND member = ?",
    ),
    (
        "standings",
        """SELECT c.name AS channel, s.answered, s.correct, s.points, s.streak, s.best_streak, s.freezes,
                  s.week0, s.week0_points, s.week0_correct, s.week0_answered,
                  s.week1, s.week1_points, s.week1_correct, s.week1_answered,
                  s.month0, s.month0_points, s.month0_correct, s.month0_answered,
                  s.month1, s.month1_points, s.month1_correct, s.month1_answered
           FROM standings s JOIN channels c ON c.id = s.channel
           WHERE s.workspace = ? AND s.member = ?""",
    ),
    (
        "domain_tallies",
        """SELECT coalesce(c.name, '') AS channel, t.pack, t.domain, t.answered, t.correct, t.weight, t.weight_correct,
                  t.fair_answered, t.fair_correct, t.fair_weight, t.fair_weight_correct
           FROM domain_tallies t LEFT JOIN channels c ON c.workspace = t.workspace AND c.id = t.channel
           WHERE t.workspace = ? AND t.member = ? ORDER BY t.pack, t.domain, t.channel""",
    ),
    (
        "deliveries",
        "SELECT kind, text, state, made_at FROM deliveries WHERE workspace = ? AND member = ?",
    ),
)


class SqlPeople:
    """See ports.People."""

    def __init__(self, db: Connection, dialect: Dialect, known: Known) -> None:
        self._db, self._dialect, self._known = db, dialect, known

    def workspace(self, ref: WorkspaceRef, name: str, now: datetime) -> Workspace:
        key = (ref.platform, ref.id)
        known = self._known.workspaces.get(key)
        if known is None or (name and name != known.name):
            known = self._enter_workspace(ref, name, now)
            self._known.put(self._known.workspaces, key, known)
        return known

    def _enter_workspace(self, ref: WorkspaceRef, name: str, now: datetime) -> Workspace:
        found = self._db.execute(
            "SELECT id, name FROM workspaces WHERE platform = ? AND ref = ?", (ref.platform, ref.id)
        ).fetchone()
        if found is None:
            (key,) = self._db.execute(
                "INSERT INTO workspaces (platform, ref, name, made_at) VALUES (?, ?, ?, ?) RETURNING id",
                (ref.platform, ref.id, name, to_ms(now)),
            ).fetchone()
            return Workspace(id=WorkspaceId(key), ref=ref, name=name)
        if name and name != found[1]:
            self._db.execute("UPDATE workspaces SET name = ? WHERE id = ?", (name, found[0]))
        return Workspace(id=WorkspaceId(found[0]), ref=ref, name=name or found[1])

    def channel(self, workspace: WorkspaceId, ref: ChannelRef, name: str, now: datetime) -> Channel:
        known = self._known.channels.get((workspace, ref.id))
        if known is None or (name and name != known.name):
            known = self._enter_channel(workspace, ref, name, now)
            self._known.put(self._known.channels, (workspace, ref.id), known)
        return known

    def _enter_channel(self, workspace: WorkspaceId, ref: ChannelRef, name: str, now: datetime) -> Channel:
        found = self._db.execute(
            "SELECT id, name FROM channels WHERE workspace = ? AND ref = ?", (workspace, ref.id)
        ).fetchone()
        if found is None:
            (key,) = self._db.execute(
                "INSERT INTO channels (workspace, ref, name, made_at) VALUES (?, ?, ?, ?) RETURNING id",
                (workspace, ref.id, name, to_ms(now)),
            ).fetchone()
            return Channel(id=ChannelId(key), workspace=workspace, ref=ref, name=name)
        if name and name != found[1]:
            self._db.execute("UPDATE channels SET name = ? WHERE workspace = ? AND id = ?", (name, workspace, found[0]))
        return Channel(id=ChannelId(found[0]), workspace=workspace, ref=ref, name=name or found[1])

    def move_channel(self, workspace: WorkspaceId, ref: ChannelRef, to: str) -> bool:
        old, new = self._used(workspace, ref.id), self._used(workspace, to)
        if old is None or (new is not None and (new[1] or not old[1])):
            return False
        if new is not None:
            # Two rows may not have one id even for a moment, and no platform gives out an empty one.
            self._rename(workspace, new[0], "")
        self._rename(workspace, old[0], to)
        if new is not None:
            self._rename(workspace, new[0], ref.id)
        return True

    def _used(self, workspace: WorkspaceId, ref: str) -> tuple[int, bool] | None:
        """The channel's key, and whether it has a schedule or had a round."""
        found = self._db.execute(
            """SELECT c.id, EXISTS (SELECT 1 FROM schedules s WHERE s.workspace = c.workspace AND s.channel = c.id)
                      OR EXISTS (SELECT 1 FROM rounds r WHERE r.workspace = c.workspace AND r.channel = c.id)
               FROM channels c WHERE c.workspace = ? AND c.ref = ?""",
            (workspace, ref),
        ).fetchone()
        return (found[0], bool(found[1])) if found else None

    def _rename(self, workspace: WorkspaceId, key: int, ref: str) -> None:
        self._db.execute("UPDATE channels SET ref = ? WHERE workspace = ? AND id = ?", (ref, workspace, key))

    def member(self, workspace: WorkspaceId, ref: MemberRef, name: str, now: datetime) -> Member:
        known = self._known.members.get((workspace, ref.id))
        if known is None or (name and name != known.name):
            known = self._enter_member(workspace, ref, name, now)
            self._known.put(self._known.members, (workspace, ref.id), known)
        return known

    def _enter_member(self, workspace: WorkspaceId, ref: MemberRef, name: str, now: datetime) -> Member:
        # Locked: whatever else of the member is read and changed after this, nobody else changes meanwhile.
        found = self._db.execute(
            "SELECT id, name, hidden, reminders, extended FROM members WHERE workspace = ? AND ref = ?"  # noqa: S608  a constant
            + self._dialect.change,
            (workspace, ref.id),
        ).fetchone()
        if found is None:
            (key,) = self._db.execute(
                "INSERT INTO members (workspace, ref, name, made_at) VALUES (?, ?, ?, ?) RETURNING id",
                (workspace, ref.id, name, to_ms(now)),
            ).fetchone()
            found = (key, name, 0, 0, 0)
        elif name and name != found[1]:
            self._db.execute("UPDATE members SET name = ? WHERE workspace = ? AND id = ?", (name, workspace, found[0]))
        return Member(
            id=MemberId(found[0]),
            workspace=workspace,
            ref=ref,
            name=name or found[1],
            hidden=bool(found[2]),
            reminders=bool(found[3]),
            extended=bool(found[4]),
        )

    def look_up(self, ref: MemberRef) -> Member | None:
        found = self._db.execute(
            _MEMBER + "WHERE w.platform = ? AND w.ref = ? AND m.ref = ?",
            (ref.workspace.platform, ref.workspace.id, ref.id),
        ).fetchone()
        return _member(found) if found else None

    def named(self, workspace: WorkspaceId, name: str) -> Member | None:
        if self._dialect.change:
            # Nobody else takes a name meanwhile: whoever asks is about to.
            self._db.execute("SELECT id FROM workspaces WHERE id = ?" + self._dialect.change, (workspace,))  # noqa: S608  a constant
        wanted = name.casefold()
        for row in self._db.execute(_MEMBER + "WHERE m.workspace = ?", (workspace,)):
            if row[3].casefold() == wanted:
                return _member(row)
        return None

    def count(self, workspace: WorkspaceId) -> int:
        (found,) = self._db.execute("SELECT count(*) FROM members WHERE workspace = ?", (workspace,)).fetchone()
        return int(found)

    def find_member(self, workspace: WorkspaceId, member: MemberId) -> Member | None:
        found = self._db.execute(_MEMBER + "WHERE m.workspace = ? AND m.id = ?", (workspace, member)).fetchone()
        return _member(found) if found else None

    def find_channels(self, keys: Sequence[tuple[WorkspaceId, ChannelId]]) -> Mapping[ChannelId, Channel]:
        if not keys:
            return {}
        marks, values = pairs(keys)
        rows = self._db.execute(
            f"""WITH asked (workspace, key) AS (VALUES {marks})
               SELECT c.id, c.workspace, c.ref, c.name, w.platform, w.ref
               FROM asked a CROSS JOIN channels c JOIN workspaces w ON w.id = c.workspace
               WHERE c.workspace = a.workspace AND c.id = a.key""",  # noqa: S608  question marks
            values,
        )
        return {channel.id: channel for channel in map(_channel, rows)}

    def find_channel(self, workspace: WorkspaceId, channel: ChannelId) -> Channel | None:
        found = self._db.execute(_CHANNEL + "WHERE c.workspace = ? AND c.id = ?", (workspace, channel)).fetchone()
        return _channel(found) if found else None

    def look_up_channel(self, ref: ChannelRef) -> Channel | None:
        found = self._db.execute(
            _CHANNEL + "WHERE w.platform = ? AND w.ref = ? AND c.ref = ?",
            (ref.workspace.platform, ref.workspace.id, ref.id),
        ).fetchone()
        return _channel(found) if found else None

    def set_hidden(self, workspace: WorkspaceId, member: MemberId, hidden: bool) -> None:
        self._db.execute(
            "UPDATE members SET hidden = ? WHERE workspace = ? AND id = ?", (int(hidden), workspace, member)
        )

    def set_reminders(self, workspace: WorkspaceId, member: MemberId, reminders: bool) -> None:
        self._db.execute(
            "UPDATE members SET reminders = ? WHERE workspace = ? AND id = ?",
            (int(reminders), workspace, member),
        )

    def set_extended(self, workspace: WorkspaceId, member: MemberId, extended: bool) -> None:
        self._db.execute(
            "UPDATE members SET extended = ? WHERE workspace = ? AND id = ?", (int(extended), workspace, member)
        )

    def export(self, workspace: WorkspaceId, member: MemberId) -> MemberExport:
        own = """SELECT m.ref, m.name, m.hidden, m.reminders, m.extended, m.made_at, w.platform, w.name AS workspace
                 FROM members m JOIN workspaces w ON w.id = m.workspace WHERE m.workspace = ? AND m.id = ?"""
        tables = []
        for name, query in (("member", own), *MEMBER_TABLES):
            rows = self._db.execute(query, (workspace, member))
            columns = [column[0] for column in rows.description]
            tables.append((name, tuple(dict(zip(columns, row, strict=True)) for row in rows)))
        return MemberExport(tables=tuple(tables))

    def forget(self, workspace: WorkspaceId, member: MemberId) -> int:
        if self._dialect.many:
            self._db.execute(
                "SELECT id FROM members WHERE workspace = ? AND id = ?" + self._dialect.change,  # noqa: S608  a constant
                (workspace, member),
            )
        keep_counts(self._db, workspace, member)
        found = self.find_member(workspace, member)
        if found is not None:
            mark_spent(self._db, workspace, member, found.ref)
        gone = 0
        for name, _ in MEMBER_TABLES:
            # The names come from the constant above, not from anybody's input.
            done = self._db.execute(
                f"DELETE FROM {name} WHERE workspace = ? AND member = ?",  # noqa: S608  a constant
                (workspace, member),
            )
            gone += done.rowcount if name == "responses" else 0
        self._db.execute("UPDATE schedules SET set_by = NULL WHERE workspace = ? AND set_by = ?", (workspace, member))
        self._db.execute("DELETE FROM members WHERE workspace = ? AND id = ?", (workspace, member))
        return gone


def _member(row: tuple[int, int, str, str, int, int, str, str, int]) -> Member:
    workspace = WorkspaceRef(Platform(row[6]), row[7])
    return Member(
        id=MemberId(row[0]),
        workspace=WorkspaceId(row[1]),
        ref=MemberRef(workspace, row[2]),
        name=row[3],
        hidden=bool(row[4]),
        reminders=bool(row[5]),
        extended=bool(row[8]),
    )


def _channel(row: tuple[int, int, str, str, str, str]) -> Channel:
    ref = ChannelRef(WorkspaceRef(Platform(row[4]), row[5]), row[2])
    return Channel(id=ChannelId(row[0]), workspace=WorkspaceId(row[1]), ref=ref, name=row[3])
