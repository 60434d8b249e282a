"""A member's own page over all the channels they play in, for platforms that have a place for one."""

from datetime import datetime

from bot.app.ports import Tx
from bot.app.records import Channel, Member, Workspace
from bot.app.services import Here, Services, pack_of, zone_of
from bot.app.stats import own, present
from bot.core.refs import ChannelId, MemberRef
from bot.core.response import Source
from bot.core.standings import Span, period
from bot.view import homecards
from bot.view.card import Card
from bot.view.homecards import Place, Today

LOOKED_AT = 60
"""The newest rounds in which a member's channels are looked for: three months of workdays in one channel."""

CHANNELS = 5
"""The most channels that are shown."""


def home(tx: Tx, services: Services, ref: MemberRef, now: datetime) -> tuple[Card, ...]:
    """Today's questions, streaks and places, then the domains. Looking at it leaves nothing behind of anybody.

    Only channels where the member has answered are shown: others may be none of their business.
    """
    member = tx.people.look_up(ref)
    if member is None:
        return (homecards.welcome(),)
    places = tuple(_place(tx, services, member, channel, now) for channel in _channels(tx, member))
    workspace = Workspace(id=member.workspace, ref=ref.workspace, name="")
    here = Here(workspace=workspace, channel=None, member=member, manages=False, now=now)
    due = tx.memories.due(member.workspace, member.id, pack_of(services, None).id, now)
    return homecards.home(places, due=due, now=now), own(tx, services, here)


def _channels(tx: Tx, member: Member) -> list[Channel]:
    """Where the member has answered lately, the latest first."""
    found: dict[ChannelId, Channel] = {}
    for round_id in tx.responses.rounds_of(member.workspace, member.id, LOOKED_AT):
        round_ = tx.rounds.get(member.workspace, round_id)
        if round_ is not None and round_.channel not in found and len(found) < CHANNELS:
            channel = tx.people.find_channel(member.workspace, round_.channel)
            if channel is not None:
                found[round_.channel] = channel
    return list(found.values())


def _place(tx: Tx, services: Services, member: Member, channel: Channel, now: datetime) -> Place:
    workspace = member.workspace
    zone = zone_of(tx, services, workspace, channel.id)
    week = period(Span.WEEK, now.astimezone(zone).date())
    own_place = tx.standings.ranking(workspace, channel.id, week, member=member.id, top=0).own
    today = None
    for round_ in tx.rounds.recent(workspace, channel.id, before=None, limit=1):
        prior = tx.responses.get(workspace, Source.ROUND, round_.id, member.id)
        letter = round_.letter(prior.option) if prior else ""
        today = Today(round=round_.id, closes=round_.closes, open=round_.is_open(now), answered=letter)
    return Place(
        channel=f"#{channel.name.lstrip('#')}" if channel.name else "a channel",
        zone=zone,
        standing=present(tx, workspace, channel.id, member.id),
        place=own_place[0] if own_place else None,
        points=own_place[1].points if own_place else 0,
        today=today,
    )
