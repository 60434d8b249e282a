"""First start of the local space: a channel with a schedule, and today's question at once."""

import secrets
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.app.daily import Daily, first_look
from bot.app.ports import Tx
from bot.app.records import DeliveryKind, DeliveryState
from bot.app.services import Services
from bot.core import dates
from bot.core.refs import ChannelRef, ScheduleId
from bot.core.schedule import Schedule

SECRET = "web secret"  # noqa: S105  the name it is kept under, not the secret


async def ensure_space(services: Services, daily: Daily, channel: ChannelRef, *, opens: time) -> None:
    """Make the local channel with a workday schedule, and open a question, unless there is one already."""
    now = services.clock.now()

    def make(tx: Tx) -> None:
        workspace = tx.people.workspace(channel.workspace, "", now)
        found = tx.people.channel(workspace.id, channel, channel.id, now)
        if tx.schedules.get(workspace.id, found.id) is not None:
            return
        zone = services.default_zone
        today = now.astimezone(zone).date()
        plan = Schedule(
            id=ScheduleId(0),
            workspace=workspace.id,
            channel=found.id,
            pack=services.default_pack,
            opens=opens,
            zone=zone,
            since=today + dates.DAY,
        )
        saved = tx.schedules.save(plan, next_at=first_look(tx, plan, now), by=None, now=now)
        # Somebody has just installed this and looks at the page: there should be something to answer.
        _open_now(tx, daily, saved, now)

    await services.storage.write(make)


async def ensure_today(services: Services, daily: Daily, channel: ChannelRef) -> None:
    """Open the channel's question of today without waiting for its time, for a channel that is read only now and then.

    Does nothing where one is open or was posted today, nor where today is skipped or the schedule paused.
    """
    now = services.clock.now()

    def open_today(tx: Tx) -> None:
        workspace = tx.people.workspace(channel.workspace, "", now)
        found = tx.people.channel(workspace.id, channel, channel.id, now)
        plan = tx.schedules.get(workspace.id, found.id)
        if plan is None or plan.pause is not None or now.astimezone(plan.zone).date() in plan.skips:
            return
        for round_ in tx.rounds.recent(workspace.id, found.id, before=None, limit=1):
            if round_.is_open(now):
                # A bot that ran on this database without this channel's platform has put the post off.
                for delivery in tx.deliveries.unfinished(workspace.id, round_.id):
                    if delivery.kind is DeliveryKind.POST and delivery.state is DeliveryState.WAITING:
                        tx.deliveries.mark(delivery, DeliveryState.WAITING, try_at=now)
                return
        while daily.close_due(tx, now):
            pass
        if plan.pack in services.packs:
            _open_now(tx, daily, plan, now)

    await services.storage.write(open_today)


def _open_now(tx: Tx, daily: Daily, plan: Schedule, now: datetime) -> None:
    closes = now + timedelta(minutes=plan.closes_after)
    today = now.astimezone(plan.zone).date()
    # This round is today's: its end is the opening of another date, not the one that it came before.
    coming = dates.next_due(replace(plan, skips=plan.skips | {today}), now)
    daily.open_window(tx, plan, dates.Window(today, now, min(closes, coming) if coming else closes), now)


async def ensure_secret(services: Services) -> bytes:
    """The key that signs web sessions, made at the first start and kept in the database."""

    def get(tx: Tx) -> str:
        return tx.keyring.settle(SECRET, fresh)

    fresh = secrets.token_hex(32)
    return bytes.fromhex(await services.storage.write(get))
