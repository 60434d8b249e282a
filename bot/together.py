"""Connects this process with the others on its database, if the database can serve several."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app.neighbours import Neighbours
from bot.app.presence import Presence
from bot.pulse import Pulse
from storage import OpenStorage

_log = logging.getLogger(__name__)


@asynccontextmanager
async def presence(storage: OpenStorage) -> AsyncIterator[Presence]:
    """This process among others, living until the end."""
    if not storage.many:
        yield Presence()
        return
    pulse = Pulse(storage)
    await pulse.start()
    beating = asyncio.create_task(pulse.run(), name="presence")
    beating.add_done_callback(_ended)
    try:
        yield pulse
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await pulse.stop()


@asynccontextmanager
async def neighbours(storage: OpenStorage) -> AsyncIterator[Neighbours]:
    """The other processes, heard until the end."""
    found = Neighbours()
    loop = asyncio.get_running_loop()
    notices = storage.notices(lambda topic, text: _call(loop, found, topic, text))
    if notices is None:
        yield found
        return
    found.send = notices.tell
    try:
        yield found
    finally:
        await asyncio.to_thread(notices.close)


def _call(loop: asyncio.AbstractEventLoop, found: Neighbours, topic: str, text: str) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(found.heard, topic, text)


def _ended(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("this process no longer says that it lives", exc_info=task.exception())
