"""Ten thousand channels in twelve zones, all due at one instant: one process for ours, one for a job per channel.

    python -m benchmarks.zones prepare|ours|jobs DATABASE CHANNELS

`ours` and `jobs` print as JSON: the longest block of the loop and the start of the last post, in milliseconds after
the instant, and the memory that waiting for it takes, in MB.
"""

import asyncio
import contextlib
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app.live import Live
from bot.app.ports import Tx
from bot.compose import Running, core_parts
from bot.config import Settings
from bot.core.item import Item
from bot.core.pack import Pack
from bot.core.refs import (
    ChannelId,
    ChannelRef,
    MemberRef,
    MessageRef,
    Platform,
    RevisionId,
    RoundId,
    ScheduleId,
    WorkspaceId,
    WorkspaceRef,
)
from bot.core.round import Round, State, shown_order
from bot.core.schedule import Reveal, Schedule
from bot.packs.loader import load_packs
from bot.view import roundcards
from bot.view.card import Card
from bot.view.roundcards import Shown

ZONES = (
    *("Pacific/Auckland", "Australia/Sydney", "Asia/Tokyo", "Asia/Kolkata", "Asia/Dubai", "Europe/Athens"),
    *("Europe/Berlin", "Europe/London", "America/Sao_Paulo", "America/New_York", "America/Denver", "UTC"),
)
DUE = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""A Tuesday, in all of the zones but the easternmost, where it is Wednesday."""

PACK = "databricks-ml-associate"
LEAD, LEAD_EACH = 2.0, 0.0015
"""Seconds between the start and the instant, and more for each job that has to be added until then."""

LONG_BEFORE = 3600.0
"""Seconds."""

PER_SPACE = 50
"""Channels of a workspace."""


class OffsetClock:
    """Runs like the machine's clock, with `DUE` an hour ahead until it is set."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self.set(LONG_BEFORE)

    def set(self, lead: float) -> None:
        """Have the instant come in so many seconds."""
        self._offset = DUE - datetime.now(UTC) - timedelta(seconds=lead)

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC) + self._offset


class Posts:
    """Notes when each post begins, and takes no time over it."""

    def __init__(self) -> None:
        self.began: list[float] = []
        self.noted = 0
        self._wanted = 0
        self._all = asyncio.Event()

    async def post(self, channel: ChannelRef, card: Card, *, key: str) -> MessageRef:
        """Note it."""
        self.began.append(time.perf_counter())
        self._look()
        return MessageRef(channel, f"m{len(self.began)}")

    def note(self) -> None:
        """One post is noted by whoever asked for it."""
        self.noted += 1
        self._look()

    async def wait(self, posts: int, *, noted: bool) -> None:
        """Until there are so many, and if wanted noted too."""
        self._wanted = posts * (2 if noted else 1)
        self._look()
        async with asyncio.timeout(300):
            await self._all.wait()

    def _look(self) -> None:
        if self._wanted and len(self.began) + self.noted >= self._wanted:
            self._all.set()

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Nothing is edited here."""

    async def find(self, channel: ChannelRef, *, key: str) -> MessageRef | None:
        """Nothing was posted before."""
        return None

    async def tell(self, member: MemberRef, card: Card) -> None:
        """Nobody is told anything."""


class Blocks:
    """Measures how long the loop was blocked."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.perf_counter() - before - 0.001)


async def prepare(database: Path, channels: int) -> None:
    """A database with the channels and their schedules."""
    async with _parts(database, Posts(), OffsetClock()) as parts:

        def make(tx: Tx, first: int) -> None:
            for number in range(first, min(first + 500, channels)):
                zone = ZoneInfo(ZONES[number % len(ZONES)])
                space = WorkspaceRef(Platform.SLACK, f"T{number // PER_SPACE:05}")
                workspace = tx.people.workspace(space, "Bench", DUE)
                channel = tx.people.channel(workspace.id, ChannelRef(space, f"C{number:05}"), f"c{number}", DUE)
                plan = Schedule(
                    id=ScheduleId(0),
                    workspace=workspace.id,
                    channel=channel.id,
                    pack=PACK,
                    opens=DUE.astimezone(zone).time(),
                    zone=zone,
                    since=DUE.astimezone(zone).date(),
                    weekdays=frozenset(range(7)),
                )
                tx.schedules.save(plan, next_at=DUE, by=None, now=DUE - timedelta(days=1))

        for first in range(0, channels, 500):
            await parts.storage.write(lambda tx, first=first: make(tx, first))  # type: ignore[misc]  # mypy can't infer it


