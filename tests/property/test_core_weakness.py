"""What is said of a member's knowledge grows with right answers, sharpens with more, and forgets slowly."""

import math
from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.weakness import (
    HALF_LIFE_DAYS,
    MIN_RESPONSES,
    Level,
    Tally,
    estimate,
    weakest_first,
    weight_at,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

Answer = tuple[bool, float]
"""Whether it was right, and how many days ago it was given."""

answers = st.lists(st.tuples(st.booleans(), st.floats(0, 1500)), max_size=60)


def tally(given_: list[Answer], domain: str = "d") -> Tally:
    """The sums as they are kept: one addition per answer."""
    kept = Tally(domain=domain)
    for right, age in given_:
        weight = weight_at(NOW - timedelta(days=age))
        kept = Tally(
            domain=domain,
            answered=kept.answered + 1,
            right=kept.right + right,
            weight=kept.weight + weight,
            weight_right=kept.weight_right + weight * right,
        )
    return kept


@given(answers, st.randoms())
def test_forward_decay_is_the_sum_of_weights_by_age(given_: list[Answer], rng: object) -> None:
    kept = tally(given_)
    scale = weight_at(NOW)
    naive = math.fsum(2 ** (-age / HALF_LIFE_DAYS) for _, age in given_)
    naive_right = math.fsum(2 ** (-age / HALF_LIFE_DAYS) for right, age in given_ if right)
    assert math.isclose(kept.weight / scale, naive, rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(kept.weight_right / scale, naive_right, rel_tol=1e-9, abs_tol=1e-12)
    shuffled = list(given_)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random that hypothesis made
    assert math.isclose(tally(shuffled).weight, kept.weight, rel_tol=1e-9)


@given(st.floats(-4000, 20_000))
def test_a_weight_doubles_with_each_half_life(days: float) -> None:
    instant = NOW + timedelta(days=days)
    later = instant + timedelta(days=HALF_LIFE_DAYS)
    assert math.isclose(weight_at(later), 2 * weight_at(instant), rel_tol=1e-9)
    assert math.isfinite(weight_at(instant))


@given(answers, st.floats(-400, 4000))
def test_the_estimate_and_its_interval_lie_within_0_to_1(given_: list[Answer], ahead: float) -> None:
    found = estimate(tally(given_), NOW + timedelta(days=ahead))
    assert 0 < found.mean < 1
    assert 0 <= found.low < found.high <= 1
    assert (found.answered, found.right) == (len(given_), sum(right for right, _ in given_))


@given(answers.filter(bool), st.data())
def test_a_right_answer_in_place_of_a_wrong_one_raises_the_estimate(given_: list[Answer], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(given_) - 1))
    wrong = [*given_[:place], (False, given_[place][1]), *given_[place + 1 :]]
    right = [*given_[:place], (True, given_[place][1]), *given_[place + 1 :]]
    low, high = estimate(tally(wrong), NOW), estimate(tally(right), NOW)
    assert high.mean > low.mean


@given(answers, st.floats(0, 30))
def test_one_more_right_answer_raises_and_one_more_wrong_answer_lowers(given_: list[Answer], age: float) -> None:
    before = estimate(tally(given_), NOW).mean
    assert estimate(tally([*given_, (True, age)]), NOW).mean > before
    assert estimate(tally([*given_, (False, age)]), NOW).mean < before


@given(st.integers(0, 20), st.integers(0, 20), st.integers(2, 6))
def test_the_interval_shrinks_with_more_answers_of_the_same_share(right: int, wrong: int, times: int) -> None:
    assume(right + wrong > 0)
    few = [(True, 0.0)] * right + [(False, 0.0)] * wrong
    one, many = estimate(tally(few), NOW), estimate(tally(few * times), NOW)
    assert many.high - many.low < one.high - one.low


@given(st.integers(1, 30), st.integers(1, 30), st.floats(1, 1500))
def test_the_interval_widens_as_answers_grow_old(right: int, wrong: int, days: float) -> None:
    kept = tally([(True, 0.0)] * right + [(False, 0.0)] * wrong)
    fresh, old = estimate(kept, NOW), estimate(kept, NOW + timedelta(days=days))
    logit = [math.log(e.high / (1 - e.high)) - math.log(e.low / (1 - e.low)) for e in (fresh, old)]
    assert logit[1] > logit[0]


@given(answers)
def test_unknown_is_fewer_than_five_answers_and_never_weak(given_: list[Answer]) -> None:
    found = estimate(tally(given_), NOW)
    assert (found.level is Level.UNKNOWN) == (len(given_) < MIN_RESPONSES)
    assert found.missing == max(0, 5 - len(given_))


@given(answers.filter(lambda found: len(found) >= MIN_RESPONSES), st.floats(0.01, 0.99))
def test_weak_is_below_the_line(given_: list[Answer], line: float) -> None:
    found = estimate(tally(given_), NOW, fine_at=line)
    assert found.level is (Level.FINE if found.mean >= line else Level.WEAK)


@given(st.lists(answers, max_size=8))
def test_weakest_come_first_and_unknown_last(found: list[list[Answer]]) -> None:
    ordered = weakest_first(estimate(tally(g, f"d{n}"), NOW) for n, g in enumerate(found))
    known = [e for e in ordered if e.level is not Level.UNKNOWN]
    unknown = [e for e in ordered if e.level is Level.UNKNOWN]
    assert list(ordered) == known + unknown
    assert [e.mean for e in known] == sorted(e.mean for e in known)
    assert [e.answered for e in unknown] == sorted((e.answered for e in unknown), reverse=True)
    assert len(ordered) == len(found)
