"""Kills the bot on Slack again and again on one database, and checks after each kill. `make crash PLATFORM=slack N=500`

python -m tests.support.crash_slack 500 [seed]

Slack lets us look into no channel. So besides what holds on every platform (confirmed answers are there once and
counted, no round is posted twice, every due one is posted or skipped) this holds: where nobody can tell whether a
post arrived, either its first press tells it, or whoever set the channel up is told.
"""

import asyncio
import json
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.app.rebuild import rebuild
from storage import open_storage
from storage.backup import copy, examine
from tests.support.crash_slack_load import Died, Life, Load
from tests.support.wire_discord_house import small_content
from tests.support.wire_slack import FakeSlack
from tests.support.wire_slack_members import Hands, controls

MONDAY = date(2020, 11, 23)
OPENS = 9
RANDOM, STARTING = "at a random instant", "at a random instant of the start"

AWAY = (timedelta(seconds=5), timedelta(minutes=20), timedelta(hours=3), timedelta(days=1), timedelta(days=4))
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
    (RANDOM, 0),
    (RANDOM, 0),
    (STARTING, 0),
)
"""Where to kill, in turn, and at most how often that is passed in a day."""

_ROUND = re.compile(r"tw1:[aw]:(\d+):")


@dataclass(slots=True)
class Crash:
    """A team on Slack whose bot is killed."""

    folder: Path
    load: Load
    rng: random.Random
    now: datetime
    lives: int = 0
    start: float = 1.0
    day: float = 1.0
    unsure: set[int] = field(default_factory=set)  # kept here, as old deliveries are cleared out
    done: Counter[str] = field(default_factory=Counter)

    @property
    def database(self) -> Path:
        return self.folder / "trapwise.db"

    async def begin(self) -> None:
        """A first life, in which the channels are set up."""
        life = await self._life("")
        slack, hands, admin = self.load.slack, Hands(self.load.slack), self.load.admin
        for channel in self.load.channels:
            await hands.command(admin, channel, "/trapwise setup")
            await slack.until(lambda: admin.views)
            await hands.submit(admin, admin.views[0], time=f"{OPENS:02}:00", zone="UTC")
            await slack.until(lambda it=channel: it.messages)  # type: ignore[misc]  # a bound default
        await life.kill()

    async def kill(self, point: str, most: int) -> None:
        """One life, ended at the point; then look at what it left."""
        fault = f"{point}:{self.rng.randint(1, most)}" if most else ""
        life = await self._life(fault, settled=False)
        ends = [asyncio.create_task(self._end_at_random(life, self.start if point == STARTING else None))]
        try:
            began = time.monotonic()
            await self._recover(life)
            self.start, began = time.monotonic() - began, time.monotonic()
            ends.append(asyncio.create_task(self._end_at_random(life, self.day if point == RANDOM else None)))
            await self._day(life)
            self.day = time.monotonic() - began
            if fault:
                raise AssertionError(f"the bot never reached {fault}")
        except Died:
            pass
        finally:
            for end in ends:
                end.cancel()
            await life.kill()
        assert await life.gone == -signal.SIGKILL, f"it ended by itself:\n{self._log()}"
        await self._check_dead()
        self.now += self.rng.choice(AWAY)

    async def finish(self) -> None:
        """A last life that is let live."""
        life = await self._life("", settled=False)
        try:
            await self._recover(life)
        finally:
            await life.kill()
        await self._check_dead()

    async def _life(self, fault: str, *, settled: bool = True) -> Life:
        await self.load.slack.until(lambda: not self.load.slack.sockets)
        life = await Life.start(self.folder, self.load.slack, self.now, fault)
        self.lives += 1
        if settled:
            await life.settled()
        return life

    async def _end_at_random(self, life: Life, within: float | None) -> None:
        if within is not None:
            await asyncio.sleep(within * self.rng.random())
            await life.kill()

    async def _recover(self, life: Life) -> None:
        """Wait until what the last life left is done, and check it. Now and then somebody presses meanwhile."""
        await life.settled()
        if self.rng.random() < 0.5:
            await self.load.answer(life)
        for _ in range(60):
            waiting = self._unfinished()
            if not waiting:
                break
            self.now = max(self.now, waiting[0]) + timedelta(seconds=20)
            await life.at(self.now)
        self._check_recovered()
        self.done["recoveries checked"] += 1

    async def _day(self, life: Life) -> None:
        """The next school day, with members at work from its opening to its close."""
        day = self.now.date() + timedelta(days=1)
        while day.weekday() >= 5:
            day += timedelta(days=1)
        self.now = datetime(day.year, day.month, day.day, OPENS, 0, 1, tzinfo=UTC)
        await life.at(self.now)
        await self.load.everything(life)
        self.now += timedelta(hours=8)
        await life.at(self.now)

    def _log(self) -> str:
        return (self.folder / "bot.log").read_text()[-4000:]

    def _unfinished(self) -> list[datetime]:
        with _read(self.database) as db:
            rows = db.execute(
                """SELECT try_at FROM deliveries
                   WHERE state IN ('waiting', 'trying') AND kind <> 'notice' AND try_at <= ?""",
                ((self.now + timedelta(hours=1)).timestamp() * 1000,),
            )
            return sorted(datetime.fromtimestamp(ms / 1000, UTC) for (ms,) in rows)

    def _posted(self) -> dict[int, list[str]]:
        """The messages of each round."""
        found: dict[int, list[str]] = defaultdict(list)
        for channel in self.load.channels:
            for stamp, message in channel.messages.items():
                values = (action.get("value") or "" for _, action in controls(message))
                for number in {int(match[1]) for value in values if (match := _ROUND.match(value))}:
                    found[number].append(stamp)
        return dict(found)

    async def _check_dead(self) -> None:
        """Right after the kill: what was confirmed is there, once, and counted."""
        with tempfile.TemporaryDirectory() as folder:
            copied = Path(folder) / "copy.db"
            copy(self.database, copied)
            assert examine(copied).faults == ()
            storage = await open_storage(str(copied))
            try:
                assert await storage.maintain(rebuild) == ()
            finally:
                await storage.close()
            with _read(copied) as db:
                self._rounds_answered(db)
                self._attempts(db)

    def _check_recovered(self) -> None:
        """When a life has settled: every due round was posted once and is known, or is accounted for."""
        posted = self._posted()
        assert [stamps for stamps in posted.values() if len(stamps) > 1] == [], "a round is in its channel twice"
        with _read(self.database) as db:
            rounds = db.execute(
                """SELECT c.ref, o.local_date, o.id, o.state, o.message
                   FROM rounds o JOIN channels c ON c.id = o.channel"""
            ).fetchall()
            given_up = db.execute("SELECT round, error FROM deliveries WHERE kind = 'post' AND state = 'given_up'")
            self.unsure |= {number for number, error in given_up if error == "can't tell whether it arrived"}
        days = Counter((ref, day) for ref, day, *_ in rounds)
        assert [key for key, count in days.items() if count > 1] == []
        for channel in self.load.channels:
            missing = [day for day in self._due() if (channel.id, day.isoformat()) not in days]
            assert missing == [], f"neither posted nor recorded as skipped: {missing}"
        assert set(posted) <= {number for _, _, number, *_ in rounds}, "posted, but not recorded"
        told = [
            m for m in self.load.slack.direct(self.load.admin).messages.values() if "can't tell whether" in m["text"]
        ]
        assert len(told) >= len(self.unsure), "nobody was told of a post that nobody can find"
        for ref, day, number, state, message in rounds:
            where = f"round {number} of {day}, {state}"
            if state == "skipped":
                assert number not in posted or number in self.unsure, f"{where}: it was posted"
            elif message is None:
                assert number in self.unsure, f"{where}: it waits for nothing"
            else:
                assert posted.get(number) == [message], f"{where}: {message}, posted {posted.get(number)}"
                shown = self.load.slack.channels[ref].messages[message]
                open_ = any((action.get("value") or "").startswith("tw1:a:") for _, action in controls(shown))
                assert open_ == (state == "open"), f"{where}, and its message isn't"

    def _due(self) -> list[date]:
        days = [MONDAY + timedelta(days=n) for n in range((self.now.date() - MONDAY).days + 1)]
        return [d for d in days if d.weekday() < 5 and datetime(d.year, d.month, d.day, OPENS, tzinfo=UTC) <= self.now]

    def _rounds_answered(self, db: sqlite3.Connection) -> None:
        shown = dict(db.execute("SELECT id, shown FROM rounds"))
        rows = db.execute(
            """SELECT r.source_id, m.ref, r.choice FROM responses r
               JOIN members m ON m.id = r.member AND m.workspace = r.workspace WHERE r.source = 0"""
        ).fetchall()
        saved = {(number, ref): "ABCDE"[shown[number].index(choice)] for number, ref, choice in rows}
        assert len(rows) == len(saved), "somebody answered a round twice"
        pressed = defaultdict(set)
        for press in (press for press in self.load.presses if press.source == 0):
            pressed[press.number, press.user].add(press.letter)
            assert not press.told or saved.get((press.number, press.user)) == press.told, f"{press} is lost"
        for key, letter in saved.items():
            assert letter in pressed[key], f"{key} never chose {letter}"

    def _attempts(self, db: sqlite3.Connection) -> None:
        attempts = {
            number: (sitting, json.loads(form), json.loads(answers), progress)
            for number, sitting, form, answers, progress in db.execute(
                "SELECT id, sitting, form, answers, progress FROM attempts"
            )
        }
        possible: dict[tuple[int, int], set[str]] = defaultdict(set)
        for press in (press for press in self.load.presses if press.source == 1):
            key = (press.number, press.place)
            order = attempts[press.number][1][press.place][1]
            if press.told:
                possible[key] = {order["ABCDE".index(press.told)]}
            else:
                possible[key] |= {order["ABCDE".index(press.letter)], ""}
        for (number, place), options in possible.items():
            kept = attempts[number][2].get(str(place), "")
            assert kept in options or ("" in options and not kept), f"attempt {number}, {place}: {kept}, not {options}"
        for number in self.load.submitted:
            assert attempts[number][3] == "submitted", f"exam {number} was confirmed as handed in"


