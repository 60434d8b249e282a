"""A network between a process and its database that fails on demand: silent, cut, or cut at a commit."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass
class PgProxy:
    """Listens on loopback and hands everything to the server's socket in `folder`.

    `silent` lets nothing through in either direction, and nobody is told. `at_commit` cuts the next connection that
    asks for a commit: `before` the server hears of it, or `after` it was done and before the client hears of that.
    """

    folder: Path
    silent: bool = False
    at_commit: Literal["before", "after"] | None = None
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> "PgProxy":
        """Take connections."""
        self._heard.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """End all connections."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, direct: str) -> str:
        """The way through here to the database at this address."""
        name = direct.partition("@/")[2].partition("?")[0]
        return f"postgresql://trapwise:s3cret@127.0.0.1:{self.port}/{name}"

    def hush(self, silent: bool) -> None:
        """Begin or end the silence. What was held back is lost, as the connections are that it belonged to."""
        self.silent = silent
        if silent:
            self._heard.clear()
        else:
            self.cut()
            self._heard.set()

    def cut(self) -> None:
        """Break every connection."""
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        theirs = None
        with suppress(OSError, asyncio.CancelledError):
            await self._heard.wait()
            from_server, theirs = await asyncio.open_unix_connection(str(self.folder / ".s.PGSQL.5432"))
            self._open.add(theirs)
            there = asyncio.create_task(self._there(reader, theirs, writer))
            back = asyncio.create_task(self._back(from_server, writer))
            try:
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for half in (there, back):
                    half.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        for end in (writer, theirs):
            if end is not None:
                self._open.discard(end)
                end.transport.abort()
        self._tasks.discard(task)

    async def _there(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, client: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65536):
            await self._heard.wait()
            # The whole statement: BEGIN names READ COMMITTED.
            if b"COMMIT\x00" in data and self.at_commit is not None:
                when, self.at_commit = self.at_commit, None
                client.transport.abort()
                if when == "after":
                    server.write(data)
                    await server.drain()
                    # The server has read it when it has answered; nobody hands that on, as the client is gone.
                    await asyncio.sleep(0.05)
                return
            server.write(data)
            await server.drain()

    async def _back(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._heard.wait()
            client.write(data)
            await client.drain()
