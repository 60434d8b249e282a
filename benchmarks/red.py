"""Beside Red-DiscordBot, whose trivia is what a Discord server would use instead: one score saved after the other."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from benchmarks.crowd import Crowd, crowd
from benchmarks.grown import answer_all
from benchmarks.row import Row, at_least, missing, ratio
from benchmarks.table import Bench

VERSION = "3.5.24"
CASES = ((10, 2, 200), (1_000, 8, 100), (100_000, 400, 4))
"""Members, the goal, and how many scores Red saves in each turn."""

SAVED = 500
"""Answers of ours in each turn: a quarter of a second, as the first ones after another program ran are slower."""


async def rows(bench: Bench) -> list[Row]:
    """A row for each number of members."""
    found = []
    python, why = _installed(bench.cache / "red")
    for members, goal, saves in CASES:
        name = f"answers at {members:,} members / Red's score store"
        meaning = (
            "Answers saved one after the other, with all that we count, against Red's trivia saving a score; "
            "it writes all members' scores anew each time, and only at the end of a game."
        )
        if python is None:
            found.append(missing(name, meaning=meaning, goal=at_least(goal), why=why))
            continue
        ours, theirs = [], []
        each = min(members, 100)
        async with crowd(bench.folder / f"{members}.db", channels=members // each, each=each) as team:
            await answer_all(team, await team.open(0), seed=0)
            coming = count(1)
            for turn in range(bench.pairs):
                ours.append(SAVED / await _answer(team, coming))
                folder = bench.folder / f"red-{members}-{turn}"
                folder.mkdir()
                script = Path(__file__).with_name("red_store.py")
                command = [str(python), str(script), str(folder), str(members), str(saves)]
                theirs.append(await asyncio.to_thread(_rate, command))
        found.append(ratio(name, meaning=meaning, ours=ours, baseline=theirs, unit="answers/s", goal=at_least(goal)))
    return found


async def _answer(team: Crowd, days: Iterator[int]) -> float:
    """Seconds for `SAVED` answers one after the other, on as many days as it takes."""
    saved, took = 0, 0.0
    while saved < SAVED:
        day = next(days)
        presses = team.presses(await team.open(day), seed=day)[: SAVED - saved]
        # What is noted of the posts is no part of the answers.
        await team.parts.services.storage.read(lambda _: None)
        took += await team.press(presses, at_once=1)
        saved += len(presses)
    return took


def _rate(command: list[str]) -> float:
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _installed(place: Path) -> tuple[Path | None, str]:
    """The interpreter of an environment with Red, made if need be; and why there is none."""
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        install = [str(python), "-m", "pip", "install", "--quiet", f"Red-DiscordBot=={VERSION}"]
        try:
            subprocess.run([sys.executable, "-m", "venv", place], check=True, capture_output=True)
            subprocess.run(install, check=True, capture_output=True, timeout=300)
        except (subprocess.SubprocessError, OSError) as error:
            return None, f"Red-DiscordBot {VERSION} can't be installed here: {error}"
        (place / "ready").touch()
    return python, ""