@contextmanager
def _read(database: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        yield db
    finally:
        db.close()


async def kills(
    folder: Path, times: int, *, seed: int, told: Callable[[str], None] = lambda line: None
) -> Counter[str]:
    """Kill so often, point after point; the counts. AssertionError with what was lost or doubled."""
    rng, counts = random.Random(seed), Counter[str]()  # noqa: S311  no secret comes of it
    small_content(folder / "content", items=60)
    slack = await FakeSlack().start()
    channels = (slack.channel("C1", "exam-prep"), slack.channel("C2", "evening"))
    load = Load(slack, slack.user("U0", "Ana", admin=True), channels, rng)
    crash = Crash(folder, load, rng, datetime(2020, 11, 23, 8, 0, tzinfo=UTC))
    try:
        await crash.begin()
        for number in range(times):
            point, most = POINTS[number % len(POINTS)]
            try:
                await crash.kill(point, most)
            except BaseException:
                told(f"kill {number + 1}, {point}, seed {seed}; files in {folder}")
                raise
            counts[point] += 1
        await crash.finish()
        # How quick answers are is shown elsewhere; here the machine is busy with starts.
        assert [problem for problem in slack.problems if "was acknowledged after" not in problem] == []
        confirmed = sum(bool(press.told) for press in load.presses)
        crash.done |= Counter({"answers confirmed": confirmed, "posts of unknown fate, told": len(crash.unsure)})
        told(", ".join(f"{count} {what}" for what, count in crash.done.items()))
    finally:
        await slack.stop()
    return counts


def main(times: int, seed: int) -> None:
    """Print the counts."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="crash-slack-"))
    counts = asyncio.run(kills(folder, times, seed=seed, told=print))
    shutil.rmtree(folder)  # what failed stays, to be looked at
    for point, count in sorted(counts.items()):
        print(f"{count:5}  {point}")
    print(f"{counts.total():5}  kills in {time.monotonic() - began:.0f} s, seed {seed}; nothing lost, nothing doubled")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32))
