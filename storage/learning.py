"""Queries about what members and channels know, by domain."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.item import Item
from bot.core.refs import ChannelId, MemberId, WorkspaceId
from bot.core.weakness import Tally, evidence
from storage.dialect import Connection, Dialect
from storage.known import Known

IN_PRIVATE = 0
"""Stands for the channel of answers that were given in practice, review and exams."""

_ADD = """
    INSERT INTO domain_tallies (workspace, member, pack, domain, channel, answered, correct, weight, weight_correct,
                                fair_answered, fair_correct, fair_weight, fair_weight_correct)
    VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (workspace, member, pack, domain, channel) DO UPDATE SET
        answered = domain_tallies.answered + 1,
        correct = domain_tallies.correct + excluded.correct,
        weight = domain_tallies.weight + excluded.weight,
        weight_correct = domain_tallies.weight_correct + excluded.weight_correct,
        fair_answered = domain_tallies.fair_answered + excluded.fair_answered,
        fair_correct = domain_tallies.fair_correct + excluded.fair_correct,
        fair_weight = domain_tallies.fair_weight + excluded.fair_weight,
        fair_weight_correct = domain_tallies.fair_weight_correct + excluded.fair_weight_correct
"""
_OF_MEMBER = """
    SELECT domain, sum(answered), sum(correct), sum(weight), sum(weight_correct), sum(fair_answered),
           sum(fair_weight), sum(fair_weight_correct)
    FROM domain_tallies WHERE workspace = ? AND member = ? AND pack = ?
"""


def sums(item: Item, *, right: bool, weight: float) -> tuple[int, float, float]:
    """What one response adds to the columns correct, weight and weight_correct."""
    return int(right), weight, weight * evidence(right, len(item.options))


class SqlLearning:
    """See ports.Learning."""

    def __init__(self, db: Connection, dialect: Dialect, known: Known) -> None:
        self._db, self._dialect, self._known = db, dialect, known
        known.told_of(_ADD)

    def add(
        self,
        workspace: WorkspaceId,
        member: MemberId,
        item: Item,
        *,
        channel: ChannelId | None,
        right: bool,
        weight: float,
        fair: bool,
    ) -> Tally:
        correct, weight, weight_correct = sums(item, right=right, weight=weight)
        key = (workspace, member, item.pack, item.domain)
        before = self._known.tallies.get(key)
        of_fair = (1, correct, weight, weight_correct) if fair else (0, 0, 0.0, 0.0)
        self._db.execute(_ADD, (*key, channel or IN_PRIVATE, correct, weight, weight_correct, *of_fair))
        if before is None:
            row = self._db.execute(f"{_OF_MEMBER} AND domain = ? GROUP BY domain", key).fetchone()
            found = tally(row)
        else:
            found = Tally(
                domain=before.domain,
                answered=before.answered + 1,
                right=before.right + correct,
                weight=before.weight + weight,
                weight_right=before.weight_right + weight_correct,
                fair_answered=before.fair_answered + of_fair[0],
                fair_weight=before.fair_weight + of_fair[2],
                fair_weight_right=before.fair_weight_right + of_fair[3],
            )
        self._known.put(self._known.tallies, key, found)
        return found

    def contributors(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Mapping[str, int]:
        return dict(
            self._db.execute(
                f"""SELECT domain, count(*) FROM domain_tallies
                    WHERE {self._dialect.aside}workspace = ? AND channel = ? AND pack = ? GROUP BY domain""",  # noqa: S608  a constant
                (workspace, channel, pack),
            ).fetchall()
        )

    def tallies(self, workspace: WorkspaceId, member: MemberId, pack: str) -> Sequence[Tally]:
        return self._tallies(f"{_OF_MEMBER} GROUP BY domain ORDER BY domain", (workspace, member, pack))

    def channel_tallies(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Sequence[Tally]:
        where = "workspace = ? AND channel = ? AND pack = ?"
        return self._tallies(
            f"""SELECT domain, sum(answered), sum(correct), sum(weight), sum(weight_correct), 0, 0.0, 0.0 FROM (
                    SELECT domain, answered, correct, weight, weight_correct FROM domain_tallies
                    WHERE {self._dialect.aside}{where}
                    UNION ALL
                    SELECT domain, answered, correct, weight, weight_correct FROM channel_tallies WHERE {where}
                ) AS parts GROUP BY domain ORDER BY domain""",  # noqa: S608  constants only
            (workspace, channel, pack, workspace, channel, pack),
        )

    def _tallies(self, query: str, values: tuple[object, ...]) -> Sequence[Tally]:
        return [tally(row) for row in self._db.execute(query, values).fetchall()]


def tally(row: tuple[Any, ...]) -> Tally:
    """A domain's counts, from its columns in the order of `Tally`."""
    # PostgreSQL's sums are of a type of their own.
    return Tally(
        domain=row[0],
        answered=int(row[1]),
        right=int(row[2]),
        weight=row[3],
        weight_right=row[4],
        fair_answered=int(row[5]),
        fair_weight=row[6],
        fair_weight_right=row[7],
    )
