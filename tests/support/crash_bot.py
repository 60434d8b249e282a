"""One life of the bot: started, told the time, pressed upon, and killed; whoever waits for a dead one learns it."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.faults import VARIABLE
from tests.support.wire_discord import FakeDiscord

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0

T = TypeVar("T")


class Died(Exception):
    """The process is gone."""


def environment(folder: Path, fault: str, database: str = "", **more: str) -> dict[str, str]:
    """The machine's environment without settings of its own, and ours; the database is a file if none is named."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))}
    given = {
        "TRAPWISE_DATABASE": database or f"sqlite:///{folder / 'trapwise.db'}",
        "TRAPWISE_CONTENT": str(folder / "content"),
        "TRAPWISE_PACK": "my-exam",
        "TRAPWISE_ZONE": "UTC",
        "PYTHONPATH": str(ROOT),
        **({VARIABLE: fault} if fault else {}),
    }
    return {**kept, **given, **more}


class CrashBot:
    """A process of `crash_process`, connected to a fake Discord."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process, self._folder = process, folder
        self._gone = asyncio.create_task(process.wait(), name="the bot's end")

    @classmethod
    async def start(
        cls, folder: Path, discord: FakeDiscord, at: datetime, fault: str, database: str = ""
    ) -> "CrashBot":
        """Start it at that instant; it may die at `fault`."""
        with (folder / "bot.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.support.crash_process", at.isoformat()),
                cwd=folder,
                env=environment(folder, fault, database, **discord.environment()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        return cls(process, folder)

    async def or_died(self, wanted: Awaitable[T]) -> T:
        """What is waited for, or Died if the process ends before."""
        task = asyncio.ensure_future(wanted)
        try:
            await asyncio.wait({task, self._gone}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            if self._gone.done():
                raise Died
            raise AssertionError(f"neither an answer nor an end:\n{(self._folder / 'bot.log').read_text()[-4000:]}")
        finally:
            task.cancel()

    async def settled(self) -> None:
        """Wait until everything due has been done."""
        assert self.process.stdout is not None
        line = await self.or_died(self.process.stdout.readline())
        if line != b"settled\n":
            await self.process.wait()
            raise Died

    async def at(self, instant: datetime) -> None:
        """Let it be that late, and everything due done."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{instant.isoformat()}\n".encode())
            await self.process.stdin.drain()
        except ConnectionError:
            raise Died from None
        await self.settled()

    async def kill(self) -> None:
        """SIGKILL, if it isn't dead already."""
        if self.process.returncode is None:
            self.process.kill()
        await asyncio.wait({self._gone})

    async def ended(self) -> bool:
        """Wait for the end; whether it was a SIGKILL."""
        return await self._gone == -signal.SIGKILL
