"""Three bots on one PostgreSQL serve Discord and Slack, while one after another of them, or the server, is taken away.

python -m tests.support.crash_scale 20 [seed]     `make crash-scale N=20`

Members press until they are told that their answer is saved, whoever it is that answers. What they were told must be
in the database, once, and counted; every due round must be in its channel, once.
"""

import asyncio
import json
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from storage.postgres_connection import connect
from tests.support.crash_bot import environment
from tests.support.crash_checks import differences
from tests.support.crash_load import said
from tests.support.pg_proxy import PgProxy
from tests.support.pg_server import PgServer
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, buttons, small_content
from tests.support.wire_discord_world import Channel, Person
from tests.support.wire_slack import FakeSlack, User
from tests.support.wire_slack_house import SOCKET
from tests.support.wire_slack_members import Hands, labels

BOTS = 3
MONDAY = datetime(2020, 11, 23, 8, 0, tzinfo=UTC)
PEOPLE = 6
"""Members who answer in each channel."""

WITHIN = 100.0
"""Seconds in which everybody is answered at last, whatever was taken away: leases, log-ins and patience add up."""

_CHOSE = re.compile(r"(?:Right: |ou chose |ou already chose )([A-E])\b")
_ROUND = re.compile(r"tw1:[aw]:(\d+):")


class ScaleBot:
    """One of the processes. Its time is told; what it says about that is read and dropped."""

    def __init__(self, process: asyncio.subprocess.Process, database: str) -> None:
        self.process, self.database = process, database
        self.frozen = False
        self.settled = asyncio.Event()
        self._reading = asyncio.create_task(self._read(), name="a bot's output")

    @classmethod
    async def start(cls, folder: Path, database: str, at: datetime, more: dict[str, str]) -> "ScaleBot":
        """Start it at that instant."""
        with (folder / "bots.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.support.crash_process", at.isoformat()),
                cwd=folder,
                env=environment(folder, "", database, **more),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        return cls(process, database)

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self.process.returncode is None

    def tell(self, at: datetime) -> None:
        """Let it be that late."""
        assert self.process.stdin is not None
        with suppress(ConnectionError):
            self.process.stdin.write(f"{at.isoformat()}\n".encode())

    def freeze(self, frozen: bool) -> None:
        """Stop the process where it is, or let it go on."""
        self.frozen = frozen
        self.process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    async def kill(self) -> None:
        """SIGKILL."""
        if self.lives:
            self.process.kill()
        await self.process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while await self.process.stdout.readline():
            self.settled.set()


@dataclass
class Told:
    """What one member of one place was told about one round."""

    round: int
    member: str
    letter: str


