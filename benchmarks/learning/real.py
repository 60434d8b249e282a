"""Shows on a sample that the quick loops of this package count as the whole bot does.

A member with a simulated mind presses the buttons of the real Trapwise on an in-memory database; every answer is also
given to the loops' own bookkeeping. At the end both must hold the same tallies and memories.
"""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from benchmarks.learning.course import FIRST_DAY, Member, count
from benchmarks.learning.memory import Mind
from bot.app.actions import Actor, Command, Press
from bot.app.live import Live
from bot.app.ports import Tx
from bot.compose import LOCAL, LOCAL_CHANNEL, core_parts
from bot.config import Settings
from bot.core.attempt import Attempt, Sitting
from bot.core.pack import Pack
from bot.core.refs import MemberRef
from bot.core.review import Memory, subject_of
from bot.core.weakness import Tally
from bot.view.tokens import AnswerAttempt, Stop, write

DAYS = 15
"""Long enough for reviews to come due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How many answers went both ways, and whether the two books agree."""

    answers: int
    tallies: bool
    memories: bool


class _Clock:
    def __init__(self) -> None:
        self.time = FIRST_DAY

    def now(self) -> datetime:
        return self.time


async def agreement(pack: Pack, *, seed: str, days: int = DAYS) -> Agreement:
    """A practice of ten items a day and what is due for review, through the one door of the application."""
    clock = _Clock()
    actor = Actor(member=MemberRef(LOCAL, "learner"), name="Learner", channel=LOCAL_CHANNEL)
    settings = Settings(database="sqlite://:memory:", zone="UTC", pack=pack.id)
    mind = Mind.draw(sorted({subject_of(item) for item in pack.ready}), random.Random(seed))
    async with core_parts(settings, messengers={}, live=Live(), clock=clock) as parts:
        book: Member | None = None
        answers = 0
        for day in range(days):
            for name, sitting in (("review", Sitting.REVIEW), ("quiz", Sitting.PRACTICE)):
                clock.time = FIRST_DAY + timedelta(days=day, hours=len(name))
                await parts.trapwise.command(Command(actor=actor, name=name))
                attempt = await parts.storage.read(partial(_open, actor=actor, sitting=sitting))
                if attempt is None:
                    continue
                book = book or Member(attempt.member, mind)
                for number, place in enumerate(attempt.places):
                    clock.time += timedelta(seconds=40)
                    option = mind.answer(place.item, (clock.time - FIRST_DAY) / timedelta(days=1))
                    token = write(AnswerAttempt(attempt.id, number, attempt.letter(number, option)))
                    await parts.trapwise.press(Press(actor=actor, token=token))
                    count(book, place.item, option, clock.time)
                    answers += 1
                await parts.trapwise.press(Press(actor=actor, token=write(Stop(attempt.id))))
        tallies, memories = await parts.storage.read(lambda tx: _kept(tx, actor, pack.id))
    assert book is not None, "the first day has new items"
    return Agreement(
        answers=answers,
        tallies=_same_tallies(tallies, book.tallies),
        memories={m.subject: _rounded(m) for m in memories} == {s: _rounded(m) for s, m in book.memories.items()},
    )


def _open(tx: Tx, *, actor: Actor, sitting: Sitting) -> Attempt | None:
    member = tx.people.look_up(actor.member)
    return tx.attempts.open_of(member.workspace, member.id, sitting) if member else None


def _kept(tx: Tx, actor: Actor, pack: str) -> tuple[list[Tally], list[Memory]]:
    member = tx.people.look_up(actor.member)
    assert member is not None
    return (
        list(tx.learning.tallies(member.workspace, member.id, pack)),
        list(tx.memories.all(member.workspace, member.id, pack)),
    )


def _same_tallies(kept: list[Tally], own: dict[str, Tally]) -> bool:
    return {t.domain for t in kept} == own.keys() and all(
        (t.answered, t.right, t.fair_answered)
        == (own[t.domain].answered, own[t.domain].right, own[t.domain].fair_answered)
        and math.isclose(t.weight, own[t.domain].weight, rel_tol=1e-9)
        and math.isclose(t.weight_right, own[t.domain].weight_right, rel_tol=1e-9)
        for t in kept
    )


def _rounded(memory: Memory) -> Memory:
    """Floats that went through a database may differ in the last digit."""
    return memory._replace(stability=round(memory.stability, 9), difficulty=round(memory.difficulty, 9))
