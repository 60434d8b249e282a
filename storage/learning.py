"""Queries about what members and channels know, by domain."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.item import Item
from bot.core.refs import ChannelId, MemberId, WorkspaceId
from bot.core.weakness import Tally, evidence
from storage.dialect import Connection
from storage.known import Known

_ADD = """
    INSERT INTO domain_tallies (workspace, member, pack, domain, answered, correct, weight, weight_correct,
                                fair_answered, fair_weight, fair_weight_correct)
    VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (workspace, member, pack, domain) DO UPDATE SET
        answered = domain_tallies.answered + 1,
        correct = domain_tallies.correct + excluded.correct,
        weight = domain_tallies.weight + excluded.weight,
        weight_correct = domain_tallies.weight_correct + excluded.weight_correct,
        fair_answered = domain_tallies.fair_answered + excluded.fair_answered,
        fair_weight = domain_tallies.fair_weight + excluded.fair_weight,
        fair_weight_correct = domain_tallies.fair_weight_correct + excluded.fair_weight_correct
"""
_COLUMNS = "domain, answered, correct, weight, weight_correct, fair_answered, fair_weight, fair_weight_correct"
_ADD_AND_TELL = f"{_ADD} RETURNING {_COLUMNS}"


def sums(item: Item, *, right: bool, weight: float) -> tuple[int, float, float]:
    """What one response adds to the columns correct, weight and weight_correct."""
    return int(right), weight, weight * evidence(right, len(item.options))


class SqlLearning:
    """See ports.Learning."""

    def __init__(self, db: Connection, known: Known) -> None:
        self._db, self._known = db, known
        known.told_of(_ADD)
        known.told_of(_ADD_AND_TELL)

    def add(
        self, workspace: WorkspaceId, member: MemberId, item: Item, *, right: bool, weight: float, fair: bool
    ) -> Tally:
        correct, weight, weight_correct = sums(item, right=right, weight=weight)
        key = (workspace, member, item.pack, item.domain)
        added = (correct, weight, weight_correct, int(fair), weight if fair else 0.0, weight_correct if fair else 0.0)
        before = self._known.tallies.get(key)
        if before is None:
            found = tally(self._db.execute(_ADD_AND_TELL, (*key, *added)).fetchone())
        else:
            self._db.execute(_ADD, (*key, *added))
            found = Tally(
                domain=before.domain,
                answered=before.answered + 1,
                right=before.right + correct,
                weight=before.weight + weight,
                weight_right=before.weight_right + weight_correct,
                fair_answered=before.fair_answered + added[3],
                fair_weight=before.fair_weight + added[4],
                fair_weight_right=before.fair_weight_right + added[5],
            )
        self._known.put(self._known.tallies, key, found)
        return found

    def add_for_channel(
        self,
        workspace: WorkspaceId,
        channel: ChannelId,
        member: MemberId,
        item: Item,
        *,
        right: bool,
        weight: float,
        ranks: bool,
    ) -> None:
        self._db.execute(
            """INSERT INTO contributions (workspace, channel, pack, domain, member, answered, correct)
               VALUES (?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (workspace, channel, pack, domain, member) DO UPDATE SET
                   answered = contributions.answered + excluded.answered,
                   correct = contributions.correct + excluded.correct""",
            (workspace, channel, item.pack, item.domain, member, int(ranks), int(ranks and right)),
        )
        self._db.execute(
            """INSERT INTO channel_tallies (workspace, channel, pack, domain, answered, correct, weight,
                                            weight_correct)
               VALUES (?, ?, ?, ?, 1, ?, ?, ?)
               ON CONFLICT (workspace, channel, pack, domain) DO UPDATE SET
                   answered = channel_tallies.answered + 1,
                   correct = channel_tallies.correct + excluded.correct,
                   weight = channel_tallies.weight + excluded.weight,
                   weight_correct = channel_tallies.weight_correct + excluded.weight_correct""",
            (workspace, channel, item.pack, item.domain, *sums(item, right=right, weight=weight)),
        )

    def contributors(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Mapping[str, int]:
        return dict(
            self._db.execute(
                """SELECT domain, count(*) FROM contributions
                   WHERE workspace = ? AND channel = ? AND pack = ? GROUP BY domain""",
                (workspace, channel, pack),
            ).fetchall()
        )

    def tallies(self, workspace: WorkspaceId, member: MemberId, pack: str) -> Sequence[Tally]:
        return self._tallies(
            f"""SELECT {_COLUMNS} FROM domain_tallies
               WHERE workspace = ? AND member = ? AND pack = ? ORDER BY domain""",  # noqa: S608  a constant
            (workspace, member, pack),
        )

    def channel_tallies(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Sequence[Tally]:
        return self._tallies(
            """SELECT domain, answered, correct, weight, weight_correct, 0, 0.0, 0.0 FROM channel_tallies
               WHERE workspace = ? AND channel = ? AND pack = ? ORDER BY domain""",
            (workspace, channel, pack),
        )

    def _tallies(self, query: str, values: tuple[object, ...]) -> Sequence[Tally]:
        return [tally(row) for row in self._db.execute(query, values).fetchall()]


def tally(row: tuple[Any, ...]) -> Tally:
    """A domain's counts, from its columns in the order of `Tally`."""
    return Tally(
        domain=row[0],
        answered=row[1],
        right=row[2],
        weight=row[3],
        weight_right=row[4],
        fair_answered=row[5],
        fair_weight=row[6],
        fair_weight_right=row[7],
    )