async def ours(database: Path, channels: int) -> dict[str, float]:
    """The product: its own alarm, use case and outbox."""
    posts, blocks, clock = Posts(), Blocks(), OffsetClock()
    async with _parts(database, posts, clock) as parts:
        before = memory()
        await parts.alarm.start()
        waiting = memory() - before
        clock.set(LEAD)
        due = time.perf_counter() + LEAD
        await parts.alarm.tick()
        await asyncio.sleep(due - time.perf_counter() - 0.2)
        watch = asyncio.create_task(blocks.watch())
        try:
            await posts.wait(channels, noted=False)
        finally:
            watch.cancel()
            await parts.alarm.stop()
    return _found(blocks, posts, due, waiting)


async def jobs(database: Path, channels: int) -> dict[str, float]:
    """One APScheduler job for each channel, which does what is to be done for it: choose, save, draw, post, note."""
    import aiosqlite
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from apscheduler.triggers.cron import CronTrigger

    from bot.core.selection import choose

    pack = load_packs(Settings().content)[PACK]
    posts, blocks = Posts(), Blocks()
    lock = asyncio.Lock()
    async with aiosqlite.connect(database) as db:
        await db.execute("PRAGMA journal_mode = WAL")
        await db.execute("PRAGMA synchronous = FULL")
        await db.execute(
            "CREATE TABLE rounds (id INTEGER PRIMARY KEY, channel INTEGER, day TEXT, item TEXT, message TEXT)"
        )
        await db.execute("CREATE UNIQUE INDEX one_a_day ON rounds (channel, day)")

        async def post(number: int) -> None:
            ref = ChannelRef(WorkspaceRef(Platform.SLACK, f"T{number // PER_SPACE:05}"), f"C{number:05}")
            async with lock:
                async with db.execute("SELECT item FROM rounds WHERE channel = ? ORDER BY id", (number,)) as cursor:
                    had = [item async for (item,) in cursor]
                choice = choose(pack.ready, had, pack.blueprint, seed=str(number))
                assert choice is not None
                await db.execute(
                    "INSERT INTO rounds (channel, day, item) VALUES (?, '2026-11-24', ?)", (number, choice.item.id)
                )
                await db.commit()
            card = roundcards.question(_shown(number, choice.item, pack), 0, datetime.now(UTC))
            message = await posts.post(ref, card, key=str(number))
            async with lock:
                await db.execute("UPDATE rounds SET message = ? WHERE channel = ?", (message.id, number))
                await db.commit()
            posts.note()

        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
        lead = LEAD + channels * LEAD_EACH
        at = (datetime.now(UTC) + timedelta(seconds=lead)).replace(microsecond=0)
        before = memory()
        for number in range(channels):
            zone = ZoneInfo(ZONES[number % len(ZONES)])
            local = at.astimezone(zone)
            trigger = CronTrigger(hour=local.hour, minute=local.minute, second=local.second, timezone=zone)
            scheduler.add_job(post, trigger, args=[number], id=str(number))
        scheduler.start()
        waiting = memory() - before
        left = (at - datetime.now(UTC)).total_seconds()
        assert left > 0, "adding the jobs took too long"
        due = time.perf_counter() + left
        await asyncio.sleep(left - 0.2)
        watch = asyncio.create_task(blocks.watch())
        try:
            await posts.wait(channels, noted=True)
        finally:
            watch.cancel()
            scheduler.shutdown(wait=False)
    return _found(blocks, posts, due, waiting)


def _shown(number: int, item: Item, pack: Pack) -> Shown:
    round_ = Round(
        id=RoundId(number + 1),
        workspace=WorkspaceId(1),
        channel=ChannelId(number + 1),
        schedule=ScheduleId(number + 1),
        number=1,
        local_date=DUE.date(),
        revision=RevisionId(1),
        item=item,
        order=shown_order(item, str(number)),
        opens=DUE,
        closes=DUE + timedelta(hours=8),
        reveal=Reveal.NOW,
        state=State.OPEN,
    )
    return Shown(round_, pack, ZoneInfo("UTC"))


def memory() -> float:
    """Resident memory of this process in MB (Linux only)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def _parts(database: Path, posts: Posts, clock: OffsetClock) -> contextlib.AbstractAsyncContextManager[Running]:
    settings = Settings(database=str(database), zone="UTC")
    return core_parts(settings, messengers={Platform.SLACK: posts}, live=Live(), clock=clock)


def _found(blocks: Blocks, posts: Posts, due: float, waiting: float) -> dict[str, float]:
    return {"block": blocks.longest * 1000, "last": (max(posts.began) - due) * 1000, "memory": waiting}


def main() -> None:
    """One of the three."""
    kind, database, channels = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if kind == "prepare":
        asyncio.run(prepare(database, channels))
    else:
        print(json.dumps(asyncio.run((ours if kind == "ours" else jobs)(database, channels))))


if __name__ == "__main__":
    main()
