"""What members do in the local Slack while the bot is being killed, and what they were told."""

import asyncio
import random
import re
import sys
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.faults import VARIABLE
from tests.support.wire_slack import Channel, FakeSlack, User
from tests.support.wire_slack_house import SOCKET, clean_environment
from tests.support.wire_slack_members import Hands, controls

PATIENCE = 30.0

_CHOSE = re.compile(r"(?:Right: |ou chose |ou already chose )([A-E])\b")

T = TypeVar("T")
Json = dict[str, Any]


class Died(Exception):
    """The process is gone."""


class Life:
    """One life of the bot, a process of `crash_process`: told the time, pressed upon, killed."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process, self._log = process, log
        self.gone = asyncio.create_task(process.wait(), name="the bot's end")

    @classmethod
    async def start(cls, folder: Path, slack: FakeSlack, at: datetime, fault: str) -> "Life":
        """Begin it at that instant; it may die at `fault`."""
        given = {
            "TRAPWISE_DATABASE": f"sqlite:///{folder / 'trapwise.db'}",
            "TRAPWISE_CONTENT": str(folder / "content"),
            "TRAPWISE_PACK": "my-exam",
            "TRAPWISE_ZONE": "UTC",
            "SLACK_API_BASE_URL": slack.api,
            **SOCKET,
            **({VARIABLE: fault} if fault else {}),
        }
        log = folder / "bot.log"
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.support.crash_process", at.isoformat()),
                cwd=folder,
                env={**clean_environment(), **given},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=out,
            )
        return cls(process, log)

    async def or_died(self, wanted: Awaitable[T]) -> T:
        """What is waited for, or Died if the process ends before."""
        task = asyncio.ensure_future(wanted)
        try:
            await asyncio.wait({task, self.gone}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
        except (aiohttp.ClientError, ConnectionError):
            await self.gone
        finally:
            task.cancel()
        if self.gone.done():
            raise Died
        raise AssertionError(f"neither an answer nor an end:\n{self._log.read_text()[-4000:]}")

    async def settled(self) -> None:
        """Wait until everything due has been done."""
        assert self.process.stdout is not None
        if await self.or_died(self.process.stdout.readline()) != b"settled\n":
            await self.gone
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
        await asyncio.wait({self.gone})


@dataclass(slots=True, kw_only=True)
class Press:
    """An answer that was pressed. `source` is 0 for a round and 1 for an attempt; `told` what the member then read."""

    source: int
    number: int
    place: int
    user: str
    letter: str
    told: str = ""


@dataclass(slots=True)
class Load:
    """The members, and everything they did so far."""

    slack: FakeSlack
    admin: User
    channels: tuple[Channel, ...]
    rng: random.Random
    presses: list[Press] = field(default_factory=list)
    submitted: set[int] = field(default_factory=set)

    @property
    def crowd(self) -> list[User]:
        return [self._user(f"U6{n}", f"Member {n}") for n in range(8)]

    async def everything(self, life: Life) -> None:
        """All members at once."""
        doing = [self.answer(life), self.practise(life), self.sit(life)]
        outcomes = await asyncio.gather(*doing, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def answer(self, life: Life) -> None:
        """Everybody answers the newest question of every channel, at once."""
        posts = [c.newest for c in self.channels if c.messages and _values(c.newest, "tw1:a:")]
        doing = [self._answer_round(life, user, post) for post in posts for user in self.crowd]
        for outcome in await asyncio.gather(*doing, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def practise(self, life: Life) -> None:
        """Two items of a practice, begun or gone on with."""
        lea = self._user("U70", "Lea")
        page = await self._open(life, lea, "/quiz")
        for _ in range(2):
            page = await self._answer_item(life, lea, page)
            if not (on := _values(page, "tw1:g:")):
                break
            page = await self._press(life, lea, page, on[-1])

    async def sit(self, life: Life) -> None:
        """An exam to its end, begun or gone on with."""
        sid = self._user("U71", "Sid")
        page = await self._open(life, sid, "/exam")
        while letters := _values(page, "tw1:q:"):
            page = await self._answer_item(life, sid, page)
            place = int(letters[0].split(":")[3])
            on = [token for token in _values(page, "tw1:g:") if int(token.split(":")[3].split("~")[0]) > place]
            if not on:
                break
            page = await self._press(life, sid, page, on[0])
        if ask := _values(page, "tw1:s:"):
            page = await self._press(life, sid, page, ask[0])
            if sure := [token for token in _values(page, "tw1:s:") if "sure" in token]:
                page = await self._press(life, sid, page, sure[0])
                if re.search(r"\d+ ?%", page["text"]):
                    self.submitted.add(int(sure[0].split(":")[2]))

    async def _answer_round(self, life: Life, user: User, post: Json) -> None:
        token = self.rng.choice(_values(post, "tw1:a:"))
        number, letter = token.split("~")[0].split(":")[2:4]
        press = Press(source=0, number=int(number), place=0, user=user.id, letter=letter)
        self.presses.append(press)
        payload = self._payload(user, post, token)
        url = payload["response_url"].rpartition("/")[2]
        await life.or_died(self.slack.send("interactive", payload))
        await life.or_died(
            self.slack.until(lambda: any(seen.get("url") == url for seen in user.sees), seconds=PATIENCE)
        )
        [read] = [seen["text"] for seen in user.sees if seen.get("url") == url]
        if found := _CHOSE.search(read):
            press.told = found[1]

    async def _open(self, life: Life, user: User, line: str) -> Json:
        there = self.slack.direct(user)
        had = len(there.messages)
        await life.or_died(Hands(self.slack).command(user, self.channels[0], line))
        await life.or_died(self.slack.until(lambda: len(there.messages) > had, seconds=PATIENCE))
        page = there.newest
        if not _values(page, "tw1:q:") and (on := _values(page, "tw1:g:")):
            page = await self._press(life, user, page, on[0])
        return page

    async def _answer_item(self, life: Life, user: User, page: Json) -> Json:
        if not (letters := _values(page, "tw1:q:")):
            return page
        token = self.rng.choice(letters)
        number, place, *_, letter = token.split("~")[0].split(":")[2:]
        press = Press(source=1, number=int(number), place=int(place), user=user.id, letter=letter)
        self.presses.append(press)
        page = await self._press(life, user, page, token)
        said = {label for label, _ in controls(page)}
        found = _CHOSE.search(page["text"])
        press.told = letter if f"✓ {letter}" in said else found[1] if found else ""
        return page

    async def _press(self, life: Life, user: User, page: Json, token: str) -> Json:
        there = self.slack.direct(user)
        edits, messages = len(there.edits), len(there.messages)
        await life.or_died(self.slack.send("interactive", self._payload(user, page, token)))
        await life.or_died(
            self.slack.until(lambda: len(there.edits) > edits or len(there.messages) > messages, seconds=PATIENCE)
        )
        return there.newest

    def _payload(self, user: User, message: Json, token: str) -> Json:
        label = next(label for label, action in controls(message) if action.get("value") == token)
        return Hands(self.slack).press_payload(user, message, label)

    def _user(self, user_id: str, name: str) -> User:
        return self.slack.users.get(user_id) or self.slack.user(user_id, name)


def _values(message: Json, prefix: str) -> list[str]:
    """The tokens of the message's buttons that begin so."""
    return [v for _, action in controls(message) if (v := action.get("value") or "").startswith(prefix)]
