"""`make soak MINUTES=30`: steady load on the real bot, and whether its memory grows.

A day of the teams passes every half minute: questions are posted, everybody answers, they close, the next day comes. So
sixty days go by in half an hour, and what comes only after some weeks, such as charts, has come within the warm-up.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.load.platforms import LoadDiscord, LoadSlack
from benchmarks.load.process import Bot, started, trapwise
from benchmarks.load.slope import slope, typical
from benchmarks.load.teams import DiscordTeam, SlackTeam, Team
from tests.support.wire_slack_house import HTTP, SOCKET

FIRST_DAY = datetime(2031, 11, 24, 8, 30, tzinfo=UTC)
PRESSES_PER_SECOND, DAY = 80.0, 30.0
CHANNELS = 20
DAYS_BEFORE, ANSWERS_BEFORE, LETTERS_SHOWN = 300, 25, 5
"""Days that pass beforehand, how many answer in each channel then, and how many at once, each letter somebody's.

Once most items were asked and most options explained, what is kept of their texts is full.
"""

SAMPLED_EVERY = 10.0
WARM_UP = 0.25
"""The share of the soak that isn't judged: caches fill, and every member acts for the first time."""

PAGE_CACHE = 8_000
"""KiB of the database that SQLite may keep in memory here, a quarter of what it usually may. Until it has so many pages
each new one is kept, and with those before the soak it has: so what grows isn't the database.
"""

PAGE_COST = 1.07
"""What a page takes in memory beside its size: SQLite's notes on it, and malloc's."""

ALLOWED = 100.0
"""KiB a minute that memory may surely grow besides: 140 MB a day, at a load of 7 million answers a day."""

COMMANDS = (
    "leaderboard",
    "stats",
    "quiz",
    "traps",
    "cram",
    "tip",
    "review",
    "exam",
    "trapwise help",
    "trapwise settings",
)


@dataclass(slots=True)
class Soak:
    """One soak: what was done, and the samples (minutes, KiB resident, KiB of the database).

    With `traced`, the bot's log has after each day which lines of code hold more memory than a day before.
    """

    bot: Bot
    teams: Sequence[Team]
    fakes: tuple[LoadSlack, LoadDiscord]
    rng: random.Random
    database: Path
    done: Counter[str] = field(default_factory=Counter)
    traced: bool = False
    samples: list[tuple[float, int, int]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, minutes: float) -> None:
        """Day after day, until the minutes are over."""
        day = FIRST_DAY
        for _ in range(DAYS_BEFORE):
            await self._day_before(day)
            day += timedelta(days=1)
        self.done.clear()
        began = time.monotonic()
        sampling = asyncio.create_task(self._sample(began))
        try:
            while time.monotonic() - began < minutes * 60:
                await self._day(day, min(DAY, began + minutes * 60 - time.monotonic()))
                day += timedelta(days=1)
        finally:
            sampling.cancel()

    async def _open(self, day: datetime) -> None:
        before = tuple(team.rounds() for team in self.teams)
        await self._tell(day.replace(hour=9, second=1, minute=0).isoformat())
        for team, old in zip(self.teams, before, strict=True):
            await team.posted(old)

    async def _close(self, day: datetime) -> None:
        await self._tell(day.replace(hour=17, second=1, minute=0).isoformat())
        for fake in self.fakes:
            fake.trim()

    async def _day_before(self, day: datetime) -> None:
        await self._open(day)
        for first in range(0, ANSWERS_BEFORE, LETTERS_SHOWN):
            await asyncio.gather(
                *(
                    self._press(team, channel, channel * 1000 + first + letter, letter)
                    for team in self.teams
                    for channel in range(team.channels)
                    for letter in range(LETTERS_SHOWN)
                )
            )
        await self._close(day)

    async def _day(self, day: datetime, seconds: float) -> None:
        await self._open(day)
        everybody = [
            (team, channel, member)
            for team in self.teams
            for channel in range(team.channels)
            for member in range(int(PRESSES_PER_SECOND * DAY / CHANNELS))
        ]
        self.rng.shuffle(everybody)
        began = time.monotonic()
        for number, (team, channel, member) in enumerate(everybody):
            instant = number / PRESSES_PER_SECOND
            if instant > seconds:
                break
            await asyncio.sleep(max(0.0, began + instant - time.monotonic()))
            self._start(self._press(team, channel, channel * 1000 + member, self.rng.randrange(5)))
            if number % int(PRESSES_PER_SECOND) == 0:
                line = COMMANDS[self.done["commands"] % len(COMMANDS)]
                self.done["commands"] += 1
                self._start(self._ask(team, channel, channel * 1000 + member, line))
        if self.tasks:
            await asyncio.wait(self.tasks)
        await self._close(day)
        self.done["days"] += 1
        if self.traced:
            await self._tell("memory")

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _press(self, team: Team, channel: int, member: int, letter: int) -> None:
        try:
            outcome = await team.press(channel, member, letter)
        except Exception as error:
            self.faults[f"a press on {team.name}: {error!r}"] += 1
            return
        self.done["presses"] += 1
        if outcome.acknowledged > 3:
            self.faults["acknowledged too late"] += 1

    async def _ask(self, team: Team, channel: int, member: int, line: str) -> None:
        try:
            await team.ask(channel, member, line)
        except Exception as error:
            self.faults[f"/{line} on {team.name}: {error!r}"] += 1

    async def _tell(self, line: str) -> None:
        self.bot.said = ""
        await self.bot.tell(line)
        await self.bot.until_said("settled")

    async def _sample(self, began: float) -> None:
        while True:
            self.samples.append(((time.monotonic() - began) / 60, self.bot.resident(), pages(self.database)))
            await asyncio.sleep(SAMPLED_EVERY)

    def lines(self) -> list[str]:
        """What it came to, for people to read."""
        last = self.samples[-1][0]
        judged = [sample for sample in self.samples if sample[0] >= WARM_UP * last]
        minutes = [minute for minute, _, _ in judged]
        whole = slope(minutes, [float(resident) for _, resident, _ in judged])
        cached = [resident - min(PAGE_COST * database, PAGE_CACHE) for _, resident, database in judged]
        rest = slope(minutes, cached)
        steady = typical(minutes, [float(resident) for _, resident, _ in judged]), typical(minutes, cached)
        if steady[1] > ALLOWED:
            self.faults[f"memory grows by more than {ALLOWED:.0f} KiB a minute"] += 1
        return [
            f"{last:.0f} minutes: {self.done['presses']:,} presses, {self.done['commands']:,} commands, "
            f"{self.done['days']} days in {CHANNELS} channels; the database grew to {judged[-1][2] / 1024:.1f} MB",
            f"  memory: {self.samples[0][1] / 1024:.1f} MB at first, {judged[0][1] / 1024:.1f} MB after the warm-up, "
            f"{judged[-1][1] / 1024:.1f} MB at the end",
            f"  slope after the warm-up: {whole.slope:+.1f} ± {whole.margin:.1f} KiB a minute, "
            f"{rest.slope:+.1f} ± {rest.margin:.1f} without the database's pages (least squares, 95 % intervals)",
            f"  between any two samples, in the median: {steady[0]:+.1f} KiB a minute, "
            f"{steady[1]:+.1f} without the database's pages",
            *(f"  BROKEN, {count} times: {fault}" for fault, count in self.faults.most_common(10)),
        ]


