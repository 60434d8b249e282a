"""The real bot as a process of its own: started as a person would, killed as a power cut would."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
_READY = re.compile(r"ready: (http://\S+)")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


class BotProcess:
    """A running `python -m bot run`. `url` is the web space's address."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process, self.url = process, url

    async def kill(self) -> None:
        """SIGKILL: nothing of it gets to run any more."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 20)


async def start(folder: Path, settings: Mapping[str, str] | None = None) -> BotProcess:
    """Start the bot with its database in `folder`, on a port the system picks; wait until it says it is ready."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))
    }
    given = {"TRAPWISE_DATABASE": str(folder / "trapwise.db"), "TRAPWISE_WEB_PORT": "0", "TRAPWISE_ZONE": "UTC"}
    with (folder / "bot.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            cwd=folder,
            env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **given, **(settings or {})},
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while line := await process.stdout.readline():
            if found := _READY.search(line.decode()):
                return BotProcess(process, found[1])
    await process.wait()
    raise AssertionError(f"the bot did not start:\n{(folder / 'bot.log').read_text()}")


@asynccontextmanager
async def running(folder: Path, settings: Mapping[str, str] | None = None) -> AsyncIterator[BotProcess]:
    """A bot that is stopped afterwards, if it still runs."""
    bot = await start(folder, settings)
    try:
        yield bot
    finally:
        if bot.process.returncode is None:
            await bot.kill()


class Browser:
    """One person's browser without JavaScript: cookies, and the form token of the latest page."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self._client, self.url, self._csrf = client, url, ""

    @staticmethod
    @asynccontextmanager
    async def opened(url: str) -> "AsyncIterator[Browser]":
        """A fresh browser."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(10)) as client:
            yield Browser(client, url)

    async def get(self, path: str) -> str:
        """A page."""
        async with self._client.get(self.url + path) as answer:
            page = await answer.text()
        if found := re.search(r'name="csrf" value="([^"]+)"', page):
            self._csrf = found[1]
        return page

    async def post(self, path: str, **fields: str) -> str:
        """The page that comes back for a sent form."""
        sent = {"csrf": self._csrf, **fields}
        async with self._client.post(self.url + path, data=sent, headers=SAME_SITE) as answer:
            return await answer.text()

    async def join(self, name: str) -> str:
        """Join under a name; the channel's page."""
        await self.get("/")
        await self.post("/join", name=name)
        return await self.get("/c")


def answer_tokens(page: str) -> list[str]:
    """The tokens of the open question's answer buttons, A first."""
    return re.findall(r'value="(tw1:a:\d+:[A-E])"', page)
