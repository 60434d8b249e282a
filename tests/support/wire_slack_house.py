"""The whole product connected to the local Slack: in this process with a clock to set, or as a process of its own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import compose, config
from tests.support.builders import NOW, SettableClock
from tests.support.wire_slack import (
    APP_TOKEN,
    BOT_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    Channel,
    FakeSlack,
    User,
)
from tests.support.wire_slack_members import Hands

ROOT = Path(__file__).resolve().parents[2]

ENCRYPTION_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

SOCKET = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN}
HTTP = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SIGNING_SECRET, "TRAPWISE_WEB_PORT": "0"}
MANY = {
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "SLACK_CLIENT_ID": CLIENT_ID,
    "SLACK_CLIENT_SECRET": CLIENT_SECRET,
    "SLACK_ENCRYPTION_KEY": ENCRYPTION_KEY,
    "TRAPWISE_WEB_PORT": "0",
}

_ADDRESS = re.compile(r"Slack: taking requests at (http://\S+)")


@dataclass
class House:
    """A local Slack with a channel, an admin and a few members, and the product connected to it."""

    slack: FakeSlack
    hands: Hands
    clock: SettableClock
    parts: compose.Running
    channel: Channel
    admin: User

    async def tick(self) -> None:
        """Let what is due happen, and wait until it is delivered."""
        await self.parts.alarm.tick()
        await self.parts.alarm.settled()

    async def set_up(self, **values: Any) -> None:
        """The admin sets the channel up through the form."""
        await self.hands.command(self.admin, self.channel, "/trapwise setup")
        view = await self.slack.until(lambda: self.admin.views)
        await self.hands.submit(self.admin, view[0], **values)
        await self.slack.until(lambda: self.channel.messages)


@asynccontextmanager
async def house(
    folder: Path, *, settings: Mapping[str, str] = SOCKET, slack: FakeSlack | None = None, now: datetime = NOW
) -> AsyncIterator[House]:
    """The product in this process, begun at `now`. At the end, Slack must have had nothing to object to."""
    fake = slack or await FakeSlack().start()
    clock = SettableClock(now)
    try:
        with _environment({"SLACK_API_BASE_URL": fake.api, "TRAPWISE_ZONE": "UTC", **settings}):
            loaded = replace(config.load(dotenv=None), database=str(folder / "trapwise.db"))
        async with compose.running(loaded, clock=clock) as parts:
            assert parts.slack is not None
            if "SLACK_APP_TOKEN" not in settings:
                assert parts.listener is not None
                fake.http = f"{parts.listener.url}/slack/events"
            channel = fake.channels.get("C1") or fake.channel("C1", "exam-prep")
            admin = fake.users.get("U0") or fake.user("U0", "Ana", admin=True)
            yield House(fake, Hands(fake), clock, parts, channel, admin)
        assert fake.problems == []
    finally:
        if slack is None:
            await fake.stop()


class _environment:  # noqa: N801  used like a function
    """Sets variables for a while, and hides those of platforms that the machine may have set."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __enter__(self) -> None:
        self._kept = dict(os.environ)
        for name in list(os.environ):
            if name.startswith(("TRAPWISE_", "SLACK_", "DISCORD_")):
                del os.environ[name]
        os.environ.update(self._values)

    def __exit__(self, *_: object) -> None:
        os.environ.clear()
        os.environ.update(self._kept)


def clean_environment() -> dict[str, str]:
    """The machine's environment without settings of its own, and with our code."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))
    }
    return {**kept, "PYTHONPATH": str(ROOT)}


class SlackProcess:
    """A running `python -m bot run`, connected to the local Slack."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process, self._log = process, log

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text()

    def jump(self) -> None:
        """Let its clock go on from the next instant."""
        self.process.send_signal(signal.SIGUSR1)

    async def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 20)

    async def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def process(
    folder: Path, slack: FakeSlack, settings: Mapping[str, str] = SOCKET, *, at: tuple[str, ...] = ()
) -> AsyncIterator[SlackProcess]:
    """The bot as a person would start it; it is stopped afterwards. With `at`, under a clock that jumps when told."""
    given = {
        "TRAPWISE_DATABASE": str(folder / "trapwise.db"),
        "TRAPWISE_ZONE": "UTC",
        "SLACK_API_BASE_URL": slack.api,
        **settings,
    }
    log = folder / "bot.log"
    with log.open("ab") as out:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            *(("-m", "tests.support.wire_slack_process", *at) if at else ("-m", "bot", "run")),
            cwd=folder,
            env={**clean_environment(), "PYTHONUNBUFFERED": "1", **given},
            stdout=asyncio.subprocess.PIPE,
            stderr=out,
        )
    assert running.stdout is not None
    said = ""
    async with asyncio.timeout(30):
        while "Slack:" not in said and (line := await running.stdout.readline()):
            said += line.decode()
    if "Slack:" not in said:
        await running.wait()
        raise AssertionError(f"the bot did not start:\n{said}\n{log.read_text()}")
    if found := _ADDRESS.search(said):
        slack.http = f"{found[1]}/slack/events"
    bot = SlackProcess(running, log)
    try:
        yield bot
    finally:
        if running.returncode is None:
            await bot.kill()
