"""aiosqlite as its documentation shows it: one connection, a statement at a time, a commit for each answer.

A lock makes each answer a transaction of its own. Without one, callers' statements mix, one commits the other's half
answers, and a rollback takes another's with it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite

from benchmarks.peers.work import TABLES, Answered, Asked, Desk, ms
from bot.app.actions import Press
from bot.core.review import Memory, rate
from bot.core.round import Round
from bot.core.scoring import Standing, answered
from bot.core.weakness import Tally


@dataclass(frozen=True, slots=True)
class Locked:
    """The peer, on its own file."""

    db: aiosqlite.Connection
    lock: asyncio.Lock
    desk: Desk

    async def add_people(self) -> None:
        """The same channels and members as ours."""
        crowd = self.desk.crowd
        await self.db.execute("INSERT INTO workspaces VALUES (1, 'slack', ?)", (crowd.actor(0).member.workspace.id,))
        for number in range(crowd.channels):
            await self.db.execute("INSERT INTO channels VALUES (?, 1, ?)", (number + 1, crowd.channel(number).id))
            await self.db.execute("INSERT INTO schedules VALUES (?, 'UTC')", (number + 1,))
        await self.db.executemany(
            "INSERT INTO members VALUES (?, 1, ?, ?)",
            [
                (number + 1, actor.member.id, actor.name)
                for number in range(crowd.channels * crowd.each)
                for actor in [crowd.actor(number)]
            ],
        )
        await self.db.commit()

    async def add_rounds(self, rounds: Sequence[Round]) -> None:
        """The rounds that were opened in ours."""
        await self.db.executemany(
            "INSERT INTO rounds VALUES (?, ?, ?, 'open', ?)",
            [(r.id, place + 1, r.number, ms(r.closes)) for place, r in enumerate(rounds)],
        )
        await self.db.commit()
        self.desk.rounds.update({round_.id: round_ for round_ in rounds})

    async def answer(self, press: Press) -> object:
        """Save one answer, and draw the feedback."""
        asked = self.desk.asked(press)
        async with self.lock:
            try:
                found = await self._record(asked)
                await self.db.commit()
            except BaseException:
                await self.db.rollback()
                raise
        return self.desk.drawn(asked, *found)

    async def _record(self, asked: Asked) -> tuple[Answered, Standing, int, Tally]:
        (workspace,) = await self._one(
            "SELECT id FROM workspaces WHERE platform = 'slack' AND ref = ?", (asked.workspace,)
        )
        (channel,) = await self._one(
            "SELECT id FROM channels WHERE workspace = ? AND ref = ?", (workspace, asked.channel)
        )
        member, _ = await self._one(
            "SELECT id, name FROM members WHERE workspace = ? AND ref = ?", (workspace, asked.member)
        )
        number, state, _ = await self._one(
            "SELECT number, state, closes_at FROM rounds WHERE id = ? AND channel = ?", (asked.round, channel)
        )
        assert state == "open"
        await self._one("SELECT zone FROM schedules WHERE channel = ?", (channel,))
        prior = await self._find("SELECT choice FROM responses WHERE member = ? AND round = ?", (member, asked.round))
        assert prior is None
        done = self.desk.judged(asked)
        domain, right = done.item.domain, int(done.right)
        await self.db.execute(
            "INSERT INTO responses VALUES (?, ?, ?, ?, ?)",
            (member, asked.round, done.option.id, right, ms(done.at)),
        )
        await self.db.execute(
            "INSERT INTO tallies VALUES (?, ?, 1) ON CONFLICT (round, choice) DO UPDATE SET count = count + 1",
            (asked.round, done.option.id),
        )
        await self.db.execute(
            """INSERT INTO domain_tallies VALUES (?, ?, ?, 1, ?, ?, ?)
               ON CONFLICT (member, domain, channel) DO UPDATE SET
               answered = answered + 1, correct = correct + excluded.correct, weight = weight + excluded.weight,
               weight_correct = weight_correct + excluded.weight_correct""",
            (member, domain, channel, right, done.weight, done.weight_correct),
        )
        await self._remember(member, done)
        standing, points = await self._score(channel, member, number, done)
        tally = await self._one(
            """SELECT sum(answered), sum(correct), sum(weight), sum(weight_correct) FROM domain_tallies
               WHERE member = ? AND domain = ?""",
            (member, domain),
        )
        return (
            done,
            standing,
            points,
            Tally(domain=domain, answered=tally[0], right=tally[1], weight=tally[2], weight_right=tally[3]),
        )

    async def _remember(self, member: int, done: Answered) -> None:
        for subject, good in done.subjects.items():
            row = await self._find(
                """SELECT stability, difficulty, days, last_at, times FROM memories
                   WHERE member = ? AND subject = ?""",
                (member, subject),
            )
            before = None
            if row is not None:
                before = Memory(
                    subject=subject,
                    stability=row[0],
                    difficulty=row[1],
                    days=row[2],
                    last=datetime.fromtimestamp(row[3] / 1000, UTC),
                    times=row[4],
                )
            after = rate(before, subject, right=good, at=done.at, seed=str(member))
            await self.db.execute(
                """INSERT INTO memories VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (member, subject) DO UPDATE SET
                   stability = excluded.stability, difficulty = excluded.difficulty, days = excluded.days,
                   last_at = excluded.last_at, times = excluded.times""",
                (
                    *(member, subject, after.stability, after.difficulty),
                    *(after.days, ms(after.last), after.times),
                ),
            )

    async def _score(self, channel: int, member: int, number: int, done: Answered) -> tuple[Standing, int]:
        row = await self._find(
            """SELECT answered, correct, points, streak, best_streak, freezes, run, last FROM standings
               WHERE channel = ? AND member = ?""",
            (channel, member),
        )
        before = Standing()
        if row is not None:
            names = ("answered", "right", "points", "streak", "best_streak", "freezes", "run", "last")
            before = Standing(**dict(zip(names, row, strict=True)))
        after, points = answered(before, number, right=done.right)
        (week, this_week), (month, this_month) = done.windows.items()
        await self.db.execute(
            f"""INSERT INTO standings (channel, member, answered, correct, points, streak, best_streak, freezes, run,
                last, {week}, {week}_points, {week}_correct, {week}_answered,
                {month}, {month}_points, {month}_correct, {month}_answered)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, 1)
               ON CONFLICT (channel, member) DO UPDATE SET
               answered = excluded.answered, correct = excluded.correct, points = excluded.points,
               streak = excluded.streak, best_streak = excluded.best_streak, freezes = excluded.freezes,
               run = excluded.run, last = excluded.last, {_added(week)}, {_added(month)}""",  # noqa: S608  constants only
            (
                *(channel, member, after.answered, after.right, after.points),
                *(after.streak, after.best_streak, after.freezes, after.run, after.last),
                *(this_week, points, int(done.right), this_month, points, int(done.right)),
            ),
        )
        return after, points

    async def _find(self, sql: str, values: tuple[Any, ...]) -> Any:
        async with self.db.execute(sql, values) as cursor:
            return await cursor.fetchone()

    async def _one(self, sql: str, values: tuple[Any, ...]) -> Any:
        row = await self._find(sql, values)
        assert row is not None
        return row


def _added(window: str) -> str:
    """What an answer adds to a week or month, which begins at nothing when it takes the place of an earlier one."""
    figures = (f"{window}_points", f"{window}_correct", f"{window}_answered")
    sums = [
        f"{name} = excluded.{name} + CASE {window} WHEN excluded.{window} THEN {name} ELSE 0 END" for name in figures
    ]
    return ", ".join([*sums, f"{window} = excluded.{window}"])


@asynccontextmanager
async def locked(path: Path, desk: Desk) -> AsyncIterator[Locked]:
    """The peer on a file of its own, with the same people."""
    async with aiosqlite.connect(path) as db:
        await db.execute("PRAGMA journal_mode = WAL")
        await db.execute("PRAGMA synchronous = FULL")
        await db.executescript(TABLES)
        peer = Locked(db, asyncio.Lock(), desk)
        await peer.add_people()
        yield peer
