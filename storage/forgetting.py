"""What a member leaves behind when they are forgotten: their share of counts that name nobody."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.item import Item
from bot.core.refs import MemberId, MemberRef, WorkspaceId
from bot.core.response import Response
from bot.core.round import Round
from bot.core.weakness import weight_at
from storage.dialect import Connection
from storage.learning import sums
from storage.rows import from_ms, item_from_body


def keep_counts(db: Connection, workspace: WorkspaceId, member: MemberId) -> None:
    """Note in the public counts which part of them comes from the member's responses, before these are deleted.

    Otherwise a recount from the responses would come out lower than what everybody saw.
    """
    rows = db.execute(
        """SELECT o.id, o.channel, r.choice, r.correct, r.at, v.body
           FROM responses r
           JOIN rounds o ON o.workspace = r.workspace AND o.id = r.source_id
           JOIN revisions v ON v.id = r.revision
           WHERE r.workspace = ? AND r.member = ? AND r.source = 0""",
        (workspace, member),
    ).fetchall()
    _keep(
        db,
        workspace,
        [
            _Share(round_id, channel, item_from_body(body), choice, bool(correct), from_ms(at))
            for round_id, channel, choice, correct, at, body in rows
        ],
    )


def keep_counts_of(db: Connection, workspace: WorkspaceId, answers: Sequence[tuple[Round, Response]]) -> None:
    """The same for some responses, before they are deleted because they have grown old."""
    _keep(
        db,
        workspace,
        [
            _Share(round_.id, round_.channel, round_.item, response.option, response.right, response.at)
            for round_, response in answers
        ],
    )


@dataclass(frozen=True, slots=True)
class _Share:
    """One response's part in counts that many share."""

    round: int
    channel: int
    item: Item
    option: str
    right: bool
    at: datetime


def _keep(db: Connection, workspace: WorkspaceId, shares: Sequence[_Share]) -> None:
    # In the order in which an answer changes them (bot.app.ledger), and all in one order: where several write at once,
    # two who change the same rows would otherwise wait for each other.
    for share in sorted(shares, key=lambda one: (one.channel, one.item.pack, one.item.domain)):
        db.execute(
            """UPDATE channel_tallies SET
                   forgotten_answered = forgotten_answered + 1,
                   forgotten_correct = forgotten_correct + ?,
                   forgotten_weight = forgotten_weight + ?,
                   forgotten_weight_correct = forgotten_weight_correct + ?
               WHERE workspace = ? AND channel = ? AND pack = ? AND domain = ?""",
            (
                *sums(share.item, right=share.right, weight=weight_at(share.at)),
                workspace,
                share.channel,
                share.item.pack,
                share.item.domain,
            ),
        )
    for share in sorted(shares, key=lambda one: (one.round, one.option)):
        db.execute(
            "UPDATE tallies SET forgotten = forgotten + 1 WHERE workspace = ? AND round = ? AND choice = ?",
            (workspace, share.round, share.option),
        )


def mark_spent(db: Connection, workspace: WorkspaceId, member: MemberId, ref: MemberRef) -> None:
    """Note which open rounds the member has answered, until these close; as marks that name nobody.

    Otherwise one could answer, learn the key, ask to be forgotten and answer again.
    """
    rounds = db.execute(
        """SELECT o.id FROM responses r JOIN rounds o ON o.workspace = r.workspace AND o.id = r.source_id
           WHERE r.workspace = ? AND r.member = ? AND r.source = 0 AND o.state = 'open'""",
        (workspace, member),
    ).fetchall()
    db.executemany(
        "INSERT INTO spent (workspace, round, mark) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(workspace, round_id, spent_mark(round_id, ref)) for (round_id,) in rounds],
    )


def spent_mark(round_id: int, ref: MemberRef) -> str:
    """A mark for a member in one round: the same person's marks in two rounds can't be told to belong together."""
    words = f"{round_id}/{ref.workspace.platform}/{ref.workspace.id}/{ref.id}"
    return hashlib.sha256(words.encode()).hexdigest()[:32]
