"""Leaderboards, statistics and answers when five million answers are stored, against ten thousand.

The same five thousand members in fifty channels, after a thousand rounds and after two.
"""

import asyncio
import shutil
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing
from functools import partial

from benchmarks.crowd import PACK, Crowd, working_day
from benchmarks.grown import EACH, PER_DAY, deep, grown, wide
from benchmarks.row import Row, at_least, at_most, below, faster, plain, ratio
from benchmarks.table import Bench
from bot.app import stats
from bot.app.actions import Actor, Command
from bot.app.ports import Tx
from bot.app.services import enter
from bot.core.refs import ChannelId, MemberId, WorkspaceId

MANY, FEW = 5_000_000, 10_000
TURNS = 40
"""Commands in each turn, each by somebody else."""

INGESTED = 2_000
"""Answers in each turn."""

RAW_INDEXES = (
    "CREATE INDEX raw_responses ON responses (source_id, member, correct) WHERE source = 0",
    "CREATE INDEX raw_rounds ON rounds (channel, number, id)",
)
RAW = """
WITH given AS (
    SELECT r.member, o.number, r.correct,
           o.number - row_number() OVER (PARTITION BY r.member, r.correct ORDER BY o.number) AS run
    FROM rounds o JOIN responses r ON r.source = 0 AND r.source_id = o.id
    WHERE o.channel = ? AND o.number IS NOT NULL
),
scored AS (
    SELECT member, correct,
           CASE correct WHEN 1 THEN
               10 + min(row_number() OVER (PARTITION BY member, correct, run ORDER BY number) - 1, 5)
           ELSE 0 END AS points
    FROM given
)
SELECT member, sum(points) AS points, sum(correct), count(*) FROM scored GROUP BY member ORDER BY points DESC, member
"""
"""All-time points in a channel, from nothing but rounds and responses: ten for a right answer, one more for each
directly preceding round that was right, up to five."""


async def rows(bench: Bench) -> list[Row]:
    """All rows about growth."""
    found: list[Row] = []
    async with AsyncExitStack() as stack:
        many = await stack.enter_async_context(grown(MANY, folder=bench.folder, cache=bench.cache))
        few = await stack.enter_async_context(grown(FEW, folder=bench.folder, cache=bench.cache))
        many.clock.set(working_day(MANY // PER_DAY - 1))
        few.clock.set(working_day(FEW // PER_DAY - 1))
        for name, meaning, asked in (
            ("/leaderboard", "the week's leaderboard with one's own place, from command to reply", _board),
            ("weakness in each domain", "how a member does in each domain, weakest first", _weakness),
            ("/stats", "that card as a whole, with traps, weeks and the forecast, from command to reply", _stats),
        ):
            large, small = [], []
            for turn in range(bench.pairs):
                large.append(await asked(many, turn))
                small.append(await asked(few, turn))
            found.append(
                ratio(
                    f"{name} at 5,000,000 answers / at 10,000",
                    meaning=f"Median time for {meaning}.",
                    ours=large,
                    baseline=small,
                    unit="us",
                    goal=below(1.5),
                )
            )
        found.append(await _against_raw(bench, many))
        found.append(await _ingest(bench, many, few))
    return found


async def sizes(bench: Bench) -> list[Row]:
    """Bytes on disk per answer, at a million."""
    found = []
    for words, kept in (
        ("1,000 members with 1,000 each", await deep(bench.cache)),
        ("5,000 members with 200 each", await wide(bench.cache)),
    ):
        size = (await asyncio.to_thread(kept.stat)).st_size
        found.append(
            plain(
                f"bytes on disk per answer, {words}",
                meaning="The whole file at 1,000,000 answers: answers, rounds, members, and all that is counted.",
                ours=[size / 1_000_000],
                unit="bytes",
                goal=at_most(60),
                counted=True,
            )
        )
    return found


async def _board(team: Crowd, turn: int) -> float:
    return await _ask(team, "leaderboard", turn=turn)


async def _stats(team: Crowd, turn: int) -> float:
    return await _ask(team, "stats", turn=turn)


async def _weakness(team: Crowd, turn: int) -> float:
    pack, now = team.parts.services.packs[PACK], team.clock.now()

    async def look(actor: Actor) -> None:
        assert await team.parts.storage.read(lambda tx: stats.weakness(tx, enter(tx, actor, now), pack))

    return await _median(team, look, turn=turn)


async def _ask(team: Crowd, name: str, *, turn: int, text: str = "") -> float:
    """Microseconds for one answer to the command; the median over some members."""

    async def ask(actor: Actor) -> None:
        reply = await team.parts.trapwise.command(Command(actor=actor, name=name, text=text))
        assert reply.card is not None

    return await _median(team, ask, turn=turn)


async def _median(team: Crowd, ask: Callable[[Actor], Awaitable[None]], *, turn: int) -> float:
    took = []
    for number in range(TURNS):
        actor = team.actor((turn * TURNS + number) * 37 % (team.channels * team.each))
        began = time.perf_counter()
        await ask(actor)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e6


async def _against_raw(bench: Bench, many: Crowd) -> Row:
    """The all-time leaderboard of a channel, a hundred members and a hundred thousand answers."""
    copy = bench.folder / "raw.db"
    shutil.copyfile(bench.cache / f"{MANY}.db", copy)
    ours, raw = [], []
    with closing(sqlite3.connect(copy)) as db:
        for statement in RAW_INDEXES:
            db.execute(statement)
        db.execute("ANALYZE")
        for turn in range(bench.pairs):
            channel = ChannelId(1 + turn * 7)
            kept = await many.parts.storage.read(partial(_all_time, channel=channel))
            ours.append(await _ask(many, "leaderboard", turn=turn, text="all"))
            began = time.perf_counter()
            counted = db.execute(RAW, (channel,)).fetchall()
            raw.append((time.perf_counter() - began) * 1e6)
            assert kept == counted, f"the leaderboard of channel {channel} isn't what the answers say"
    return faster(
        "leaderboard at 5,000,000 answers / counted from the answers",
        meaning="All time, with one's own place and streaks, against SQL over the raw answers of the channel with "
        "covering indexes; both give the same rows.",
        ours=ours,
        baseline=raw,
        unit="us",
        goal=at_least(300),
    )


def _all_time(tx: Tx, *, channel: ChannelId) -> list[tuple[int, int, int, int]]:
    board = tx.standings.ranking(WorkspaceId(1), channel, 0, member=MemberId(0), top=EACH)
    return [(score.member, score.points, score.right, score.answered) for score in board.top]


async def _ingest(bench: Bench, many: Crowd, few: Crowd) -> Row:
    large: list[float] = []
    small: list[float] = []
    for turn in range(bench.pairs):
        for team, rates, first in ((many, large, MANY // PER_DAY), (few, small, FEW // PER_DAY)):
            presses = team.presses(await team.open(first + turn), seed=turn)[:INGESTED]
            rates.append(len(presses) / await team.press(presses, at_once=100))
    return ratio(
        "ingest at 5,000,000 answers / at 10,000",
        meaning="Durable answers per second with a hundred members pressing at once, when much is stored already.",
        ours=large,
        baseline=small,
        unit="answers/s",
        goal=at_least(1 / 8),
    )
