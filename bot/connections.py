"""Connections to platforms, of which only as many stay open as are needed."""

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace


class Newest(aiohttp.TCPConnector):
    """Takes the connection that was used last, so that those opened for a rush become idle, and are closed.

    aiohttp takes the one that has waited longest. So as long as requests keep coming each has its turn, none is ever
    idle for `keepalive_timeout`, and all that were once needed at the same time stay: 10 KB each, more with TLS.
    """

    async def _get(self, key: "ConnectionKey", traces: "list[Trace]") -> "Connection | None":
        # No part of aiohttp's published interface: tests/unit/test_connections.py tells if an update changes it.
        if waiting := self._conns.get(key):
            waiting.rotate(1)
        return await super()._get(key, traces)
