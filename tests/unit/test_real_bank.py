"""The bank that ships is large enough for what it is for: weeks of rounds, exams and practice without a repeat."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.ports import Tx
from bot.app.practice import PRACTICE_LENGTH
from bot.core.attempt import Attempt, Sitting
from bot.core.item import Item
from bot.core.pack import Pack
from bot.packs.loader import load_pack
from bot.view import wording
from bot.view.tokens import AnswerAttempt, AnswerRound, Submit, Visit, write
from tests.support.app_house import EIGHT, House, open_house
from tests.support.builders import an_actor
from tests.support.sitting_moves import key_letter

PACK = "databricks-ml-associate"
DOMAINS = ("ml-fundamentals", "feature-engineering", "training-evaluation", "deployment", "mlops")
ROUNDS, EXAMS, SESSIONS = 50, 4, 30
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


def always_right(attempt: Attempt, place: int) -> str:
    """The letter chosen by a member who knows everything."""
    return key_letter(attempt, place)


def guessing(attempt: Attempt, place: int) -> str:
    """The letter chosen by a member who knows nothing."""
    return random.Random(f"{attempt.id}/{place}").choice("ABCD")  # noqa: S311  repeatable, not secret


def weak_in(domain: str) -> Callable[[Attempt, int], str]:
    """A member who guesses in one domain and knows the others."""

    def choose(attempt: Attempt, place: int) -> str:
        weak = attempt.places[place].item.domain == domain
        return guessing(attempt, place) if weak else always_right(attempt, place)

    return choose


async def practise(house: House, choose: Callable[[Attempt, int], str], line: str = "quiz") -> list[Item]:
    """One session to its end."""
    await house.say(ANA, line)
    attempt = await sitting(house, Sitting.PRACTICE)
    for place in range(attempt.length):
        await house.press(ANA, write(AnswerAttempt(attempt.id, place, choose(attempt, place))))
    await house.press(ANA, write(Visit(attempt.id, attempt.length)))
    return [place.item for place in attempt.places]


@pytest.mark.parametrize(
    "choose",
    [
        pytest.param(always_right, id="right"),
        pytest.param(guessing, id="guesser"),
        *(pytest.param(weak_in(domain), id=f"weak-in-{domain}") for domain in DOMAINS),
    ],
)
async def test_thirty_sessions_on_thirty_days_repeat_nothing_and_follow_the_blueprint(
    house: House, bank: Pack, choose: Callable[[Attempt, int], str]
) -> None:
    """Within two points of each weight. A weak domain comes sooner, but its items are no more than they are."""
    items: list[Item] = []
    for day in range(SESSIONS):
        house.clock.set(EIGHT + timedelta(days=day, minutes=7 * day))
        session = await practise(house, choose)
        assert len(session) == PRACTICE_LENGTH == 10
        assert len({item.domain for item in session}) >= 4, day
        items += session
    assert len({item.id for item in items}) == SESSIONS * PRACTICE_LENGTH
    counts = domains(items)
    for domain in bank.blueprint.domains:
        assert 100 * counts[domain.id] / len(items) == pytest.approx(domain.weight, abs=2), domain.id


async def test_nothing_new_is_left_out_before_anything_comes_again(house: House, bank: Pack) -> None:
    """Thirty-six sessions are the whole bank; the thirty-seventh says that it is met again."""
    items: list[Item] = []
    for day in range(len(bank.ready) // PRACTICE_LENGTH):
        house.clock.set(EIGHT + timedelta(days=day))
        items += await practise(house, guessing)
    assert {item.id for item in items} == {item.id for item in bank.ready}
    house.clock.advance(days=1)
    await house.say(ANA, "quiz")
    assert (await sitting(house, Sitting.PRACTICE)).label == wording.ALL_ASKED_BEFORE


async def test_practice_in_one_domain_gives_all_of_it_and_the_rest_stays_in_proportion(
    house: House, bank: Pack
) -> None:
    own = [item for item in bank.ready if item.domain == "mlops"]
    asked: list[Item] = []
    for day in range(len(own) // PRACTICE_LENGTH):
        house.clock.set(EIGHT + timedelta(days=day))
        asked += await practise(house, guessing, "quiz mlops")
    assert len({item.id for item in asked}) == len(own) // PRACTICE_LENGTH * PRACTICE_LENGTH
    later: list[Item] = []
    for day in range(20):
        house.clock.set(EIGHT + timedelta(days=30 + day))
        later += await practise(house, guessing)
    assert len({item.id for item in asked + later}) == len(asked) + len(later)
    weights = {domain.id: domain.weight for domain in bank.blueprint.domains if domain.id != "mlops"}
    rest = [item for item in later if item.domain != "mlops"]
    for domain, weight in weights.items():
        share = domains(rest)[domain] / len(rest)
        assert 100 * share == pytest.approx(100 * weight / sum(weights.values()), abs=2.5), domain


async def test_daily_rounds_exams_and_practice_of_one_member_share_as_little_as_can_be(
    house: House, bank: Pack
) -> None:
    """Practice avoids all that the member met; exams avoid their own; daily rounds are the channel's."""
    await house.schedule()
    exams: list[str] = []
    practised: list[str] = []
    day = EIGHT + timedelta(hours=1)
    answered = 0
    while answered < ROUNDS:
        await house.tick(day)
        rounds = await house.rounds()
        if len(rounds) > answered:
            answered = len(rounds)
            await house.press(ANA, write(AnswerRound(rounds[-1].id, "A")))
            before = {round_.item.id for round_ in rounds} | set(exams) | set(practised)
            if answered % 12 == 0:
                await house.say(ANA, "exam")
                attempt = await sitting(house, Sitting.EXAM)
                new = [place.item.id for place in attempt.places]
                assert not set(new) & set(exams)
                exams += new
                # Hardly anything is answered; but the result explains all of it.
                await house.press(ANA, write(AnswerAttempt(attempt.id, 0, "A")))
                await house.press(ANA, write(Submit(attempt.id, sure=True)))
                before |= set(new)
            session = [item.id for item in await practise(house, guessing, "quiz 3")]
            assert not set(session) & before, answered
            practised += session
        await house.tick(day + timedelta(hours=8))
        day += timedelta(days=1)
    assert len(exams) == EXAMS * bank.blueprint.questions
    assert len(set(practised)) == 3 * ROUNDS
    assert ROUNDS + len(exams) + len(practised) > len(bank.ready)


async def test_an_open_exam_is_not_told_by_practice(house: House) -> None:
    await house.say(ANA, "exam")
    exam = await sitting(house, Sitting.EXAM)
    told = {item.id for _ in range(3) for item in await practise(house, guessing)}
    assert not told & {place.item.id for place in exam.places}
