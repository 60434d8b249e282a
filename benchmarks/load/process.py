"""The bot as a process: started as a host would, its processor time and memory read from the system."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_REQUESTS = re.compile(r"taking requests at (http://\S+)")


class Bot:
    """A running bot. `said` is what it printed so far."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process, self.log, self.said = process, log, ""

    async def until_said(self, words: str) -> str:
        """Read what it prints until the words come; all of it."""
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            while words not in self.said:
                line = await self.process.stdout.readline()
                if not line:
                    raise AssertionError(f"the bot ended:\n{self.said}\n{self.log.read_text()[-4000:]}")
                self.said += line.decode()
        return self.said

    async def until_logged(self, words: str) -> None:
        """Look into its log until the words are there."""
        async with asyncio.timeout(60):
            while words not in self.log.read_text(encoding="utf-8"):
                if self.process.returncode is not None:
                    raise AssertionError(f"the bot ended:\n{self.log.read_text()[-4000:]}")
                await asyncio.sleep(0.05)

    async def tell(self, line: str) -> None:
        """Write a line to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    def slack_url(self) -> str:
        """Where it takes Slack's requests, empty in Socket Mode."""
        found = _REQUESTS.search(self.said)
        return f"{found[1].rstrip('/')}/slack/events" if found else ""

    def cpu(self) -> float:
        """Seconds of processor time used so far, all threads together (Linux only)."""
        # The number of another process's clock, as clock_getcpuclockid(3) makes it.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def resident(self) -> int:
        """Resident memory in KiB (Linux only)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(next(row for row in status.splitlines() if row.startswith("VmRSS")).split()[1])

    async def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 30)


def environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The machine's environment without settings of its own, and ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))}
    given = {
        "TRAPWISE_DATABASE": str(folder / "trapwise.db"),
        "TRAPWISE_ZONE": "UTC",
        "TRAPWISE_WEB_PORT": "0",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    return {**kept, **given, **more}


def _fresh_log(folder: Path) -> Path:
    return folder / f"bot-{len(list(folder.glob('bot-*.log')))}.log"


@asynccontextmanager
async def started(
    folder: Path, settings: Mapping[str, str], *, arguments: Sequence[str] = ("-m", "bot", "run")
) -> AsyncIterator[Bot]:
    """The bot as a process; it is killed in the end, if it still runs."""
    log = _fresh_log(folder)
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=folder,
            env=environment(folder, settings),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=out,
        )
    bot = Bot(process, log)
    try:
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def trapwise(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a command as a host would; its exit code and all it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env=environment(folder, {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode or 0, said.decode()
