"""Workspaces that removed the bot: posting stops at once, and after a while everything about them is deleted.

The delay lets a removal by mistake be undone; adapters state it where they say what is kept.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from bot.app.ports import Tx
from bot.app.services import Services
from bot.core.refs import Platform, WorkspaceId, WorkspaceRef
from bot.core.schedule import Pause

MEMBERS_AT_ONCE = 20
"""Of a workspace that is deleted, the members whose rows go in one transaction; others wait meanwhile."""

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


async def erase_long_gone(
    services: Services, *, pause: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
) -> int:
    """Delete everything about workspaces that removed the bot as long ago as the host said; how many there were."""
    storage, before = services.storage, services.clock.now() - services.periods.left
    gone = await storage.read(lambda tx: tx.workspaces.left_before(before))
    erased = 0
    for workspace in gone:
        # A little at a time. Whether it has come back is asked each time.
        while await storage.write(lambda tx, it=workspace: _is_gone(tx, it, before) and _thin(tx, it)):  # type: ignore[misc]  # a bound default
            await pause()
        erased += await storage.write(lambda tx, it=workspace: _is_gone(tx, it, before) and _erase(tx, it))  # type: ignore[misc]
        await pause()
    if erased:
        _log.info("deleted everything about %d workspaces that removed the bot", erased)
    return erased


def _is_gone(tx: Tx, workspace: WorkspaceId, before: datetime) -> bool:
    return workspace in tx.workspaces.left_before(before)


def _thin(tx: Tx, workspace: WorkspaceId) -> bool:
    return tx.workspaces.erase_members(workspace, MEMBERS_AT_ONCE) > 0


def _erase(tx: Tx, workspace: WorkspaceId) -> bool:
    tx.workspaces.erase(workspace)
    return True


def _leave(tx: Tx, services: Services, ref: WorkspaceRef) -> None:
    workspace = tx.workspaces.leave(ref, services.clock.now())
    for schedule in tx.schedules.active() if workspace is not None else ():
        if schedule.workspace == workspace:
            tx.schedules.set_pause(schedule.workspace, schedule.id, Pause.CHANNEL_REFUSED)
