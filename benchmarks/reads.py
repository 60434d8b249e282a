"""Whether leaderboards and statistics stay as quick when there is more to count."""

import time
from pathlib import Path

from benchmarks.house import house, member, press_all
from benchmarks.row import Row, pair
from bot.app.actions import Command
from bot.compose import Running

SMALL, LARGE = 100, 5000
TURNS = 30


async def rows(folder: Path, *, pairs: int) -> list[Row]:
    """The leaderboard and one's own statistics with many answers stored, against few."""
    found = []
    async with house(folder / "small.db") as small, house(folder / "large.db") as large:
        await press_all(small, range(SMALL), at_once=100)
        await press_all(large, range(LARGE), at_once=100)
        for name in ("leaderboard", "stats"):
            many, few = [], []
            for _ in range(pairs):
                many.append(await _ask(large, name))
                few.append(await _ask(small, name))
            found.append(pair(f"/{name} with {LARGE:,} members / {SMALL:,}", many, few, goal="< 2", unit="us"))
    return found


async def _ask(parts: Running, name: str) -> float:
    """Microseconds for one answer to the command."""
    began = time.perf_counter()
    for number in range(TURNS):
        await parts.trapwise.command(Command(actor=member(number), name=name))
    return (time.perf_counter() - began) / TURNS * 1e6
