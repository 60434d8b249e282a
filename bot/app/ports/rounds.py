"""What storage answers about schedules and rounds. See bot.app.ports."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.app.records import (
    Background,
    NewRound,
)
from bot.core.refs import (
    ChannelId,
    MemberId,
    RoundId,
    ScheduleId,
    WorkspaceId,
)
from bot.core.round import Round
from bot.core.schedule import Pause, Schedule


class Schedules(Protocol):
    """The schedules of channels; one per channel."""

    def get(self, workspace: WorkspaceId, channel: ChannelId) -> Schedule | None:
        """The channel's schedule."""
        ...

    def hold(self, workspace: WorkspaceId, channel: ChannelId) -> None:
        """Wait until nobody else is changing the channel's schedule, and let nobody until this transaction ends."""
        ...

    def save(self, schedule: Schedule, *, next_at: datetime | None, by: MemberId | None, now: datetime) -> Schedule:
        """Make or change the channel's schedule (its id is ignored); `by` is who asked for it."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Schedule]:
        """Active schedules of all workspaces whose next opening has come, the most overdue first."""
        ...

    def active(self, *, after: int = 0, limit: int = ...) -> Sequence[Schedule]:
        """All schedules that aren't paused, by key; for a part at a time, so many with a key after that one."""
        ...

    def set_next(self, workspace: WorkspaceId, schedule: ScheduleId, next_at: datetime | None) -> None:
        """When the schedule has to be looked at again."""
        ...

    def set_next_of(self, due: Sequence[tuple[WorkspaceId, ScheduleId, datetime | None]]) -> None:
        """The same for some hundreds at most."""
        ...

    def set_pause(self, workspace: WorkspaceId, schedule: ScheduleId, pause: Pause | None) -> None:
        """Pause with a reason, or resume."""
        ...

    def set_by(self, workspace: WorkspaceId, schedule: ScheduleId) -> MemberId | None:
        """Who set the schedule up last."""
        ...

    def earliest(self) -> datetime | None:
        """The earliest instant at which any active schedule has to be looked at."""
        ...


class Backgrounds(Protocol):
    """What choosing next rounds rests on."""

    def of(self, schedules: Sequence[Schedule], since: date) -> Mapping[ScheduleId, Background]:
        """For each of the schedules, with the dates from `since` on."""
        ...


class Rounds(Protocol):
    """Rounds, from opening to closing."""

    def open(self, new: NewRound) -> Round | None:
        """Insert the round and number it; None if the schedule has one for that local date already."""
        ...

    def open_all(self, news: Sequence[NewRound]) -> Sequence[Round | None]:
        """The same for some hundreds at most, no two of one channel."""
        ...

    def skip(self, schedule: Schedule, day: date, reason: str, now: datetime) -> None:
        """Record that the date's round was not posted. Does nothing if the date is settled."""
        ...

    def drop(self, workspace: WorkspaceId, round_id: RoundId, reason: str) -> None:
        """Turn a round that was never posted into a skipped one, freeing its number.

        One that was answered was posted, whatever we know of its message: it stays.
        """
        ...

    def unskip(self, after: datetime) -> None:
        """Forget that rounds were missed which were recorded as missed after this instant, by a clock gone wrong."""
        ...

    def get(self, workspace: WorkspaceId, round_id: RoundId) -> Round | None:
        """The round with this key, unless it was skipped."""
        ...

    def settled(self, workspace: WorkspaceId, schedule: ScheduleId, since: date) -> frozenset[date]:
        """The local dates from `since` on that have a round, posted or skipped."""
        ...

    def closing(self, now: datetime, limit: int) -> Sequence[Round]:
        """Open rounds of all workspaces whose closing has come, the most overdue first."""
        ...

    def close(self, workspace: WorkspaceId, round_id: RoundId) -> None:
        """Take no more answers."""
        ...

    def earliest_closing(self) -> datetime | None:
        """When the next open round closes, over all workspaces."""
        ...

    def all_open(self) -> Sequence[Round]:
        """The open rounds of all workspaces."""
        ...

    def recent(
        self, workspace: WorkspaceId, channel: ChannelId, *, before: RoundId | None, limit: int
    ) -> Sequence[Round]:
        """The channel's rounds, newest first, those before `before` if given."""
        ...

    def served(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Sequence[str]:
        """The ids of the items the channel had from the pack, oldest first."""
        ...

    def latest_number(self, workspace: WorkspaceId, channel: ChannelId) -> tuple[int, bool]:
        """The number of the channel's newest daily round (0 if none), and whether it is still open."""
        ...

    def count_since(self, workspace: WorkspaceId, channel: ChannelId | None, first: date | None) -> int:
        """How many daily rounds were posted on local dates from `first` on, in one channel or all."""
        ...

    def set_message(self, workspace: WorkspaceId, round_id: RoundId, message: str) -> None:
        """Remember the posted message."""
        ...

    def set_messages(self, posted: Sequence[tuple[WorkspaceId, RoundId, str]]) -> None:
        """The same for some hundreds at most."""
        ...

    def tally(self, workspace: WorkspaceId, round_id: RoundId) -> Mapping[str, int]:
        """How many chose each option; options nobody chose are missing."""
        ...
