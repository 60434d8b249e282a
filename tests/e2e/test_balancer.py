"""compose.yaml's balancer, as it is, before three processes of the bot that share one PostgreSQL."""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest

from storage.postgres_connection import connect
from tests.support.wire_slack import FakeSlack
from tests.support.wire_slack_house import HTTP, ROOT, process
from tests.support.wire_slack_members import Hands

# slack_sdk still uses what aiohttp has deprecated; it works.
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.timeout(120),
]

SERVICES = ("trapwise", "trapwise-2", "trapwise-3")
MISSING = "there is no nginx here (apt-get install nginx-light)"


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


@asynccontextmanager
async def _balancer(folder: Path, bots: list[str], port: int) -> AsyncIterator[str]:
    """The configuration of deploy/, with only addresses and files changed to what is here; its address."""
    text = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8").replace(" /tmp/", f" {folder}/")
    changes = [(f"server {name}:8080", f"server {bot}") for name, bot in zip(SERVICES, bots, strict=True)]
    for before, after in [*changes, ("listen 8090", f"listen 127.0.0.1:{port}"), ("/dev/stderr", f"{folder}/log")]:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    running = await asyncio.create_subprocess_exec(
        _nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "log"), "-g", "daemon off;"
    )
    try:
        async with asyncio.timeout(10), aiohttp.ClientSession() as client:
            while True:
                assert running.returncode is None, (folder / "log").read_text()
                try:
                    async with client.get(f"http://127.0.0.1:{port}/balancer") as answer:
                        assert await answer.text() == "ok\n"
                        break
                except aiohttp.ClientConnectorError:
                    await asyncio.sleep(0.02)  # nothing says when it listens
        yield f"http://127.0.0.1:{port}"
    finally:
        if running.returncode is None:
            running.terminate()
        await running.wait()


@pytest.fixture
def port() -> int:
    """A free one, below those that are given to connections that go out."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


async def test_slack_is_served_through_the_balancer_as_long_as_one_bot_lives(
    tmp_path: Path, pg_url: str, port: int
) -> None:
    _nginx()
    slack = await FakeSlack().start()
    admin, channel = slack.user("U0", "Ana", admin=True), slack.channel("C1", "exam-prep")
    hands = Hands(slack)
    people = [slack.user(f"U{number}", f"Member {number}") for number in range(1, 10)]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(slack.stop)
        bots, addresses = [], []
        for name in SERVICES:
            (tmp_path / name).mkdir()
            settings = {**HTTP, "TRAPWISE_DATABASE": pg_url}
            bots.append(await stack.enter_async_context(process(tmp_path / name, slack, settings)))
            addresses.append(re.findall(r"//([^/]+)/", slack.http)[0])
        assert len(set(addresses)) == 3
        balancer = await stack.enter_async_context(_balancer(tmp_path, addresses, port))
        slack.http = f"{balancer}/slack/events"
        async with aiohttp.ClientSession() as client:
            for path in ("/healthz", "/readyz"):
                async with client.get(f"{balancer}{path}") as answer:
                    assert answer.status == 404
        await hands.command(admin, channel, "/trapwise setup")
        view = (await slack.until(lambda: admin.views))[0]
        await hands.submit(admin, view, time="09:00", zone="UTC")
        await slack.until(lambda: "set up the daily question" in str(channel.messages))
        await hands.command(admin, channel, "/trapwise post-now")
        question = await slack.until(lambda: [m for m in channel.messages.values() if "actions" in str(m)])
        for number, member in enumerate(people):
            if number in (3, 6):
                await bots[number // 3 - 1].kill()
            before = len(member.sees)
            await hands.press(member, question[0], "B")
            await slack.until(lambda m=member, b=before: len(m.sees) > b)  # type: ignore[misc]  # mypy can't infer it
    with closing(connect(pg_url)) as db:
        assert db.execute("SELECT count(*) FROM responses").fetchone() == (len(people),)
        assert db.execute("SELECT count(*) FROM rounds WHERE state <> 'skipped'").fetchone() == (1,)
