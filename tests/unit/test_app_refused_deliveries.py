"""Platforms that refuse, slow us down or are away; and the reveal of what they took."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.app.deliveries import BACK_OFF
from bot.app.records import DeliveryKind, DeliveryState
from bot.core.errors import ChannelRefused, MessengerError, PlatformDown, PostUncertain, RateLimited
from bot.core.round import Round
from bot.core.schedule import Pause
from tests.support.app_house import ADMIN, ANA, CHANNEL, EIGHT, House, buttons, open_house, words
from tests.support.builders import a_channel_ref
from tests.support.scripted_messenger import Arrived

NINE = EIGHT + timedelta(hours=1)
DAY = timedelta(days=1)
KITCHEN = a_channel_ref("kitchen")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


async def only_round(house: House) -> Round:
    (round_,) = await house.rounds()
    return round_


async def test_post_now_while_the_first_try_is_under_way_is_refused(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", PlatformDown("no route"))
    await house.tick(NINE)
    assert "A question is open here" in words(await house.say(ADMIN, "post-now"))


async def test_a_refusal_pauses_and_tells_the_admin_once(house: House) -> None:
    await house.schedule()
    house.messenger.always("post", ChannelRefused("archived"))
    for day in range(5):
        await house.tick(NINE + day * DAY)
        await house.tick()
    assert (await house.plan()).pause is Pause.CHANNEL_REFUSED
    ((to, card),) = house.messenger.told
    assert to == ADMIN.member
    assert card.title == (
        "I may not post in #exam-prep any more, so its daily question is paused. "
        "Let me in again, then type /trapwise resume there."
    )
    assert house.messenger.calls.count("post exam-prep") == 1


async def test_two_refusals_at_once_are_told_once(house: House) -> None:
    await house.schedule(closes_after=24 * 60)
    await house.opened()
    house.messenger.always("edit", ChannelRefused("archived"))
    house.messenger.always("post", ChannelRefused("archived"))
    await house.tick(NINE + DAY)  # one question closes as the next opens
    await house.tick()
    assert house.messenger.calls.count("post exam-prep") == 2
    assert house.messenger.calls.count("edit exam-prep") == 1
    assert len(house.messenger.told) == 1


async def test_a_refused_round_frees_its_number(house: House) -> None:
    await house.schedule()
    await house.answer(ANA, await house.opened(), "b")
    house.messenger.script("post", ChannelRefused("archived"))
    await house.tick(NINE + DAY)
    await house.say(ADMIN, "resume")
    wednesday = await house.opened(NINE + 2 * DAY)
    assert wednesday.number == 2
    await house.answer(ANA, wednesday, "b")
    assert (await house.standing(ANA)).streak == 2


async def test_a_refused_reveal_pauses_too_and_keeps_the_round(house: House) -> None:
    await house.schedule()
    round_ = await house.opened()
    await house.answer(ANA, round_, "b")
    house.messenger.script("edit", ChannelRefused("archived"))
    await house.tick(round_.closes)
    await house.tick()
    assert (await house.plan()).pause is Pause.CHANNEL_REFUSED
    assert (await only_round(house)).number == 1
    assert len(house.messenger.told) == 1


async def test_a_notice_that_cant_be_told_pauses_nothing_more(house: House) -> None:
    await house.schedule()
    await house.schedule(KITCHEN)
    house.messenger.always("post", ChannelRefused("archived"), channel=CHANNEL.id)
    house.messenger.always("tell", ChannelRefused("no direct messages"))
    await house.tick(NINE)
    await house.tick(NINE + timedelta(hours=1))
    assert house.messenger.told == []
    assert (await house.plan(KITCHEN)).pause is None
    assert await house.daily.next_wake() == NINE + timedelta(hours=8)


async def test_a_rate_limit_is_waited_out_exactly(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", RateLimited(42.5))
    await house.tick(NINE)
    assert await house.daily.next_wake() == NINE + timedelta(seconds=42.5)
    await house.tick(NINE + timedelta(seconds=42))
    assert house.messenger.calls == ["post exam-prep"]
    await house.tick(NINE + timedelta(seconds=42.5))
    assert len(house.shown()) == 1
    assert house.messenger.calls == ["post exam-prep"] * 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(PlatformDown("no route"), [5, 15, 60, 60, 60, 60, 60], id="away, so that its return is noticed"),
        pytest.param(PostUncertain("a server error"), [*BACK_OFF, BACK_OFF[-1], BACK_OFF[-1]], id="in trouble"),
    ],
)
async def test_others_back_off_longer_each_time(house: House, error: MessengerError, expected: list[int]) -> None:
    await house.schedule(closes_after=24 * 60)
    house.messenger.always("post", error)
    house.clock.set(NINE)
    waits = []
    for _ in range(7):
        await house.tick()
        due = await house.daily.next_wake()
        assert due is not None
        waits.append((due - house.clock.now()).total_seconds())
        house.clock.set(due)
    assert waits == expected


async def test_the_platform_is_down_for_an_hour(house: House) -> None:
    await house.schedule()
    house.messenger.always("post", PlatformDown("no route"))
    for minute in range(60):
        await house.tick(NINE + timedelta(minutes=minute))
    assert house.shown() == []
    house.messenger.always("post", None)
    for minute in range(60, 80):
        await house.tick(NINE + timedelta(minutes=minute))
    assert len(house.shown()) == 1
    round_ = await only_round(house)
    assert round_.message == "m1"
    assert (await house.answer(ANA, round_, "b")).title.startswith("Right")


async def test_a_round_that_was_never_posted_is_dropped_at_closing(house: House) -> None:
    await house.schedule()
    await house.answer(ANA, await house.opened(), "b")
    house.messenger.always("post", PlatformDown("no route"))
    for hour in range(9):
        await house.tick(NINE + DAY + timedelta(hours=hour))
    assert [r.number for r in await house.rounds()] == [1]
    house.messenger.always("post", None)
    wednesday = await house.opened(NINE + 2 * DAY)
    assert wednesday.number == 2
    await house.answer(ANA, wednesday, "b")
    assert (await house.standing(ANA)).streak == 2
    assert len(house.shown()) == 2


async def test_the_reveal_waits_for_the_post(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", Arrived(PostUncertain("reset")))
    house.messenger.always("find", PostUncertain("slow"))
    await house.tick(NINE + timedelta(hours=5, minutes=59))
    round_ = await only_round(house)
    house.clock.set(round_.closes)
    await house.daily.run_due()
    kinds = {d.kind: d.state for d in await house.unfinished(round_.id)}
    assert kinds == {DeliveryKind.POST: DeliveryState.TRYING, DeliveryKind.REVEAL: DeliveryState.WAITING}
    house.messenger.always("find", None)
    await house.tick()
    await house.tick(round_.closes + timedelta(seconds=15))
    (message,) = house.shown()
    assert "closed" in message.card.title
    assert message.edits == 1
    assert await house.unfinished(round_.id) == []


async def test_a_post_that_turns_out_after_closing_never_to_have_arrived_is_skipped(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", PostUncertain("reset"))
    await house.tick(NINE + timedelta(hours=5, minutes=59))
    round_ = await only_round(house)
    await house.tick(round_.closes)
    for minute in range(1, 20):
        await house.tick(round_.closes + timedelta(minutes=minute))
    assert house.shown() == []
    assert await house.rounds() == []
    assert round_.local_date in await house.settled()
    assert await house.unfinished(round_.id) == []
    ((to, card),) = house.messenger.told
    assert to == ADMIN.member
    assert "I couldn't post the question of Mon 23 Nov in #exam-prep" in card.title


async def test_a_post_that_turns_out_after_closing_to_have_arrived_is_revealed(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", Arrived(PostUncertain("reset")))
    await house.tick(NINE + timedelta(hours=5, minutes=59))
    round_ = await only_round(house)
    for minute in range(0, 20):
        await house.tick(round_.closes + timedelta(minutes=minute))
    (message,) = house.shown()
    assert "closed" in message.card.title
    assert "Why?" in [b.label for b in buttons(message.card)]
    assert house.messenger.told == []


async def test_each_outage_is_told_once_however_many_days_it_takes(house: House) -> None:
    await house.schedule()
    house.messenger.always("post", PlatformDown("no route"))
    house.messenger.always("tell", PlatformDown("no route"))
    for day in (0, 1, 2):
        for hour in range(0, 12):
            await house.tick(NINE + day * DAY + timedelta(hours=hour))
    house.messenger.always("post", None)
    house.messenger.always("tell", None)
    for minute in range(0, 5):
        await house.tick(NINE + 3 * DAY + timedelta(minutes=minute))
    assert [card.title.split(" in #")[0] for _, card in house.messenger.told] == [
        "I couldn't post the question of Mon 23 Nov"
    ]
    assert len(house.shown()) == 1
    house.messenger.always("post", PlatformDown("no route"))
    for hour in range(0, 12):
        await house.tick(NINE + 4 * DAY + timedelta(hours=hour))
    assert len(house.messenger.told) == 2


async def test_a_post_is_not_given_up_while_it_cannot_be_looked_for(house: House) -> None:
    """That the looking fails says nothing about the post; only a platform that can't tell ends it."""
    await house.schedule()
    house.messenger.script("post", Arrived(PostUncertain("reset")))
    house.messenger.script("find", *(RuntimeError("nonsense") for _ in range(20)))
    for minute in range(0, 60):
        await house.tick(NINE + timedelta(minutes=minute))
    (message,) = house.shown()
    assert (await only_round(house)).message == message.id
    assert house.messenger.told == []


async def test_a_post_is_not_given_up_while_the_platform_only_fails_to_take_it(house: House) -> None:
    """An hour of server errors: each time it is looked for, certainly isn't there, and is tried again."""
    await house.schedule()
    house.messenger.always("post", PostUncertain("a server error"))
    for minute in range(0, 60):
        await house.tick(NINE + timedelta(minutes=minute))
    house.messenger.always("post", None)
    for minute in range(60, 80):
        await house.tick(NINE + timedelta(minutes=minute))
    assert len(house.shown()) == 1
    assert house.messenger.told == []


async def test_a_reveal_is_tried_until_it_works(house: House) -> None:
    await house.schedule()
    round_ = await house.opened()
    house.messenger.script("edit", PlatformDown("no route"), PostUncertain("reset"), RateLimited(3))
    for minute in range(0, 30):
        await house.tick(round_.closes + timedelta(minutes=minute))
    (message,) = house.shown()
    assert message.edits == 1
    assert await house.unfinished(round_.id) == []
