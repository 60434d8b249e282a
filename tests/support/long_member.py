"""A member who has answered more than anybody will: put in through the ledger, as the answers themselves would be."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.app.actions import Actor
from bot.app.ledger import count_in_attempt
from bot.app.ports import Tx
from bot.app.practice import record
from bot.app.records import NewAttempt
from bot.app.services import enter
from bot.core.attempt import Progress, Sitting
from bot.core.form import place
from bot.core.item import Item
from bot.core.pack import Pack

SITTING = 40


def answer_much(
    tx: Tx,
    actor: Actor,
    pack: Pack,
    count: int,
    *,
    until: datetime,
    domain: str | None = None,
    sitting: Sitting = Sitting.PRACTICE,
) -> None:
    """`count` answers in attempts of 40 items, the last ones at `until`; each third is wrong."""
    pool: list[Item] = [item for item in pack.ready if domain in (None, item.domain)]
    here = enter(tx, actor, until)
    sittings = -(-count // SITTING)
    given = 0
    for number in range(sittings):
        at = until - timedelta(hours=5) * (sittings - number - 1)
        length = min(SITTING, count - given, len(pool))
        items = [pool[(given + n) % len(pool)] for n in range(length)]
        attempt = tx.attempts.start(
            NewAttempt(
                workspace=here.workspace.id,
                member=here.member.id,
                sitting=sitting,
                pack=pack.id,
                label="",
                places=tuple(place(item, str(number)) for item in items),
                started=at,
            )
        )
        answers = {}
        for n, shown in enumerate(attempt.places):
            item = shown.item
            wrong = (given + n) % 3 == 0
            answers[n] = next(o for o in shown.order if (o != item.key) is wrong)
            record(tx, attempt, n, answers[n], at)
            count_in_attempt(
                tx, here.workspace.id, here.member, item, option=answers[n], at=at, in_exam=sitting is Sitting.EXAM
            )
        tx.attempts.save(replace(attempt, answers=answers, progress=Progress.SUBMITTED, ended=at))
        given += length
