"""The outlook is a sound forecast: within bounds, better with better answers, surer with more, fair to short items."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.blueprint import Blueprint, Domain
from bot.core.readiness import ENOUGH, LEVEL, NotEnough, Readiness, readiness
from bot.core.weakness import Tally, evidence, weight_at

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

counts = st.integers(ENOUGH, 150)


def tally(domain: str, right: int, wrong: int, *, age: float = 0.0) -> Tally:
    """Answers that were all given so many days ago."""
    weight = weight_at(NOW - timedelta(days=age))
    return Tally(
        domain=domain,
        answered=right + wrong,
        right=right,
        weight=weight * (right + wrong),
        weight_right=weight * right,
        fair_answered=right + wrong,
        fair_weight=weight * (right + wrong),
        fair_weight_right=weight * right,
    )


def told(tallies: list[Tally], blueprint: Blueprint) -> Readiness:
    found = readiness({tally.domain: tally for tally in tallies}, blueprint, NOW)
    assert isinstance(found, Readiness)
    return found


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Tally], Blueprint]:
    weights = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    domains = tuple(Domain(f"d{n}", f"D {n}", weight) for n, weight in enumerate(weights))
    plan = Blueprint(
        questions=draw(st.integers(1, 90)), minutes=90, pass_percent=draw(st.integers(1, 100)), domains=domains
    )
    tallies = []
    for domain in domains:
        answered = draw(counts)
        right = draw(st.integers(0, answered))
        tallies.append(tally(domain.id, right, answered - right, age=draw(st.floats(0, 2000))))
    return tallies, plan


@given(situations())
def test_everything_told_lies_within_its_bounds(made: tuple[list[Tally], Blueprint]) -> None:
    found = told(*made)
    assert 0 <= found.low <= found.high <= found.questions == made[1].questions
    assert 0 <= found.expected <= found.questions
    assert -1e-9 <= found.chance <= 1 + 1e-9


@given(situations(), st.data())
def test_a_right_answer_in_place_of_a_wrong_one_never_lowers_the_outlook(
    made: tuple[list[Tally], Blueprint], data: st.DataObject
) -> None:
    tallies, plan = made
    place = data.draw(st.integers(0, len(tallies) - 1))
    changed = tallies[place]
    assume(changed.right < changed.answered)
    better = changed._replace(fair_weight_right=changed.fair_weight_right + changed.fair_weight / changed.answered)
    before, after = told(tallies, plan), told([*tallies[:place], better, *tallies[place + 1 :]], plan)
    assert after.expected >= before.expected - 1e-9
    assert after.chance >= before.chance - 1e-9
    assert after.low >= before.low
    assert after.high >= before.high


@given(st.integers(1, 5), st.integers(1, 5), st.integers(2, 10))
def test_more_answers_of_the_same_share_never_widen_the_interval_by_more_than_rounding(
    right: int, wrong: int, times: int
) -> None:
    plan = Blueprint(questions=60, minutes=90, pass_percent=70, domains=(Domain("d", "D", 1),))
    few, many = tally("d", 4 * right, 4 * wrong), tally("d", 4 * right * times, 4 * wrong * times)
    narrow, wide = told([many], plan), told([few], plan)
    assert narrow.high - narrow.low <= wide.high - wide.low + 1


@given(situations())
def test_the_interval_holds_at_least_its_share(made: tuple[list[Tally], Blueprint]) -> None:
    tallies, plan = made
    found = told(tallies, plan)
    # Pass marks at the interval's ends read the distribution's tails off the chance to pass.
    for end, most in ((found.low, (1 - LEVEL) / 2), (found.high + 1, (1 - LEVEL) / 2)):
        if not 0 < end <= plan.questions:
            continue
        percent = next((p for p in range(1, 101) if math.ceil(p * plan.questions / 100) == end), None)
        if percent is None:
            continue
        at = told(tallies, replace(plan, pass_percent=percent))
        beyond = 1 - at.chance if end == found.low else at.chance
        assert beyond <= most + 1e-9


@pytest.mark.parametrize("answered", [0, 1, ENOUGH - 1])
def test_what_is_missing_is_told_instead_of_a_number(answered: int) -> None:
    domains = (Domain("full", "Full", 1), Domain("short", "Short", 1), Domain("none", "None", 1))
    plan = Blueprint(questions=9, minutes=9, pass_percent=70, domains=domains)
    found = readiness({"full": tally("full", ENOUGH, 0), "short": tally("short", answered, 0)}, plan, NOW)
    assert found == NotEnough((("short", answered), ("none", 0)))


@given(situations(), st.integers(0, 500), st.integers(0, 500))
def test_practice_and_review_change_nothing(made: tuple[list[Tally], Blueprint], right: int, wrong: int) -> None:
    tallies, plan = made
    extra = tally("any", right, wrong)
    practised = [
        one._replace(
            answered=one.answered + extra.answered,
            right=one.right + extra.right,
            weight=one.weight + extra.weight,
            weight_right=one.weight_right + extra.weight_right,
        )
        for one in tallies
    ]
    assert told(practised, plan) == told(tallies, plan)


def test_old_answers_say_less_than_new_ones() -> None:
    plan = Blueprint(questions=40, minutes=90, pass_percent=70, domains=(Domain("d", "D", 1),))
    fresh, old = (told([tally("d", 60, 5, age=age)], plan) for age in (0, 180))
    assert old.high - old.low > fresh.high - fresh.low
    assert old.chance < fresh.chance


@given(st.floats(0, 1), st.integers(2, 5))
def test_the_correction_for_guessing_is_unbiased(known: float, options: int) -> None:
    """Whoever knows a share of the subjects and guesses the rest counts the same, however many options there are."""
    right = known + (1 - known) / options
    mean = right * evidence(True, options) + (1 - right) * evidence(False, options)
    assert math.isclose(mean, 0.25 + 0.75 * known, abs_tol=1e-12)


def test_among_four_options_an_answer_counts_as_it_is() -> None:
    assert (evidence(True, 4), evidence(False, 4)) == (1.0, 0.0)
