"""What every use case works with, and who is acting where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.app.actions import Actor
from bot.app.live import Live
from bot.app.neighbours import Neighbours
from bot.app.periods import Periods
from bot.app.ports import Clock, Messenger, Storage, Tx
from bot.app.presence import Presence
from bot.app.records import Channel, Member, Workspace
from bot.app.troubles import Troubles
from bot.core.pack import Pack
from bot.core.refs import ChannelId, Platform, WorkspaceId
from bot.core.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Handed to every use case by the composition root.

    `wake` is called when something may be due earlier than was thought. `default_zone` serves channels that have
    no schedule yet. `support` and `policy` are addresses to show, empty if the host gave none. `periods` say how long
    data is kept, `troubles` hold what is amiss with the bot itself. `presence` is this process among others,
    `neighbours` what they tell one another.
    """

    storage: Storage
    clock: Clock
    packs: Mapping[str, Pack]
    default_pack: str
    default_zone: ZoneInfo
    messengers: Mapping[Platform, Messenger]
    live: Live
    wake: Callable[[], None]
    support: str = ""
    policy: str = ""
    periods: Periods = field(default_factory=Periods)
    troubles: Troubles = field(default_factory=Troubles)
    presence: Presence = field(default_factory=Presence)
    neighbours: Neighbours = field(default_factory=Neighbours)

    def pack(self, name: str) -> Pack | None:
        """The installed pack of this name."""
        return self.packs.get(name)


class Here(NamedTuple):
    """Who acts, where and when, as kept in our tables."""

    workspace: Workspace
    channel: Channel | None
    member: Member
    manages: bool
    now: datetime


def enter(tx: Tx, actor: Actor, now: datetime) -> Here:
    """Note the actor, their channel and workspace under their present names."""
    workspace = tx.people.workspace(actor.member.workspace, actor.workspace_name, now)
    channel = (
        tx.people.channel(workspace.id, actor.channel, actor.channel_name, now) if actor.channel is not None else None
    )
    member = tx.people.member(workspace.id, actor.member, actor.name, now)
    return Here(workspace=workspace, channel=channel, member=member, manages=actor.manages, now=now)


def zone_of(tx: Tx, services: Services, workspace: WorkspaceId, channel: ChannelId | None) -> ZoneInfo:
    """The zone in which a channel's times are told."""
    schedule = tx.schedules.get(workspace, channel) if channel is not None else None
    return schedule.zone if schedule else services.default_zone


def pack_of(services: Services, schedule: Schedule | None) -> Pack:
    """The pack that a channel learns from; the default one where nothing is set up or it is no longer installed."""
    chosen = services.packs.get(schedule.pack) if schedule else None
    return chosen or services.packs[services.default_pack]
