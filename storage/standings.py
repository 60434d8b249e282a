"""Queries about points, streaks and leaderboards, all of them maintained with each answer."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from bot.core.refs import ChannelId, MemberId, WorkspaceId
from bot.core.scoring import Standing
from bot.core.standings import Score
from storage.dialect import Connection

# The whole workspace's board is kept under this channel; keys of real ones begin at 1.
_EVERYWHERE = 0

_WEEK_DAYS = 7

_SCORE = "SELECT b.member, m.name, b.points, b.correct, b.answered FROM boards b JOIN members m ON m.id = b.member "
_BOARD = "b.workspace = ? AND b.channel = ? AND b.slot = ? AND b.period = ?"

_DOMAIN_SCORE = """
    SELECT c.member, m.name, c.correct, c.correct, c.answered
    FROM contributions c JOIN members m ON m.id = c.member
    WHERE c.workspace = ? AND c.channel = ? AND c.pack = ? AND c.domain = ? AND c.answered > 0
"""


def slot(period: int) -> int:
    """Where a period's points are kept: the week's in one of two places in turn, the month's likewise.

    So a member has five rows on a board, however long they stay, and points of the week before last make room for
    this week's: no board shows them. Two and not one, because in another zone it may be the week before still.
    """
    if period == 0:
        return 0
    if period < 1_000_000:
        return 1 + (period // 100 * 12 + period % 100) % 2
    monday = date(period // 10_000, period // 100 % 100, period % 100)
    return 3 + monday.toordinal() // _WEEK_DAYS % 2


class SqlStandings:
    """See ports.Standings."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def get(self, workspace: WorkspaceId, channel: ChannelId, member: MemberId) -> Standing:
        row = self._db.execute(
            """SELECT answered, correct, points, streak, best_streak, freezes, run, last FROM standings
               WHERE workspace = ? AND channel = ? AND member = ?""",
            (workspace, channel, member),
        ).fetchone()
        return _standing(row) if row else Standing()

    def save(self, workspace: WorkspaceId, channel: ChannelId, member: MemberId, standing: Standing) -> None:
        self._db.execute(
            """INSERT INTO standings (workspace, channel, member, answered, correct, points, streak, best_streak,
                                      freezes, run, last)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (workspace, channel, member) DO UPDATE SET
                   answered = excluded.answered, correct = excluded.correct, points = excluded.points,
                   streak = excluded.streak, best_streak = excluded.best_streak, freezes = excluded.freezes,
                   run = excluded.run, last = excluded.last""",
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
            ),
        )

    def add_points(
        self,
        workspace: WorkspaceId,
        channel: ChannelId,
        member: MemberId,
        *,
        periods: Iterable[int],
        points: int,
        right: bool,
        hidden: bool,
    ) -> None:
        self._db.executemany(
            """INSERT INTO boards (workspace, channel, slot, member, period, points, correct, answered, hidden)
               VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)
               ON CONFLICT (workspace, channel, slot, member) DO UPDATE SET
                   points = excluded.points + CASE boards.period WHEN excluded.period THEN boards.points ELSE 0 END,
                   correct = excluded.correct + CASE boards.period WHEN excluded.period THEN boards.correct ELSE 0 END,
                   answered = 1 + CASE boards.period WHEN excluded.period THEN boards.answered ELSE 0 END,
                   period = excluded.period
               WHERE excluded.period >= boards.period""",
            [
                (workspace, board, slot(period), member, period, points, int(right), int(hidden))
                for period in periods
                for board in (channel, _EVERYWHERE)
            ],
        )

    def top(self, workspace: WorkspaceId, channel: ChannelId | None, period: int, limit: int) -> Sequence[Score]:
        # The best are found by the index before anybody's name is looked up; joined first, all names would be.
        rows = self._db.execute(
            f"""SELECT t.member, m.name, t.points, t.correct, t.answered
                FROM (SELECT b.member, b.points, b.correct, b.answered FROM boards b
                      WHERE {_BOARD} AND b.hidden = 0 ORDER BY b.points DESC, b.member LIMIT ?) t
                JOIN members m ON m.id = t.member ORDER BY t.points DESC, t.member""",  # noqa: S608  constants only
            (workspace, channel or _EVERYWHERE, slot(period), period, limit),
        ).fetchall()
        return [_score(row) for row in rows]

    def own(
        self, workspace: WorkspaceId, channel: ChannelId | None, period: int, member: MemberId
    ) -> tuple[int, Score] | None:
        board = (workspace, channel or _EVERYWHERE, slot(period), period)
        row = self._db.execute(_SCORE + f"WHERE {_BOARD} AND b.member = ?", (*board, member)).fetchone()
        if row is None:
            return None
        score = _score(row)
        (above,) = self._db.execute(
            f"SELECT count(*) FROM boards b WHERE {_BOARD} AND b.hidden = 0 AND b.points > ?",  # noqa: S608
            (*board, score.points),
        ).fetchone()
        return above + 1, score

    def size(self, workspace: WorkspaceId, channel: ChannelId | None, period: int) -> int:
        (count,) = self._db.execute(
            f"SELECT count(*) FROM boards b WHERE {_BOARD} AND b.hidden = 0",  # noqa: S608  constants only
            (workspace, channel or _EVERYWHERE, slot(period), period),
        ).fetchone()
        return int(count)

    def top_in_domain(
        self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str, limit: int
    ) -> Sequence[Score]:
        rows = self._db.execute(
            _DOMAIN_SCORE + "AND m.hidden = 0 ORDER BY c.correct DESC, c.member LIMIT ?",
            (workspace, channel, pack, domain, limit),
        ).fetchall()
        return [_score(row) for row in rows]

    def own_in_domain(
        self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str, member: MemberId
    ) -> tuple[int, Score] | None:
        board = (workspace, channel, pack, domain)
        row = self._db.execute(_DOMAIN_SCORE + "AND c.member = ?", (*board, member)).fetchone()
        if row is None:
            return None
        score = _score(row)
        (above,) = self._db.execute(
            f"SELECT count(*) FROM ({_DOMAIN_SCORE} AND m.hidden = 0 AND c.correct > ?) AS found",  # noqa: S608
            (*board, score.points),
        ).fetchone()
        return above + 1, score

    def size_in_domain(self, workspace: WorkspaceId, channel: ChannelId, pack: str, domain: str) -> int:
        (count,) = self._db.execute(
            f"SELECT count(*) FROM ({_DOMAIN_SCORE} AND m.hidden = 0) AS found",  # noqa: S608  constants only
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


def _score(row: tuple[Any, ...]) -> Score:
    return Score(member=MemberId(row[0]), name=row[1], points=row[2], right=row[3], answered=row[4])
