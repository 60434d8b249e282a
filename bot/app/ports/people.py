"""What storage answers about workspaces, channels and members. See bot.app.ports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.app.records import (
    Channel,
    Member,
    MemberExport,
    Workspace,
)
from bot.core.refs import (
    ChannelId,
    ChannelRef,
    MemberId,
    MemberRef,
    Platform,
    WorkspaceId,
    WorkspaceRef,
)


class People(Protocol):
    """Workspaces, channels and members. Names are kept as they were at the latest action."""

    def workspace(self, ref: WorkspaceRef, name: str, now: datetime) -> Workspace:
        """The workspace, made or renamed as needed. An empty name changes nothing."""
        ...

    def channel(self, workspace: WorkspaceId, ref: ChannelRef, name: str, now: datetime) -> Channel:
        """The channel, made or renamed as needed."""
        ...

    def move_channel(self, workspace: WorkspaceId, ref: ChannelRef, to: str) -> bool:
        """Give the channel the platform's new id for it; whether that was done.

        If something has happened under the new id already, the two change ids, unless a schedule or a round
        belongs to the new one: what people have set up there is theirs.
        """
        ...

    def member(self, workspace: WorkspaceId, ref: MemberRef, name: str, now: datetime) -> Member:
        """The member, made or renamed as needed."""
        ...

    def look_up(self, ref: MemberRef) -> Member | None:
        """The member behind a platform's own id, if they ever acted."""
        ...

    def look_up_channel(self, ref: ChannelRef) -> Channel | None:
        """The channel behind a platform's own id, if anything ever happened in it."""
        ...

    def named(self, workspace: WorkspaceId, name: str) -> Member | None:
        """The member who goes by this name, upper and lower case being the same."""
        ...

    def count(self, workspace: WorkspaceId) -> int:
        """How many members the workspace has."""
        ...

    def find_member(self, workspace: WorkspaceId, member: MemberId) -> Member | None:
        """The member with this key."""
        ...

    def find_channels(self, keys: Sequence[tuple[WorkspaceId, ChannelId]]) -> Mapping[ChannelId, Channel]:
        """Those of the channels that there are, each of its workspace, by key."""
        ...

    def find_channel(self, workspace: WorkspaceId, channel: ChannelId) -> Channel | None:
        """The channel with this key."""
        ...

    def set_hidden(self, workspace: WorkspaceId, member: MemberId, hidden: bool) -> None:
        """Hide the member from leaderboards, or show again."""
        ...

    def set_reminders(self, workspace: WorkspaceId, member: MemberId, reminders: bool) -> None:
        """Switch private reminders on or off."""
        ...

    def set_extended(self, workspace: WorkspaceId, member: MemberId, extended: bool) -> None:
        """Give the member more time in exams, or the usual again."""
        ...

    def export(self, workspace: WorkspaceId, member: MemberId) -> MemberExport:
        """Everything kept about the member."""
        ...

    def forget(self, workspace: WorkspaceId, member: MemberId) -> int:
        """Delete the member and all that hangs on them; the number of responses deleted.

        Public counts of closed rounds keep their numbers: they name nobody.
        """
        ...


class Workspaces(Protocol):
    """Workspaces as a whole: which removed the bot, and deleting one."""

    def all(self, platform: Platform) -> Sequence[WorkspaceRef]:
        """The platform's workspaces."""
        ...

    def leave(self, ref: WorkspaceRef, at: datetime) -> WorkspaceId | None:
        """Note that it removed the bot; its key, or None if it isn't known or had done so before."""
        ...

    def stay(self, ref: WorkspaceRef) -> None:
        """Note that it has the bot, also if it had removed it for a while."""
        ...

    def left_before(self, at: datetime) -> Sequence[WorkspaceId]:
        """Those that removed the bot at that instant or before, and didn't take it back."""
        ...

    def erase_members(self, workspace: WorkspaceId, limit: int) -> int:
        """Delete everything that hangs on some members who have answered, but not who they are; how many these were."""
        ...

    def erase(self, workspace: WorkspaceId) -> None:
        """Delete everything that hangs on the workspace, and the workspace."""
        ...


class Installations(Protocol):
    """What workspaces granted when they installed the app, sealed before it comes here. An owner is Slack's own id."""

    def get(self, owner: str) -> str | None:
        """The sealed grant of a workspace or organisation."""
        ...

    def put(self, owner: str, sealed: str, now: datetime) -> None:
        """Keep a grant, in place of an earlier one."""
        ...

    def delete(self, owner: str) -> None:
        """Delete the grant, and what is known of the organisation's workspaces."""
        ...

    def owners(self) -> Sequence[str]:
        """Everybody who granted something."""
        ...

    def join(self, team: str, enterprise: str) -> None:
        """Note that a workspace belongs to an organisation that has granted for all of its own."""
        ...

    def enterprise_of(self, team: str) -> str | None:
        """The organisation of a workspace, if it was noted."""
        ...

    def teams_of(self, enterprise: str) -> Sequence[str]:
        """The noted workspaces of an organisation."""
        ...

    def issue(self, state: str, until: datetime, now: datetime) -> None:
        """Keep what a browser has to bring back, and drop what has run out."""
        ...

    def consume(self, state: str, now: datetime) -> bool:
        """Whether it was issued and hasn't run out; it is good for once."""
        ...
