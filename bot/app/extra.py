"""`/quiz here`: an extra question for the whole channel, which doesn't rank and closes soon."""

from collections.abc import Mapping
from datetime import timedelta

from bot.app.daily import open_round
from bot.app.ports import Tx
from bot.app.practice import fitting
from bot.app.records import NewRound
from bot.app.services import Here, Services, zone_of
from bot.core.pack import Pack
from bot.core.round import shown_order
from bot.core.schedule import Reveal
from bot.core.selection import choose
from bot.view import wording
from bot.view.card import Card
from bot.view.plaincards import notice

CLOSES_AFTER = 10
"""Minutes that an extra question stays open unless told otherwise."""


def open_here(tx: Tx, services: Services, here: Here, pack: Pack, given: Mapping[str, str]) -> Card:
    """Open an extra round in the channel; one question at a time, so that nobody floods it."""
    if here.channel is None:
        return notice(wording.NOT_HERE, tone="refused")
    latest = tx.rounds.recent(here.workspace.id, here.channel.id, before=None, limit=1)
    if latest and latest[0].is_open(here.now):
        return notice(wording.EXTRA_IS_OPEN, tone="refused")
    served = tx.rounds.served(here.workspace.id, here.channel.id, pack.id)
    seed = f"{here.channel.id}/extra/{len(served)}"
    chosen = choose(fitting(pack, given), served, pack.blueprint, seed=seed)
    if chosen is None:
        return notice(wording.NOTHING_TO_PRACTISE, tone="refused")
    item = chosen.item.filled(len(served))
    zone = zone_of(tx, services, here.workspace.id, here.channel.id)
    closes = here.now + timedelta(minutes=int(given.get("closes", CLOSES_AFTER)))
    open_round(
        tx,
        NewRound(
            workspace=here.workspace.id,
            channel=here.channel.id,
            schedule=None,
            local_date=here.now.astimezone(zone).date(),
            item=item,
            order=shown_order(item, seed),
            opens=here.now,
            closes=closes,
            reveal=Reveal.NOW,
        ),
        here.now,
    )
    return notice(f"Posted. It closes at {wording.clock(closes, zone)} and doesn't rank.", tone="done")
