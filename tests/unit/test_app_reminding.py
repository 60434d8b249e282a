"""Reminders come in private, once, and only to those who asked and haven't answered."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.core.errors import ChannelRefused
from bot.view import plaincards
from tests.support.app_house import ANA, BEN, EIGHT, House, open_house, words

NINE = EIGHT + timedelta(hours=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A channel in which Ana and Ben answered on Monday; Ana asked to be reminded."""
    async with open_house() as made:
        await made.schedule()
        round_ = await made.opened(NINE)
        for actor in (ANA, BEN):
            await made.answer(actor, round_, "a")
        await made.say(ANA, "trapwise settings reminders-on")
        await made.tick(NINE + 9 * HOUR)
        yield made


async def test_who_asked_is_told_an_hour_before_closing(house: House) -> None:
    await house.opened(NINE + DAY)
    await house.tick(NINE + DAY + 7 * HOUR - timedelta(seconds=1))
    assert house.messenger.told == []
    await house.tick(NINE + DAY + 7 * HOUR)
    ((member, card),) = house.messenger.told
    assert member == ANA.member
    assert "closes at 17:00" in words(card)
    assert "haven't answered" in words(card)
    await house.tick(NINE + DAY + 7 * HOUR + timedelta(minutes=30))
    assert len(house.messenger.told) == 1


async def test_who_answered_is_left_alone(house: House) -> None:
    round_ = await house.opened(NINE + DAY)
    await house.answer(ANA, round_, "a")
    await house.tick(NINE + DAY + 7 * HOUR)
    assert house.messenger.told == []


async def test_switching_off_counts_at_once(house: House) -> None:
    await house.opened(NINE + DAY)
    await house.say(ANA, "trapwise settings reminders-off")
    await house.tick(NINE + DAY + 7 * HOUR)
    assert house.messenger.told == []


async def test_nobody_is_reminded_after_closing(house: House) -> None:
    await house.opened(NINE + DAY)
    await house.tick(NINE + DAY + 8 * HOUR)
    assert house.messenger.told == []


async def test_a_member_who_cant_be_told_doesnt_pause_the_channel(house: House) -> None:
    house.messenger.script("tell", ChannelRefused("direct messages are closed"))
    await house.opened(NINE + DAY)
    await house.tick(NINE + DAY + 7 * HOUR)
    assert (await house.plan()).pause is None
    await house.tick(NINE + 2 * DAY)
    assert len(house.shown()) == 3


def test_the_switch_says_how_it_stands() -> None:
    assert "an hour before a question closes" in words(
        plaincards.settings(hidden=False, reminders=True, extended=False)
    )
    assert "You get no reminders" in words(plaincards.settings(hidden=False, reminders=False, extended=False))
