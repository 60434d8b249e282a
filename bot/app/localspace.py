"""First start of the local space: a channel with a schedule, and today's question at once."""

import secrets
from datetime import time, timedelta

from bot.app.daily import Daily, first_look
from bot.app.ports import Tx
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
        closes = now + timedelta(minutes=plan.closes_after)
        coming = dates.next_due(saved, now)
        window = dates.Window(today, now, min(closes, coming) if coming else closes)
        daily.open_window(tx, saved, window, now)

    await services.storage.write(make)


async def ensure_secret(services: Services) -> bytes:
    """The key that signs web sessions, made at the first start and kept in the database."""

    def get(tx: Tx) -> str:
        kept = tx.keyring.get(SECRET)
        if kept is None:
            kept = fresh
            tx.keyring.put(SECRET, kept)
        return kept

    fresh = secrets.token_hex(32)
    return bytes.fromhex(await services.storage.write(get))
