"""Kills the bot again and again on one database, and checks after each kill. `make crash N=500`

python -m tests.support.crash_run 500 [seed]
"""

import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from storage.backup import back_up
from tests.support import crash_checks as checks
from tests.support.crash_bot import CrashBot, Died, environment
from tests.support.crash_load import Load, everything
from tests.support.crash_migration import killed_while_migrating
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, small_content

MONDAY = date(2020, 11, 23)
RANDOM, STARTING = "at a random instant", "at a random instant of the start"

DAYS = 3
"""School days within which a fault is reached."""

AWAY = (
    timedelta(seconds=5),
    timedelta(minutes=20),
    timedelta(hours=3),
    timedelta(days=1),
    timedelta(days=4),
    timedelta(minutes=-30),  # the machine's clock was wrong
)
"""How much later the bot is started again."""

POINTS: tuple[tuple[str, int], ...] = (
    ("after_round_committed", 1),
    ("before_post", 2),
    ("after_post", 2),
    ("after_response_committed", 16),
    ("during_close", 2),
    ("before_reveal", 2),
    ("after_reveal", 2),
    ("during_exam_submit", 1),
    ("during_backup", 2),
    ("during_migration", 0),
    (RANDOM, 0),
    (RANDOM, 0),
    (RANDOM, 0),
    (STARTING, 0),
)
"""Where to kill, in turn, and at most how often that is passed in a day."""


@dataclass(slots=True)
class Crash:
    """A team whose bot is killed."""

    folder: Path
    discord: FakeDiscord
    load: Load
    rng: random.Random
    now: datetime
    latest: datetime
    url: str = ""
    lives: int = 0
    start: float = 1.0
    day: float = 1.0
    done: Counter[str] = field(default_factory=Counter)

    @property
    def database(self) -> str:
        return self.url or str(self.folder / "trapwise.db")

    async def kill(self, point: str, most: int) -> None:
        """One life, ended at the point; then look at what it left."""
        fault = f"{point}:{self.rng.randint(1, most)}" if most and point != "during_backup" else ""
        self.discord.gateway.cut()
        # As if Discord had been asked again only after it had forgotten which posts it saw.
        self.discord._nonces.clear()
        bot = await CrashBot.start(self.folder, self.discord, self.now, fault, self.url)
        ends = [asyncio.create_task(self._end_at_random(bot, self.start if point == STARTING else None))]
        try:
            began = time.monotonic()
            await self._recover(bot)
            self.start, began = time.monotonic() - began, time.monotonic()
            ends.append(asyncio.create_task(self._end_at_random(bot, self.day if point == RANDOM else None)))
            # Once more where somebody was told to try again, as on a machine that is busy, and gave up for that day.
            for _ in range(DAYS if fault else 1):
                await self._day(bot, backing_up=point == "during_backup")
            self.day = time.monotonic() - began
            if fault:
                raise AssertionError(f"the bot never reached {fault}")
        except Died:
            pass
        finally:
            for end in ends:
                end.cancel()
            await bot.kill()
        assert await bot.ended(), f"it ended by itself:\n{(self.folder / 'bot.log').read_text()[-4000:]}"
        await checks.check_dead(self.database, self.load)
        self.latest = max(self.latest, self.now)
        self.now += self.rng.choice(AWAY)

    async def finish(self) -> None:
        """A last life that is let live."""
        bot = await CrashBot.start(self.folder, self.discord, self.now, "", self.url)
        try:
            await self._recover(bot)
        finally:
            await bot.kill()
        await checks.check_dead(self.database, self.load)

    async def begin(self) -> None:
        """A first life, in which the channels are set up."""
        bot = await CrashBot.start(self.folder, self.discord, self.now, "", self.url)
        await bot.settled()
        await self.discord.connected()
        for channel in self.load.channels:
            opened = await self.discord.command(ADMIN, channel, "trapwise-admin setup")
            await bot.or_died(opened.answered.wait())
            await self.discord.answer(await self.discord.submit(opened, time="09:00", zone="UTC"))
        await bot.kill()

    async def _end_at_random(self, bot: CrashBot, within: float | None) -> None:
        if within is not None:
            await asyncio.sleep(within * self.rng.random())
            await bot.kill()

    async def _recover(self, bot: CrashBot) -> None:
        """Wait until what the last life left is done, and check it."""
        await bot.settled()
        await bot.or_died(self.discord.connected(self.lives + 1))
        for _ in range(8):
            waiting = checks.unfinished(self.database, self.now)
            if not waiting:
                break
            self.now = max(self.now, waiting[0]) + timedelta(seconds=20)
            await bot.at(self.now)
        if self.lives:
            self.latest = max(self.latest, self.now)
            checks.check_recovered(self.database, self.load, self.now, latest=self.latest, since=MONDAY)
            self.done["recoveries checked"] += 1

    async def _day(self, bot: CrashBot, *, backing_up: bool) -> None:
        """The next school day, with members at work from its opening to its close."""
        day = self.now.date() + timedelta(days=1)
        while day.weekday() >= 5:
            day += timedelta(days=1)
        await self._at(bot, datetime(day.year, day.month, day.day, 9, 0, 1, tzinfo=UTC))
        if backing_up:
            await asyncio.gather(everything(bot, self.load), self._backup_killed())
        else:
            await everything(bot, self.load)
        await self._at(bot, self.now + timedelta(hours=8))

    async def _at(self, bot: CrashBot, instant: datetime) -> None:
        self.now = instant
        await bot.at(instant)

    async def _backup_killed(self) -> None:
        """Kill a backup; the bot doesn't notice, nothing bears the backup's name, and the next one is whole."""
        target = self.folder / "backups" / f"{self.rng.getrandbits(40):x}.db"
        fault = f"during_backup:{self.rng.randint(1, 2)}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "data", "backup", str(target)),
            cwd=self.folder,
            env=environment(self.folder, fault),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, error = await process.communicate()
        assert process.returncode == -9, f"the backup was not killed: {error.decode()}"
        assert not target.exists()
        made = await asyncio.to_thread(back_up, Path(self.database), target)
        assert made.faults == ()
        target.unlink()


