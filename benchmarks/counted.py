"""Counts the syncs of a crowd's answers: `python -m benchmarks.counted FOLDER ANSWERS AT_ONCE`, under the shim."""

import asyncio
import sys
from pathlib import Path

from benchmarks.crowd import crowd
from benchmarks.shim import syncs

CHANNELS, EACH = 20, 100


async def count(folder: Path, answers: int, at_once: int) -> float:
    """Syncs per answer, checkpoints included."""
    async with crowd(folder / f"counted-{at_once}.db", channels=CHANNELS, each=EACH) as team:
        made, before, day = 0, 0, 0
        total = 0
        while made < answers:
            rounds = await team.open(day)
            presses = team.presses(rounds, seed=day)[: answers - made]
            before = syncs()
            await team.press(presses, at_once=at_once)
            total += syncs() - before
            made, day = made + len(presses), day + 1
    return total / made


if __name__ == "__main__":
    print(asyncio.run(count(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
