"""Questions asked for, skipped, paused and rescheduled by those who manage the channel."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.core.errors import ChannelRefused
from bot.core.refs import ChannelRef
from bot.core.schedule import Pause
from tests.support.app_house import ADMIN, ANA, CHANNEL, EIGHT, House, open_house, words

MONDAY = date(2026, 11, 23)
NINE = EIGHT + timedelta(hours=1)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


async def dates_of(house: House, channel: ChannelRef = CHANNEL) -> list[date]:
    return [round_.local_date for round_ in await house.rounds(channel)]


async def test_a_paused_channel_gets_nothing_and_resuming_doesnt_make_up_for_it(house: House) -> None:
    await house.schedule()
    await house.say(ADMIN, "trapwise pause")
    assert (await house.plan()).pause is Pause.BY_ADMIN
    await house.tick(NINE + timedelta(hours=1))
    assert house.shown() == []
    reply = await house.say(ADMIN, "trapwise resume")
    assert "Tue 24 Nov, 09:00 CET" in words(reply)
    await house.tick()
    assert house.shown() == []
    await house.tick(NINE + timedelta(days=1))
    assert await dates_of(house) == [MONDAY + timedelta(days=1)]


async def test_resuming_before_the_opening_keeps_today(house: House) -> None:
    await house.schedule()
    await house.say(ADMIN, "pause")
    await house.say(ADMIN, "resume")
    await house.tick(NINE)
    assert await dates_of(house) == [MONDAY]


async def test_pausing_leaves_an_open_question_open(house: House) -> None:
    await house.schedule()
    round_ = await house.opened()
    await house.say(ADMIN, "pause")
    assert (await house.answer(ANA, round_, "b")).title.startswith("Right")
    await house.tick(round_.closes)
    assert "closed" in house.shown()[0].card.title


async def test_a_skipped_date_passes_by(house: House) -> None:
    await house.schedule()
    assert "Nothing will be posted on Tue 24 Nov" in words(await house.say(ADMIN, "skip tomorrow"))
    for day in range(3):
        await house.tick(NINE + timedelta(days=day))
    assert await dates_of(house) == [MONDAY, MONDAY + timedelta(days=2)]
    assert [r.number for r in await house.rounds()] == [1, 2]


async def test_skip_without_a_date_means_the_next_one(house: House) -> None:
    await house.schedule()
    assert "Mon 23 Nov" in words(await house.say(ADMIN, "skip"))
    assert "Tue 24 Nov" in words(await house.say(ADMIN, "skip"))
    await house.tick(NINE + timedelta(days=1))
    assert house.shown() == []


async def test_skipping_what_was_posted_is_refused(house: House) -> None:
    await house.schedule()
    await house.opened()
    assert "posted or skipped already" in words(await house.say(ADMIN, "skip today"))


async def test_post_now_is_todays_question(house: House) -> None:
    await house.schedule()
    assert words(await house.say(ADMIN, "post-now")).startswith("Posted.")
    await house.deliveries.deliver()
    (round_,) = await house.rounds()
    assert (round_.opens, round_.closes, round_.number) == (EIGHT, EIGHT + timedelta(hours=8), 1)
    await house.tick(NINE)
    assert len(house.shown()) == 1
    await house.tick(NINE + timedelta(days=1))
    assert await dates_of(house) == [MONDAY, MONDAY + timedelta(days=1)]


async def test_post_now_while_a_question_is_open_is_refused(house: House) -> None:
    await house.schedule()
    await house.opened()
    assert "A question is open here" in words(await house.say(ADMIN, "post-now"))
    assert len(await house.rounds()) == 1


async def test_a_second_post_now_on_one_date_is_refused(house: House) -> None:
    await house.schedule(closes_after=60)
    round_ = await house.opened()
    await house.tick(round_.closes)
    assert "posted already" in words(await house.say(ADMIN, "post-now"))
    assert len(await house.rounds()) == 1


async def test_post_now_takes_the_place_of_a_missed_round(house: House) -> None:
    await house.schedule()
    await house.tick(NINE + timedelta(hours=7))
    assert await house.rounds() == []
    assert words(await house.say(ADMIN, "post-now")).startswith("Posted.")
    await house.deliveries.deliver()
    assert await dates_of(house) == [MONDAY]
    assert len(house.shown()) == 1


async def test_post_now_after_a_round_the_channel_refused(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", ChannelRefused("archived"))
    await house.tick(NINE)
    assert await house.rounds() == []
    assert words(await house.say(ADMIN, "post-now")).startswith("Posted.")
    await house.deliveries.deliver()
    assert await dates_of(house) == [MONDAY]
    assert len(house.shown()) == 1


async def test_post_now_on_a_day_off(house: House) -> None:
    await house.schedule()
    house.clock.set(EIGHT + timedelta(days=5))
    assert words(await house.say(ADMIN, "post-now")).startswith("Posted.")
    assert await dates_of(house) == [MONDAY + timedelta(days=5)]


async def test_post_now_in_the_night_closes_before_the_next_opening(house: House) -> None:
    await house.schedule()
    house.clock.set(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))  # 03:00 in Berlin on Tuesday
    await house.say(ADMIN, "post-now")
    (round_,) = await house.rounds()
    assert round_.local_date == date(2026, 11, 24)
    assert round_.closes <= datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


async def test_post_now_while_paused_posts_once(house: House) -> None:
    await house.schedule(pause=Pause.BY_ADMIN)
    assert words(await house.say(ADMIN, "post-now")).startswith("Posted.")
    await house.tick()
    await house.tick(NINE + timedelta(days=1))
    assert await dates_of(house) == [MONDAY]


async def test_a_later_time_today_still_counts_today(house: House) -> None:
    await house.schedule()
    await house.say(ADMIN, "trapwise schedule 10:00")
    await house.tick(NINE)
    assert house.shown() == []
    await house.tick(NINE + timedelta(hours=1))
    assert await dates_of(house) == [MONDAY]


async def test_a_time_that_has_passed_today_begins_tomorrow(house: House) -> None:
    await house.schedule(opens=time(12))
    house.clock.set(NINE)
    reply = await house.say(ADMIN, "trapwise schedule 08:30")
    assert "Tue 24 Nov, 08:30 CET" in words(reply)
    await house.tick(NINE + timedelta(hours=5))
    assert house.shown() == []
    await house.tick(datetime(2026, 11, 24, 7, 30, tzinfo=UTC))
    assert await dates_of(house) == [MONDAY + timedelta(days=1)]


async def test_a_new_time_after_todays_question_doesnt_post_a_second(house: House) -> None:
    await house.schedule()
    await house.opened()
    await house.say(ADMIN, "trapwise schedule 20:00")
    await house.tick(EIGHT + timedelta(hours=12, minutes=30))
    assert await dates_of(house) == [MONDAY]


async def test_a_new_zone_takes_effect_at_once(house: House) -> None:
    await house.schedule()
    reply = await house.say(ADMIN, "trapwise schedule zone=America/New_York")
    assert "Mon 23 Nov, 09:00 EST" in words(reply)
    await house.tick(NINE)
    assert house.shown() == []
    await house.tick(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    assert await dates_of(house) == [MONDAY]


async def test_changing_only_the_closing_doesnt_move_the_beginning(house: House) -> None:
    await house.schedule()
    house.clock.set(NINE + timedelta(minutes=30))
    await house.say(ADMIN, "trapwise schedule closes=2h")
    await house.tick()
    (round_,) = await house.rounds()
    assert round_.closes == NINE + timedelta(hours=2)