async def kills(
    folder: Path, times: int, *, seed: int, url: str = "", told: Callable[[str], None] = lambda line: None
) -> Counter[str]:
    """Kill so often, point after point; the counts. AssertionError with what was lost or doubled.

    On the PostgreSQL database at `url` if one is given; backups and migrations are then left out.
    """
    points = [pair for pair in POINTS if not url or pair[0] not in ("during_backup", "during_migration")]
    rng, counts = random.Random(seed), Counter[str]()  # noqa: S311  no secret comes of it
    small_content(folder / "content")
    discord = await FakeDiscord().start()
    discord.deadline = 10.0  # how quick answers are is shown elsewhere; here the machine is busy with starts
    guild = discord.guild()
    load = Load(discord, (discord.channel(guild), discord.channel(guild, name="evening")), rng)
    first = datetime(2020, 11, 23, 8, 0, tzinfo=UTC)
    crash = Crash(folder, discord, load, rng, first, first, url)
    try:
        await crash.begin()
        crash.lives = 1
        for number in range(times):
            point, most = points[number % len(points)]
            try:
                if point == "during_migration":
                    await killed_while_migrating(folder / f"old-{number}", rng)
                else:
                    crash.lives = len(discord.gateway.sessions)
                    await crash.kill(point, most)
            except BaseException:
                told(f"kill {number + 1}, {point}, seed {seed}; files in {folder}")
                raise
            counts[point] += 1
        crash.lives = len(discord.gateway.sessions)
        await crash.finish()
        assert discord.faults == []
        told(
            ", ".join(f"{count} {what}" for what, count in (crash.done + checks.summary(crash.database, load)).items())
        )
    finally:
        await discord.stop()
    return counts


def main(times: int, seed: int) -> None:
    """Print the counts."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    counts = asyncio.run(kills(folder, times, seed=seed, told=print))
    shutil.rmtree(folder)  # what failed stays, to be looked at
    for point, count in sorted(counts.items()):
        print(f"{count:5}  {point}")
    print(f"{counts.total():5}  kills in {time.monotonic() - began:.0f} s, seed {seed}; nothing lost, nothing doubled")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32))
