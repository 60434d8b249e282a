"""The real process, `python -m bot run`, against the local Slack over both transports: all of a workspace's time."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire_slack import APP_TOKEN, CLIENT_SECRET, SIGNING_SECRET, Channel, FakeSlack, User
from tests.support.wire_slack_house import ENCRYPTION_KEY, MANY, SOCKET, SlackProcess, process
from tests.support.wire_slack_members import Hands, labels
from tests.support.wire_slack_oauth import install, offer

# slack_sdk still uses what aiohttp has deprecated; it works.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

BOTH = pytest.mark.parametrize("settings", [SOCKET, MANY], ids=["socket", "http"])

BEFORE, NEARLY_NINE, NEARLY_FIVE = "2020-11-23T07:30:00+00:00", "2020-11-23T08:59:59+00:00", "2020-11-23T16:59:59+00:00"
NEXT_DAY = "2020-11-24T09:30:00+00:00"


@dataclass
class Place:
    """A workspace with the app in one channel."""

    slack: FakeSlack
    hands: Hands
    bot: SlackProcess
    channel: Channel
    admin: User

    async def card(self, user: User, words: str) -> dict[str, Any]:
        """The one message of the app's direct messages, once it says so."""
        there = self.slack.direct(user)
        await self.slack.until(lambda: there.messages and words in there.newest["text"])
        return there.newest

    async def direct(self, user: User, card: dict[str, Any], label: str) -> None:
        """Press there."""
        await self.hands.press(user, card, label, channel=self.slack.direct(user))


@asynccontextmanager
async def place(folder: Path, settings: dict[str, str], *at: str) -> AsyncIterator[Place]:
    """The process, installed by link where it is by HTTP, and its channel set up. Nothing may be amiss in the end."""
    slack = await FakeSlack().start()
    admin, channel = slack.user("U0", "Ana", admin=True), slack.channel("C1", "exam-prep")
    hands = Hands(slack)
    try:
        async with process(folder, slack, settings, at=at) as bot:
            if settings is MANY:
                offer(slack, "code", "T1")
                assert (await install(slack, "code"))[0] == 200
            await hands.command(admin, channel, "/trapwise setup")
            view = (await slack.until(lambda: admin.views))[0]
            await hands.submit(admin, view, time="09:00", zone="UTC")
            await slack.until(lambda: "set up the daily question" in str(channel.messages))
            channel.messages.clear()
            yield Place(slack, hands, bot, channel, admin)
        secrets = (*slack.grants, APP_TOKEN, CLIENT_SECRET, SIGNING_SECRET, ENCRYPTION_KEY)
        assert not [secret for secret in secrets if secret in bot.log]
        assert "Traceback" not in bot.log, bot.log
        assert slack.problems == []
    finally:
        await slack.stop()


