"""Server-sent events: tells an open page that the channel changed, so that it fetches the posts again."""

import asyncio
import contextlib

from aiohttp import web

from bot.adapters.web import problems
from bot.adapters.web.problems import Refused
from bot.adapters.web.site import Site, visit

BEAT = 20.0
"""Seconds between comments on a quiet line. Proxies drop silent ones, and a dead one shows only when written to."""

PAUSE = 1.0
"""Seconds between two events. When a whole team answers at once, each page looks once a second, not at each answer."""

MOST = 500
"""Streams at once; each holds a connection."""


class Events:
    """GET /events"""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._streams = 0

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """One event per change, until the page is closed or we stop."""
        await visit(self._site, request)
        if self._streams >= MOST:
            raise Refused(problems.CROWDED)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        self._streams += 1
        try:
            # The browser closing the page is the usual end of this.
            with contextlib.suppress(ConnectionResetError):
                await response.prepare(request)
                await self._send(response)
        finally:
            self._streams -= 1
        return response

    async def _send(self, response: web.StreamResponse) -> None:
        await response.write(b"retry: 3000\n\n")
        changes = self._site.live.changes(self._site.settings.channel)
        stopping = asyncio.ensure_future(self._site.stopping.wait())
        change = asyncio.ensure_future(anext(changes))
        try:
            while True:
                await asyncio.wait((change, stopping), timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
                if stopping.done():
                    return
                if change.done():
                    change.result()
                    change = asyncio.ensure_future(anext(changes))
                    await response.write(b"event: changed\ndata: posts\n\n")
                    await asyncio.wait((stopping,), timeout=PAUSE)
                else:
                    await response.write(b": still here\n\n")
        finally:
            for task in (change, stopping):
                task.cancel()
            await asyncio.gather(change, stopping, return_exceptions=True)
