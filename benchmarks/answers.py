"""Durable answers per second, beside commit-per-answer as people write it."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks import shim
from benchmarks.crowd import PACK, Crowd, crowd
from benchmarks.peers.work import Desk
from benchmarks.row import Row, at_least, missing, ratio
from benchmarks.table import Bench
from bot.app.actions import Press
from bot.core.refs import ChannelId, ScheduleId, WorkspaceId
from bot.core.round import Round
from bot.core.schedule import Schedule

CHANNELS, EACH = 20, 100
AT_ONCE = 100
SLOWER = 0.004
"""Seconds that each sync takes longer on a slow disk."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Answers per second, pair by pair."""

    ours: list[float]
    plain: list[float]
    mapped: list[float]


async def rows(bench: Bench) -> list[Row]:
    """The same people answer the same questions in turns: in ours and in both peers, then on a slow disk."""
    found = await compare(bench.folder, pairs=bench.pairs, plain=400, mapped=200)
    return [
        ratio(
            "answers at 100 at once / aiosqlite",
            meaning="Durable answers per second while a hundred members press, against the same work with a commit "
            "for each answer on aiosqlite under a lock.",
            ours=found.ours,
            baseline=found.plain,
            unit="answers/s",
            goal=at_least(15),
        ),
        ratio(
            "answers at 100 at once / SQLAlchemy",
            meaning="The same against SQLAlchemy's ORM on aiosqlite.",
            ours=found.ours,
            baseline=found.mapped,
            unit="answers/s",
            goal=at_least(30),
        ),
        _slow(bench),
    ]


def _slow(bench: Bench) -> Row:
    name = "answers at 100 at once on a slow disk / aiosqlite"
    meaning = f"The same against aiosqlite, on a disk that takes {SLOWER * 1000:.0f} ms longer for each sync."
    goal = at_least(40)
    try:
        library = shim.build(bench.folder)
    except shim.NoCompilerError as error:
        return missing(name, meaning=meaning, goal=goal, why=str(error))
    folder = bench.folder / "slow"
    folder.mkdir()
    found = json.loads(shim.run(library, "benchmarks.answers", (folder, bench.pairs), extra=SLOWER))
    return ratio(name, meaning=meaning, ours=found["ours"], baseline=found["plain"], unit="answers/s", goal=goal)


async def compare(folder: Path, *, pairs: int, plain: int, mapped: int) -> Rates:
    """Measure in turns; the peers take only the first `plain` and `mapped` answers of each turn, as they are slow."""
    from benchmarks.peers.locked import locked

    rates = Rates([], [], [])
    async with AsyncExitStack() as stack:
        team = await stack.enter_async_context(crowd(folder / "ours.db", channels=CHANNELS, each=EACH))
        desk = desk_of(team)
        by_hand = await stack.enter_async_context(locked(folder / "locked.db", desk))
        if mapped:
            from benchmarks.peers.orm import orm

            by_orm = await stack.enter_async_context(orm(folder / "orm.db", desk))
        for day in range(pairs + 1):
            rounds: list[Round] = await team.open(day)
            presses = team.presses(rounds, seed=day)
            await by_hand.add_rounds(rounds)
            ours = len(presses) / await team.press(presses, at_once=AT_ONCE)
            plainly = plain / await closed_loop(by_hand.answer, presses[:plain])
            if mapped:
                await by_orm.add_rounds(rounds)
                rate = mapped / await closed_loop(by_orm.answer, presses[:mapped])
                rates.mapped.extend([rate] if day else [])
            if day:  # the first day warms all of them up, and makes most of the rows
                rates.ours.append(ours)
                rates.plain.append(plainly)
    return rates


def desk_of(team: Crowd) -> Desk:
    """What the peers need of the product's packs."""
    plan = Schedule(
        id=ScheduleId(1),
        workspace=WorkspaceId(1),
        channel=ChannelId(1),
        pack=PACK,
        opens=team.clock.now().time(),
        zone=ZoneInfo("UTC"),
        since=team.clock.now().date(),
    )
    return Desk(team, {}, team.parts.services.packs[PACK], plan)


async def closed_loop(answer: Callable[[Press], Awaitable[object]], presses: Sequence[Press]) -> float:
    """Make the presses as `Crowd.press` does; seconds it took."""
    coming = iter(presses)

    async def caller() -> None:
        for press in coming:
            await answer(press)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    return time.perf_counter() - began


if __name__ == "__main__":
    slow = asyncio.run(compare(Path(sys.argv[1]), pairs=int(sys.argv[2]), plain=200, mapped=0))
    print(json.dumps({"ours": slow.ours, "plain": slow.plain}))
