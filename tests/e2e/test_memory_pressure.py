"""A machine without memory left: nothing confirmed is lost, and the bot goes on or ends in order to be started anew."""

import asyncio
import resource
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from bot.memory import STACK
from tests.support.process import SAME_SITE, BotProcess, Browser, answer_tokens, running

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of another process"),
]

START_ANEW = 3


async def _flood(url: str, count: int) -> int:
    """As many large forms at once as take much memory; how many were answered."""
    answered = 0

    async def one(client: aiohttp.ClientSession) -> None:
        nonlocal answered
        try:
            async with client.post(f"{url}/join", data={"name": "x" * 30_000}, headers=SAME_SITE) as answer:
                assert "Traceback" not in await answer.text()
                answered += 1
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass

    limits = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(6)
    async with aiohttp.ClientSession(connector=limits[0], timeout=limits[1]) as client:
        await asyncio.gather(*(one(client) for _ in range(count)))
    return answered


async def _press(url: str, name: str, confirmed: list[str]) -> None:
    try:
        async with Browser.opened(url) as person:
            tokens = answer_tokens(await person.join(name))
            said = await person.post("/press", token=tokens[1], place="channel") if tokens else ""
            if "chose" in said or "Right: " in said:
                confirmed.append(name)
    except (aiohttp.ClientError, TimeoutError, OSError):
        pass


async def _lives(bot: BotProcess) -> bool:
    """Whether it answers, now that there is memory again; if not, it has ended by itself."""
    async with asyncio.timeout(30):
        while bot.process.returncode is None:
            try:
                async with aiohttp.ClientSession() as client, client.get(f"{bot.url}/healthz") as answer:
                    if answer.status == 200:
                        return True
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(0.2)
    return False


def _stack(pid: int) -> int:
    """Bytes of its main thread's stack."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(row for row in rows if row.startswith("VmStk")).split()[1]) * 1024


def _taken(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


@pytest.mark.parametrize(("spare", "count"), [(0, 300), (2_000_000, 1_500)])
async def test_without_memory_nothing_confirmed_is_lost_and_it_goes_on_or_asks_to_be_started_anew(
    tmp_path: Path, spare: int, count: int
) -> None:
    confirmed: list[str] = []
    async with running(tmp_path) as bot:
        await _press(bot.url, "Early", confirmed)
        assert confirmed == ["Early"]
        pid = bot.process.pid
        assert _stack(pid) > STACK, "the kernel would end it with SIGSEGV where its stack can't grow"
        free = resource.prlimit(pid, resource.RLIMIT_AS)
        resource.prlimit(pid, resource.RLIMIT_AS, (_taken(pid) + spare, free[1]))
        flooding = asyncio.create_task(_flood(bot.url, count))
        await asyncio.gather(*(_press(bot.url, f"Member {n}", confirmed) for n in range(20)))
        answered = await flooding
        assert answered < count, "memory never ran out, so nothing was shown"
        if bot.process.returncode is None:
            resource.prlimit(pid, resource.RLIMIT_AS, free)
        if await _lives(bot):
            await _press(bot.url, "Late", confirmed)
            assert confirmed[-1] == "Late", "it takes answers again by itself"
            assert await bot.stop() == 0
        else:
            assert bot.process.returncode == START_ANEW, (tmp_path / "bot.log").read_text()[-4_000:]
    async with running(tmp_path) as bot:
        assert await bot.stop() == 0
    with closing(sqlite3.connect(tmp_path / "trapwise.db")) as db:
        saved = {name for (name,) in db.execute("SELECT m.name FROM responses r JOIN members m ON m.id = r.member")}
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert set(confirmed) <= saved
