"""A line between the bot and a platform, which breaks in every way that lines and what is behind them break."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

CHUNK = 64 * 1024


@dataclass(eq=False)
class Call:
    """One connection through the line, to the platform and back."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    lasting: bool = False
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def cut(self) -> None:
        """End it without a word."""
        for task in self.tasks:
            task.cancel()
        for writer in (self.near, self.far):
            if writer is not None:
                writer.transport.abort()


class Line:
    """Carries bytes between a port of its own and `far`. What is wrong with it is changed while it is in use.

    `asked` counts what was sent to the platform but by sockets; `used` is set by each, for whoever clears it.
    """

    def __init__(self, far: tuple[str, int]) -> None:
        self._far = far
        self._server: asyncio.Server | None = None
        self._calls: set[Call] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._said: bytes | None = None
        self._only_sockets = False
        self._late = 0.0
        self.port = 0
        self.asked = 0
        self.used = asyncio.Event()

    async def start(self) -> "Line":
        """Take calls, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def away(self) -> None:
        """Refuse every call, and cut those there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Cut every call."""
        for call in list(self._calls):
            call.cut()
        self._calls.clear()

    def hold(self) -> None:
        """Let nothing through any more in either direction, without ending any call or refusing any."""
        self._flows.clear()

    def say(self, answer: bytes, *, only_sockets: bool = False) -> None:
        """Answer every request, or those for sockets, with these bytes in place of the platform.

        Sockets that are open stay so.
        """
        self._said, self._only_sockets = answer, only_sockets

    def slow(self, seconds: float) -> None:
        """Let each answer to a request come so much later. Sockets are as quick as ever."""
        self._late = seconds

    async def mend(self) -> None:
        """Be as good as new. What was held comes through, unless its sender has hung up."""
        self._said, self._late = None, 0.0
        self._flows.set()
        if self._server is None:
            await self.start()

    async def stop(self) -> None:
        """End everything."""
        tasks = [task for call in self._calls for task in call.tasks]
        await self.away()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = Call(writer)
        self._calls.add(call)
        # A task of our own: the library's would complain about being cancelled.
        call.tasks.add(asyncio.create_task(self._serve(call, reader)))

    async def _serve(self, call: Call, reader: asyncio.StreamReader) -> None:
        try:
            await self._carry(call, reader)
        except OSError:
            pass
        finally:
            self._calls.discard(call)
            call.cut()

    async def _carry(self, call: Call, near: asyncio.StreamReader) -> None:
        while data := await near.read(CHUNK):
            await self._flows.wait()
            if near.at_eof() or near.exception() is not None:
                return
            call.lasting = call.lasting or b"upgrade: websocket" in data.lower()
            self.asked += not call.lasting
            self.used.set()
            concerned = call.far is None if call.lasting else not self._only_sockets
            if self._said is not None and concerned:
                call.near.write(self._said)
                await call.near.drain()
                return
            if call.far is None:
                far, call.far = await asyncio.open_connection(*self._far)
                call.tasks.add(asyncio.create_task(self._bring_back(call, far)))
            call.far.write(data)
            await call.far.drain()

    async def _bring_back(self, call: Call, far: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while data := await far.read(CHUNK):
                await self._flows.wait()
                if self._late and not call.lasting:
                    await asyncio.sleep(self._late)
                call.near.write(data)
                await call.near.drain()
        call.near.transport.abort()


def http(status: str, body: bytes, *, kind: str = "application/json", length: int | None = None, **more: str) -> bytes:
    """A whole answer. With `length` the body is said to be longer than it is."""
    headers = {"Content-Type": kind, "Content-Length": str(len(body) if length is None else length), **more}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


Break = Callable[[Line], object]