@dataclass
class Scale:
    """Everything that runs."""

    folder: Path
    server: PgServer
    database: str
    proxy: PgProxy
    discord: FakeDiscord
    slack: FakeSlack
    rng: random.Random
    outage: float
    now: datetime = MONDAY
    bots: list[ScaleBot] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    days: list[datetime] = field(default_factory=list)

    async def start_bot(self, place: int) -> None:
        """Start the bot at this place; the last one is behind the network that can fail."""
        url = self.proxy.url(self.database) if place == BOTS - 1 else self.database
        more = {**self.discord.environment(), **SOCKET, "SLACK_API_BASE_URL": self.slack.api}
        bot = await ScaleBot.start(self.folder, url, self.now, more)
        self.bots[place : place + 1] = [bot]

    async def begin(self) -> None:
        """Start all, wait for all shards, and set every channel up."""
        for number in range(BOTS):
            guild = self.discord.guild(number=(900_000 + number) << 22)
            self.channels.append(self.discord.channel(guild))
        slack_channel = self.slack.channel("C1", "exam-prep")
        boss = self.slack.user("U0", "Ada", admin=True)
        for place in range(BOTS):
            await self.start_bot(place)
        await self.until(self.all_shards, "not all shards are served")
        await self.until(lambda: self.slack.sockets, "Slack is not connected")
        for channel in self.channels:
            opened = await self.discord.command(ADMIN, channel, "trapwise-admin setup")
            await asyncio.wait_for(opened.answered.wait(), 30)
            await self.discord.answer(await self.discord.submit(opened, time="09:00", zone="UTC"))
        hands = Hands(self.slack)
        await hands.command(boss, slack_channel, "/trapwise setup")
        await self.until(lambda: boss.views, "Slack shows no form")
        await hands.submit(boss, boss.views[0], time="09:00", zone="UTC")
        self._rounds()

    def all_shards(self) -> bool:
        """Whether every shard has a living connection."""
        open_ = {session.shard[0] for session in self.discord.gateway.sessions if session.socket is not None}
        return len(open_) == BOTS

    async def day(self, disturb: str) -> None:
        """A day: questions are posted at nine and answered by all, while something is taken away."""
        self.now += timedelta(days=1 if self.days else 0)
        while self.now.weekday() >= 5:
            self.now += timedelta(days=1)
        self.now = self.now.replace(hour=9, minute=0, second=1)
        self.days.append(self.now)
        early = self.rng.random() < 0.5
        disturbing = asyncio.create_task(self._disturb(disturb)) if early else None
        # It is taken away before nine, not in the midst of a post: whether Slack has that one nobody can find out until
        # somebody presses, so that it isn't posted again, and there would be nothing to wait for.
        await asyncio.sleep(0)
        self._tell_all()
        await self.until(self._all_posted, "not everything was posted", seconds=WITHIN + self.outage)
        disturbing = disturbing or asyncio.create_task(self._disturb(disturb))
        await self._everybody()
        await disturbing
        self.now = self.now.replace(hour=17, minute=0, second=1)
        self._tell_all()
        await self.until(self._all_revealed, "not everything was closed", seconds=WITHIN + self.outage)
        await self.check()
        self.done[disturb] += 1

    def _tell_all(self) -> None:
        for bot in self.bots:
            bot.tell(self.now)

    async def _disturb(self, what: str) -> None:
        await asyncio.sleep(self.rng.random() * 0.5)
        place = self.rng.randrange(BOTS)
        match what:
            case "kill":
                await self.bots[place].kill()
                await self.start_bot(place)
            case "leave":
                # Nobody takes its place for a while: the others have to do its work.
                await self.bots[place].kill()
                await asyncio.sleep(self.outage)
                await self.start_bot(place)
            case "restart" | "crash":
                await asyncio.to_thread(self.server.restart, signal.SIGINT if what == "restart" else signal.SIGQUIT)
            case "freeze":
                self.bots[place].freeze(True)
                await asyncio.sleep(self.outage)
                self.bots[place].freeze(False)
                self.bots[place].tell(self.now)
            case "cut":
                self.proxy.hush(True)
                await asyncio.sleep(self.outage)
                self.proxy.hush(False)
            case _:
                pass

    async def _everybody(self) -> None:
        pressing = [
            self._press_discord(channel, Person(id=600 + n, name=f"Member {n}"))
            for channel in self.channels
            for n in range(PEOPLE)
        ]
        for n in range(PEOPLE):
            pressing.append(
                self._press_slack(self.slack.users.get(f"U{n + 1}") or self.slack.user(f"U{n + 1}", f"M{n}"))
            )
        async with asyncio.timeout(WITHIN + self.outage):
            await asyncio.gather(*pressing)

    async def _press_discord(self, channel: Channel, person: Person) -> None:
        """Press until told; whoever isn't answered presses another letter, as people do."""
        post = self.discord.posts(channel)[-1]
        while True:
            token = self.rng.choice([t for t in _ids(post) if t.startswith("tw1:a:")])
            pressed = await self.discord.press(person, post, token)
            with suppress(TimeoutError):
                await asyncio.wait_for(pressed.finished.wait(), 6)
            found = _CHOSE.search(said(pressed)) if pressed.finished.is_set() else None
            if found is not None:
                self.told.append(Told(int(token.split(":")[2]), f"discord {person.id} {channel.guild}", found[1]))
                return
            self.done["pressed in vain"] += 1
            await asyncio.sleep(0.3)

    async def _press_slack(self, user: User) -> None:
        hands, channel = Hands(self.slack), self.slack.channels["C1"]
        post = channel.newest
        number = int(_ROUND.search(json.dumps(post))[1])  # type: ignore[index]  # it was posted
        while True:
            label = self.rng.choice([one for one in labels(post) if re.fullmatch("[A-E]", one)])
            seen = len(user.sees)
            self.rng.shuffle(self.slack.sockets)
            try:
                await hands.press(user, post, label)
                await self.slack.until(lambda seen=seen: len(user.sees) > seen, seconds=6)  # type: ignore[misc]
            except (TimeoutError, AssertionError, ConnectionError):
                self.done["pressed in vain"] += 1
            found = _CHOSE.search(json.dumps(user.sees[seen:]))
            if found is not None:
                self.told.append(Told(number, f"slack {user.id} T1", found[1]))
                return
            await asyncio.sleep(0.3)

    def _rounds(self) -> dict[str, list[int]]:
        """The rounds in each channel, in the order of their messages."""
        found: dict[str, list[int]] = {}
        for channel in self.channels:
            posts = self.discord.posts(channel)
            found[str(channel.id)] = [int(m[1]) for post in posts if (m := _ROUND.search(json.dumps(post)))]
        messages = self.slack.channels["C1"].messages.values()
        found["C1"] = [int(m[1]) for message in messages if (m := _ROUND.search(json.dumps(message)))]
        return found

    def _all_posted(self) -> bool:
        return all(len(rounds) >= len(self.days) for rounds in self._rounds().values())

    def _all_revealed(self) -> bool:
        open_ = [
            post for channel in self.channels for post in self.discord.posts(channel) if "tw1:a:" in json.dumps(post)
        ]
        open_ += [one for one in self.slack.channels["C1"].messages.values() if "tw1:a:" in json.dumps(one)]
        return not open_

    async def until(self, true: Callable[[], Any], otherwise: str, *, seconds: float = 60) -> None:
        """Wait for something that the fakes will show."""
        end = time.monotonic() + seconds
        while not true():
            dead = [bot for bot in self.bots if not bot.lives and bot.process.returncode != -signal.SIGKILL]
            if dead or time.monotonic() > end:
                log = (self.folder / "bots.log").read_text()[-6000:]
                raise AssertionError(f"{otherwise if not dead else 'a bot has ended by itself'}; {self.done}\n{log}")
            await asyncio.sleep(0.05)

    async def check(self) -> None:
        """Everything that must hold."""
        for name, rounds in self._rounds().items():
            twice = [number for number, count in Counter(rounds).items() if count > 1]
            assert twice == [], f"rounds that are twice in {name}: {twice}"
            assert len(rounds) == len(self.days), f"{name} has {len(rounds)} questions after {len(self.days)} days"
        with closing(connect(self.database)) as db:
            rounds_of = db.execute(
                "SELECT c.ref, o.local_date, count(*) FROM rounds o JOIN channels c ON c.id = o.channel GROUP BY 1, 2"
            ).fetchall()
            assert {count for *_, count in rounds_of} == {1}
            assert len(rounds_of) == len(self.days) * (BOTS + 1)
            assert db.execute("SELECT count(*) FROM rounds WHERE state = 'skipped'").fetchone() == (0,)
            messages = db.execute("SELECT count(*), count(DISTINCT message) FROM rounds").fetchone()
            assert messages == (len(rounds_of), len(rounds_of)), "a round without its message"
            saved = {
                (number, f"{platform} {member} {'T1' if platform == 'slack' else workspace}"): shown.index(choice)
                for number, platform, member, workspace, shown, choice in db.execute(
                    """SELECT r.source_id, w.platform, m.ref, w.ref, o.shown, r.choice FROM responses r
                       JOIN members m ON m.id = r.member JOIN workspaces w ON w.id = r.workspace
                       JOIN rounds o ON o.id = r.source_id WHERE r.source = 0"""
                )
            }
        for told in self.told:
            assert (told.round, told.member) in saved, f"{told} was confirmed and is lost"
            assert "ABCDE"[saved[told.round, told.member]] == told.letter, f"{told}, but another is saved"
        assert len(saved) == len(self.told) == len(self.days) * (BOTS + 1) * PEOPLE
        found = await differences(self.database)
        assert found == (), f"counts that aren't what the answers say: {found}"
        self.done["answers"] = len(saved)

    async def end(self) -> None:
        """Kill all."""
        for bot in self.bots:
            if bot.frozen and bot.lives:
                bot.freeze(False)
            await bot.kill()


