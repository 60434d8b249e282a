"""Private practice and spaced review: one item at a time, with the reason after each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.app.ledger import count_in_attempt
from bot.app.ports import Tx
from bot.app.records import NewAttempt
from bot.app.services import Here, Services
from bot.core.attempt import Attempt, Progress, Sitting
from bot.core.form import place as placed
from bot.core.item import Item
from bot.core.pack import Pack
from bot.core.practice_order import order_for_practice
from bot.core.refs import AttemptId
from bot.core.response import Response, Source
from bot.core.review import due_first, sibling
from bot.core.weakness import Level, estimate
from bot.view import attemptcards, wording
from bot.view.attemptcards import Sat
from bot.view.card import Card
from bot.view.plaincards import notice, review_empty

PRACTICE_LENGTH = 10
REVIEW_LENGTH = 5


History = Sequence[tuple[Item, bool, datetime]]
"""The items that a member has answered, oldest first: whether the newest answer to each was right, and when it was."""


def history(tx: Tx, here: Here, pack: Pack) -> History:
    """All that the member has answered of the pack."""
    newest = tx.responses.newest_of_each(here.workspace.id, here.member.id)
    return [(item, right, at) for item, right, at in newest if item.pack == pack.id]


def quiz(tx: Tx, services: Services, here: Here, pack: Pack, given: Mapping[str, str]) -> Card:
    """Begin a practice: nothing asked before while something new is left, weak domains a little more often."""
    words = tuple(word for name, word in given.items() if name not in ("start", "trap"))
    words += ("trap", given["trap"]) if "trap" in given else ()
    open_ = _open(tx, services, here, Sitting.PRACTICE, given)
    if open_ is not None:
        return attemptcards.open_already(open_, words)
    answers = history(tx, here, pack)
    pool, label = _pool(answers, pack, given)
    if not pool:
        return notice(wording.NOTHING_MISSED if given.get("what") == "missed" else wording.NOTHING_TO_PRACTISE)
    memories = {memory.subject: memory for memory in tx.memories.all(here.workspace.id, here.member.id, pack.id)}
    cut = pack.blueprint.pass_percent / 100
    weak = {
        tally.domain
        for tally in tx.learning.tallies(here.workspace.id, here.member.id, pack.id)
        if estimate(tally, here.now, fine_at=cut).level is Level.WEAK
    }
    seed = f"{here.member.id}/{here.now.isoformat()}"
    seen = {**_in_exams(tx, here, pack), **_last_seen(answers)}
    ordered = order_for_practice(
        pool, pack.blueprint, last_seen=seen, memories=memories, weak=weak, now=here.now, seed=seed
    )
    items = ordered[: int(given.get("count", PRACTICE_LENGTH))]
    if "what" not in given and items[0].id in seen:
        label = ", ".join((label, wording.ALL_ASKED_BEFORE) if label else (wording.ALL_ASKED_BEFORE,))
    return _begin(tx, services, here, pack, Sitting.PRACTICE, items, label=label, seed=seed)


def review(tx: Tx, services: Services, here: Here, pack: Pack, given: Mapping[str, str]) -> Card:
    """Bring back what the member is about to forget, by a sibling item where there is one."""
    open_ = _open(tx, services, here, Sitting.REVIEW, given)
    if open_ is not None:
        return attemptcards.open_already(open_, tuple(word for name, word in given.items() if name != "start"))
    memories = tx.memories.all(here.workspace.id, here.member.id, pack.id)
    seed = f"{here.member.id}/{here.now.date().isoformat()}"
    seen = _last_seen(history(tx, here, pack))
    items: list[Item] = []
    for memory in due_first(memories, here.now):
        if len(items) == int(given.get("count", REVIEW_LENGTH)):
            break
        taken = {item.id for item in items}
        item = sibling(memory.subject, [i for i in pack.ready if i.id not in taken], seen, seed=seed)
        if item is not None:
            items.append(item)
    if not items:
        coming = min((memory.due for memory in memories), default=None)
        return review_empty(coming, here.now)
    due, week = (
        tx.memories.due(here.workspace.id, here.member.id, pack.id, by)
        for by in (here.now, here.now + timedelta(days=7))
    )
    return _begin(tx, services, here, pack, Sitting.REVIEW, items, label=f"{due} due, {week} within a week", seed=seed)


def answer(tx: Tx, services: Services, here: Here, attempt: Attempt, place: int, letter: str) -> Card:
    """Take an answer in a practice or review. The first one counts."""
    sat = Sat(attempt, services.pack(attempt.pack))
    option = attempt.option_at(place, letter)
    if option is None:
        return notice(wording.NO_SUCH_OPTION, tone="refused")
    if place in attempt.answers:
        return attemptcards.practice_feedback(sat, place, new=False)
    if attempt.progress is not Progress.OPEN:
        return attemptcards.practice_summary(sat)
    item = attempt.places[place].item
    record(tx, attempt, place, option.id, here.now)
    attempt = replace(attempt, answers={**attempt.answers, place: option.id}, at=place)
    tx.attempts.save(attempt)
    count_in_attempt(tx, here.workspace.id, here.member, item, option=option.id, at=here.now, in_exam=False)
    return attemptcards.practice_feedback(Sat(attempt, sat.pack), place, new=True)


def visit(tx: Tx, services: Services, here: Here, attempt: Attempt, place: int) -> Card:
    """Show a place; past the last one, the summary, which ends the attempt."""
    sat = Sat(attempt, services.pack(attempt.pack))
    if place >= attempt.length:
        return stop(tx, services, here, attempt)
    if place in attempt.answers:
        return attemptcards.practice_feedback(sat, place, new=False)
    if attempt.progress is not Progress.OPEN:
        return attemptcards.practice_summary(sat)
    tx.attempts.save(replace(attempt, at=place))
    return attemptcards.practice_item(sat, place)


def stop(tx: Tx, services: Services, here: Here, attempt: Attempt) -> Card:
    """End a practice or review, and sum it up."""
    if attempt.progress is Progress.OPEN:
        attempt = replace(attempt, progress=Progress.SUBMITTED, ended=here.now)
        tx.attempts.save(attempt)
    pack = services.pack(attempt.pack)
    due = tx.memories.due(here.workspace.id, here.member.id, pack.id, here.now) if pack is not None else 0
    return attemptcards.practice_summary(Sat(attempt, pack), due=due)


def record(tx: Tx, attempt: Attempt, place: int, option: str, at: datetime) -> None:
    """Add the response to the facts."""
    tx.responses.add(
        attempt.workspace,
        Response(
            source=Source.ATTEMPT,
            source_id=attempt.id,
            member=attempt.member,
            revision=attempt.revisions[place],
            option=option,
            right=option == attempt.places[place].item.key,
            at=at,
        ),
    )


def own(tx: Tx, here: Here, attempt_id: AttemptId) -> Attempt | None:
    """The attempt, if it is the member's own; others' can't be told from ones that don't exist."""
    attempt = tx.attempts.get(here.workspace.id, attempt_id)
    return attempt if attempt is not None and attempt.member == here.member.id else None


def _open(tx: Tx, services: Services, here: Here, sitting: Sitting, given: Mapping[str, str]) -> Sat | None:
    """The member's open attempt of this kind, unless it is to be given up or nothing was done in it yet."""
    attempt = tx.attempts.open_of(here.workspace.id, here.member.id, sitting)
    if attempt is None:
        return None
    if given.get("start") == "new" or not attempt.answers:
        tx.attempts.save(replace(attempt, progress=Progress.STOPPED, ended=here.now))
        return None
    return Sat(attempt, services.pack(attempt.pack))


