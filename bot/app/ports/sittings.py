"""What storage answers about attempts and memories. See bot.app.ports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.app.records import (
    NewAttempt,
)
from bot.core.attempt import Attempt, Sitting
from bot.core.refs import (
    AttemptId,
    MemberId,
    WorkspaceId,
)
from bot.core.review import Memory


class Attempts(Protocol):
    """Members' sittings of forms."""

    def start(self, new: NewAttempt) -> Attempt:
        """Begin an attempt. The member must have no other open one of its kind."""
        ...

    def get(self, workspace: WorkspaceId, attempt: AttemptId) -> Attempt | None:
        """The attempt with this key."""
        ...

    def open_of(self, workspace: WorkspaceId, member: MemberId, sitting: Sitting) -> Attempt | None:
        """The member's open attempt of this kind."""
        ...

    def save(self, attempt: Attempt) -> None:
        """Keep its answers, flags, place and progress."""
        ...

    def expired(self, now: datetime, limit: int) -> Sequence[Attempt]:
        """Open attempts of all workspaces whose deadline has come."""
        ...

    def earliest_deadline(self) -> datetime | None:
        """When the next open attempt runs out, over all workspaces."""
        ...

    def submitted(
        self, workspace: WorkspaceId, member: MemberId, pack: str, sitting: Sitting, *, most: int | None = None
    ) -> Sequence[Attempt]:
        """The member's submitted attempts of this kind, newest first; all of them, or so many."""
        ...

    def served(self, workspace: WorkspaceId, member: MemberId, pack: str, sitting: Sitting) -> Mapping[str, int]:
        """The newest of the member's attempts of this kind (1, 2, ...) that each item was in, by item id."""
        ...


class Memories(Protocol):
    """What members remember, for spaced review."""

    def all(self, workspace: WorkspaceId, member: MemberId, pack: str) -> Sequence[Memory]:
        """All subjects the member has met in the pack, by name."""
        ...

    def due(self, workspace: WorkspaceId, member: MemberId, pack: str, by: datetime) -> int:
        """How many of them are due by then."""
        ...

    def get(self, workspace: WorkspaceId, member: MemberId, pack: str, subject: str) -> Memory | None:
        """One subject, if the member has met it."""
        ...

    def save(self, workspace: WorkspaceId, member: MemberId, pack: str, memory: Memory) -> None:
        """Keep the memory."""
        ...
