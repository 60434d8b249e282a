"""Durable answers per second in one, two and three processes on one PostgreSQL, beside SQLite in one process.

All of it on this machine: the processes, the server and whoever presses share its cores. With two of them that is what
the figures show; on machines of their own, three processes have three times the cores and the server has its own.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.crowd import Crowd, crowd, working_day
from benchmarks.row import Row, at_least, missing, ratio
from benchmarks.table import Bench
from bot.app.actions import Press
from bot.core.refs import RoundId, WorkspaceId
from bot.core.round import Round

CHANNELS, EACH = 20, 50
AT_ONCE = 99
"""Members who press at the same time, over all processes."""

MOST = 3

_MEANING = "Durable answers per second, a hundred members pressing at once, with {0} on one PostgreSQL that syncs each "
_MEANING += "commit, against one process {1}. Everything shares this machine's cores."

GOALS = {1: 0.05, 2: 0.75, 3: 0.75}
"""One is beside SQLite, which needs no round trips: PostgreSQL is for what one machine can't carry, not for speed. More
are beside one: they share these cores with it, so all that can be asked of them is that they don't hinder one another.
"""


async def rows(bench: Bench) -> list[Row]:
    """One row for each number of processes."""
    from tests.support.pg_server import MISSING, PgServer, programs

    names = {
        number: f"answers in {number} processes on PostgreSQL / in one"
        if number > 1
        else "answers on PostgreSQL / SQLite"
        for number in GOALS
    }
    if programs() is None:
        return [
            missing(
                names[number],
                meaning=_MEANING.format(_said(number), "there" if number > 1 else "with SQLite"),
                goal=at_least(goal),
                why=MISSING,
            )
            for number, goal in GOALS.items()
        ]
    bench.folder.chmod(0o755)  # noqa: S103  where we are root the server runs as somebody else
    server = PgServer.made(bench.folder, fsync="on", full_page_writes="on", shared_buffers="256MB")
    try:
        found = await compare(bench.folder / "ours.db", server.fresh(), pairs=bench.pairs)
    finally:
        server.remove()
    return [
        ratio(
            names[number],
            meaning=_MEANING.format(_said(number), "there" if number > 1 else "with SQLite"),
            ours=found[number],
            baseline=found[1 if number > 1 else 0],
            unit="answers/s",
            goal=at_least(goal),
        )
        for number, goal in GOALS.items()
    ]


async def compare(file: Path, url: str, *, pairs: int) -> dict[int, list[float]]:
    """Answers per second in turns, by the number of processes; 0 is SQLite."""
    found: dict[int, list[float]] = {number: [] for number in range(MOST + 1)}
    async with AsyncExitStack() as stack:
        small = await stack.enter_async_context(crowd(file, channels=CHANNELS, each=EACH))
        large = await stack.enter_async_context(crowd(url, channels=CHANNELS, each=EACH))
        workers = [await stack.enter_async_context(_worker(url)) for _ in range(MOST)]
        for turn in range(pairs + 1):
            day = turn * (MOST + 1)
            presses = small.presses(await small.open(day), seed=turn)
            rates = [len(presses) / await small.press(presses, at_once=AT_ONCE)]
            for number in range(1, MOST + 1):
                rounds = await large.open(day + number)
                rates.append(await _together(workers[:number], [round_.id for round_ in rounds], day + number))
            if turn:  # the first warms everything up
                for number, rate in enumerate(rates):
                    found[number].append(rate)
    return found


async def _together(workers: Sequence[asyncio.subprocess.Process], rounds: list[RoundId], day: int) -> float:
    """Everybody answers, each worker a part of them; answers per second until the last is done."""
    for number, worker in enumerate(workers):
        await _tell(worker, {"rounds": rounds, "day": day, "part": number, "parts": len(workers)})
    for worker in workers:
        await _hear(worker)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for worker in workers:
        await _tell(worker, "go")
    done = [await _hear(worker) for worker in workers]
    return sum(map(int, done)) / (loop.time() - began)


@asynccontextmanager
async def _worker(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.processes",
        url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _tell(worker: asyncio.subprocess.Process, what: object) -> None:
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(what).encode() + b"\n")
    await worker.stdin.drain()


async def _hear(worker: asyncio.subprocess.Process) -> str:
    assert worker.stdout is not None
    line = await worker.stdout.readline()
    assert line, "a process has ended"
    return line.decode()


async def work(url: str) -> None:
    """Press what is asked for on standard input, until that ends."""
    loop = asyncio.get_running_loop()
    async with crowd(url, channels=CHANNELS, each=EACH) as team:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            job = json.loads(line)
            presses = await _presses(team, job)
            print("ready", flush=True)
            await loop.run_in_executor(None, sys.stdin.readline)
            await team.press(presses, at_once=AT_ONCE // job["parts"])
            print(len(presses), flush=True)


async def _presses(team: Crowd, job: Any) -> list[Press]:
    """A worker's part of them."""

    rounds: list[Round] = []
    for number in job["rounds"]:
        found = await team.parts.storage.read(lambda tx, n=number: tx.rounds.get(WorkspaceId(1), RoundId(n)))  # type: ignore[misc]  # mypy can't infer it
        assert found is not None
        rounds.append(found)
    team.clock.set(working_day(job["day"]))
    return team.presses(rounds, seed=job["day"], people=range(job["part"], CHANNELS * EACH, job["parts"]))


def _said(number: int) -> str:
    return "one process" if number == 1 else f"{number} processes"


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
