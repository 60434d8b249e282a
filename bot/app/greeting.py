"""First contact: one message to a place that has never had the bot, saying what it does and how to begin."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.ports import Tx
from bot.app.services import Services
from bot.core.errors import MessengerError
from bot.core.refs import ChannelRef, WorkspaceRef
from bot.view import plaincards

RECENT = timedelta(days=1)
"""How long ago an arrival may be that was missed, so that a lost database doesn't make the bot greet old friends."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A workspace the bot is in since `joined`, and where such messages belong there, if anywhere."""

    workspace: WorkspaceRef
    name: str
    joined: datetime | None
    channel: ChannelRef | None


async def greet(services: Services, arrival: Arrival) -> bool:
    """Say hello if the workspace isn't known yet; whether that was done.

    The workspace is noted before, so a message that fails is not sent again: none is better than two.
    """
    now, where = services.clock.now(), arrival.channel
    if where is None or arrival.joined is None or now - arrival.joined > RECENT:
        return False

    def first(tx: Tx) -> bool:
        if arrival.workspace in tx.workspaces.all(arrival.workspace.platform):
            return False
        tx.people.workspace(arrival.workspace, arrival.name, now)
        return True

    if not await services.storage.write(first):
        return False
    try:
        # A key has at most 25 characters, a Discord id at most 20.
        await services.messengers[where.workspace.platform].post(
            where, plaincards.hello(), key=f"hi-{arrival.workspace.id}"[:25]
        )
    except MessengerError as error:
        _log.info("nobody was greeted in %s: %s", arrival.workspace.id, error)
        return False
    return True
