"""The simulations measure what they say: the bot's own bookkeeping, known learners, honest figures."""

import math
import random
from pathlib import Path

import pytest

from benchmarks.learning import course, outlook
from benchmarks.learning.calibration import bins, quality
from benchmarks.learning.course import Policy
from benchmarks.learning.levels import RULES, rule_quality
from benchmarks.learning.memory import Mind
from benchmarks.learning.outlook import binomial_chance
from benchmarks.learning.real import agreement
from benchmarks.learning.report import table
from benchmarks.learning.spread import spread
from benchmarks.learning.worlds import WORLDS, world
from bot.core.pack import Pack
from bot.core.review import subject_of
from bot.packs.loader import load_packs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The pack that ships."""
    return next(iter(load_packs(ROOT / "content").values()))


async def test_the_loops_count_as_the_whole_bot_does(pack: Pack) -> None:
    found = await agreement(pack, seed="t", days=5)
    assert found.answers > 40
    assert (found.tallies, found.memories) == (True, True)


def test_the_forecast_of_a_hundred_learners_is_near_what_happens(pack: Pack) -> None:
    cases = outlook.simulate(pack, learners=100, seed="t")
    found = quality(cases, pack)
    assert 0.7 < found.coverage < 0.92
    assert found.brier_known < found.brier < found.brier_yes_no
    assert abs(found.bias) < 2
    assert sum(b.count for b in bins(cases, pack)) == found.exams == 100 * outlook.EXAMS


def test_rules_trade_one_error_for_the_other(pack: Pack) -> None:
    cases = outlook.simulate(pack, learners=60, seed="t")
    used, strict, wide = (rule_quality(cases, pack, rule) for rule in RULES)
    assert strict.accused < used.accused < wide.accused
    assert wide.missed < used.missed < strict.missed


def a_mind(heed: float, *subjects: str) -> Mind:
    """A learner without luck or quirks of their own."""
    rng = random.Random(1)  # noqa: S311  repeatable, not secret
    return Mind(decay=0.24, heed=heed, rng=rng, ease=dict.fromkeys(subjects, 0.0))


def test_knowledge_fades_by_a_power_and_spaced_learning_lasts_longer() -> None:
    mind = a_mind(1.0, "once", "massed", "spaced", "never")
    mind.learn("once", 0)
    chances = [mind.recall("once", day) for day in (1, 7, 30)]
    assert chances == pytest.approx([0.81, 0.61, 0.41], abs=0.01)
    for day in (19.9, 19.95, 20):
        mind.learn("massed", day)
    for day in (0, 10, 20):
        mind.learn("spaced", day)
    assert mind.recall("massed", 50) < mind.recall("spaced", 50)
    assert mind.recall("never", 50) == 0


def test_whoever_knows_nothing_guesses_at_one_in_four(pack: Pack) -> None:
    mind = a_mind(0.0, *map(subject_of, pack.ready))
    item = next(item for item in pack.ready if len(item.options) == 4)
    right = sum(mind.answer(item, day / 10) == item.key for day in range(2000))
    assert 440 < right < 560
    assert mind.chance(item, 300) == 0.25


def test_the_chosen_items_beat_random_ones_and_the_same_seed_repeats(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "MEMBERS", 4)
    ours = [course.run(pack, Policy.ADAPTIVE, seed=str(n)) for n in range(3)]
    random_ = [course.run(pack, Policy.RANDOM, seed=str(n)) for n in range(3)]
    assert ours[0] == course.run(pack, Policy.ADAPTIVE, seed="0")
    assert [r.retention_before for r in ours] == [r.retention_before for r in random_]
    assert sum(a.retention - b.retention for a, b in zip(ours, random_, strict=True)) / 3 > 0.01
    assert sum(a.score - b.score for a, b in zip(ours, random_, strict=True)) / 3 > 0.01


def test_asking_unseen_items_first_costs_little(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "MEMBERS", 4)
    now = [course.run(pack, Policy.ADAPTIVE, seed=str(n)) for n in range(3)]
    before = [course.run(pack, Policy.MIXED, seed=str(n)) for n in range(3)]
    assert now != before
    assert sum(a.retention - b.retention for a, b in zip(now, before, strict=True)) / 3 > -0.02
    assert sum(a.score - b.score for a, b in zip(now, before, strict=True)) / 3 > -0.02
    assert all(a.met > b.met for a, b in zip(now, before, strict=True))


def test_another_world_lasts_only_for_its_while() -> None:
    before = course.PRIVATE
    for name in WORLDS:
        with world(name):
            pass
    with world("take 12 items a day"):
        assert course.PRIVATE == 11
    assert before == course.PRIVATE


def test_the_bare_percentage_is_a_binomial(pack: Pack) -> None:
    assert binomial_chance(0.0, pack) == 0
    assert binomial_chance(1.0, pack) == 1
    assert binomial_chance(31.5 / 45, pack) == pytest.approx(0.5, abs=0.05)


def test_a_spread_is_the_textbook_one() -> None:
    found = spread([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.mean == 3
    assert math.isclose(found.sd, math.sqrt(2.5))
    assert math.isclose(found.high - found.mean, 2.78 * math.sqrt(2.5 / 5))


def test_a_table_is_padded() -> None:
    assert table(("A", "B"), [("x", "10"), ("long", "9")]).splitlines() == [
        "| A    |  B |",
        "|------|---:|",
        "| x    | 10 |",
        "| long |  9 |",
    ]
