"""Rows that use cases hand to storage and get back, where the core has no value of its own for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.core.attempt import Sitting
from bot.core.form import Place
from bot.core.item import Item
from bot.core.refs import (
    ChannelId,
    ChannelRef,
    DeliveryId,
    MemberId,
    MemberRef,
    RoundId,
    ScheduleId,
    WorkspaceId,
    WorkspaceRef,
)
from bot.core.response import Response
from bot.core.round import Round
from bot.core.schedule import Reveal
from bot.core.standings import Score
from bot.core.weakness import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A workspace we know."""

    id: WorkspaceId
    ref: WorkspaceRef
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel we know."""

    id: ChannelId
    workspace: WorkspaceId
    ref: ChannelRef
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member who has acted at least once. `extended` asks for one and a half times the time in exams."""

    id: MemberId
    workspace: WorkspaceId
    ref: MemberRef
    name: str
    hidden: bool
    reminders: bool
    extended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRound:
    """A round to be opened. Without a schedule it is an extra one, which doesn't rank.

    With `instead` it takes the place of a date's skipped one, if there is any.
    """

    workspace: WorkspaceId
    channel: ChannelId
    schedule: ScheduleId | None
    local_date: date
    item: Item
    order: str
    opens: datetime
    closes: datetime
    reveal: Reveal
    instead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttempt:
    """An attempt to be begun."""

    workspace: WorkspaceId
    member: MemberId
    sitting: Sitting
    pack: str
    label: str
    places: tuple[Place, ...]
    started: datetime
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What choosing a channel's next round rests on.

    `settled` are the latest dates that have a round, posted or skipped; `open` are the daily rounds among them that
    take answers, newest first. `served` are the items the channel had from its schedule's pack, oldest first,
    `tallies` the team's figures there. `reminded` are the members who asked for a reminder.
    """

    settled: frozenset[date]
    open: tuple[RoundId, ...]
    served: tuple[str, ...]
    tallies: tuple[Tally, ...]
    reminded: tuple[MemberId, ...]


class DeliveryKind(StrEnum):
    """What a delivery does: post a round, edit its message to the reveal, or tell somebody something in private.

    A reminder is told only to somebody who hasn't answered the round by then.
    """

    POST = "post"
    REVEAL = "reveal"
    NOTICE = "notice"
    REMINDER = "reminder"


class DeliveryState(StrEnum):
    """How a delivery stands. TRYING that outlives its process means that the outcome is unknown."""

    WAITING = "waiting"
    TRYING = "trying"
    DONE = "done"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """Something to be posted. `key` is at most 25 characters (a Discord nonce) and unique; `text` is for notices."""

    workspace: WorkspaceId
    kind: DeliveryKind
    key: str
    channel: ChannelId | None = None
    round: RoundId | None = None
    member: MemberId | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery in the outbox. `tries` counts the attempts so far."""

    id: DeliveryId
    workspace: WorkspaceId
    kind: DeliveryKind
    key: str
    channel: ChannelId | None
    round: RoundId | None
    member: MemberId | None
    text: str
    state: DeliveryState
    tries: int
    try_at: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """A leaderboard as counted: the best visible members, most points first, and how many visible members it has.

    `own` is the asking member's place among the visible ones, and score; None without an answer in the period.
    """

    top: tuple[Score, ...]
    own: tuple[int, Score] | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberExport:
    """Everything kept about one member, as named tables of rows."""

    tables: tuple[tuple[str, tuple[dict[str, str | int | float | None], ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response with what it takes to count it again. `round` is None for one that was given in an attempt.

    `in_exam` tells a mock exam's answers from those of practice and review.
    """

    workspace: WorkspaceId
    member: Member
    response: Response
    item: Item
    round: Round | None
    in_exam: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """A member's oldest answer that is kept, and when they last did anything. `needed`: they set up a schedule."""

    workspace: WorkspaceId
    member: MemberId
    oldest: datetime | None
    latest: datetime
    needed: bool


Counts = Mapping[str, Mapping[tuple[str | int, ...], Mapping[str, int | float]]]
"""The maintained counts: by table and key, the values by column."""
