"""A button of an attempt was pressed: finds the attempt, which must be the presser's own, and acts on it."""

from typing import assert_never

from bot.app import exams, practice
from bot.app.ports import Tx
from bot.app.services import Here, Services
from bot.core.attempt import Attempt, Progress, Sitting
from bot.view import attemptcards, wording
from bot.view.attemptcards import Sat
from bot.view.card import Card
from bot.view.plaincards import notice
from bot.view.tokens import AnswerAttempt, Flag, Miss, Stop, Submit, Visit

AttemptToken = AnswerAttempt | Visit | Flag | Submit | Stop | Miss


def act(tx: Tx, services: Services, here: Here, token: AttemptToken) -> Card:
    """Carry out what the button means. Somebody else's attempt is answered like one that doesn't exist."""
    attempt = practice.own(tx, here, token.attempt)
    if attempt is None:
        return notice(wording.NO_SUCH_ATTEMPT, tone="refused")
    is_exam = attempt.sitting is Sitting.EXAM
    match token:
        case AnswerAttempt(place=place, letter=letter):
            sit = exams.answer if is_exam else practice.answer
            return sit(tx, services, here, attempt, place, letter)
        case Visit(place=place):
            return (exams.visit if is_exam else practice.visit)(tx, services, here, attempt, place)
        case Flag(place=place):
            if is_exam:
                return exams.flag(tx, services, here, attempt, place)
            return practice.visit(tx, services, here, attempt, place)
        case Submit(sure=sure):
            if is_exam:
                return exams.submit(tx, services, here, attempt, sure=sure)
            return practice.stop(tx, services, here, attempt)
        case Stop():
            if is_exam:
                return exams.submit(tx, services, here, attempt, sure=False)
            return practice.stop(tx, services, here, attempt)
        case Miss(number=number):
            return _miss(tx, services, here, attempt, number)
        case _:
            assert_never(token)


def _miss(tx: Tx, services: Services, here: Here, attempt: Attempt, number: int) -> Card:
    # While an exam goes on, its misses would be its key.
    if attempt.progress is Progress.OPEN:
        return (
            practice.visit(tx, services, here, attempt, attempt.at)
            if attempt.sitting is not Sitting.EXAM
            else (exams.visit(tx, services, here, attempt, attempt.at))
        )
    if attempt.progress is Progress.STOPPED and attempt.sitting is Sitting.EXAM:
        return notice(wording.EXAM_GIVEN_UP, tone="refused")
    if not 0 <= number < len(attempt.misses):
        return notice(wording.NO_SUCH_ATTEMPT, tone="refused")
    return attemptcards.miss(Sat(attempt, services.pack(attempt.pack)), number)
