"""Points, streaks, places and quotas against models that are written the slow and obvious way."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bot.core.blueprint import Blueprint, Domain
from bot.core.refs import MemberId
from bot.core.scoring import (
    FREEZES_MAX,
    RIGHT_POINTS,
    RUN_BONUS_MAX,
    Standing,
    answered,
    missed,
    passes,
    percent,
    points_for,
)
from bot.core.standings import Score, Span, first_day, period, places

DAYS = st.one_of(
    st.lists(st.sampled_from([True, False, None]), max_size=80),
    # Long enough for freezes to be earned, and to be used up.
    st.tuples(st.integers(0, 45), st.lists(st.sampled_from([True, None, None]), max_size=12)).map(
        lambda parts: [True] * parts[0] + parts[1]
    ),
)
"""Posted days: right, wrong or not answered."""


@dataclass
class Naive:
    """The rules as the product page tells them, one posted day after the other."""

    answered: int = 0
    right: int = 0
    points: int = 0
    streak: int = 0
    best: int = 0
    freezes: int = 0

    def __post_init__(self) -> None:
        self.history: list[bool | None] = []

    def day(self, outcome: bool | None) -> int:
        brought = 0
        if outcome is None:
            if self.answered:
                if self.freezes:
                    self.freezes -= 1
                else:
                    self.streak = 0
        else:
            if outcome:
                before = 0
                for earlier in reversed(self.history):
                    if earlier is not True:
                        break
                    before += 1
                brought = 10 + min(5, before)
                self.right += 1
            self.points += brought
            self.answered += 1
            self.streak += 1
            self.best = max(self.best, self.streak)
            if self.answered % 10 == 0:
                self.freezes = min(2, self.freezes + 1)
        self.history.append(outcome)
        return brought


@given(DAYS)
def test_standings_follow_the_rules_day_by_day(days: list[bool | None]) -> None:
    naive, standing = Naive(), Standing()
    for number, outcome in enumerate(days, start=1):
        brought = naive.day(outcome)
        if outcome is not None:
            standing, points = answered(standing, number, right=outcome)
            assert points == brought
        present = missed(standing, number + 1)
        assert (present.answered, present.right, present.points) == (naive.answered, naive.right, naive.points)
        assert (present.streak, present.best_streak, present.freezes) == (naive.streak, naive.best, naive.freezes)


@given(DAYS)
def test_standings_stay_within_bounds(days: list[bool | None]) -> None:
    standing = Standing()
    for number, outcome in enumerate(days, start=1):
        if outcome is None:
            continue
        standing, points = answered(standing, number, right=outcome)
        assert points == 0 if not outcome else RIGHT_POINTS <= points <= RIGHT_POINTS + RUN_BONUS_MAX
        assert 0 <= standing.right <= standing.answered <= number
        assert RIGHT_POINTS * standing.right <= standing.points <= (RIGHT_POINTS + RUN_BONUS_MAX) * standing.right
        assert 0 <= standing.freezes <= FREEZES_MAX
        assert 1 <= standing.streak <= standing.best_streak <= standing.answered
        assert standing.run <= standing.streak


@given(DAYS, st.integers(0, 100))
def test_missing_days_at_once_or_one_by_one_is_the_same(days: list[bool | None], gap: int) -> None:
    standing = Standing()
    for number, outcome in enumerate(days, start=1):
        if outcome is not None:
            standing, _ = answered(standing, number, right=outcome)
    number = len(days) + 1 + gap
    once = missed(standing, number)
    assert missed(standing, number) == once
    assert (once.streak == 0) == (standing.streak == 0 or number - standing.last - 1 > standing.freezes)


def test_two_freezes_are_held_at_most() -> None:
    standing = Standing()
    for number in range(1, 41):
        standing, _ = answered(standing, number, right=False)
        assert standing.freezes == min(2, number // 10)
    assert [missed(standing, 41 + gap).streak for gap in range(4)] == [40, 40, 40, 0]
    assert [missed(standing, 41 + gap).freezes for gap in range(4)] == [2, 1, 0, 0]


def test_nobody_who_never_answered_has_missed_anything() -> None:
    assert missed(Standing(), 1_000) == Standing()


def test_two_rounds_open_at_once_may_be_answered_in_either_order() -> None:
    """After a change of schedule; answering the older one last must not make the newer one look missed."""
    results = []
    for order in ((1, 2), (2, 1)):
        standing = Standing()
        for number in order:
            standing, _ = answered(standing, number, right=True)
        standing, points = answered(standing, 3, right=True)
        results.append((standing, points))
    assert results[0] == results[1]
    assert results[0][0].streak == 3


@given(st.booleans(), st.integers(0, 1_000))
def test_points_of_one_answer(right: bool, run: int) -> None:
    expected = 10 + (run if run < 5 else 5) if right else 0
    assert points_for(right, run) == expected


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_percent_is_rounded_half_up(part: int, whole: int) -> None:
    part = min(part, whole)
    if whole == 0:
        assert percent(part, whole) == 0
    else:
        exact = Fraction(100 * part, whole)
        found = percent(part, whole)
        assert found == int(exact + Fraction(1, 2))
        assert 0 <= found <= 100


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 100))
def test_passing_is_compared_without_rounding(right: int, count: int, cut: int) -> None:
    right = min(right, count)
    assert passes(right, count, cut) == (count > 0 and Fraction(right, max(count, 1)) >= Fraction(cut, 100))


scores = st.lists(
    st.builds(
        Score,
        member=st.integers(1, 10**6).map(MemberId),
        name=st.text(max_size=8),
        points=st.integers(0, 30),
        right=st.integers(0, 9),
        answered=st.integers(0, 9),
    ),
    max_size=30,
    unique_by=lambda score: score.member,
)


@given(scores, st.randoms())
def test_places_count_those_with_more_points(found: list[Score], rng: object) -> None:
    placed = places(found)
    assert sorted(p.score.member for p in placed) == sorted(score.member for score in found)
    for p in placed:
        assert p.place == 1 + sum(other.points > p.score.points for other in found)
    assert [p.score.points for p in placed] == sorted((s.points for s in found), reverse=True)
    shuffled = list(found)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random that hypothesis made
    assert places(shuffled) == placed


days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(days, days)
def test_two_days_share_a_period_exactly_if_they_are_of_one_week_or_month(one: date, two: date) -> None:
    assert (period(Span.WEEK, one) == period(Span.WEEK, two)) == (one.isocalendar()[:2] == two.isocalendar()[:2])
    assert (period(Span.MONTH, one) == period(Span.MONTH, two)) == ((one.year, one.month) == (two.year, two.month))
    assert period(Span.ALL, one) == period(Span.ALL, two)
    assert len({period(span, day) for span in Span for day in (one, one)}) == 3


@given(days)
def test_a_window_begins_on_its_first_day(day: date) -> None:
    for span in (Span.WEEK, Span.MONTH):
        first = first_day(span, day)
        assert first is not None
        assert first <= day
        assert period(span, first) == period(span, day)
        assert period(span, first - timedelta(days=1)) != period(span, day)
    assert first_day(Span.ALL, day) is None


blueprints = st.lists(st.integers(1, 60), min_size=1, max_size=9).map(
    lambda weights: Blueprint(
        questions=45,
        minutes=90,
        pass_percent=70,
        domains=tuple(Domain(f"d{n}", f"Domain {n}", weight) for n, weight in enumerate(weights)),
    )
)


@given(blueprints, st.integers(0, 500))
def test_quotas_add_up_and_are_within_one_of_the_exact_share(blueprint: Blueprint, count: int) -> None:
    quotas = blueprint.quotas(count)
    total = sum(domain.weight for domain in blueprint.domains)
    assert sum(quotas.values()) == count
    assert list(quotas) == [domain.id for domain in blueprint.domains]
    for domain in blueprint.domains:
        assert abs(quotas[domain.id] - Fraction(count * domain.weight, total)) < 1
        for other in blueprint.domains:
            assert other.weight <= domain.weight or quotas[other.id] >= quotas[domain.id]
