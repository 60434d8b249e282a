"""The order of practice: what there is most to win by asking comes first."""

import random
from datetime import timedelta

import pytest

from bot.core.item import Item, Option
from bot.core.review import Memory, rate, subject_of
from bot.core.selection import order_for_practice
from tests.support.builders import NOW, an_item


def about(trap: str, number: int = 1, **changes: str) -> Item:
    """An item whose main trap is this one."""
    options = (Option("a", "Yes", "No.", trap), Option("b", "No", "It is so."), Option("c", "So", "No."))
    return an_item(f"{trap}-{number}", options=options, **changes)


def met(trap: str, *, right: bool, days: float) -> Memory:
    return rate(None, f"trap:{trap}", right=right, at=NOW - timedelta(days=days), seed="1")


def order(
    pool: list[Item], *memories: Memory, seen: dict[str, float] | None = None, weak: str = "", seed: str = "s"
) -> list[Item]:
    """`seen` is by item id, in days ago."""
    return order_for_practice(
        pool,
        last_seen={item: NOW - timedelta(days=days) for item, days in (seen or {}).items()},
        memories={memory.subject: memory for memory in memories},
        weak={weak},
        now=NOW,
        seed=seed,
    )


def test_every_item_comes_once_whatever_is_known() -> None:
    rng = random.Random(3)  # noqa: S311  repeatable, not secret
    for count in (0, 1, 7, 60):
        pool = [about(f"t{rng.randrange(9)}", n) for n in range(count)]
        known = [met(f"t{n}", right=rng.random() < 0.5, days=rng.uniform(0, 50)) for n in range(4)]
        ordered = order(pool, *known, seen={item.id: 3.0 for item in pool[::2]})
        assert sorted(item.id for item in ordered) == sorted(item.id for item in pool)


def test_the_same_seed_gives_the_same_order_and_another_one_another() -> None:
    pool = [about(f"t{n}") for n in range(30)]
    assert order(pool) == order(list(reversed(pool)))
    assert order(pool) != order(pool, seed="other")


def test_a_new_subject_comes_before_one_that_is_remembered() -> None:
    for seed in "abcdef":
        assert order([about("old"), about("new")], met("old", right=True, days=3), seed=seed)[0] == about("new")


def test_a_missed_subject_comes_back_before_new_ones_that_few_items_ask_about() -> None:
    pool = [about("missed", n) for n in range(4)] + [about("new")]
    assert subject_of(order(pool, met("missed", right=False, days=14))[0]) == "trap:missed"


def test_what_was_answered_today_comes_last() -> None:
    pool = [about("today"), about("missed"), about("new"), about("right")]
    known = [met("today", right=False, days=0.1), met("missed", right=False, days=9), met("right", right=True, days=9)]
    for seed in "abcdef":
        assert order(pool, *known, seed=seed)[-1] == about("today")


def test_each_subject_comes_once_before_any_comes_twice() -> None:
    pool = [about(f"t{n % 5}", n) for n in range(15)]
    ordered = [subject_of(item) for item in order(pool)]
    assert all(len(set(ordered[start : start + 5])) == 5 for start in (0, 5, 10))


def test_a_sibling_not_seen_yet_stands_in_for_the_one_that_was() -> None:
    pool = [about("t", n) for n in range(3)]
    ordered = order(pool, met("t", right=False, days=5), seen={"t-0": 5, "t-2": 9})
    assert [item.id for item in ordered] == ["t-1", "t-2", "t-0"]


@pytest.mark.parametrize("weak", ["basics", "practice"])
def test_a_weak_domain_comes_first_among_equals(weak: str) -> None:
    pool = [about(f"{domain}{n}", domain=domain) for domain in ("basics", "practice") for n in range(4)]
    for seed in "abcdef":
        assert {item.domain for item in order(pool, weak=weak, seed=seed)[:4]} == {weak}


def test_a_subject_that_more_items_ask_about_comes_sooner() -> None:
    pool = [about("small"), *(about("large", n) for n in range(4))]
    for seed in "abcdef":
        assert subject_of(order(pool, seed=seed)[0]) == "trap:large"
