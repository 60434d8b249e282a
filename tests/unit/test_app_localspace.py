"""The local space: its first start, later starts, and who joins it."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta

import pytest

from bot.app.localspace import ensure_secret, ensure_space, ensure_today
from bot.app.space import LONGEST_NAME, Joined, NameRefused, Space
from bot.core.schedule import WORKDAYS
from bot.view.tokens import Confirm, write
from tests.support.app_house import CHANNEL, EIGHT, House, open_house
from tests.support.builders import SettableClock, a_workspace_ref, an_actor

NINE = time(9)
MONDAY = date(2026, 11, 23)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


@pytest.fixture
def space(house: House) -> Space:
    return Space(house.storage, house.clock, CHANNEL.workspace)


async def joined(space: Space, name: str) -> Joined:
    outcome = await space.join(name)
    assert isinstance(outcome, Joined)
    return outcome


async def refused(space: Space, name: str) -> str:
    outcome = await space.join(name)
    assert isinstance(outcome, NameRefused)
    return outcome.sentence


async def test_the_first_start_makes_a_channel_and_a_question(house: House) -> None:
    await ensure_space(house.services, house.daily, CHANNEL, opens=NINE)
    await house.tick()
    (round_,) = await house.rounds()
    assert (round_.local_date, round_.opens, round_.number) == (MONDAY, EIGHT, 1)
    assert round_.closes == EIGHT + timedelta(hours=8)
    assert len(house.shown()) == 1
    plan = await house.plan()
    assert (plan.opens, plan.weekdays, plan.since) == (NINE, WORKDAYS, MONDAY + timedelta(days=1))


async def test_the_day_after_comes_by_schedule(house: House) -> None:
    await ensure_space(house.services, house.daily, CHANNEL, opens=NINE)
    for hour in range(49):
        await house.tick(EIGHT + timedelta(hours=hour))
    assert [r.local_date for r in await house.rounds()] == [MONDAY + timedelta(days=n) for n in (0, 1)]


async def test_a_first_start_on_a_saturday_night_has_a_question_too() -> None:
    clock = SettableClock(datetime.fromisoformat("2026-11-28T23:30:00+01:00"))
    async with open_house(clock=clock) as house:
        await ensure_space(house.services, house.daily, CHANNEL, opens=NINE)
        await house.tick()
        (round_,) = await house.rounds()
        assert round_.local_date == date(2026, 11, 28)
        assert len(house.shown()) == 1


async def test_the_second_start_keeps_everything(database: str) -> None:
    async with open_house(database=database) as house:
        await ensure_space(house.services, house.daily, CHANNEL, opens=NINE)
        await house.tick()
        secret = await ensure_secret(house.services)
        ana = await joined(Space(house.storage, house.clock, CHANNEL.workspace), "Ana")
        actor = an_actor("Ana", member=ana.member, manages=True)
        await house.answer(actor, (await house.rounds())[0], "b")
        await house.say(actor, "trapwise schedule 10:30")
        before = await house.plan(), await house.rounds(), await house.standing(actor)
    clock = SettableClock(EIGHT + timedelta(hours=1))
    async with open_house(database=database, messenger=house.messenger, clock=clock) as again:
        await ensure_space(again.services, again.daily, CHANNEL, opens=NINE)
        await again.tick()
        assert await ensure_secret(again.services) == secret
        assert (await again.plan(), await again.rounds(), await again.standing(actor)) == before
        assert len(again.shown()) == 1
        known = await Space(again.storage, again.clock, CHANNEL.workspace).known(ana.member)
        assert known == ana


async def test_secrets_differ_between_spaces(house: House) -> None:
    async with open_house() as other:
        secrets = {await ensure_secret(house.services), await ensure_secret(other.services)}
    assert len(secrets) == 2
    assert {len(secret) for secret in secrets} == {32}


async def test_todays_question_opened_before_its_time_stays_open_past_it(house: House) -> None:
    await house.schedule()
    house.clock.set(EIGHT + timedelta(minutes=55))
    await ensure_today(house.services, house.daily, CHANNEL)
    (round_,) = await house.rounds()
    assert round_.closes - round_.opens == timedelta(hours=8)
    await house.tick(EIGHT + timedelta(hours=1))
    assert len(await house.rounds()) == 1


async def test_todays_question_is_opened_once(house: House) -> None:
    await house.schedule()
    for hours in (0, 1, 10):
        house.clock.set(EIGHT + timedelta(hours=hours))
        await ensure_today(house.services, house.daily, CHANNEL)
        await house.tick()
    assert len(await house.rounds()) == 1


async def test_todays_question_is_not_opened_on_a_skipped_day_or_while_paused(house: House) -> None:
    await house.schedule(skips=frozenset({MONDAY}))
    await ensure_today(house.services, house.daily, CHANNEL)
    assert await house.rounds() == []
    await house.say(an_actor(manages=True), "pause")
    house.clock.set(EIGHT + timedelta(days=1))
    await ensure_today(house.services, house.daily, CHANNEL)
    assert await house.rounds() == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ana", "Ana"),
        ("  Ana   María\t\n", "Ana María"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
        ("Zoe\N{COMBINING DIAERESIS}", "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}"),
        ("李雷", "李雷"),
        ("علي", "علي"),
        ("🙂", "🙂"),
        ("👩\N{ZERO WIDTH JOINER}🔬", "👩\N{ZERO WIDTH JOINER}🔬"),
        ('<b>Bob</b> & "co"', '<b>Bob</b> & "co"'),
        ("*_~`@here", "*_~`@here"),
        ("Ana\N{RIGHT-TO-LEFT OVERRIDE}nimda", "Ananimda"),
        ("\N{RIGHT-TO-LEFT MARK}Ana\N{POP DIRECTIONAL ISOLATE}", "Ana"),
        ("A\x00n\x1ba", "Ana"),
        ("Ana\N{LINE SEPARATOR}", "Ana"),
        ("7", "7"),
    ],
)
async def test_names_are_kept_tidily(space: Space, typed: str, kept: str) -> None:
    assert (await joined(space, typed)).name == kept


@pytest.mark.parametrize(
    "typed",
    ["", " ", "\t\n", "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH JOINER}\x00", "\udc80"],
)
async def test_names_that_cant_be_seen_are_refused(space: Space, typed: str) -> None:
    assert "can be seen" in await refused(space, typed)


async def test_a_name_that_is_too_long_is_refused(space: Space) -> None:
    assert await refused(space, "x" * 41) == "That name has 41 characters; use at most 40."
    assert "use at most 40" in await refused(space, "x" * 100_000)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ana", "ana"),
        ("Ana", " ANA "),
        ("Straße", "STRASSE"),
        ("Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}", "ZOE\N{COMBINING DIAERESIS}"),
        ("Ana", "A\N{RIGHT-TO-LEFT OVERRIDE}na"),
    ],
)
async def test_a_name_that_is_taken_in_other_case_is_refused(space: Space, first: str, second: str) -> None:
    await joined(space, first)
    assert "already" in await refused(space, second)


async def test_a_refused_name_joins_nobody(house: House, space: Space) -> None:
    await joined(space, "Ana")
    await refused(space, "ana")
    await refused(space, "")
    workspace, _ = await house.ids()
    assert await house.look(lambda tx: tx.people.count(workspace)) == 1


async def test_the_first_to_join_manages(space: Space) -> None:
    ana, ben = await joined(space, "Ana"), await joined(space, "Ben")
    assert (ana.manages, ben.manages) == (True, False)
    assert await space.known(ana.member) == ana
    assert await space.known(ben.member) == ben


async def test_spaces_dont_share_names_or_managers(house: House, space: Space) -> None:
    await joined(space, "Ana")
    other = Space(house.storage, house.clock, a_workspace_ref("other"))
    assert (await joined(other, "Ana")).manages


async def test_a_stranger_is_not_known(space: Space) -> None:
    assert await space.known(an_actor().member) is None


async def test_somebody_who_was_forgotten_begins_anew(house: House, space: Space) -> None:
    ana = await joined(space, "Ana")
    await house.press(an_actor("Ana", member=ana.member), write(Confirm("forget-me")))
    assert await space.known(ana.member) is None
    again = await joined(space, "Ana")
    assert again.member != ana.member


async def test_when_the_manager_was_forgotten_the_next_to_join_manages(house: House, space: Space) -> None:
    ana = await joined(space, "Ana")
    await joined(space, "Ben")
    await house.press(an_actor("Ana", member=ana.member), write(Confirm("forget-me")))
    cleo = await joined(space, "Cleo")
    dan = await joined(space, "Dan")
    assert (cleo.manages, dan.manages) == (True, False)
