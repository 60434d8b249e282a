"""What a durable answer costs, against the same statements committed one by one."""

import asyncio
import sqlite3
import time
from pathlib import Path

from benchmarks.house import house, press_all
from benchmarks.row import Row, pair

PEOPLE = 1000


async def rows(folder: Path, *, pairs: int) -> list[Row]:
    """Answers per second at 100 pressing at once, and at one, each against commit-per-answer."""
    crowd: list[float] = []
    alone: list[float] = []
    plain: list[float] = []
    async with house(folder / "answers.db") as parts:
        for turn in range(pairs):
            first = turn * 2 * PEOPLE
            crowd.append(PEOPLE / await press_all(parts, range(first, first + PEOPLE), at_once=100))
            few = range(first + PEOPLE, first + PEOPLE + PEOPLE // 5)
            alone.append(len(few) / await press_all(parts, few, at_once=1))
            plain.append(await _commit_each(folder / f"plain-{turn}.db"))
    return [
        pair("durable answers, 100 at once / commit per answer", crowd, plain, goal=">= 1", unit="per s"),
        pair("durable answers, one at a time / commit per answer", alone, plain, goal=">= 0.3", unit="per s"),
    ]


async def _commit_each(path: Path) -> float:
    """An insert and twelve upserts per answer, as ours has, on one connection under a lock; answers per second."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(
        "CREATE TABLE answer (round INTEGER, member INTEGER, choice TEXT, PRIMARY KEY (round, member)) WITHOUT ROWID"
    )
    db.execute("CREATE TABLE total (kind INTEGER, member INTEGER, n INTEGER, PRIMARY KEY (kind, member)) WITHOUT ROWID")
    lock = asyncio.Lock()

    def one(number: int) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO answer VALUES (1, ?, 'a') ON CONFLICT DO NOTHING", (number,))
        for kind in range(12):
            db.execute(
                "INSERT INTO total VALUES (?, ?, 1) ON CONFLICT (kind, member) DO UPDATE SET n = n + 1", (kind, number)
            )
        db.execute("COMMIT")

    async def answer(number: int) -> None:
        async with lock:
            await asyncio.to_thread(one, number)

    began = time.perf_counter()
    for first in range(0, PEOPLE, 100):
        await asyncio.gather(*(answer(number) for number in range(first, first + 100)))
    took = time.perf_counter() - began
    db.close()
    return PEOPLE / took