def _begin(
    tx: Tx,
    services: Services,
    here: Here,
    pack: Pack,
    sitting: Sitting,
    items: Sequence[Item],
    *,
    label: str,
    seed: str,
) -> Card:
    attempt = tx.attempts.start(
        NewAttempt(
            workspace=here.workspace.id,
            member=here.member.id,
            sitting=sitting,
            pack=pack.id,
            label=label,
            places=tuple(placed(item, seed) for item in items),
            started=here.now,
        )
    )
    return attemptcards.practice_item(Sat(attempt, services.pack(pack.id)), 0)


def fitting(pack: Pack, given: Mapping[str, str]) -> Sequence[Item]:
    """The pack's items of the domain and with the trap that were asked for, if any were."""
    domain, trap = given.get("domain"), given.get("trap")
    return [item for item in pack.ready if domain in (None, item.domain) and (trap is None or trap in item.traps)]


def _pool(answers: History, pack: Pack, given: Mapping[str, str]) -> tuple[Sequence[Item], str]:
    """The items that fit what was asked for, and words for it."""
    pool = fitting(pack, given)
    labels = []
    if "trap" in given:
        trap = pack.trap(given["trap"])
        labels.append(f"trap: {trap.name}" if trap else given["trap"])
    if given.get("what") == "missed":
        latest = {item.id: right for item, right, _ in answers}
        pool = [item for item in pool if latest.get(item.id) is False]
        labels.append("what you missed")
    return pool, ", ".join(labels)


def _last_seen(answers: History) -> Mapping[str, datetime]:
    return {item.id: at for item, _, at in answers}


def _in_exams(tx: Tx, here: Here, pack: Pack) -> Mapping[str, datetime]:
    """The items of the member's exams: a result explains what was left out too, and an open exam must not be told."""
    exams = list(tx.attempts.submitted(here.workspace.id, here.member.id, pack.id, Sitting.EXAM))
    open_ = tx.attempts.open_of(here.workspace.id, here.member.id, Sitting.EXAM)
    exams += [open_] if open_ is not None else []
    return {place.item.id: exam.ended or here.now for exam in exams for place in exam.places}
