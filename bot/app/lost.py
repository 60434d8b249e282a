"""Tells whoever set a channel up that its question could not be posted, once for each outage."""

from datetime import datetime

from bot.app.ports import Tx
from bot.app.records import DeliveryKind, NewDelivery
from bot.core.round import Round
from bot.view import admincards


def tell_lost(tx: Tx, round_: Round, now: datetime) -> None:
    """Put the notice for a round that was just dropped in the outbox, which keeps it until the platform is back.

    Rounds that follow one another without one that was posted belong to the same outage.
    """
    schedule = tx.schedules.get(round_.workspace, round_.channel) if round_.schedule is not None else None
    channel = tx.people.find_channel(round_.workspace, round_.channel)
    by = tx.schedules.set_by(schedule.workspace, schedule.id) if schedule is not None else None
    if by is None or channel is None or tx.rounds.get(round_.workspace, round_.id) is not None:
        return
    posted = tx.rounds.recent(round_.workspace, round_.channel, before=None, limit=1)
    tx.deliveries.add(
        NewDelivery(
            workspace=round_.workspace,
            kind=DeliveryKind.NOTICE,
            key=f"tw-lost-{round_.channel}-{posted[0].id if posted else 0}",
            member=by,
            text=admincards.question_lost(channel.name, round_.local_date),
        ),
        now,
    )