def pages(database: Path) -> int:
    """KiB that the database has, those in its log included."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        (count,), (size,) = db.execute("PRAGMA page_count").fetchone(), db.execute("PRAGMA page_size").fetchone()
    return int(count * size) // 1024


async def soak(folder: Path, minutes: float, *, socket: bool, traced: bool) -> Soak:
    """Let it run in an empty folder."""
    slack, discord = LoadSlack(), LoadDiscord()
    await slack.start()
    await discord.start()
    settings = {"SLACK_API_BASE_URL": slack.api, **(SOCKET if socket else HTTP), **discord.environment()}
    if traced:
        settings["PYTHONTRACEMALLOC"] = "1"
    teams: tuple[Team, ...] = (DiscordTeam(discord, CHANNELS // 2), SlackTeam(slack, CHANNELS // 2, name="slack"))
    try:
        arguments = ("-m", "benchmarks.load.clocked", FIRST_DAY.isoformat(), str(PAGE_CACHE))
        async with started(folder, settings, arguments=arguments) as bot:
            await bot.until_said("settled")
            slack.http = bot.slack_url()
            await discord.connected()
            for team in teams:
                await team.set_up()
            found = Soak(bot, teams, (slack, discord), random.Random(1), folder / "trapwise.db", traced=traced)
            await found.run(minutes)
            await bot.stop()
        code, said = await trapwise(folder, "data", "check")
        if code != 0:
            found.faults[said] += 1
        found.faults.update([*slack.problems, *discord.faults])
        return found
    finally:
        await slack.stop()
        await discord.stop()


def main() -> None:
    """Print what it came to; the exit code is 1 if something is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--socket", action="store_true", help="Slack by Socket Mode instead of signed HTTP")
    parser.add_argument("--traced", action="store_true", help="log what grows; slow")
    parser.add_argument("--samples", type=Path, help="write the samples there: minutes, KiB, KiB of the database")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=Path.cwd(), prefix=".load-"))
    found = asyncio.run(soak(folder, given.minutes, socket=given.socket, traced=given.traced))
    print("\n".join(found.lines()), flush=True)
    if given.samples:
        given.samples.write_text(
            "".join(f"{minute:.3f} {resident} {database}\n" for minute, resident, database in found.samples),
            encoding="utf-8",
        )
    if given.traced:
        print(folder)
        return
    if found.faults:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
