"""Queries about points, streaks and leaderboards, all of them maintained with each answer."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from textwrap import dedent
from typing import Any

from bot.app.records import Ranking
from bot.core.refs import ChannelId, MemberId, WorkspaceId
from bot.core.scoring import Standing
from bot.core.standings import Score, Span, period
from storage.dialect import Connection, Dialect
from storage.known import Known

_WEEK_DAYS = 7

WINDOWS = {1: "month0", 2: "month1", 3: "week0", 4: "week1"}
"""Columns by slot, but for all time: the period, and with _points, _correct and _answered what it brought."""


def slot(period: int) -> int:
    """Where a period's points are kept: the week's in one of two places in turn, the month's likewise, all time's in 0.

    So a member has one row for each channel, however long they stay, and points of the week before last make room for
    this week's: no board shows them. Two and not one, because in another zone it may be the week before still.
    """
    if period == 0:
        return 0
    if period < 1_000_000:
        return 1 + (period // 100 * 12 + period % 100) % 2
    monday = date(period // 10_000, period // 100 % 100, period % 100)
    return 3 + monday.toordinal() // _WEEK_DAYS % 2


@lru_cache(maxsize=64)
def _periods(day: date) -> tuple[int, int, tuple[str, str]]:
    """The day's week and month, and the columns that these are kept in."""
    week, month = period(Span.WEEK, day), period(Span.MONTH, day)
    return week, month, (WINDOWS[slot(week)], WINDOWS[slot(month)])


def _saving(week: str, month: str) -> str:
    """The statement that saves a standing with what an answer brought in these windows."""
    return dedent(f"""
        INSERT INTO standings (workspace, channel, member, answered, correct, points, streak, best_streak, freezes, run,
                               last, {week}, {week}_points, {week}_correct, {week}_answered,
                               {month}, {month}_points, {month}_correct, {month}_answered)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, 1)
        ON CONFLICT (workspace, channel, member) DO UPDATE SET
            answered = excluded.answered, correct = excluded.correct, points = excluded.points,
            streak = excluded.streak, best_streak = excluded.best_streak, freezes = excluded.freezes,
            run = excluded.run, last = excluded.last, {_added(week)}, {_added(month)}""")  # noqa: S608  constants only


def _added(window: str) -> str:
    """How a window's columns change: a later period takes the place of an earlier one, whose points are dropped."""
    older, same = f"standings.{window} < excluded.{window}", f"standings.{window} = excluded.{window}"
    return ", ".join(
        [f"{window} = CASE WHEN {older} THEN excluded.{window} ELSE standings.{window} END"]
        + [
            f"""{column} = CASE WHEN {older} THEN excluded.{column}
                WHEN {same} THEN standings.{column} + excluded.{column} ELSE standings.{column} END"""
            for column in (f"{window}_points", f"{window}_correct", f"{window}_answered")
        ]
    )


@lru_cache(maxsize=10)
def _ranking(window: str, *, everywhere: bool) -> str:
    """The statement that ranks a channel's members, or the whole workspace's, by what they have in a window.

    A channel's rows lie side by side, so they are looked through for each part of the answer. Those of a workspace are
    added up by member first, and once.
    """
    kept, at, before = ("MATERIALIZED", "", "sum") if everywhere else ("NOT MATERIALIZED", "AND channel = ?", "")
    columns = ", ".join(
        f"{before}({window}_{name}) AS {name}" if window else f"{before}({name}) AS {name}"
        for name in ("points", "correct", "answered")
    )
    return dedent(f"""
        WITH board AS {kept} (
            SELECT member, {columns} FROM standings WHERE workspace = ? {at} AND {window or 0} = ?
            {"GROUP BY member" if everywhere else ""}
        ),
        seen AS {kept} (
            SELECT b.member, b.points, b.correct, b.answered
            FROM board b JOIN members m ON m.id = b.member WHERE m.hidden = 0
        ),
        best AS (SELECT member, points, correct, answered FROM seen ORDER BY points DESC, member LIMIT ?)
        SELECT 'best', b.member, m.name, b.points, b.correct, b.answered
        FROM best b JOIN members m ON m.id = b.member
        UNION ALL
        SELECT 'own', b.member, m.name, b.points, b.correct, b.answered
        FROM board b JOIN members m ON m.id = b.member WHERE b.member = ?
        UNION ALL
        SELECT 'all', count(*), '', count(*) FILTER (WHERE points > (SELECT points FROM board WHERE member = ?)), 0, 0
        FROM seen""")  # noqa: S608  constants only


