"""The bank that ships is large enough for what it is for: weeks of rounds, exams and practice without a repeat."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app.ports import Tx
from bot.core.attempt import Attempt, Sitting
from bot.core.item import Item
from bot.core.pack import Pack
from bot.packs.loader import load_pack
from bot.view.tokens import AnswerAttempt, Submit, Visit, write
from tests.support.app_house import EIGHT, House, open_house
from tests.support.builders import an_actor

PACK = "databricks-ml-associate"
ROUNDS, EXAMS, SESSIONS, SESSION = 50, 4, 30, 10
ANA = an_actor("Ana")


@pytest.fixture(scope="module")
def bank() -> Pack:
    return load_pack(Path(__file__).parents[2] / "content" / PACK)


@pytest.fixture
async def house(bank: Pack) -> AsyncIterator[House]:
    async with open_house(packs={PACK: bank}) as opened:
        yield opened


async def sitting(house: House, kind: Sitting) -> Attempt:
    """The attempt that Ana has open."""
    workspace, _ = await house.ids()

    def find(tx: Tx) -> Attempt | None:
        member = tx.people.look_up(ANA.member)
        return tx.attempts.open_of(workspace, member.id, kind) if member else None

    found = await house.look(find)
    assert found is not None
    return found


def domains(items: list[Item]) -> Counter[str]:
    return Counter(item.domain for item in items)


async def test_fifty_daily_rounds_repeat_nothing_and_follow_the_blueprint(house: House, bank: Pack) -> None:
    await house.schedule()
    day = EIGHT + timedelta(hours=1)
    while len(await house.rounds()) < ROUNDS:
        await house.tick(day)
        await house.tick(day + timedelta(hours=8))
        day += timedelta(days=1)
    items = [round_.item for round_ in await house.rounds()]
    assert len({item.id for item in items}) == ROUNDS
    for start in range(ROUNDS - 19):
        counts = domains(items[start : start + 20])
        for domain in bank.blueprint.domains:
            assert abs(counts[domain.id] - 20 * domain.weight / 100) < 2, (start, domain.id)
    assert len({item.kind for item in items}) >= 4


async def test_four_exams_of_one_member_share_no_item(house: House, bank: Pack) -> None:
    seen: list[str] = []
    for number in range(EXAMS):
        house.clock.set(EIGHT + timedelta(days=number))
        await house.say(ANA, "exam")
        attempt = await sitting(house, Sitting.EXAM)
        items = [place.item for place in attempt.places]
        assert domains(items) == Counter(dict(bank.blueprint.quotas(bank.blueprint.questions)))
        seen += [item.id for item in items]
        await house.press(ANA, write(Submit(attempt.id, sure=True)))
    assert len(set(seen)) == len(seen) == EXAMS * bank.blueprint.questions


async def test_thirty_practice_sessions_in_a_row_repeat_nothing(house: House, bank: Pack) -> None:
    """Of a member who knows it all, on one day. Later, what is about to be forgotten comes back on purpose."""
    seen: list[str] = []
    items: list[Item] = []
    now: datetime = EIGHT
    for _ in range(SESSIONS):
        house.clock.set(now)
        await house.say(ANA, f"quiz {SESSION}")
        attempt = await sitting(house, Sitting.PRACTICE)
        assert attempt.length == SESSION
        for place, served in enumerate(attempt.places):
            letter = "ABCDE"[served.order.index(served.item.key)]
            await house.press(ANA, write(AnswerAttempt(attempt.id, place, letter)))
        await house.press(ANA, write(Visit(attempt.id, SESSION)))
        items += [place.item for place in attempt.places]
        seen += [place.item.id for place in attempt.places]
        now += timedelta(minutes=20)
    assert len(set(seen)) == SESSIONS * SESSION
    counts = domains(items)
    for domain in bank.blueprint.domains:
        assert abs(counts[domain.id] / len(items) - domain.weight / 100) < 0.05
