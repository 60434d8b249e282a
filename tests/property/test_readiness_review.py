"""Spaced review: whole days, the same for the same seed, later after right answers, and what is recalled fades."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.review import LONGEST, Memory, due_first, rate, recall

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

courses = st.lists(st.tuples(st.booleans(), st.floats(-2, 200)), min_size=1, max_size=15)
"""Whether each answer was right, and the days since the one before. A clock may be set back."""


def follow(course: list[tuple[bool, float]], seed: str, subject: str = "trap:t") -> list[tuple[datetime, Memory]]:
    memory, at, states = None, NOW, []
    for right, days in course:
        at += timedelta(days=days)
        memory = rate(memory, subject, right=right, at=at, seed=seed)
        states.append((at, memory))
    return states


@settings(deadline=None)
@given(courses, st.text(max_size=5))
def test_intervals_are_whole_days_from_one_to_the_longest(course: list[tuple[bool, float]], seed: str) -> None:
    for at, memory in follow(course, seed):
        gap = memory.due - at
        assert timedelta(days=1) <= gap <= LONGEST * 1.05 + timedelta(days=1)
        assert gap % timedelta(days=1) == timedelta(0)
        assert memory.stability > 0
        assert 1 <= memory.difficulty <= 10


@settings(deadline=None)
@given(courses, st.text(max_size=5))
def test_the_same_answers_and_seed_give_the_same_memory(course: list[tuple[bool, float]], seed: str) -> None:
    assert follow(course, seed) == follow(course, seed)


def test_a_schedule_is_the_same_in_every_process() -> None:
    script = """
from tests.property.test_readiness_review import follow
for seed in ("1", "2"):
    for n, (at, memory) in enumerate(follow([(n % 4 != 2, n * 3.0) for n in range(12)], seed)):
        print(memory)
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert next(iter(told)).count(b"Memory") == 24


def test_seeds_spread_what_was_learned_on_one_day() -> None:
    course = [(True, 0.0), (True, 5.0), (True, 20.0), (True, 60.0)]
    assert len({follow(course, str(seed))[-1][1].due for seed in range(20)}) > 1


@settings(deadline=None)
@given(courses)
def test_a_wrong_answer_brings_the_subject_back_no_later_than_a_right_one(course: list[tuple[bool, float]]) -> None:
    *_, (at, memory) = follow(course, "s")
    later = at + timedelta(days=3)
    wrong, right = (rate(memory, "trap:t", right=good, at=later, seed="s") for good in (False, True))
    assert wrong.stability < right.stability
    assert wrong.due <= right.due
    assert wrong.times == right.times == memory.times + 1


@settings(deadline=None)
@given(courses)
def test_recall_is_a_chance_that_fades(course: list[tuple[bool, float]]) -> None:
    *_, (at, memory) = follow(course, "s")
    chances = [recall([memory], at + timedelta(days=days))["trap:t"] for days in (0, 1, 7, 60, 400)]
    assert all(0 < chance <= 1 for chance in chances)
    assert all(sooner > later for sooner, later in pairwise(chances))
    # A clock that was set back doesn't break it.
    assert 0 < recall([memory], at - timedelta(days=5))["trap:t"] <= 1


def test_due_brings_only_what_is_due_and_the_most_faded_first() -> None:
    states = [follow([(right, 0.0)] * 2, "s", f"trap:{n}")[-1][1] for n, right in enumerate((True, False, True))]
    assert due_first(states, NOW) == []
    late = NOW + timedelta(days=40)
    faded = recall(states, late)
    order = [memory.subject for memory in due_first(states, late)]
    assert [faded[subject] for subject in order] == sorted(faded.values())
