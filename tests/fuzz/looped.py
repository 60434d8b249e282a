"""Targets that need an event loop: a running bot, fed from outside, that may connect to nothing but this machine."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from tests.fuzz.target import Bench

PATIENCE = 60.0
"""Seconds after which an input that isn't done with counts as one that hangs."""

MEMORY = Path("/dev/shm")  # noqa: S108  only the folder in which a fresh one is made


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopedBench:
    """As Bench, with a check that is awaited."""

    check: Callable[[bytes], Awaitable[None]]
    seeds: tuple[bytes, ...]


@contextmanager
def looped(opened: Callable[[Path], AbstractAsyncContextManager[LoopedBench]]) -> Iterator[Bench]:
    """Run the bench on a loop of its own, with an empty folder."""
    with ExitStack() as stack:
        stack.enter_context(only_loopback())
        folder = stack.enter_context(TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None))
        runner = stack.enter_context(asyncio.Runner())
        manager = opened(Path(folder))
        bench = runner.run(_entered(manager))
        stack.callback(lambda: runner.run(_left(manager)))

        async def one(data: bytes) -> None:
            async with asyncio.timeout(PATIENCE):
                await bench.check(data)

        yield Bench(check=lambda data: runner.run(one(data)), seeds=bench.seeds)


async def _entered(manager: AbstractAsyncContextManager[LoopedBench]) -> LoopedBench:
    return await manager.__aenter__()


async def _left(manager: AbstractAsyncContextManager[LoopedBench]) -> None:
    await manager.__aexit__(None, None, None)


@contextmanager
def only_loopback() -> Iterator[None]:
    """Refuse every look-up of a name and every connection that would leave this machine: inputs may hold addresses."""
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def looked_up(host: Any, *rest: Any, **more: Any) -> Any:
        if not _is_here(host):
            raise socket.gaierror(socket.EAI_NONAME, "no names outside of this machine are looked up here")
        return look_up(host, *rest, **more)

    def connected(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            raise ConnectionRefusedError("nothing outside of this machine is connected to here")
        connect(self, address)

    with patch("socket.getaddrinfo", looked_up), patch("socket.socket.connect", connected):
        yield


def _is_here(host: Any) -> bool:
    name = host.decode("ascii", errors="replace") if isinstance(host, bytes) else str(host or "localhost")
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"
