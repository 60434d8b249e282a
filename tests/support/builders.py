"""Domain values with sensible defaults, so that a test names only what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.app.actions import Actor
from bot.app.ports import Tx
from bot.app.records import Channel, Member, NewRound, Workspace
from bot.core.blueprint import Blueprint, Domain
from bot.core.item import Difficulty, Item, Kind, Option
from bot.core.pack import Pack, Trap
from bot.core.refs import ChannelId, ChannelRef, MemberId, MemberRef, Platform, ScheduleId, WorkspaceId, WorkspaceRef
from bot.core.response import Response, Source
from bot.core.round import Round
from bot.core.schedule import Schedule
from bot.core.standings import Score

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday morning. The settable clock starts here."""

TODAY = NOW.date()


class SettableClock:
    """A clock that a test sets; it never moves by itself."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Jump, also backwards."""
        self._now = now

    def advance(self, **delta: float) -> datetime:
        """Move on by `timedelta(**delta)`; the new present instant."""
        self._now += timedelta(**delta)
        return self._now


def an_item(item_id: str = "item-1", **changes: Any) -> Item:
    """An item of the pack `my-exam` and the domain `basics`, with options a to d and the key b."""
    item = Item(
        id=item_id,
        pack="my-exam",
        domain="basics",
        kind=Kind.TRAP,
        difficulty=Difficulty.MEDIUM,
        stem=f"What holds for `{item_id}`?",
        options=(
            Option("a", "It is red", "Only some are red.", "all-is-red"),
            Option("b", "It is blue", "The sky is blue."),
            Option("c", "It is wet", "Only rain is wet.", "all-is-wet"),
            Option("d", "It is new", "It has been there for long."),
        ),
        key="b",
        takeaway="Look up before you answer.",
        sources=("fact-1",),
        references=("https://example.org/sky",),
        checked=date(2026, 11, 1),
    )
    return replace(item, **changes)


def a_blueprint(**changes: Any) -> Blueprint:
    """Ten questions over `basics` (60 %) and `practice` (40 %), passed at 70 %."""
    domains = (Domain("basics", "Basics", 60), Domain("practice", "Practice", 40))
    return replace(Blueprint(questions=10, minutes=20, pass_percent=70, domains=domains), **changes)


def a_trap(trap_id: str = "all-is-red", **changes: Any) -> Trap:
    """A trap of the domain `basics`."""
    name = trap_id.replace("-", " ")
    trap = Trap(
        id=trap_id, domain="basics", name=name, belief=f"Indeed {name}.", reality="Not so.", sources=("fact-1",)
    )
    return replace(trap, **changes)


def a_pack(count: int = 20, **changes: Any) -> Pack:
    """A pack of `count` items, three in `basics` for every two in `practice`; not from files."""
    domains = ("basics", "practice", "basics", "practice", "basics")
    items = tuple(an_item(f"item-{i + 1}", domain=domains[i % len(domains)]) for i in range(count))
    values: dict[str, Any] = {
        "id": "my-exam",
        "title": "My Exam",
        "short_title": "My Exam",
        "language": "en",
        "version": "1.0",
        "blueprint": a_blueprint(),
        "items": items,
        "traps": (a_trap(), a_trap("all-is-wet")),
        "facts": (),
        "cards": (),
    }
    return Pack(**(values | changes))


def a_workspace_ref(name: str = "acme", platform: Platform = Platform.WEB) -> WorkspaceRef:
    """A workspace by its platform id."""
    return WorkspaceRef(platform, name)


def a_channel_ref(name: str = "exam-prep", workspace: WorkspaceRef | None = None) -> ChannelRef:
    """A channel by its platform id."""
    return ChannelRef(workspace or a_workspace_ref(), name)


def a_member_ref(name: str = "ana", workspace: WorkspaceRef | None = None) -> MemberRef:
    """A member by their platform id."""
    return MemberRef(workspace or a_workspace_ref(), name)


def an_actor(name: str = "Ana", *, channel: ChannelRef | None = None, **changes: Any) -> Actor:
    """Somebody who acts in a channel. The platform id is the name in lower case."""
    where = channel or a_channel_ref()
    actor = Actor(member=MemberRef(where.workspace, name.lower()), name=name, channel=where, channel_name=where.id)
    return replace(actor, **changes)


def a_schedule(workspace: WorkspaceId, channel: ChannelId, **changes: Any) -> Schedule:
    """On workdays from 09:00 to 17:00 in UTC, since today."""
    schedule = Schedule(
        id=ScheduleId(0),
        workspace=workspace,
        channel=channel,
        pack="my-exam",
        opens=time(9, 0),
        zone=ZoneInfo("UTC"),
        since=TODAY,
    )
    return replace(schedule, **changes)


def a_new_round(schedule: Schedule, /, day: date = TODAY, **changes: Any) -> NewRound:
    """The round of one date, open from 09:00 to 17:00 in UTC, with the options shown as filed."""
    opens = datetime.combine(day, time(9, 0), UTC)
    item = changes.pop("item", None) or an_item()
    new = NewRound(
        workspace=schedule.workspace,
        channel=schedule.channel,
        schedule=schedule.id,
        local_date=day,
        item=item,
        order=item.option_ids,
        opens=opens,
        closes=opens + timedelta(hours=8),
        reveal=schedule.reveal,
    )
    return replace(new, **changes)


def a_response(round_: Round, member: Member, option: str = "b", *, at: datetime = NOW) -> Response:
    """What a member chose in a round; b is right unless the item says otherwise."""
    return Response(
        source=Source.ROUND,
        source_id=round_.id,
        member=member.id,
        revision=round_.revision,
        option=option,
        right=option == round_.item.key,
        at=at,
    )


@dataclass(frozen=True, slots=True)
class Team:
    """One stored workspace with one channel, its schedule and some members, by name."""

    workspace: Workspace
    channel: Channel
    schedule: Schedule
    members: dict[str, Member]


def a_member(tx: Tx, workspace: Workspace, name: str = "Ana", *, now: datetime = NOW) -> Member:
    """Store a member. The platform id is the name in lower case."""
    return tx.people.member(workspace.id, MemberRef(workspace.ref, name.lower()), name, now)


def a_team(tx: Tx, name: str = "acme", *, channel: str = "exam-prep", members: Sequence[str] = ("Ana", "Ben")) -> Team:
    """Store a team. Asked again with the same names, it is the same one."""
    ref = a_workspace_ref(name)
    workspace = tx.people.workspace(ref, name.title(), NOW)
    where = tx.people.channel(workspace.id, ChannelRef(ref, channel), channel, NOW)
    schedule = tx.schedules.get(workspace.id, where.id) or tx.schedules.save(
        a_schedule(workspace.id, where.id), next_at=None, by=None, now=NOW
    )
    return Team(workspace, where, schedule, {each: a_member(tx, workspace, each) for each in members})


def best(tx: Tx, workspace: WorkspaceId, channel: ChannelId | None, period: int, count: int) -> Sequence[Score]:
    """The best on a leaderboard."""
    return tx.standings.ranking(workspace, channel, period, member=MemberId(0), top=count).top


def an_open_round(tx: Tx, team: Team, day: date = TODAY, **changes: Any) -> Round:
    """Store the round of one date."""
    round_ = tx.rounds.open(a_new_round(team.schedule, day, **changes))
    assert round_ is not None, f"{day} is settled already"
    return round_
