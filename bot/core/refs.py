"""Who and where: storable references to workspaces, channels, members and messages on any platform."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

# Keys of our own tables. Distinct types, so that a member's key can't be passed where a round's is meant.
WorkspaceId = NewType("WorkspaceId", int)
ChannelId = NewType("ChannelId", int)
MemberId = NewType("MemberId", int)
ScheduleId = NewType("ScheduleId", int)
RoundId = NewType("RoundId", int)
RevisionId = NewType("RevisionId", int)
DeliveryId = NewType("DeliveryId", int)
AttemptId = NewType("AttemptId", int)


class Platform(StrEnum):
    """Where a workspace lives."""

    SLACK = "slack"
    DISCORD = "discord"
    WEB = "web"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class WorkspaceRef:
    """One Slack team, Discord guild or local space, by the platform's own id."""

    platform: Platform
    id: str


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """One channel of a workspace, by the platform's own id."""

    workspace: WorkspaceRef
    id: str


@dataclass(frozen=True, slots=True)
class MemberRef:
    """One person in one workspace, by the platform's own id."""

    workspace: WorkspaceRef
    id: str


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One posted message, kept so that it can be edited later, also after a restart."""

    channel: ChannelRef
    id: str