def count(folder: Path, table: str) -> int:
    """How many rows the process has written."""
    db = sqlite3.connect(f"file:{folder / 'trapwise.db'}?mode=ro", uri=True)
    try:
        (found,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  a name of ours
        return int(found)
    finally:
        db.close()


@pytest.mark.timeout(120)
@BOTH
async def test_a_workspaces_whole_time(tmp_path: Path, settings: dict[str, str]) -> None:
    async with place(tmp_path, settings, BEFORE, NEARLY_NINE, NEARLY_FIVE) as at:
        slack, hands, channel = at.slack, at.hands, at.channel
        assert channel.messages == {}
        at.bot.jump()
        await slack.until(lambda: channel.messages)
        post = channel.newest
        assert labels(post) == ["A", "B", "C", "D"]
        members = [slack.user(f"U{n}", f"Member {n}") for n in range(1, 31)]
        acks = await asyncio.gather(*(hands.press(one, post, "ABCD"[n % 4]) for n, one in enumerate(members)))
        assert max(ack.seconds for ack in acks) < 3
        await slack.until(lambda: all(len(one.sees) == 1 for one in members))
        assert sum(one.sees[0]["text"].startswith("Right") for one in members) in (7, 8)
        await slack.until(lambda: "30 people have answered" in post["text"])
        assert count(tmp_path, "responses") == 30
        ben = members[0]
        await practice(at, ben)
        await exam(at, members[1])
        await home(at, ben)
        at.bot.jump()
        await slack.until(lambda: "closed" in post["text"])
        assert "the answer" in post["text"]
        assert "30 answered" in post["text"]
        assert len(channel.messages) == 1
        await hands.command(ben, channel, "/leaderboard")
        board = await slack.until(lambda: [seen for seen in ben.sees if "This week" in seen["text"]])
        assert "Member" in board[0]["text"]
        await hands.event("T1", {"type": "app_uninstalled"})
        if settings is MANY:
            assert count(tmp_path, "slack_installations") == 0
            ack = await hands.command(ben, channel, "/tip")
            assert "not installed" in ack.payload.get("text", "") or any("not installed" in s["text"] for s in ben.sees)
        assert await at.bot.stop() == 0, at.bot.log
        async with process(tmp_path, slack, settings, at=(NEXT_DAY,)):
            assert len(channel.messages) == 1


async def practice(at: Place, ben: User) -> None:
    """Two items to the end."""
    await at.hands.command(ben, at.channel, "/quiz 2")
    for number in (1, 2):
        card = await at.card(ben, f"Practice · {number} of 2")
        await at.direct(ben, card, "A")
        await at.slack.until(lambda: {"Next", "Finish"} & set(labels(at.slack.direct(ben).newest)))
        await at.direct(ben, at.slack.direct(ben).newest, "Next" if number == 1 else "Finish")
    await at.card(ben, "Practice done")


async def exam(at: Place, chloe: User) -> None:
    """All 45 questions in one message, one flagged, handed in."""
    await at.hands.command(chloe, at.channel, "/exam")
    await at.direct(chloe, await at.card(chloe, "question 1 of 45"), "Flag")
    await at.card(chloe, "1 flagged")
    for number in range(1, 46):
        card = await at.card(chloe, f"question {number} of 45")
        await at.direct(chloe, card, "B")
        await at.slack.until(answered(at.slack.direct(chloe), number))
        if number < 45 and f"question {number} of 45" in card["text"]:
            await at.direct(chloe, card, "Next ›")
    await at.direct(chloe, at.slack.direct(chloe).newest, "Submit")
    await at.direct(chloe, await at.card(chloe, "All questions are answered"), "Submit")
    await at.card(chloe, "pass")
    assert len(at.slack.direct(chloe).messages) == 1


def answered(there: Channel, number: int) -> Callable[[], bool]:
    """Whether the page shows the answer, or has gone on to the next."""
    return lambda: "✓ B" in labels(there.newest) or f"question {number} of" not in there.newest["text"]


async def home(at: Place, ben: User) -> None:
    """The Home tab, and a look at the statistics from there."""
    await at.hands.open_home(ben)
    await at.slack.until(lambda: "You chose A" in str(ben.home))
    await at.hands.press(ben, ben.home or {}, "Stats")
    await at.slack.until(lambda: "Where you stand" in str(ben.views))


@BOTH
async def test_a_press_three_times_and_one_while_the_database_stalls(tmp_path: Path, settings: dict[str, str]) -> None:
    async with place(tmp_path, settings) as at:
        slack, hands = at.slack, at.hands
        await hands.command(at.admin, at.channel, "/trapwise post-now")
        post = await slack.until(lambda: at.channel.messages and at.channel.newest)
        ben, chloe = slack.user("U1", "Ben"), slack.user("U2", "Chloe")
        payload = hands.press_payload(ben, post, "C")
        await asyncio.gather(*(slack.send("interactive", payload) for _ in range(3)))
        await slack.until(lambda: len(ben.sees) == 3)
        assert sum("You already chose C" in seen["text"] for seen in ben.sees) == 2
        assert count(tmp_path, "responses") == 1
        with stalled(tmp_path / "trapwise.db", 2.0) as began:
            ack = await hands.press(chloe, post, "B")
            assert ack.seconds < 3
            assert time.monotonic() - began < 2.0, "it was acknowledged when the database had gone on"
            assert count(tmp_path, "responses") == 1
        await slack.until(lambda: chloe.sees)
        assert count(tmp_path, "responses") == 2
        await hands.press(chloe, post, "D")
        await slack.until(lambda: len(chloe.sees) == 2)
        assert "You already chose B" in chloe.sees[1]["text"]
        assert await at.bot.stop() == 0, at.bot.log


class stalled:  # noqa: N801  used like a function
    """Another program holds the database's write lock for so many seconds."""

    def __init__(self, database: Path, seconds: float) -> None:
        self._database, self._seconds = database, seconds
        self._held, self._thread = threading.Event(), threading.Thread(target=self._hold)

    def _hold(self) -> None:
        db = sqlite3.connect(self._database, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        self._held.set()
        threading.Event().wait(self._seconds)
        db.execute("ROLLBACK")
        db.close()

    def __enter__(self) -> float:
        self._thread.start()
        self._held.wait(5)
        return time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._thread.join()