class SqlStandings:
    """See ports.Standings."""

    def __init__(self, db: Connection, dialect: Dialect, known: Known) -> None:
        self._db, self._known = db, known
        self._in_domain = dedent(f"""
            SELECT c.member, m.name, c.fair_correct, c.fair_correct, c.fair_answered
            FROM domain_tallies c JOIN members m ON m.id = c.member
            WHERE {dialect.aside}c.workspace = ? AND c.channel = ? AND c.pack = ? AND c.domain = ?
              AND c.fair_answered > 0
        """)  # noqa: S608  constants only
        weeks, months = ("week0", "week1"), ("month0", "month1")
        self._saving = {(week, month): known.told_of(_saving(week, month)) for week in weeks for month in months}

    def get(self, workspace: WorkspaceId, channel: ChannelId, member: MemberId) -> Standing:
        key = (workspace, channel, member)
        known = self._known.standings.get(key)
        if known is not None:
            return known
        row = self._db.execute(
            """SELECT answered, correct, points, streak, best_streak, freezes, run, last FROM standings
               WHERE workspace = ? AND channel = ? AND member = ?""",
            key,
        ).fetchone()
        if row is None:
            return Standing()
        found = _standing(row)
        self._known.put(self._known.standings, key, found)
        return found

    def save(
        self,
        workspace: WorkspaceId,
        channel: ChannelId,
        member: MemberId,
        standing: Standing,
        *,
        day: date,
        points: int,
        right: bool,
    ) -> None:
        week, month, windows = _periods(day)
        self._db.execute(
            self._saving[windows],
            (
                workspace,
                channel,
                member,
                standing.answered,
                standing.right,
                standing.points,
                standing.streak,
                standing.best_streak,
                standing.freezes,
                standing.run,
                standing.last,
                week,
                points,
                int(right),
                month,
                points,
                int(right),
            ),
        )
        self._known.put(self._known.standings, (workspace, channel, member), standing)

    def ranking(
        self, workspace: WorkspaceId, channel: ChannelId | None, period: int, *, member: MemberId, top: int
    ) -> Ranking:
        where = (workspace, period) if channel is None else (workspace, channel, period)
        best: list[Score] = []
        own: Score | None = None
        size = above = 0
        for what, *row in self._db.execute(
            _ranking(WINDOWS.get(slot(period), ""), everywhere=channel is None), (*where, top, member, member)
        ):
            match what:
                case "best":
                    best.append(_score(row))
                case "own":
                    own = _score(row)
                case _:
                    size, above = row[0], row[2]
        best.sort(key=lambda score: (-score.points, score.member))
        return Ranking(top=tuple(best), own=(above + 1, own) if own else None, size=size)

    def top_in_domain(
        self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str, limit: int
    ) -> Sequence[Score]:
        rows = self._db.execute(
            self._in_domain + "AND m.hidden = 0 ORDER BY c.fair_correct DESC, c.member LIMIT ?",
            (workspace, channel, pack, domain, limit),
        ).fetchall()
        return [_score(row) for row in rows]

    def own_in_domain(
        self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str, member: MemberId
    ) -> tuple[int, Score] | None:
        board = (workspace, channel, pack, domain)
        row = self._db.execute(self._in_domain + "AND c.member = ?", (*board, member)).fetchone()
        if row is None:
            return None
        score = _score(row)
        (above,) = self._db.execute(
            f"SELECT count(*) FROM ({self._in_domain} AND m.hidden = 0 AND c.fair_correct > ?) AS found",  # noqa: S608
            (*board, score.points),
        ).fetchone()
        return above + 1, score

    def size_in_domain(self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str) -> int:
        (count,) = self._db.execute(
            f"SELECT count(*) FROM ({self._in_domain} AND m.hidden = 0) AS found",  # noqa: S608  constants only
            (workspace, channel, pack, domain),
        ).fetchone()
        return int(count)


def _standing(row: tuple[int, ...]) -> Standing:
    return Standing(
        answered=row[0],
        right=row[1],
        points=row[2],
        streak=row[3],
        best_streak=row[4],
        freezes=row[5],
        run=row[6],
        last=row[7],
    )


def _score(row: Sequence[Any]) -> Score:
    # PostgreSQL's sums are of a type of their own.
    return Score(member=MemberId(row[0]), name=row[1], points=int(row[2]), right=int(row[3]), answered=int(row[4]))
