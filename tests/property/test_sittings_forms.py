"""Exam forms of the pack that ships: the blueprint to the item, nothing twice, nothing again while others wait."""

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.attempt import Sitting
from bot.core.form import assemble
from bot.core.pack import Pack
from tests.support.app_house import ANA, open_house
from tests.support.builders import a_blueprint, a_pack
from tests.support.sitting_moves import REAL, attempts_of, begun, real_pack, sit

QUOTAS = {"ml-fundamentals": 8, "feature-engineering": 12, "training-evaluation": 10, "deployment": 8, "mlops": 7}
"""Of 45 items: 18, 27, 22, 18 and 15 % by largest remainder, worked out by hand."""


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(max_size=6), min_size=2, max_size=14))
def test_every_form_is_as_the_blueprint_says_and_shares_nothing_with_the_one_before(seeds: list[str]) -> None:
    pack = real_pack()
    used: dict[str, int] = {}
    before: set[str] = set()
    for number, seed in enumerate(seeds, 1):
        form = assemble(pack.ready, pack.blueprint, count=pack.blueprint.questions, used=used, seed=seed)
        ids = [place.item.id for place in form]
        assert len(set(ids)) == len(ids) == 45
        assert Counter(place.item.domain for place in form) == QUOTAS
        assert not before & set(ids)
        for place in form:
            assert sorted(place.order) == sorted(place.item.option_ids)
        before = set(ids)
        used |= dict.fromkeys(ids, number)


@settings(deadline=None, max_examples=60)
@given(pool=st.integers(1, 60), questions=st.integers(1, 20), forms=st.integers(2, 12))
def test_a_domain_repeats_nothing_that_it_can_spare(pool: int, questions: int, forms: int) -> None:
    pack = a_pack(pool)
    there = Counter(item.domain for item in pack.ready)
    quotas = a_blueprint().quotas(questions)
    enough = all(there[domain] >= quota for domain, quota in quotas.items())
    used: dict[str, int] = {}
    before: set[str] = set()
    for number in range(1, forms + 1):
        form = assemble(pack.ready, a_blueprint(), count=questions, used=used, seed=str(number))
        ids = {place.item.id for place in form}
        assert len(ids) == len(form) == min(questions, pool)
        if enough:
            assert Counter(place.item.domain for place in form) == {d: q for d, q in quotas.items() if q}
            for domain, quota in quotas.items():
                again = [i for i in ids & before if _domain(pack, i) == domain]
                assert len(again) == max(0, 2 * quota - there[domain]) * (number > 1)
        before = ids
        used |= dict.fromkeys(ids, number)


def _domain(pack: Pack, item_id: str) -> str:
    item = pack.item(item_id)
    assert item is not None
    return item.domain


def test_twenty_exams_of_one_member_in_a_row_share_nothing_from_one_to_the_next() -> None:
    async def take() -> list[set[str]]:
        async with open_house(packs={REAL: real_pack()}) as house:
            for number in range(20):
                exam = await begun(house, "exam", Sitting.EXAM)
                if number % 3:
                    await sit(house, exam, right=30)
                else:
                    # Given up, which is no reason to meet its items again at once.
                    await house.say(ANA, "exam new")
            return [{place.item.id for place in attempt.places} for attempt in await attempts_of(house)]

    forms = asyncio.run(take())
    assert len(forms) >= 20
    assert not [number for number in range(1, len(forms)) if forms[number] & forms[number - 1]]
    assert len(set.union(*forms[:7])) == 7 * 45
