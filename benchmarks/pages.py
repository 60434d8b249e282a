"""The web page with today's question, in a space with a thousand members and a thousand rounds behind it."""

import asyncio
import re
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.row import Row, at_most, plain, ratio
from benchmarks.table import Bench
from bot.app import answering
from bot.app.actions import Actor, Command
from bot.app.daily import open_round
from bot.app.live import Live
from bot.app.ports import Tx
from bot.app.records import DeliveryState, NewRound
from bot.app.services import enter
from bot.compose import LOCAL, LOCAL_CHANNEL, LOCAL_OPENS, Running, core_parts, running
from bot.config import Settings, Web
from bot.core.item import LETTERS
from bot.core.refs import MemberRef, ScheduleId
from bot.core.round import shown_order
from bot.core.schedule import Reveal, Schedule

LARGE, SMALL = 1_000, 10
"""Members, and rounds that were."""

LOOKS = 60
"""Pages in each turn."""

ANSWERED = 10
"""Rounds, the latest ones, that everybody answered."""


async def rows(bench: Bench) -> list[Row]:
    """The time itself, and whether it grows."""
    async with _Web(bench.folder / "large.db", LARGE) as large, _Web(bench.folder / "small.db", SMALL) as small:
        many, few = [], []
        for _ in range(bench.pairs):
            many.append(await large.look())
            few.append(await small.look())
    meaning = f"The channel's page for a member of a space with {LARGE:,} members and {LARGE:,} rounds"
    return [
        plain(
            "web page with today's question",
            meaning=f"{meaning}: request to last byte.",
            ours=many,
            unit="ms",
            goal=at_most(5),
        ),
        ratio(
            f"web page at {LARGE:,} members and rounds / at {SMALL}",
            meaning=f"{meaning}, against a new one.",
            ours=many,
            baseline=few,
            unit="ms",
            goal=at_most(1.5),
        ),
    ]


class _Web:
    """A running space with so many members and rounds, and a browser that has joined it."""

    def __init__(self, database: Path, size: int) -> None:
        self._database, self._size = database, size
        self._settings = Settings(database=str(database), web=Web.ON, web_port=0, zone="UTC")
        self._space: Any = None
        self._cookie = self._host = ""
        self._port = 0

    async def __aenter__(self) -> "_Web":
        async with core_parts(self._settings, messengers={}, live=Live()) as parts:
            await _fill(parts, self._size)
        self._space = running(self._settings)
        parts = await self._space.__aenter__()
        admin = Actor(member=MemberRef(LOCAL, "m0"), name="Member 0", channel=LOCAL_CHANNEL, manages=True)
        await parts.trapwise.command(Command(actor=admin, name="post-now"))
        await parts.alarm.tick()
        await parts.alarm.settled()
        assert parts.web is not None
        await self._join(parts.web.url)
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._space.__aexit__(*failure)

    async def _join(self, url: str) -> None:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            async with client.get(f"{url}/") as page:
                found = re.search(r'name="csrf" value="([^"]+)"', await page.text())
            assert found is not None
            fields = {"csrf": found[1], "name": "Visitor", "code": ""}
            async with client.post(f"{url}/join", data=fields, headers={"Sec-Fetch-Site": "same-origin"}) as answer:
                assert answer.status == 200
            self._cookie = "; ".join(f"{morsel.key}={morsel.value}" for morsel in client.cookie_jar)
        self._host, port = re.findall(r"//([^:/]+):(\d+)", url)[0]
        self._port = int(port)

    async def look(self) -> float:
        """The median time in ms from the request to the last byte of the page, one after the other."""
        request = f"GET /c HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nCookie: {self._cookie}\r\n\r\n".encode()
        reader, writer = await asyncio.open_connection(self._host, self._port)
        took = []
        for _ in range(LOOKS):
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            assert head.startswith(b"HTTP/1.1 200"), head
            assert length is not None
            page = await reader.readexactly(int(length[1]))
            took.append((time.perf_counter() - began) * 1000)
            assert b"tw1:a:" in page, "there is no question to answer"
        writer.close()
        await writer.wait_closed()
        return statistics.median(took)


async def _fill(parts: Running, size: int) -> None:
    """Members, and a round for each of the past days; everybody answered the latest ones."""
    services = parts.services
    now = services.clock.now()
    pack = services.packs[services.default_pack]

    def make(tx: Tx) -> None:
        workspace = tx.people.workspace(LOCAL, "", now)
        channel = tx.people.channel(workspace.id, LOCAL_CHANNEL, LOCAL_CHANNEL.id, now)
        today = now.date()
        plan = Schedule(
            id=ScheduleId(0),
            workspace=workspace.id,
            channel=channel.id,
            pack=pack.id,
            opens=LOCAL_OPENS,
            zone=services.default_zone,
            since=today,
        )
        schedule = tx.schedules.save(plan, next_at=None, by=None, now=now)
        for number in range(size):
            day = today - timedelta(days=size - number)
            item = pack.ready[number % len(pack.ready)].filled(number)
            new = NewRound(
                workspace=workspace.id,
                channel=channel.id,
                schedule=schedule.id,
                local_date=day,
                item=item,
                order=shown_order(item, str(day)),
                opens=now,
                closes=now + timedelta(hours=8),
                reveal=Reveal.NOW,
            )
            round_ = open_round(tx, new, now)
            assert round_ is not None
            tx.rounds.set_message(workspace.id, round_.id, f"m{number}")
            if number >= size - ANSWERED:
                for person in range(size):
                    actor = Actor(member=MemberRef(LOCAL, f"m{person}"), name=f"Member {person}", channel=LOCAL_CHANNEL)
                    letter = LETTERS[person % len(round_.order)]
                    answering.answer(tx, services, enter(tx, actor, now), round_.id, letter)
            parts.daily.close_round(tx, round_, now)
            for delivery in tx.deliveries.unfinished(workspace.id, round_.id):
                tx.deliveries.mark(delivery, DeliveryState.DONE)

    await parts.storage.write(make)
