"""What a member leaves behind when they are forgotten: their share of counts that name nobody."""

import hashlib
from collections.abc import Sequence

from bot.core.refs import MemberId, MemberRef, WorkspaceId
from bot.core.response import Response
from storage.dialect import Connection

_LEAVE = """
    INSERT INTO channel_tallies (workspace, channel, pack, domain, answered, correct, weight, weight_correct)
    SELECT workspace, channel, pack, domain, answered, correct, weight, weight_correct
    FROM domain_tallies WHERE workspace = ? AND member = ? AND channel > 0 AND answered > 0
    ORDER BY channel, pack, domain
    ON CONFLICT (workspace, channel, pack, domain) DO UPDATE SET
        answered = channel_tallies.answered + excluded.answered,
        correct = channel_tallies.correct + excluded.correct,
        weight = channel_tallies.weight + excluded.weight,
        weight_correct = channel_tallies.weight_correct + excluded.weight_correct
"""


def keep_counts(db: Connection, workspace: WorkspaceId, member: MemberId) -> None:
    """Leave the member's share of counts that many share, before what it was counted from is deleted.

    Otherwise these would come out lower than what everybody saw.
    """
    db.execute(_LEAVE, (workspace, member))
    rows = db.execute(
        "SELECT source_id, choice FROM responses WHERE workspace = ? AND member = ? AND source = 0",
        (workspace, member),
    ).fetchall()
    _keep_votes(db, workspace, rows)


def keep_votes(db: Connection, workspace: WorkspaceId, answers: Sequence[Response]) -> None:
    """Note which part of the rounds' tallies comes from these responses, before they are deleted for their age."""
    _keep_votes(db, workspace, [(answer.source_id, answer.option) for answer in answers])


def _keep_votes(db: Connection, workspace: WorkspaceId, votes: Sequence[tuple[int, str]]) -> None:
    # All in one order: where several write at once, two who change the same rows would otherwise wait for each other.
    for round_id, option in sorted(votes):
        db.execute(
            "UPDATE tallies SET forgotten = forgotten + 1 WHERE workspace = ? AND round = ? AND choice = ?",
            (workspace, round_id, option),
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
