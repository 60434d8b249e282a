"""The real process, supervised: its reports on health, its exit codes, and how it stops."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.process import ROOT, Browser, answer_tokens, running

pytestmark = pytest.mark.timeout(120)

_OWN_PORT = re.compile(r"Health: (http://\S+)/healthz")
_PAGE = re.compile(r"ready: (http://\S+)")


class Supervised:
    """A process with a health port of its own."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, web: str) -> None:
        self.process, self.url, self.web = process, url, web

    async def ask(self, path: str) -> tuple[int, dict[str, Any]]:
        """The status and the report."""
        return await _ask(self.url, path)

    async def end(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 20)


async def _ask(url: str, path: str) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as client, client.get(f"{url}{path}") as answer:
        return answer.status, await answer.json()


async def _until(asked: Callable[[], Awaitable[tuple[int, dict[str, Any]]]], status: int) -> dict[str, Any]:
    """The first report with that status."""
    async with asyncio.timeout(20):
        while True:
            found, report = await asked()
            if found == status:
                return report
            await asyncio.sleep(0.1)


def _environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))}
    given = {"TRAPWISE_DATABASE": str(folder / "trapwise.db"), "TRAPWISE_ZONE": "UTC", "TRAPWISE_WEB_PORT": "0"}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **given, **settings}


