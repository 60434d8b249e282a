"""The order of practice: unseen items first, mixed as the blueprint is, and of a domain what teaches most."""

import random
from datetime import timedelta

import pytest

from bot.core.item import Item, Option
from bot.core.practice_order import WEAK_SHARE, order_for_practice
from bot.core.review import Memory, rate, subject_of
from tests.support.builders import NOW, a_blueprint, an_item


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
        a_blueprint(),
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


def test_an_unseen_sibling_of_what_was_missed_comes_before_new_subjects_that_few_items_ask_about() -> None:
    pool = [about("missed", n) for n in range(4)] + [about("new")]
    for seed in "abcdef":
        first = order(pool, met("missed", right=False, days=14), seen={"missed-0": 14}, seed=seed)[0]
        assert (subject_of(first), first.id != "missed-0") == ("trap:missed", True)


def test_no_seen_item_comes_before_an_unseen_one_whatever_is_known() -> None:
    rng = random.Random(5)  # noqa: S311  repeatable, not secret
    for n in range(40):
        pool = [
            about(f"{domain}{rng.randrange(6)}", k, domain=domain)
            for k in range(30)
            for domain in ("basics", "practice")
        ]
        pool = list({item.id: item for item in pool}.values())
        traps = {subject_of(item).removeprefix("trap:") for item in pool}
        known = [met(trap, right=rng.random() < 0.3, days=rng.uniform(0, 90)) for trap in sorted(traps)]
        seen = {item.id: rng.uniform(0, 90) for item in rng.sample(pool, rng.randrange(len(pool)))}
        ordered = order(pool, *known, seen=seen, weak=rng.choice(["", "basics", "practice"]), seed=str(n))
        assert [item.id in seen for item in ordered] == [False] * (len(pool) - len(seen)) + [True] * len(seen)


def test_of_a_seen_subject_the_item_seen_longest_ago_comes_first() -> None:
    pool = [about("t", n) for n in range(3)]
    ordered = order(pool, met("t", right=True, days=2), seen={"t-0": 5, "t-1": 2, "t-2": 9})
    assert [item.id for item in ordered] == ["t-2", "t-0", "t-1"]


def test_once_all_are_seen_the_subject_least_remembered_comes_first() -> None:
    pool = [about("right"), about("missed")]
    known = [met("right", right=True, days=20), met("missed", right=False, days=9)]
    for seed in "abcdef":
        ordered = order(pool, *known, seen={"right-1": 20, "missed-1": 9}, seed=seed)
        assert subject_of(ordered[0]) == "trap:missed"


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


def shares(ordered: list[Item], first: int) -> dict[str, int]:
    return {domain: sum(item.domain == domain for item in ordered[:first]) for domain in ("basics", "practice")}


@pytest.mark.parametrize("first", [10, 20, 40])
def test_the_domains_are_in_proportion_to_the_blueprint_all_along(first: int) -> None:
    pool = [about(f"{domain}{n}", domain=domain) for domain in ("basics", "practice") for n in range(60)]
    for seed in "abcdef":
        assert shares(order(pool, seed=seed), first)["basics"] == pytest.approx(0.6 * first, abs=1)


@pytest.mark.parametrize(("weak", "percent"), [("basics", 60), ("practice", 40)])
def test_a_weak_domain_has_a_larger_share_within_its_bound(weak: str, percent: int) -> None:
    pool = [about(f"{domain}{n}", domain=domain) for domain in ("basics", "practice") for n in range(120)]
    raised = 100 * WEAK_SHARE * percent / (WEAK_SHARE * percent + 100 - percent)
    for seed in "abcdef":
        assert shares(order(pool, weak=weak, seed=seed), 100)[weak] == pytest.approx(raised, abs=1)


def test_a_domain_that_was_asked_for_before_has_less_left_to_give() -> None:
    """Half of it is gone, so it gives half its share: both domains are used up together."""
    pool = [about(f"{domain}{n}", domain=domain) for domain in ("basics", "practice") for n in range(60)]
    seen = {item.id: 3.0 for item in pool if item.domain == "basics"}
    half = dict(sorted(seen.items())[:30])
    for seed in "abcdef":
        assert shares(order(pool, seen=half, seed=seed), 35)["basics"] == pytest.approx(35 * 30 / 70, abs=1)


def test_a_domain_without_anything_new_leaves_its_turns_to_the_others() -> None:
    pool = [about(f"{domain}{n}", domain=domain) for domain in ("basics", "practice") for n in range(10)]
    seen = {item.id: 3.0 for item in pool if item.domain == "basics"}
    assert shares(order(pool, seen=seen), 10) == {"basics": 0, "practice": 10}


def test_a_subject_that_more_items_ask_about_comes_sooner() -> None:
    pool = [about("small"), *(about("large", n) for n in range(4))]
    for seed in "abcdef":
        assert subject_of(order(pool, seed=seed)[0]) == "trap:large"
