"""Tells whoever is looking at a channel right now that something in it changed."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from bot.app.neighbours import Neighbours
from bot.core.refs import ChannelRef, Platform, WorkspaceRef

TOPIC = "live"


class Live:
    """Wakes listeners of a channel. Nothing is queued: a slow listener learns of many changes as one."""

    def __init__(self) -> None:
        self._waiting: dict[ChannelRef, set[asyncio.Event]] = defaultdict(set)
        self._neighbours: Neighbours | None = None

    def share(self, neighbours: Neighbours) -> None:
        """Tell those who listen at other processes too, and hear of changes there."""
        self._neighbours = neighbours
        neighbours.on(TOPIC, lambda text: self._wake(_read(text)))

    def changed(self, channel: ChannelRef) -> None:
        """Wake everybody who listens to the channel."""
        self._wake(channel)
        # Only the web space has listeners, and it may be looked at through any process.
        if self._neighbours is not None and channel.workspace.platform is Platform.WEB:
            self._neighbours.tell(TOPIC, json.dumps([channel.workspace.id, channel.id]))

    def _wake(self, channel: ChannelRef) -> None:
        # Mostly nobody listens, and a channel's hash takes longer than all else here.
        for event in self._waiting.get(channel, ()) if self._waiting else ():
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


def _read(text: str) -> ChannelRef:
    workspace, channel = json.loads(text)
    return ChannelRef(WorkspaceRef(Platform.WEB, str(workspace)), str(channel))
