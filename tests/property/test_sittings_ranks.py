"""Whatever somebody does in private, and in extra rounds, nobody's rank, points or streak changes."""

import asyncio
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app.rebuild import rebuild
from bot.core.attempt import Attempt, Sitting
from bot.core.round import Round
from bot.view.card import Reply
from tests.support.app_house import ANA, BEN, House, card_of, open_house, tokens_of, words
from tests.support.card_limits import faults
from tests.support.sitting_moves import attempts_of, ranks

COMMANDS = (
    "quiz",
    "quiz 3",
    "quiz basics 2",
    "quiz missed",
    "quiz trap all is red",
    "quiz 4 new",
    "quiz here",
    "review",
    "review 2 new",
    "exam",
    "exam new",
    "stats",
    "traps",
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["press", "press", "press", "command", "wait"]), st.integers(0, 99)),
    min_size=20,
    max_size=60,
)


async def _step(house: House, what: str, number: int, shown: Reply | None) -> Reply | None:
    """Press something of what is shown, give a command, or wait; what is shown then."""
    match what:
        case "press" if shown is not None and (tokens := [t for t in tokens_of(shown) if ":settings:" not in t]):
            # Hiding is the one thing that may change a board.
            shown = await house.press(ANA, tokens[number % len(tokens)])
        case "wait":
            house.clock.advance(minutes=number)
            await house.tick()
            return shown
        case _:
            command = COMMANDS[number % len(COMMANDS)]
            shown = await house.say(ANA, command)
            if command == "quiz here":
                extra: Round = (await house.rounds())[-1]
                if extra.number is None and extra.is_open(house.clock.now()):
                    await house.answer(ANA, extra, "ab"[number % 2])
    assert not faults(shown)
    return shown


def _repeats(attempt: Attempt) -> bool:
    ids = [place.item.id for place in attempt.places]
    return len(set(ids)) != len(ids)


@settings(deadline=None, max_examples=60)
@given(STEPS, st.booleans())
def test_practice_review_exams_and_extra_rounds_change_no_rank(steps: list[tuple[str, int]], right: bool) -> None:
    async def play() -> None:
        async with open_house() as house:
            await house.schedule()
            daily = await house.opened()
            await house.answer(ANA, daily, "b" if right else "a")
            await house.answer(BEN, daily, "b")
            await house.tick(daily.closes + timedelta(minutes=1))
            before, board = await ranks(house), words(card_of(await house.say(ANA, "leaderboard all")))
            shown: Reply | None = None
            until = daily.opens + timedelta(hours=23)  # the next daily round would rank
            for what, number in steps:
                house.clock.advance(seconds=1)  # nobody does two things in one instant
                if house.clock.now() + timedelta(minutes=number) < until or what != "wait":
                    shown = await _step(house, what, number, shown)
            assert await ranks(house) == before
            assert words(card_of(await house.say(ANA, "leaderboard all"))) == board
            attempts = await attempts_of(house)
            assert not [attempt for attempt in attempts if _repeats(attempt)]
            for sitting in Sitting:
                there = [a for a in attempts if a.sitting is sitting and a.progress == "open"]
                assert len(there) <= 1
            assert await house.storage.maintain(rebuild) == ()

    asyncio.run(play())