def _ids(message: dict[str, Any]) -> list[str]:
    return [str(part.get("custom_id", "")) for part in buttons(message)]


async def days(
    folder: Path, server: PgServer, disturbances: list[str], *, seed: int, outage: float, told: Callable[[str], None]
) -> Counter[str]:
    """One day for each disturbance; the counts. AssertionError with what was lost or doubled."""
    small_content(folder / "content", items=40)
    discord, slack = await FakeDiscord(shards=BOTS).start(), await FakeSlack().start()
    discord.max_concurrency, discord.deadline = 16, 30.0
    proxy = await PgProxy(server.folder).start()
    rng = random.Random(seed)  # noqa: S311  no secret comes of it
    scale = Scale(folder, server, server.migrated(), proxy, discord, slack, rng, outage)
    try:
        await scale.begin()
        for number, disturb in enumerate(disturbances):
            began = time.monotonic()
            try:
                await scale.day(disturb)
            except BaseException:
                told(f"day {number + 1}, {disturb}, seed {seed}; files in {folder}")
                raise
            told(f"day {number + 1}, {disturb}: {time.monotonic() - began:.0f} s")
    finally:
        await scale.end()
        await proxy.stop()
        await discord.stop()
        await slack.stop()
    return scale.done


def main(times: int, seed: int) -> None:
    """Print what was done; a minute's outage each."""
    folder = Path(tempfile.mkdtemp(prefix="crash-scale-"))
    rng = random.Random(seed)  # noqa: S311  no secret comes of it
    kinds = ["nothing", "kill", "restart", "leave", "crash", "cut", "freeze"]
    wanted = [kinds[n % len(kinds)] if n < len(kinds) else rng.choice(kinds) for n in range(times)]
    counts = asyncio.run(days(folder, PgServer.made(), wanted, seed=seed, outage=60.0, told=print))
    shutil.rmtree(folder)  # what failed stays, to be looked at
    print(f"{dict(counts)}, seed {seed}; nothing lost, nothing doubled, nothing skipped")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32))
