"""Which item comes next: none twice before all were used, domains in proportion, and always the same choice."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.blueprint import Blueprint, Domain
from bot.core.item import Item
from bot.core.pack import Pack
from bot.core.round import shown_order
from bot.core.selection import choose
from bot.core.weakness import Level
from bot.packs.loader import load_packs
from tests.support.builders import a_blueprint, a_pack, an_item

ROOT = Path(__file__).resolve().parents[2]

SPAN = 20
"""Over any so many rounds in a row the domains come in proportion to the blueprint."""

CLOSE = 2.0
"""How far a domain's count over them may be from its exact share."""

Levels = dict[str, Level]


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The first pack that ships."""
    return load_packs(ROOT / "content")["databricks-ml-associate"]


def serve(pool: list[Item], blueprint: Blueprint, rounds: int, weak: list[Levels], seed: str = "1/a") -> list[Item]:
    """So many rounds in a row; the levels take turns."""
    by_id = {item.id: item for item in pool}
    history: list[str] = []
    for number in range(rounds):
        levels = weak[number % len(weak)] if weak else {}
        chosen = choose(pool, history, blueprint, seed=f"{seed}/{number}", levels=levels)
        assert chosen is not None
        assert chosen.repeats == (number >= len(pool))
        history.append(chosen.item.id)
    return [by_id[item_id] for item_id in history]


def furthest(items: list[Item], blueprint: Blueprint) -> float:
    """The greatest distance of a domain's count from its share, over any twenty rounds in a row."""
    total = sum(domain.weight for domain in blueprint.domains)
    shares = {domain.id: SPAN * domain.weight / total for domain in blueprint.domains}
    spans = [Counter(i.domain for i in items[n : n + SPAN]) for n in range(len(items) - SPAN + 1)]
    return max(abs(span[domain] - share) for span in spans for domain, share in shares.items())


@st.composite
def pools(draw: st.DrawFn) -> tuple[list[Item], Blueprint]:
    weights = draw(st.lists(st.integers(1, 50), min_size=1, max_size=5))
    domains = tuple(Domain(f"d{n}", f"D {n}", weight) for n, weight in enumerate(weights))
    homes = draw(st.lists(st.sampled_from([d.id for d in domains]), min_size=1, max_size=25))
    return [an_item(f"i{n}", domain=home) for n, home in enumerate(homes)], a_blueprint(domains=domains)


weak_lists = st.lists(st.dictionaries(st.sampled_from(["d0", "d1", "d2"]), st.sampled_from(Level)), max_size=4)


@settings(deadline=None, max_examples=60)
@given(pools(), weak_lists, st.integers(1, 4))
def test_no_item_comes_twice_before_all_came(
    made: tuple[list[Item], Blueprint], weak: list[Levels], times: int
) -> None:
    pool, blueprint = made
    served = [item.id for item in serve(pool, blueprint, times * len(pool), weak)]
    for time in range(times):
        assert len(set(served[time * len(pool) : (time + 1) * len(pool)])) == len(pool)


@settings(deadline=None, max_examples=60)
@given(pools(), weak_lists, st.data())
def test_the_choice_follows_from_its_arguments_alone(
    made: tuple[list[Item], Blueprint], weak: list[Levels], data: st.DataObject
) -> None:
    pool, blueprint = made
    history = data.draw(st.lists(st.sampled_from([item.id for item in pool] + ["retired"]), max_size=60))
    levels = weak[0] if weak else {}
    one = choose(pool, history, blueprint, seed="s", levels=levels)
    assert one == choose(list(pool), tuple(history), blueprint, seed="s", levels=dict(levels))
    assert one is not None
    assert one.item in pool
    uses = Counter(history)
    assert uses[one.item.id] == min(uses[item.id] for item in pool)


