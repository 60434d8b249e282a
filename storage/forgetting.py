"""What a member leaves behind when they are forgotten: their share of counts that name nobody."""

import hashlib
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
    for round_id, channel, choice, correct, at, body in rows:
        _keep(db, (workspace, round_id, channel), item_from_body(body), choice, right=bool(correct), at=from_ms(at))


def keep_count(db: Connection, workspace: WorkspaceId, round_: Round, response: Response) -> None:
    """The same for one response, before it is deleted because it has grown old."""
    where = (workspace, round_.id, round_.channel)
    _keep(db, where, round_.item, response.option, right=response.right, at=response.at)


def _keep(
    db: Connection, where: tuple[WorkspaceId, int, int], item: Item, option: str, *, right: bool, at: datetime
) -> None:
    workspace, round_id, channel = where
    db.execute(
        "UPDATE tallies SET forgotten = forgotten + 1 WHERE workspace = ? AND round = ? AND choice = ?",
        (workspace, round_id, option),
    )
    db.execute(
        """UPDATE channel_tallies SET
               forgotten_answered = forgotten_answered + 1,
               forgotten_correct = forgotten_correct + ?,
               forgotten_weight = forgotten_weight + ?,
               forgotten_weight_correct = forgotten_weight_correct + ?
           WHERE workspace = ? AND channel = ? AND pack = ? AND domain = ?""",
        (*sums(item, right=right, weight=weight_at(at)), workspace, channel, item.pack, item.domain),
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
