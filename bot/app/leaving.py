"""Workspaces that removed the bot: posting stops at once, and after a while everything about them is deleted.

The delay lets a removal by mistake be undone; adapters state it where they say what is kept.
"""

import logging
from collections.abc import Callable, Collection
from datetime import timedelta

from bot.app.ports import Tx
from bot.app.services import Services
from bot.core.refs import Platform, WorkspaceRef
from bot.core.schedule import Pause

KEPT_FOR = timedelta(days=30)

_log = logging.getLogger(__name__)


async def left(services: Services, ref: WorkspaceRef) -> None:
    """The workspace removed the bot. A second notice changes nothing: the days count from the first."""
    await services.storage.write(lambda tx: _leave(tx, services, ref))


async def came_back(services: Services, ref: WorkspaceRef) -> None:
    """The bot is in the workspace again, so nothing is deleted. Schedules wait to be resumed."""
    await services.storage.write(lambda tx: tx.workspaces.stay(ref))


async def reconcile(
    services: Services, platform: Platform, present: Collection[str], *, ours: Callable[[str], bool]
) -> None:
    """Find what was missed while not connected: the platform's ids that are `present` are all there are.

    `ours` tells which ids the list would contain at all; the others are left alone. Schedules are not paused by
    this: if the list was wrong, the next one mends it, and if it was right, the next post is refused.
    """

    def compare(tx: Tx) -> int:
        here = [ref for ref in tx.workspaces.all(platform) if ours(ref.id)]
        for ref in here:
            if ref.id in present:
                tx.workspaces.stay(ref)
            else:
                tx.workspaces.leave(ref, services.clock.now())
        return sum(ref.id not in present for ref in here)

    gone = await services.storage.write(compare)
    if gone:
        _log.info("%d workspaces on %s no longer have the bot", gone, platform)


async def erase_long_gone(services: Services) -> int:
    """Delete everything about workspaces that removed the bot `KEPT_FOR` ago; how many there were."""
    now = services.clock.now()

    def erase(tx: Tx) -> int:
        gone = tx.workspaces.left_before(now - KEPT_FOR)
        for workspace in gone:
            tx.workspaces.erase(workspace)
        return len(gone)

    erased = await services.storage.write(erase)
    if erased:
        _log.info("deleted everything about %d workspaces that removed the bot", erased)
    return erased


def _leave(tx: Tx, services: Services, ref: WorkspaceRef) -> None:
    workspace = tx.workspaces.leave(ref, services.clock.now())
    for schedule in tx.schedules.active() if workspace is not None else ():
        if schedule.workspace == workspace:
            tx.schedules.set_pause(schedule.workspace, schedule.id, Pause.CHANNEL_REFUSED)
