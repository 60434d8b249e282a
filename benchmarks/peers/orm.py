"""SQLAlchemy's ORM on aiosqlite: mapped classes, a session and a commit for each answer.

Under a lock too: two sessions that read and then write at once would fail with "database is locked".
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.peers.work import TABLES, Answered, Asked, Desk, ms
from bot.app.actions import Press
from bot.core.review import Memory, rate
from bot.core.round import Round
from bot.core.scoring import Standing, answered
from bot.core.weakness import Tally


class Base(DeclarativeBase):
    """The mapped classes."""


class WorkspaceRow(Base):
    __tablename__ = "workspaces"
    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    ref: Mapped[str]


class ChannelRow(Base):
    __tablename__ = "channels"
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace: Mapped[int]
    ref: Mapped[str]


class MemberRow(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace: Mapped[int]
    ref: Mapped[str]
    name: Mapped[str]


class ScheduleRow(Base):
    __tablename__ = "schedules"
    channel: Mapped[int] = mapped_column(primary_key=True)
    zone: Mapped[str]


class RoundRow(Base):
    __tablename__ = "rounds"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[int]
    number: Mapped[int]
    state: Mapped[str]
    closes_at: Mapped[int]


class ResponseRow(Base):
    __tablename__ = "responses"
    member: Mapped[int] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    choice: Mapped[str]
    correct: Mapped[int]
    at: Mapped[int]


class TallyRow(Base):
    __tablename__ = "tallies"
    round: Mapped[int] = mapped_column(primary_key=True)
    choice: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class DomainRow(Base):
    __tablename__ = "domain_tallies"
    member: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[int] = mapped_column(primary_key=True)
    answered: Mapped[int] = mapped_column(default=0)
    correct: Mapped[int] = mapped_column(default=0)
    weight: Mapped[float] = mapped_column(default=0.0)
    weight_correct: Mapped[float] = mapped_column(default=0.0)


class MemoryRow(Base):
    __tablename__ = "memories"
    member: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    stability: Mapped[float]
    difficulty: Mapped[float]
    days: Mapped[int]
    last_at: Mapped[int]
    times: Mapped[int]


class StandingRow(Base):
    __tablename__ = "standings"
    channel: Mapped[int] = mapped_column(primary_key=True)
    member: Mapped[int] = mapped_column(primary_key=True)
    answered: Mapped[int]
    correct: Mapped[int]
    points: Mapped[int]
    streak: Mapped[int]
    best_streak: Mapped[int]
    freezes: Mapped[int]
    run: Mapped[int]
    last: Mapped[int]
    week0: Mapped[int] = mapped_column(default=0)
    week0_points: Mapped[int] = mapped_column(default=0)
    week0_correct: Mapped[int] = mapped_column(default=0)
    week0_answered: Mapped[int] = mapped_column(default=0)
    week1: Mapped[int] = mapped_column(default=0)
    week1_points: Mapped[int] = mapped_column(default=0)
    week1_correct: Mapped[int] = mapped_column(default=0)
    week1_answered: Mapped[int] = mapped_column(default=0)
    month0: Mapped[int] = mapped_column(default=0)
    month0_points: Mapped[int] = mapped_column(default=0)
    month0_correct: Mapped[int] = mapped_column(default=0)
    month0_answered: Mapped[int] = mapped_column(default=0)
    month1: Mapped[int] = mapped_column(default=0)
    month1_points: Mapped[int] = mapped_column(default=0)
    month1_correct: Mapped[int] = mapped_column(default=0)
    month1_answered: Mapped[int] = mapped_column(default=0)


R = TypeVar("R", bound=Base)


@dataclass(frozen=True, slots=True)
class Orm:
    """The peer, on its own file."""

    sessions: async_sessionmaker[AsyncSession]
    lock: asyncio.Lock
    desk: Desk

    async def add_people(self) -> None:
        """The same channels and members as ours."""
        crowd = self.desk.crowd
        async with self.sessions() as session:
            session.add(WorkspaceRow(id=1, platform="slack", ref=crowd.actor(0).member.workspace.id))
            for number in range(crowd.channels):
                session.add(ChannelRow(id=number + 1, workspace=1, ref=crowd.channel(number).id))
                session.add(ScheduleRow(channel=number + 1, zone="UTC"))
            for number in range(crowd.channels * crowd.each):
                actor = crowd.actor(number)
                session.add(MemberRow(id=number + 1, workspace=1, ref=actor.member.id, name=actor.name))
            await session.commit()

    async def add_rounds(self, rounds: Sequence[Round]) -> None:
        """The rounds that were opened in ours."""
        async with self.sessions() as session:
            for place, r in enumerate(rounds):
                session.add(RoundRow(id=r.id, channel=place + 1, number=r.number, state="open", closes_at=ms(r.closes)))
            await session.commit()
        self.desk.rounds.update({round_.id: round_ for round_ in rounds})

    async def answer(self, press: Press) -> object:
        """Save one answer, and draw the feedback."""
        asked = self.desk.asked(press)
        async with self.lock, self.sessions() as session:
            found = await self._record(session, asked)
            await session.commit()
        return self.desk.drawn(asked, *found)

    async def _record(self, session: AsyncSession, asked: Asked) -> tuple[Answered, Standing, int, Tally]:
        workspace = await self._one(
            session, select(WorkspaceRow).where(WorkspaceRow.platform == "slack", WorkspaceRow.ref == asked.workspace)
        )
        channel = await self._one(
            session, select(ChannelRow).where(ChannelRow.workspace == workspace.id, ChannelRow.ref == asked.channel)
        )
        member = await self._one(
            session, select(MemberRow).where(MemberRow.workspace == workspace.id, MemberRow.ref == asked.member)
        )
        round_ = await session.get(RoundRow, asked.round)
        assert round_ is not None
        assert round_.state == "open"
        await session.get(ScheduleRow, channel.id)
        assert await session.get(ResponseRow, (member.id, asked.round)) is None
        done = self.desk.judged(asked)
        right, choice, domain = int(done.right), done.option.id, done.item.domain
        session.add(ResponseRow(member=member.id, round=asked.round, choice=choice, correct=right, at=ms(done.at)))
        votes = await self._made(session, TallyRow, round=asked.round, choice=choice)
        votes.count += 1
        own = await self._made(session, DomainRow, member=member.id, domain=domain, channel=channel.id)
        own.answered += 1
        own.correct += right
        own.weight += done.weight
        own.weight_correct += done.weight_correct
        await self._remember(session, member.id, done)
        standing, points = await self._score(session, channel.id, member.id, round_.number, done)
        await session.flush()
        sums = select(
            func.sum(DomainRow.answered),
            func.sum(DomainRow.correct),
            func.sum(DomainRow.weight),
            func.sum(DomainRow.weight_correct),
        ).where(DomainRow.member == member.id, DomainRow.domain == domain)
        count, good, weight, weight_good = (await session.execute(sums)).one()
        tally = Tally(domain=domain, answered=count, right=good, weight=weight, weight_right=weight_good)
        return done, standing, points, tally

    async def _remember(self, session: AsyncSession, member: int, done: Answered) -> None:
        for subject, good in done.subjects.items():
            row = await session.get(MemoryRow, (member, subject))
            before = None
            if row is not None:
                before = Memory(
                    subject=subject,
                    stability=row.stability,
                    difficulty=row.difficulty,
                    days=row.days,
                    last=datetime.fromtimestamp(row.last_at / 1000, UTC),
                    times=row.times,
                )
            after = rate(before, subject, right=good, at=done.at, seed=str(member))
            values = {
                "stability": after.stability,
                "difficulty": after.difficulty,
                "days": after.days,
                "last_at": ms(after.last),
                "times": after.times,
            }
            if row is None:
                session.add(MemoryRow(member=member, subject=subject, **values))
            else:
                for name, value in values.items():
                    setattr(row, name, value)

    async def _score(
        self, session: AsyncSession, channel: int, member: int, number: int, done: Answered
    ) -> tuple[Standing, int]:
        row = await session.get(StandingRow, (channel, member))
        before = Standing()
        if row is not None:
            before = Standing(
                answered=row.answered,
                right=row.correct,
                points=row.points,
                streak=row.streak,
                best_streak=row.best_streak,
                freezes=row.freezes,
                run=row.run,
                last=row.last,
            )
        after, points = answered(before, number, right=done.right)
        if row is None:
            row = StandingRow(channel=channel, member=member)
            session.add(row)
        row.answered, row.correct, row.points, row.streak = after.answered, after.right, after.points, after.streak
        row.best_streak, row.freezes, row.run, row.last = after.best_streak, after.freezes, after.run, after.last
        for window, when in done.windows.items():
            kept = getattr(row, window) == when
            for figure, brought in (("points", points), ("correct", int(done.right)), ("answered", 1)):
                name = f"{window}_{figure}"
                setattr(row, name, (getattr(row, name) if kept else 0) + brought)
            setattr(row, window, when)
        return after, points

    async def _made(self, session: AsyncSession, kind: type[R], **key: Any) -> R:
        """The row with this key, with zeros if it is new."""
        found = await session.get(kind, tuple(key.values()))
        if found is None:
            zeros = {c.name: 0 for c in kind.__table__.columns if c.name not in key}
            found = kind(**key, **zeros)
            session.add(found)
        return found

    async def _one(self, session: AsyncSession, query: Any) -> Any:
        return (await session.execute(query)).scalar_one()


@asynccontextmanager
async def orm(path: Path, desk: Desk) -> AsyncIterator[Orm]:
    """The peer on a file of its own, with the same people."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    async with engine.begin() as connection:
        for statement in TABLES.split(";"):
            await connection.execute(text(statement))
    peer = Orm(async_sessionmaker(engine, expire_on_commit=False), asyncio.Lock(), desk)
    await peer.add_people()
    try:
        yield peer
    finally:
        await engine.dispose()
