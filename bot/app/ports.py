"""What the use cases need from outside: storage, a clock, and one messenger per platform.

Every query names its workspace, so that none can reach into another's data.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar

from bot.app.records import (
    Answer,
    Channel,
    Counts,
    Delivery,
    DeliveryState,
    Member,
    MemberExport,
    NewAttempt,
    NewDelivery,
    NewRound,
    Workspace,
)
from bot.core.attempt import Attempt, Sitting
from bot.core.item import Item
from bot.core.refs import (
    AttemptId,
    ChannelId,
    ChannelRef,
    MemberId,
    MemberRef,
    MessageRef,
    Platform,
    RevisionId,
    RoundId,
    ScheduleId,
    WorkspaceId,
    WorkspaceRef,
)
from bot.core.response import Response, Source
from bot.core.review import Memory
from bot.core.round import Round
from bot.core.schedule import Pause, Schedule
from bot.core.scoring import Standing
from bot.core.standings import Score
from bot.core.weakness import Tally
from bot.view.card import Card

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time. The only source of it."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC, whole seconds are not promised."""
        ...


class People(Protocol):
    """Workspaces, channels and members. Names are kept as they were at the latest action."""

    def workspace(self, ref: WorkspaceRef, name: str, now: datetime) -> Workspace:
        """The workspace, made or renamed as needed. An empty name changes nothing."""
        ...

    def channel(self, workspace: WorkspaceId, ref: ChannelRef, name: str, now: datetime) -> Channel:
        """The channel, made or renamed as needed."""
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


class Schedules(Protocol):
    """The schedules of channels; one per channel."""

    def get(self, workspace: WorkspaceId, channel: ChannelId) -> Schedule | None:
        """The channel's schedule."""
        ...

    def save(self, schedule: Schedule, *, next_at: datetime | None, by: MemberId | None, now: datetime) -> Schedule:
        """Make or change the channel's schedule (its id is ignored); `by` is who asked for it."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Schedule]:
        """Active schedules of all workspaces whose next opening has come, the most overdue first."""
        ...

    def active(self) -> Sequence[Schedule]:
        """All schedules that aren't paused."""
        ...

    def set_next(self, workspace: WorkspaceId, schedule: ScheduleId, next_at: datetime | None) -> None:
        """When the schedule has to be looked at again."""
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


class Rounds(Protocol):
    """Rounds, from opening to closing."""

    def open(self, new: NewRound) -> Round | None:
        """Insert the round and number it; None if the schedule has one for that local date already."""
        ...

    def skip(self, schedule: Schedule, day: date, reason: str, now: datetime) -> None:
        """Record that the date's round was not posted. Does nothing if the date is settled."""
        ...

    def drop(self, workspace: WorkspaceId, round_id: RoundId, reason: str) -> None:
        """Turn an open round that was never posted into a skipped one, freeing its number."""
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

    def tally(self, workspace: WorkspaceId, round_id: RoundId) -> Mapping[str, int]:
        """How many chose each option; options nobody chose are missing."""
        ...


class Responses(Protocol):
    """The facts. All else about members is counted from them and can be rebuilt."""

    def get(self, workspace: WorkspaceId, source: Source, source_id: int, member: MemberId) -> Response | None:
        """The member's newest response in that round or attempt."""
        ...

    def add(self, workspace: WorkspaceId, response: Response) -> bool:
        """Insert; False if the member has one for that item there already."""
        ...

    def add_to_tally(self, workspace: WorkspaceId, round_id: RoundId, option: str) -> None:
        """Count one response in the round's tally."""
        ...

    def of_member(self, workspace: WorkspaceId, member: MemberId) -> Sequence[tuple[Response, Item]]:
        """All responses of a member with their items, oldest first."""
        ...

    def count(self, workspace: WorkspaceId, round_id: RoundId) -> int:
        """How many have answered the round."""
        ...

    def report(self, workspace: WorkspaceId, member: MemberId, revision: RevisionId, now: datetime) -> bool:
        """Note that the member finds fault with an item; False if they said so before."""
        ...

    def reported(self, workspace: WorkspaceId) -> Sequence[tuple[str, int]]:
        """The items that members found fault with, and how many did."""
        ...


class Standings(Protocol):
    """Points, streaks and boards: maintained aggregates."""

    def get(self, workspace: WorkspaceId, channel: ChannelId, member: MemberId) -> Standing:
        """The member's standing in the channel; a fresh one if there is none."""
        ...

    def save(self, workspace: WorkspaceId, channel: ChannelId, member: MemberId, standing: Standing) -> None:
        """Keep the standing."""
        ...

    def add_points(
        self,
        workspace: WorkspaceId,
        channel: ChannelId,
        member: MemberId,
        *,
        periods: Iterable[int],
        points: int,
        right: bool,
        hidden: bool,
    ) -> None:
        """Add to the member's totals of these periods, for the channel and for the whole workspace."""
        ...

    def top(self, workspace: WorkspaceId, channel: ChannelId | None, period: int, limit: int) -> Sequence[Score]:
        """The best visible members, most points first; None means the whole workspace."""
        ...

    def own(
        self, workspace: WorkspaceId, channel: ChannelId | None, period: int, member: MemberId
    ) -> tuple[int, Score] | None:
        """The member's place among the visible ones, and score."""
        ...

    def size(self, workspace: WorkspaceId, channel: ChannelId | None, period: int) -> int:
        """How many visible members have a score in the period."""
        ...