def test_the_choice_is_the_same_in_every_process() -> None:
    script = """
from tests.support.builders import a_pack
from bot.core.selection import choose
from bot.core.round import shown_order
pack, history = a_pack(25), []
for n in range(60):
    item = choose(pack.ready, history, pack.blueprint, seed=f"7/{n}").item
    history.append(item.id)
    print(item.id, shown_order(item, f"7/{n}"))
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
    assert next(iter(told)).count(b"\n") == 60


def test_channels_and_days_differ() -> None:
    pack = a_pack(40)
    firsts = set()
    for seed in ("1/2026-11-23", "2/2026-11-23", "1/2026-11-24", "3/2026-11-23", "4/2026-11-23"):
        chosen = choose(pack.ready, [], pack.blueprint, seed=seed)
        assert chosen is not None
        firsts.add(chosen.item.id)
    assert len(firsts) > 1


@pytest.mark.parametrize("seed", ["1/a", "2/b", "3/c"])
@pytest.mark.parametrize("weak", ["none", "one", "two", "changing"])
def test_the_real_pack_keeps_its_proportions_over_any_twenty_rounds(pack: Pack, seed: str, weak: str) -> None:
    ids = [domain.id for domain in pack.blueprint.domains]
    levels: dict[str, list[Levels]] = {
        "none": [],
        "one": [{ids[-1]: Level.WEAK}],
        "two": [{ids[0]: Level.WEAK, ids[1]: Level.WEAK}],
        "changing": [{ids[n % len(ids)]: Level.WEAK} for n in (0, 3, 1, 4, 2, 2, 0)],
    }
    items = serve(list(pack.ready), pack.blueprint, int(1.3 * len(pack.ready)), levels[weak], seed)
    assert furthest(items, pack.blueprint) <= CLOSE


def test_a_weak_domain_comes_sooner() -> None:
    pack = a_pack(40)
    ahead = 0
    for number in range(20):
        usual = serve(list(pack.ready), pack.blueprint, 2, [], f"s{number}")
        pulled = serve(list(pack.ready), pack.blueprint, 2, [{"practice": Level.WEAK}], f"s{number}")
        first = [[item.domain for item in served].index("practice") for served in (usual, pulled)]
        assert first[1] <= first[0]
        ahead += first[1] < first[0]
    assert ahead > 0


def test_unknown_or_fine_domains_pull_nothing() -> None:
    pack = a_pack(40)
    usual = serve(list(pack.ready), pack.blueprint, 30, [])
    assert serve(list(pack.ready), pack.blueprint, 30, [{"practice": Level.UNKNOWN, "basics": Level.FINE}]) == usual


def test_when_items_repeat_the_latest_rest() -> None:
    pack = a_pack(20)
    served = [item.id for item in serve(list(pack.ready), pack.blueprint, 100, [])]
    gaps = [
        number - max(earlier for earlier in range(number) if served[earlier] == served[number])
        for number in range(20, 100)
    ]
    assert min(gaps) >= 5


def test_an_empty_pool_gives_nothing_and_one_item_gives_that() -> None:
    assert choose([], [], a_blueprint(), seed="s") is None
    only = an_item()
    for history in ([], ["item-1"], ["item-1"] * 7):
        chosen = choose([only], history, a_blueprint(), seed="s")
        assert chosen is not None
        assert (chosen.item, chosen.repeats) == (only, bool(history))


@given(st.text(max_size=20))
def test_the_shown_order_holds_every_option_once_and_stays(seed: str) -> None:
    item = an_item()
    assert sorted(shown_order(item, seed)) == ["a", "b", "c", "d"]
    assert shown_order(item, seed) == shown_order(item, seed)


def test_every_option_comes_at_every_place_about_equally() -> None:
    item, counts = an_item(), Counter[tuple[str, int]]()
    for number in range(2_000):
        counts.update((option, place) for place, option in enumerate(shown_order(item, str(number))))
    assert len(counts) == 16
    assert all(420 < count < 580 for count in counts.values())
