"""Forms: the blueprint's share of each domain, no item twice, and no item again while others wait."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.blueprint import Blueprint, Domain
from bot.core.form import assemble
from bot.core.item import Item
from tests.support.builders import a_blueprint, an_item


@st.composite
def pools(draw: st.DrawFn) -> tuple[list[Item], Blueprint]:
    weights = draw(st.lists(st.integers(1, 50), min_size=1, max_size=4))
    domains = tuple(Domain(f"d{n}", f"D {n}", weight) for n, weight in enumerate(weights))
    homes = draw(st.lists(st.sampled_from([domain.id for domain in domains]), max_size=60))
    return [an_item(f"i{n}", domain=home) for n, home in enumerate(homes)], a_blueprint(domains=domains)


@settings(deadline=None, max_examples=100)
@given(pools(), st.integers(1, 50), st.dictionaries(st.integers(0, 59), st.integers(0, 3)), st.text(max_size=5))
def test_a_form_is_as_the_blueprint_says(
    made: tuple[list[Item], Blueprint], count: int, times: dict[int, int], seed: str
) -> None:
    pool, blueprint = made
    used = {f"i{n}": how_often for n, how_often in times.items()}
    form = assemble(pool, blueprint, count=count, used=used, seed=seed)
    ids = [place.item.id for place in form]
    assert len(ids) == len(set(ids)) == min(count, len(pool))
    assert all(sorted(place.order) == ["a", "b", "c", "d"] for place in form)
    there, got = Counter(item.domain for item in pool), Counter(place.item.domain for place in form)
    quotas = blueprint.quotas(count)
    for domain, quota in quotas.items():
        assert got[domain] >= min(quota, there[domain])
        if all(there[other] >= q for other, q in quotas.items()):
            assert got[domain] == quota
        taken = [used.get(i, 0) for i in ids if an_item_of(pool, i).domain == domain]
        left = [used.get(item.id, 0) for item in pool if item.domain == domain and item.id not in ids]
        if taken and left:
            assert max(taken) <= min(left)
    assert assemble(pool[::-1], blueprint, count=count, used=used, seed=seed) == form


def an_item_of(pool: list[Item], item_id: str) -> Item:
    return next(item for item in pool if item.id == item_id)


def test_consecutive_forms_share_nothing_while_the_pool_allows() -> None:
    pool = [an_item(f"i{n}", domain=("basics", "basics", "basics", "practice", "practice")[n % 5]) for n in range(40)]
    used: Counter[str] = Counter()
    for number in range(4):
        form = assemble(pool, a_blueprint(), count=10, used=used, seed=f"s{number}")
        assert all(used[place.item.id] == 0 for place in form)
        used.update(place.item.id for place in form)
    assert set(used.values()) == {1}
