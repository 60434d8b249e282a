"""Our arithmetic of the memory model is that of its authors' library, number for number."""

from datetime import UTC, datetime, timedelta

from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from bot.core import fsrs6
from bot.core.review import LONGEST, RETENTION, Memory, rate

NOW = datetime(2026, 1, 1, tzinfo=UTC)

answers = st.lists(st.tuples(st.floats(0, 400), st.booleans()), min_size=1, max_size=40)


@given(answers)
def test_a_memory_goes_the_way_of_the_librarys(given_answers: list[tuple[float, bool]]) -> None:
    scheduler = Scheduler(
        desired_retention=RETENTION,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=LONGEST.days,
        enable_fuzzing=False,
    )
    card, at, memory = Card(card_id=0), NOW, None
    for days, right in given_answers:
        at += timedelta(days=days)
        before, memory = memory, rate(memory, "trap:x", right=right, at=at, seed="s")
        card, _ = scheduler.review_card(card, Rating.Good if right else Rating.Again, at)
        assert (memory.stability, memory.difficulty) == (card.stability, card.difficulty)
        assert memory.last == at
        assert memory.times == (before.times if before else 0) + 1
        planned = (card.due - at).days
        # Ours differs by its fuzz: a twentieth, and a day of rounding.
        assert abs((memory.due - at).days - planned) <= 1 + planned * 0.05
        if planned <= 2:
            assert (memory.due - at).days == planned


@given(st.floats(0.001, 1000), st.integers(0, 1000))
def test_so_is_the_chance_to_remember(stability: float, days: int) -> None:
    card = Card(card_id=0, stability=stability, last_review=NOW)
    expected = Scheduler().get_card_retrievability(card, NOW + timedelta(days=days))
    assert fsrs6.recalled(stability, days) == expected


def test_a_clock_that_was_set_back_counts_as_the_same_day() -> None:
    later = Memory(subject="x", stability=5, difficulty=5, days=0, last=NOW + timedelta(days=9), times=1)
    now = Memory(subject="x", stability=5, difficulty=5, days=0, last=NOW, times=1)
    assert rate(later, "x", right=True, at=NOW, seed="s") == rate(now, "x", right=True, at=NOW, seed="s")
