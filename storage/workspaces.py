"""Queries about workspaces as a whole: which removed the bot, and deleting one."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.refs import Platform, WorkspaceId, WorkspaceRef
from storage.dialect import Connection
from storage.people import MEMBER_TABLES
from storage.rows import to_ms

# Every table that hangs on a workspace, in an order that breaks no reference. A test compares it with the schema.
WORKSPACE_TABLES = (
    "deliveries",
    "responses",
    "reports",
    "memories",
    "condensed",
    "attempts",
    "standings",
    "domain_tallies",
    "channel_tallies",
    "tallies",
    "spent",
    "rounds",
    "skips",
    "schedules",
    "members",
    "channels",
)


class SqlWorkspaces:
    """See ports.Workspaces."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def all(self, platform: Platform) -> Sequence[WorkspaceRef]:
        found = self._db.execute("SELECT ref FROM workspaces WHERE platform = ? ORDER BY id", (platform,))
        return [WorkspaceRef(platform, ref) for (ref,) in found]

    def leave(self, ref: WorkspaceRef, at: datetime) -> WorkspaceId | None:
        found = self._db.execute(
            "UPDATE workspaces SET left_at = ? WHERE platform = ? AND ref = ? AND left_at IS NULL RETURNING id",
            (to_ms(at), ref.platform, ref.id),
        ).fetchone()
        return WorkspaceId(found[0]) if found else None

    def stay(self, ref: WorkspaceRef) -> None:
        self._db.execute(
            "UPDATE workspaces SET left_at = NULL WHERE platform = ? AND ref = ? AND left_at IS NOT NULL",
            (ref.platform, ref.id),
        )

    def left_before(self, at: datetime) -> Sequence[WorkspaceId]:
        found = self._db.execute("SELECT id FROM workspaces WHERE left_at <= ? ORDER BY id", (to_ms(at),))
        return [WorkspaceId(key) for (key,) in found]

    def erase_members(self, workspace: WorkspaceId, limit: int) -> int:
        found = self._db.execute(
            "SELECT DISTINCT member FROM responses WHERE workspace = ? ORDER BY member LIMIT ?", (workspace, limit)
        ).fetchall()
        for (member,) in found:
            for name, _ in MEMBER_TABLES:
                # The names come from the constant, not from anybody's input.
                self._db.execute(f"DELETE FROM {name} WHERE workspace = ? AND member = ?", (workspace, member))  # noqa: S608
        return len(found)

    def erase(self, workspace: WorkspaceId) -> None:
        for name in WORKSPACE_TABLES:
            # The names come from the constant above, not from anybody's input.
            self._db.execute(f"DELETE FROM {name} WHERE workspace = ?", (workspace,))  # noqa: S608
        self._db.execute("DELETE FROM workspaces WHERE id = ?", (workspace,))