@asynccontextmanager
async def supervised(folder: Path, **settings: str) -> AsyncIterator[Supervised]:
    """The bot with a health port; killed in the end if it still runs."""
    with (folder / "bot.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=folder,
            env=_environment(folder, TRAPWISE_HEALTH_PORT="0", **settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            said = ""
            while not (found := _OWN_PORT.search(said)):
                line = await process.stdout.readline()
                assert line, (folder / "bot.log").read_text()
                said += line.decode()
        page = _PAGE.search(said)
        yield Supervised(process, found[1], page[1] if page else "")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _exit_code(folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=folder,
        env=_environment(folder, **settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


async def test_health_is_told_on_a_port_of_its_own_with_the_web_space_off(tmp_path: Path) -> None:
    async with supervised(tmp_path, TRAPWISE_WEB="off") as bot:
        status, report = await bot.ask("/healthz")
        assert status == 200
        assert report["ok"] is True
        assert report["database"] == "ok"
        assert report["outbox"] == {"waiting": 0, "oldest_seconds": 0}
        assert 0 <= report["calls_waiting"] < 20
        assert report["platforms"] == {}
        assert report["troubles"] == []
        assert report["last_backup"] is None
        assert 20 < report["memory_mb"] < 1_000
        assert report["alarm_seconds_since_tick"] < 60
        assert await bot.ask("/readyz") == (200, {"ok": True, "why": [], "platforms": {}})
        assert await bot.end() == 0


async def test_health_says_that_the_database_takes_no_write_and_when_it_does_again(tmp_path: Path) -> None:
    async with supervised(tmp_path) as bot:
        await _until(lambda: bot.ask("/readyz"), 200)
        with closing(sqlite3.connect(tmp_path / "trapwise.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            report = await _until(lambda: bot.ask("/healthz"), 503)
            assert "is locked by another program" in report["database"]
            status, ready = await bot.ask("/readyz")
            assert (status, "is locked by another program" in ready["why"][0]) == (503, True)
        assert (await _until(lambda: bot.ask("/healthz"), 200))["database"] == "ok"
        assert await bot.end() == 0


async def test_health_says_that_a_page_went_bad(tmp_path: Path) -> None:
    async with running(tmp_path) as bot, Browser.opened(bot.url) as ana:
        await ana.join("Ana")
        with closing(sqlite3.connect(tmp_path / "trapwise.db")) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'responses'").fetchone()
        with (tmp_path / "trapwise.db").open("r+b") as raw:
            raw.seek(4096 * (page - 1))
            raw.write(b"\xff" * 4096)
        page_shown = await ana.get("/stats")
        assert "Traceback" not in page_shown
        async with asyncio.timeout(20):
            while (asked := await _ask(bot.url.rstrip("/"), "/healthz"))[0] == 200:
                await ana.post("/press", token=answer_tokens(await ana.get("/c"))[0], place="channel")
        assert "the file is damaged. Stop the bot and restore a backup" in asked[1]["database"]
        assert await bot.stop() == 0


async def test_exit_codes_tell_whether_a_restart_can_help(tmp_path: Path) -> None:
    code, said = await _exit_code(tmp_path, "-m", "bot", "run", TRAPWISE_PACK="none")
    assert (code, "TRAPWISE_PACK: there is no pack none in" in said) == (1, True)
    (tmp_path / "bad.db").write_bytes(b"Dear diary, " * 500)
    code, said = await _exit_code(tmp_path, "-m", "bot", "run", TRAPWISE_DATABASE=str(tmp_path / "bad.db"))
    assert (code, "is no database" in said) == (1, True)
    assert (await _exit_code(tmp_path, "-m", "bot", "run", "--misspelt"))[0] == 2
    code, said = await _exit_code(tmp_path, "-c", _STALLED)
    assert (code, "The alarm has been silent" in said) == (3, True)
    code, said = await _exit_code(tmp_path, "-c", _UNFORESEEN)
    assert code == 3
    assert "failed in an unforeseen way and should be started anew" in said


_STALLED = """
import bot.alarm
bot.alarm.SAFETY_NET, bot.alarm.STALLED_AFTER = 1, -1
from bot.__main__ import main
main(["run"])
"""

_UNFORESEEN = """
from bot.alarm import Alarm
async def watch(self):
    raise RuntimeError("nobody thought of this")
Alarm.watch = watch
from bot.__main__ import main
main(["run"])
"""


async def test_a_stop_answers_what_was_pressed_saves_what_was_answered_and_takes_less_than_ten_seconds(
    tmp_path: Path,
) -> None:
    answered: list[str] = []
    async with running(tmp_path) as bot:
        async with asyncio.TaskGroup() as people:

            async def one(n: int, go: asyncio.Event) -> None:
                async with Browser.opened(bot.url) as person:
                    tokens = answer_tokens(await person.join(f"Member {n}"))
                    joined.append(n)
                    if len(joined) == 40:
                        go.set()
                    await go.wait()
                    try:
                        page = await person.post("/press", token=tokens[n % 4], place="channel")
                    except aiohttp.ClientError:
                        return  # never taken, and never said to be
                    if "chose" in page or "Right: " in page:
                        answered.append(f"Member {n}")
                    if len(answered) == 10 and not stopping:
                        stopping.append(time.monotonic())
                        bot.process.send_signal(signal.SIGTERM)

            joined: list[int] = []
            stopping: list[float] = []
            go = asyncio.Event()
            for n in range(40):
                people.create_task(one(n, go))
        assert await asyncio.wait_for(bot.process.wait(), 20) == 0
        assert time.monotonic() - stopping[0] < 10
    assert len(answered) >= 10
    with closing(sqlite3.connect(tmp_path / "trapwise.db")) as db:
        saved = {
            name
            for (name,) in db.execute(
                "SELECT m.name FROM responses r JOIN members m ON m.id = r.member WHERE r.source = 0"
            )
        }
    assert set(answered) <= saved
    assert "Traceback" not in (tmp_path / "bot.log").read_text()


async def test_while_it_stops_it_is_alive_but_not_ready_and_waits_for_nobody_for_long(tmp_path: Path) -> None:
    async with supervised(tmp_path, TRAPWISE_WEB="on") as bot:
        await _until(lambda: bot.ask("/readyz"), 200)
        host, port = bot.web.removeprefix("http://").rstrip("/").split(":")
        _, sending = await asyncio.open_connection(host, int(port))
        # Somebody whose request never ends, so that stopping takes its time.
        sending.write(
            f"POST /join HTTP/1.1\r\nHost: {host}:{port}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 999\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\nname=A".encode()
        )
        await sending.drain()
        began = time.monotonic()
        bot.process.send_signal(signal.SIGTERM)
        assert (await _until(lambda: bot.ask("/readyz"), 503))["why"] == ["it is stopping"]
        assert (await bot.ask("/healthz"))[0] == 200
        assert await asyncio.wait_for(bot.process.wait(), 20) == 0
        assert 1 < time.monotonic() - began < 10
        sending.close()
