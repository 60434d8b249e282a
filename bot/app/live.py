"""Tells whoever is looking at a channel right now that something in it changed."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from bot.core.refs import ChannelRef


class Live:
    """Wakes listeners of a channel. Nothing is queued: a slow listener learns of many changes as one."""

    def __init__(self) -> None:
        self._waiting: dict[ChannelRef, set[asyncio.Event]] = defaultdict(set)

    def changed(self, channel: ChannelRef) -> None:
        """Wake everybody who listens to the channel."""
        for event in self._waiting.get(channel, ()):
            event.set()

    @contextmanager
    def _listening(self, channel: ChannelRef) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting[channel].add(event)
        try:
            yield event
        finally:
            self._waiting[channel].discard(event)
            if not self._waiting[channel]:
                del self._waiting[channel]

    async def changes(self, channel: ChannelRef) -> AsyncIterator[None]:
        """Yield once for each change, or for several that came together."""
        with self._listening(channel) as event:
            while True:
                await event.wait()
                event.clear()
                yield
