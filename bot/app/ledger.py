"""What a response changes besides itself: the maintained counts. Also replays all responses to rebuild them."""

from datetime import datetime
from typing import NamedTuple

from bot.app.ports import Tx
from bot.app.records import Answer, Member
from bot.core.item import Item
from bot.core.refs import WorkspaceId
from bot.core.response import Response
from bot.core.review import rate, subject_of
from bot.core.round import Round
from bot.core.scoring import Standing, answered
from bot.core.weakness import Tally, weight_at


class Counted(NamedTuple):
    """What an answer to a round brought: the member's domain now, and points and standing if the round ranks."""

    tally: Tally
    points: int | None = None
    standing: Standing | None = None


def count_in_round(tx: Tx, round_: Round, member: Member, response: Response) -> Counted:
    """Count a response that was just added to a round."""
    tally = tx.learning.add(
        round_.workspace,
        member.id,
        round_.item,
        channel=round_.channel,
        right=response.right,
        weight=weight_at(response.at),
        fair=round_.ranks,
    )
    remember(tx, round_.workspace, member, round_.item, option=response.option, at=response.at)
    counted = _rank(tx, round_, member, response, tally)
    # Last what all who answer at the same time add to: where several write at once, they wait here for one another.
    tx.responses.add_to_tally(round_.workspace, round_.id, response.option)
    return counted


def _rank(tx: Tx, round_: Round, member: Member, response: Response, tally: Tally) -> Counted:
    if round_.number is None:
        return Counted(tally)
    before = tx.standings.get(round_.workspace, round_.channel, member.id)
    after, points = answered(before, round_.number, right=response.right)
    tx.standings.save(
        round_.workspace,
        round_.channel,
        member.id,
        after,
        day=round_.local_date,
        points=points,
        right=response.right,
    )
    return Counted(tally, points, after)


def count_in_attempt(
    tx: Tx, workspace: WorkspaceId, member: Member, item: Item, *, option: str, at: datetime, in_exam: bool
) -> None:
    """Count a response given in private: it teaches us what the member knows, and never ranks."""
    tx.learning.add(
        workspace, member.id, item, channel=None, right=option == item.key, weight=weight_at(at), fair=in_exam
    )
    remember(tx, workspace, member, item, option=option, at=at)


def recount(tx: Tx, answer: Answer) -> None:
    """Count an answer again, as it was counted when it was given."""
    if answer.round is not None:
        count_in_round(tx, answer.round, answer.member, answer.response)
    else:
        response = answer.response
        count_in_attempt(
            tx,
            answer.workspace,
            answer.member,
            answer.item,
            option=response.option,
            at=response.at,
            in_exam=answer.in_exam,
        )


def remember(tx: Tx, workspace: WorkspaceId, member: Member, item: Item, *, option: str, at: datetime) -> None:
    """Rate what the item asks about, and a trap that was fallen for besides."""
    right = option == item.key
    subjects = {subject_of(item): right}
    trap = item.option(option).trap
    if not right and trap is not None:
        subjects[f"trap:{trap}"] = False
    for subject, good in subjects.items():
        before = tx.memories.get(workspace, member.id, item.pack, subject)
        after = rate(before, subject, right=good, at=at, seed=str(member.id))
        tx.memories.save(workspace, member.id, item.pack, after)