class Learning(Protocol):
    """What members know of each domain, from all their responses."""

    def add(
        self,
        workspace: WorkspaceId,
        member: MemberId,
        item: Item,
        *,
        right: bool,
        weight: float,
    ) -> None:
        """Count one response of the member."""
        ...

    def add_for_channel(
        self,
        workspace: WorkspaceId,
        channel: ChannelId,
        member: MemberId,
        item: Item,
        *,
        right: bool,
        weight: float,
    ) -> None:
        """Count one response of the member in a round of the channel."""
        ...

    def tallies(self, workspace: WorkspaceId, member: MemberId, pack: str) -> Sequence[Tally]:
        """The member's domains that have answers."""
        ...

    def contributors(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Mapping[str, int]:
        """How many members have answered in the channel's rounds, by domain."""
        ...

    def channel_tallies(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Sequence[Tally]:
        """The channel's domains that have answers in its rounds."""
        ...


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

    def submitted(self, workspace: WorkspaceId, member: MemberId, pack: str, sitting: Sitting) -> Sequence[Attempt]:
        """The member's submitted attempts of this kind, newest first."""
        ...

    def served(self, workspace: WorkspaceId, member: MemberId, pack: str, sitting: Sitting) -> Mapping[str, int]:
        """In how many of the member's attempts of this kind each item was, by item id."""
        ...


class Memories(Protocol):
    """What members remember, for spaced review."""

    def all(self, workspace: WorkspaceId, member: MemberId, pack: str) -> Sequence[Memory]:
        """All subjects the member has met in the pack."""
        ...

    def get(self, workspace: WorkspaceId, member: MemberId, pack: str, subject: str) -> Memory | None:
        """One subject, if the member has met it."""
        ...

    def save(self, workspace: WorkspaceId, member: MemberId, pack: str, memory: Memory) -> None:
        """Keep the memory."""
        ...


class Deliveries(Protocol):
    """The outbox: what has to be posted, whatever happens to the process."""

    def add(self, new: NewDelivery, try_at: datetime) -> None:
        """Put a delivery in the outbox, not to be tried before `try_at`; one with the same key is left as it is."""
        ...

    def ready(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """Unfinished deliveries of all workspaces whose time has come, oldest first."""
        ...

    def earliest(self) -> datetime | None:
        """When the next unfinished delivery may be tried."""
        ...

    def mark(
        self,
        delivery: Delivery,
        state: DeliveryState,
        *,
        try_at: datetime | None = None,
        error: str = "",
    ) -> None:
        """Record how a delivery stands."""
        ...

    def cancel(self, workspace: WorkspaceId, key: str) -> None:
        """Give up the delivery with this key if it wasn't carried out yet."""
        ...

    def unfinished(self, workspace: WorkspaceId, round_id: RoundId) -> Sequence[Delivery]:
        """The round's deliveries that are not done."""
        ...

    def reclaim(self, now: datetime) -> None:
        """Make the deliveries that an earlier process was trying ready again, at once."""
        ...


class Keyring(Protocol):
    """Small values the program keeps for itself, such as the key that signs web sessions."""

    def get(self, name: str) -> str | None:
        """The value, if there is one."""
        ...

    def put(self, name: str, value: str) -> None:
        """Keep the value, in place of an earlier one."""
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


class Tx(Protocol):
    """One transaction: everything in it is saved together or not at all."""

    @property
    def people(self) -> People: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def rounds(self) -> Rounds: ...
    @property
    def responses(self) -> Responses: ...
    @property
    def standings(self) -> Standings: ...
    @property
    def learning(self) -> Learning: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def memories(self) -> Memories: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def keyring(self) -> Keyring: ...
    @property
    def workspaces(self) -> Workspaces: ...
    @property
    def installations(self) -> Installations: ...
    def keep_revision(self, item: Item) -> RevisionId:
        """The key of the item exactly as it is now, stored if it is new."""
        ...


class Storage(Protocol):
    """Runs functions of a transaction.

    They must have no side effects: the same call may be run again, or together with others. When `write`
    returns, what the function did is safe on disk. Both raise StorageError, and then nothing was saved.
    """

    async def write(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` in a transaction that is committed before this returns."""
        ...

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn`, which changes nothing, on a consistent view."""
        ...


class Upkeep(Protocol):
    """The maintained counts as a whole, over all workspaces. For the host's own commands; no member reaches it."""

    def answers(self) -> Iterator[Answer]:
        """All responses: in each channel by number of the daily round, otherwise oldest first."""
        ...

    def strays(self) -> Sequence[str]:
        """Responses whose round is gone, a sentence for each; nothing can be counted from them."""
        ...

    def clear(self) -> None:
        """Set the counts back to what stands without any response: what forgotten members left in them."""
        ...

    def counts(self) -> Counts:
        """The counts as they are."""
        ...

    def find(self, text: str) -> Sequence[tuple[Workspace, Member]]:
        """The members with this key, platform id or name, upper and lower case being the same."""
        ...


class Messenger(Protocol):
    """Posts on one platform. Every method raises MessengerError."""

    async def post(self, channel: ChannelRef, card: Card, *, key: str) -> MessageRef:
        """Post a new message. `key` identifies it: the platform or `find` recognises a second try by it."""
        ...

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Put the card in place of what the message shows."""
        ...

    async def find(self, channel: ChannelRef, *, key: str) -> MessageRef | None:
        """The message posted under `key`, None if there certainly is none; raises PostUncertain if it can't tell."""
        ...

    async def tell(self, member: MemberRef, card: Card) -> None:
        """Send a private notice."""
        ...
