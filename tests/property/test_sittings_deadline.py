"""The deadline of an exam, against any sequence of presses, commands, waits and restarts."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app.exams import EXTENDED
from bot.core.attempt import Attempt, Progress, Sitting
from bot.core.refs import AttemptId
from bot.view.card import Card, Reply
from bot.view.tokens import AnswerAttempt, Flag, Miss, Stop, Submit, Token, Visit, write
from tests.support.app_house import ANA, EIGHT, House, open_house, words
from tests.support.builders import SettableClock
from tests.support.card_limits import faults
from tests.support.sitting_moves import attempts_of, begun

MINUTES, LENGTH = 20, 10
"""Of the builders' blueprint."""

RATIONALES = ("The sky is blue.", "Only some are red.", "Only rain is wet.", "Look up before you answer.")

Moves = Callable[[AttemptId], Token]

PLACES = st.integers(0, LENGTH + 1)
PRESSES: st.SearchStrategy[Moves] = st.one_of(
    st.builds(
        lambda place, letter: lambda attempt: AnswerAttempt(attempt, place, letter), PLACES, st.sampled_from("ABCDEZ")
    ),
    st.builds(lambda place: lambda attempt: Visit(attempt, place), PLACES),
    st.builds(lambda place: lambda attempt: Flag(attempt, place), PLACES),
    st.builds(lambda place: lambda attempt: Miss(attempt, place), PLACES),
    st.builds(lambda: Stop),
    st.builds(lambda: Submit),
)
SECONDS = st.integers(0, 7 * 60)
STEPS = st.lists(
    st.tuples(st.sampled_from(["press", "press", "press", "press", "wait", "tick", "exam"]), PRESSES, SECONDS),
    min_size=5,
    max_size=40,
)


@dataclass
class Expected:
    """What the rules say an exam comes to: the answers given in time, and when it ended."""

    attempt: Attempt
    answers: dict[int, str] = field(default_factory=dict)

    def note(self, token: Token) -> None:
        match token:
            case AnswerAttempt(place=place, letter=letter) if option := self.attempt.option_at(place, letter):
                self.answers[place] = option.id

    def right(self) -> int:
        return sum(self.attempt.places[place].item.key == option for place, option in self.answers.items())


def _gives_away(card: Card) -> bool:
    return any(rationale in words(card) for rationale in RATIONALES)


async def _check_open(reply: Reply) -> None:
    assert reply.card is not None
    assert not faults(reply)
    assert not _gives_away(reply.card)


@settings(deadline=None, max_examples=60)
@given(steps=STEPS, extended=st.booleans(), submits_at=st.none() | st.integers(5, 39), after=SECONDS)
def test_no_sequence_of_actions_beats_the_deadline(
    steps: list[tuple[str, Moves, int]], extended: bool, submits_at: int | None, after: int
) -> None:
    async def play() -> None:
        async with open_house() as house:
            if extended:
                await house.say(ANA, "settings extended-time")
            exam = await begun(house, "exam", Sitting.EXAM)
            deadline = EIGHT + timedelta(minutes=MINUTES * (EXTENDED if extended else 1))
            assert exam.deadline == deadline
            expected, ended = Expected(exam), None
            for number, (what, move, seconds) in enumerate(steps):
                token: Token = Submit(exam.id, sure=True) if number == submits_at else move(exam.id)
                match what:
                    case "wait":
                        house.clock.advance(seconds=seconds)
                    case "tick":
                        await house.tick()
                    case "exam" if ended is None and house.clock.now() < deadline:
                        await _check_open(await house.say(ANA, "exam"))
                    case "exam":
                        pass
                    case _ if ended is None and house.clock.now() < deadline:
                        reply = await house.press(ANA, write(token))
                        if token == Submit(exam.id, sure=True):
                            ended = house.clock.now()
                        else:
                            await _check_open(reply)
                            expected.note(token)
                    case _:
                        assert not faults(await house.press(ANA, write(token)))
            await _beat(house, exam, late_by=after)
            (done,) = await attempts_of(house)
            assert done.progress is Progress.SUBMITTED
            assert done.ended == (ended or deadline)
            assert done.answers == expected.answers
            assert done.right == expected.right()
            workspace, _ = await house.ids()
            kept = await house.look(lambda tx: tx.responses.of_member(workspace, done.member))
            assert len(kept) == len(expected.answers)
            assert {response.at for response, _ in kept} <= {ended or deadline}

    asyncio.run(play())


async def _beat(house: House, exam: Attempt, *, late_by: int) -> None:
    """Once the time is up, try everything."""
    assert exam.deadline is not None
    house.clock.set(max(house.clock.now(), exam.deadline + timedelta(seconds=late_by)))
    for place in range(exam.length):
        await house.press(ANA, write(AnswerAttempt(exam.id, place, exam.letter(place, exam.places[place].item.key))))
        await house.press(ANA, write(Flag(exam.id, place)))
    await house.press(ANA, write(Submit(exam.id, sure=True)))
    await house.tick()
    house.clock.advance(hours=-5)  # nor does a clock that is set back open it again
    await house.press(ANA, write(AnswerAttempt(exam.id, 0, exam.letter(0, exam.places[0].item.key))))
    await house.press(ANA, write(Submit(exam.id, sure=True)))


@settings(deadline=None, max_examples=15)
@given(
    answered=st.dictionaries(st.integers(0, LENGTH - 1), st.sampled_from("abcd")),
    down_for=st.integers(0, 7 * 24 * 60),
    first=st.sampled_from(["tick", "press", "exam", "stats"]),
)
def test_an_exam_that_ended_while_the_bot_was_down_counts_as_of_its_deadline(
    answered: dict[int, str], down_for: int, first: str
) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database, clock = f"sqlite:///{Path(folder) / 'trapwise.db'}", SettableClock(EIGHT)
            async with open_house(database=database, clock=clock) as house:
                exam = await begun(house, "exam", Sitting.EXAM)
                for place, option in answered.items():
                    await house.press(ANA, write(AnswerAttempt(exam.id, place, exam.letter(place, option))))
            clock.advance(minutes=MINUTES + down_for)
            async with open_house(database=database, clock=clock) as house:
                match first:
                    case "press":
                        late = AnswerAttempt(exam.id, 0, exam.letter(0, exam.places[0].item.key))
                        await house.press(ANA, write(late))
                    case "exam" | "stats":
                        await house.say(ANA, first)
                await house.tick()
                done = (await attempts_of(house))[0]
                assert done.progress is Progress.SUBMITTED
                assert done.ended == exam.deadline
                assert done.answers == answered
                warned = [card.title for _, card in house.messenger.told if "ends in" in card.title]
                assert warned == []  # a warning now would come too late

    asyncio.run(play())
