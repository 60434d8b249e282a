"""A private reminder before a question closes, for those who asked for it and haven't answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.app.ports import Tx
from bot.app.records import DeliveryKind, Member, NewDelivery
from bot.core.refs import MemberId
from bot.core.response import Source
from bot.core.round import Round

LEAD = timedelta(hours=1)
"""How long before closing; a quarter of the window where that is shorter."""


def plan_reminders(tx: Tx, round_: Round, members: Sequence[MemberId]) -> None:
    """Put a reminder in the outbox for each of the members, who asked for it. Extra rounds have none."""
    if not round_.ranks:
        return
    at = round_.closes - min(LEAD, (round_.closes - round_.opens) / 4)
    for member in members:
        tx.deliveries.add(
            NewDelivery(
                workspace=round_.workspace,
                kind=DeliveryKind.REMINDER,
                key=f"tw-r{round_.id}-{member}",
                channel=round_.channel,
                round=round_.id,
                member=member,
            ),
            at,
        )


def still_wanted(tx: Tx, round_: Round, member: Member, now: datetime) -> bool:
    """Whether the member still wants to be reminded of a round they can still answer."""
    answered = tx.responses.get(round_.workspace, Source.ROUND, round_.id, member.id)
    return member.reminders and round_.is_open(now) and answered is None
