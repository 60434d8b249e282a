"""Mock exams: a form from the blueprint, timed by the server, submitted at the deadline whoever is awake."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.app.ledger import count_in_attempt
from bot.app.ports import Tx
from bot.app.practice import record
from bot.app.records import DeliveryKind, NewAttempt, NewDelivery
from bot.app.services import Here, Services
from bot.core.attempt import Attempt, Progress, Sitting
from bot.core.form import assemble
from bot.core.pack import Pack
from bot.faults import reached
from bot.view import attemptcards, wording
from bot.view.attemptcards import Sat
from bot.view.card import Card
from bot.view.plaincards import notice

EXTENDED = 1.5
"""How much longer an exam lasts for members who asked for extended time."""

WARNINGS = (10, 2)
"""Minutes before the deadline at which the member is reminded."""

LATE = timedelta(minutes=1)
"""A reminder that comes later than this is wrong by then, and is dropped."""

BATCH = 50


def exam(tx: Tx, services: Services, here: Here, pack: Pack, given: Mapping[str, str]) -> Card:
    """Begin an exam, or offer to go on with the open one."""
    open_ = tx.attempts.open_of(here.workspace.id, here.member.id, Sitting.EXAM)
    if open_ is not None and open_.is_over(here.now):
        # What it came to, before a new one is begun; the card offers that.
        return result(tx, services, submit_at_deadline(tx, open_))
    if open_ is not None and given.get("start") != "new":
        if not open_.answers:
            return _page(services, open_, here)
        return attemptcards.open_already(Sat(open_, services.pack(open_.pack)), ())
    if open_ is not None:
        _finish(tx, open_, Progress.STOPPED, here.now)
    used = tx.attempts.served(here.workspace.id, here.member.id, pack.id, Sitting.EXAM)
    seed = f"{here.member.id}/{max(used.values(), default=0)}/{here.now.isoformat()}"
    plan = pack.blueprint
    minutes = plan.minutes * (EXTENDED if here.member.extended else 1)
    places = assemble(pack.ready, plan, count=plan.questions, used=used, seed=seed)
    if not places:
        return notice(wording.NOTHING_TO_PRACTISE, tone="refused")
    attempt = tx.attempts.start(
        NewAttempt(
            workspace=here.workspace.id,
            member=here.member.id,
            sitting=Sitting.EXAM,
            pack=pack.id,
            label="",
            places=places,
            started=here.now,
            deadline=here.now + timedelta(minutes=minutes),
        )
    )
    for left in WARNINGS:
        if attempt.deadline is not None:
            tx.deliveries.add(
                NewDelivery(
                    workspace=attempt.workspace,
                    kind=DeliveryKind.NOTICE,
                    key=_warning_key(attempt, left),
                    member=attempt.member,
                    text=wording.exam_ends_in(left),
                ),
                attempt.deadline - timedelta(minutes=left),
            )
    return _page(services, attempt, here)


def answer(tx: Tx, services: Services, here: Here, attempt: Attempt, place: int, letter: str) -> Card:
    """Choose an option, or another one: answers can be changed until the exam is handed in."""
    over = _over(tx, services, here, attempt)
    if over is not None:
        return over
    option = attempt.option_at(place, letter)
    if option is None:
        return notice(wording.NO_SUCH_OPTION, tone="refused")
    attempt = replace(attempt, answers={**attempt.answers, place: option.id}, at=place)
    tx.attempts.save(attempt)
    return _page(services, attempt, here)


def visit(tx: Tx, services: Services, here: Here, attempt: Attempt, place: int) -> Card:
    """Go to a place; past the last one, to the result if there is one, else to the question whether to submit."""
    over = _over(tx, services, here, attempt)
    if over is not None:
        return over
    if place >= attempt.length:
        return attemptcards.exam_ask(Sat(attempt, services.pack(attempt.pack)), here.now)
    attempt = replace(attempt, at=place)
    tx.attempts.save(attempt)
    return _page(services, attempt, here)


def flag(tx: Tx, services: Services, here: Here, attempt: Attempt, place: int) -> Card:
    """Flag a place, or take its flag off."""
    over = _over(tx, services, here, attempt)
    if over is not None:
        return over
    if 0 <= place < attempt.length:
        attempt = replace(attempt, flags=attempt.flags ^ {place}, at=place)
        tx.attempts.save(attempt)
    return _page(services, attempt, here)


def submit(tx: Tx, services: Services, here: Here, attempt: Attempt, *, sure: bool) -> Card:
    """Hand the exam in, after asking."""
    over = _over(tx, services, here, attempt)
    if over is not None:
        return over
    if not sure:
        return attemptcards.exam_ask(Sat(attempt, services.pack(attempt.pack)), here.now)
    return result(tx, services, _score(tx, attempt, here.now))


def result(tx: Tx, services: Services, attempt: Attempt) -> Card:
    """The result of an exam that was handed in."""
    before = [
        one
        for one in tx.attempts.submitted(attempt.workspace, attempt.member, attempt.pack, Sitting.EXAM)
        if one.id < attempt.id
    ]
    return attemptcards.exam_result(Sat(attempt, services.pack(attempt.pack)), before)


def expire_due(tx: Tx, now: datetime) -> int:
    """Hand in exams whose time is up, with what was answered by then; how many were looked at."""
    attempts = tx.attempts.expired(now, BATCH)
    for attempt in attempts:
        ended = submit_at_deadline(tx, attempt)
        if ended.progress is Progress.SUBMITTED:
            tx.deliveries.add(
                NewDelivery(
                    workspace=ended.workspace,
                    kind=DeliveryKind.NOTICE,
                    key=f"tw-x{ended.id}-over",
                    member=ended.member,
                    text=wording.exam_handed_in(ended.right, ended.length),
                ),
                now,
            )
    return len(attempts)


def drop_late_warnings(tx: Tx, now: datetime) -> None:
    """Take back reminders that could not be told in time, as when the bot was down."""
    for attempt in tx.attempts.expired(now + timedelta(minutes=max(WARNINGS)), BATCH):
        for left in WARNINGS:
            if attempt.deadline is not None and now > attempt.deadline - timedelta(minutes=left) + LATE:
                tx.deliveries.cancel(attempt.workspace, _warning_key(attempt, left))


def submit_at_deadline(tx: Tx, attempt: Attempt) -> Attempt:
    """Hand an exam in as of its deadline."""
    return _score(tx, attempt, attempt.deadline or attempt.started)


def _score(tx: Tx, attempt: Attempt, at: datetime) -> Attempt:
    """Turn the answers into responses, which until now could be changed, and close the attempt."""
    member = tx.people.find_member(attempt.workspace, attempt.member)
    if member is None:
        return _finish(tx, attempt, Progress.STOPPED, at)
    for place, option in sorted(attempt.answers.items()):
        record(tx, attempt, place, option, at)
        item = attempt.places[place].item
        count_in_attempt(tx, attempt.workspace, member, item, option=option, at=at, in_exam=True)
    reached("during_exam_submit")
    return _finish(tx, attempt, Progress.SUBMITTED, at)


def _finish(tx: Tx, attempt: Attempt, progress: Progress, at: datetime) -> Attempt:
    ended = replace(attempt, progress=progress, ended=at)
    tx.attempts.save(ended)
    for left in WARNINGS:
        tx.deliveries.cancel(attempt.workspace, _warning_key(attempt, left))
    return ended


def _over(tx: Tx, services: Services, here: Here, attempt: Attempt) -> Card | None:
    """The result if the exam is over, handing it in if its time has just run out; None if it goes on."""
    if not attempt.is_over(here.now):
        return None
    if attempt.progress is Progress.OPEN:
        attempt = submit_at_deadline(tx, attempt)
    if attempt.progress is Progress.STOPPED:
        return notice(wording.EXAM_GIVEN_UP, tone="refused")
    return result(tx, services, attempt)


def _page(services: Services, attempt: Attempt, here: Here) -> Card:
    return attemptcards.exam_page(Sat(attempt, services.pack(attempt.pack)), here.now)


def _warning_key(attempt: Attempt, left: int) -> str:
    return f"tw-x{attempt.id}-{left}"
