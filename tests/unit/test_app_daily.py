"""One question per schedule and local date, whatever outages, restarts and clocks do."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import daily as daily_module
from bot.core.errors import PlatformDown
from bot.core.refs import ChannelRef
from bot.core.round import State
from bot.core.schedule import Pause
from tests.support.app_house import ADMIN, ANA, CHANNEL, EIGHT, House, open_house, small_pack, words
from tests.support.builders import SettableClock, a_channel_ref, an_item

MONDAY = date(2026, 11, 23)
NINE = EIGHT + timedelta(hours=1)
KITCHEN = a_channel_ref("kitchen")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


async def dates_of(house: House, channel: ChannelRef = CHANNEL) -> list[date]:
    return [round_.local_date for round_ in await house.rounds(channel)]


async def test_nothing_comes_before_the_opening(house: House) -> None:
    await house.schedule()
    await house.tick(NINE - timedelta(milliseconds=1))
    assert house.shown() == []
    await house.tick(NINE)
    assert len(house.shown()) == 1


async def test_once_per_date_however_often_it_ticks(house: House) -> None:
    await house.schedule()
    for minutes in range(0, 9 * 60, 15):
        await house.tick(NINE + timedelta(minutes=minutes))
    assert await dates_of(house) == [MONDAY]
    assert len(house.shown()) == 1
    assert house.shown()[0].edits == 1


async def test_a_week_of_workdays_and_the_next(house: House) -> None:
    await house.schedule()
    for hour in range(12 * 24):
        await house.tick(EIGHT + timedelta(hours=hour))
    expected = [MONDAY + timedelta(days=day) for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
    rounds = await house.rounds()
    assert [r.local_date for r in rounds] == expected
    assert [r.number for r in rounds] == list(range(1, 11))
    assert len({r.item.id for r in rounds}) == 10
    assert all(r.closes - r.opens == timedelta(hours=8) for r in rounds)
    assert all("closed" in m.card.title for m in house.shown()[:-1])


async def test_an_outage_that_leaves_time_to_answer_is_caught_up_late(house: House) -> None:
    await house.schedule()
    late = NINE + timedelta(hours=6)
    await house.tick(late)
    (round_,) = await house.rounds()
    assert (round_.opens, round_.closes) == (late, NINE + timedelta(hours=8))
    assert len(house.shown()) == 1


async def test_an_outage_that_leaves_too_little_time_skips_the_date(house: House) -> None:
    await house.schedule()
    await house.tick(NINE + timedelta(hours=6, milliseconds=1))
    assert await house.rounds() == []
    assert await house.settled() == {MONDAY}
    tuesday = await house.opened(NINE + timedelta(days=1))
    assert (tuesday.number, tuesday.local_date) == (1, MONDAY + timedelta(days=1))
    assert len(house.shown()) == 1


async def test_a_weeks_outage_posts_only_todays(house: House) -> None:
    await house.schedule()
    await house.opened()
    await house.tick(NINE + timedelta(days=8, hours=1))
    assert await dates_of(house) == [MONDAY, MONDAY + timedelta(days=8)]
    assert await house.settled() == {MONDAY + timedelta(days=day) for day in (0, 1, 2, 3, 4, 7, 8)}
    first, second = house.shown()
    assert "closed" in first.card.title
    assert "closed" not in second.card.title


async def test_a_missed_day_breaks_no_streak(house: House) -> None:
    await house.schedule()
    await house.answer(ANA, await house.opened(), "b")
    await house.tick(NINE + timedelta(days=2, hours=7))
    thursday = await house.opened(NINE + timedelta(days=3))
    await house.answer(ANA, thursday, "b")
    standing = await house.standing(ANA)
    assert (standing.streak, standing.points) == (2, 21)


async def test_rounds_whose_times_overlap_after_a_change_leave_standings_right(house: House) -> None:
    await house.schedule(opens=time(20), closes_after=8 * 60)
    evening = await house.opened(EIGHT + timedelta(hours=12))
    await house.say(ADMIN, "trapwise schedule 00:30")
    night = await house.opened(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    await house.answer(ANA, night, "b")
    if evening.is_open(house.clock.now()):
        await house.answer(ANA, evening, "b")
    wednesday = await house.opened(datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    await house.answer(ANA, wednesday, "b")
    standing = await house.standing(ANA)
    assert standing.streak == standing.answered
    assert standing.last == 3


async def test_a_pack_that_is_gone_pauses_and_says_so(house: House) -> None:
    await house.schedule(pack="gone")
    await house.tick(NINE)
    assert house.shown() == []
    assert (await house.plan()).pause is Pause.PACK_MISSING
    assert "pack isn't installed" in words(await house.say(ADMIN, "schedule"))
    assert "pack isn't installed" in words(await house.say(ADMIN, "post-now"))
    await house.say(ADMIN, "resume")
    plan = await house.plan()
    assert (plan.pause, plan.pack) == (None, "my-exam")
    await house.tick(NINE + timedelta(days=1))
    assert await dates_of(house) == [MONDAY + timedelta(days=1)]


async def test_a_pack_that_is_gone_doesnt_hinder_others() -> None:
    async with open_house() as house:
        await house.schedule(pack="gone")
        await house.schedule(KITCHEN)
        await house.tick(NINE)
        assert len(house.shown(KITCHEN)) == 1


async def test_a_pack_without_ready_items_pauses() -> None:
    async with open_house(packs={"my-exam": small_pack(0)}) as house:
        await house.schedule()
        await house.tick(NINE)
        assert (await house.plan()).pause is Pause.PACK_MISSING


async def test_a_round_is_shown_though_its_pack_went(database: str) -> None:
    async with open_house(database=database) as house:
        await house.schedule()
        round_ = await house.opened()
    other = small_pack()
    async with open_house(database=database, packs={"other": other}, messenger=house.messenger) as later:
        later.clock.set(NINE + timedelta(hours=1))
        assert (await later.answer(ANA, round_, "a")).title.startswith("Not quite")
        await later.tick(round_.closes)
        assert "1 answered, 0 got it" in words(later.shown()[0].card)


async def test_one_channels_failure_doesnt_touch_the_other(house: House) -> None:
    await house.schedule()
    await house.schedule(KITCHEN)
    house.messenger.always("post", PlatformDown("no route"), channel=CHANNEL.id)
    await house.tick(NINE)
    assert house.shown() == []
    assert len(house.shown(KITCHEN)) == 1
    house.messenger.always("post", None, channel=CHANNEL.id)
    await house.tick(NINE + timedelta(minutes=1))
    assert len(house.shown()) == 1


async def test_many_channels_in_many_batches(house: House) -> None:
    channels = [a_channel_ref(f"c{n}") for n in range(120)]
    for channel in channels:
        await house.schedule(channel)
    await house.tick(NINE)
    assert len(house.messenger.messages) == 120
    await house.tick(NINE + timedelta(hours=8))
    assert all("closed" in m.card.title for m in house.messenger.messages)


async def test_channels_of_one_schedule_get_questions_of_their_own(house: House) -> None:
    for n in range(12):
        await house.schedule(a_channel_ref(f"c{n}"))
    await house.tick(NINE)
    items = {(await house.rounds(a_channel_ref(f"c{n}")))[0].item.id for n in range(12)}
    assert len(items) > 1


async def test_the_question_is_the_same_however_the_day_went() -> None:
    chosen = []
    for late in (timedelta(), timedelta(hours=5)):
        async with open_house() as house:
            await house.schedule()
            await house.tick(NINE + late)
            (round_,) = await house.rounds()
            chosen.append((round_.item.id, round_.order))
    assert chosen[0] == chosen[1]


async def test_an_item_with_cases_is_posted_filled() -> None:
    item = an_item(stem="What is {a} + {b}?", cases=((("a", "1"), ("b", "2")), (("a", "3"), ("b", "4"))))
    pack = small_pack()
    packs = {"my-exam": type(pack)(**{f: getattr(pack, f) for f in _FIELDS} | {"items": (item,)})}
    async with open_house(packs=packs) as house:
        await house.schedule()
        await house.tick(NINE)
        said = words(house.shown()[0].card)
        assert "What is 1 + 2?" in said or "What is 3 + 4?" in said


_FIELDS = ("id", "title", "short_title", "language", "version", "blueprint", "traps", "facts", "cards")


async def test_a_clock_that_jumped_ahead_and_back_silences_nobody(house: House) -> None:
    await house.schedule(weekdays=frozenset(range(7)))
    await house.opened()
    await house.tick(NINE + timedelta(days=30))  # a false future
    house.clock.set(NINE + timedelta(hours=1))
    await house.daily.rearm()
    for day in range(1, 4):
        await house.tick(NINE + timedelta(days=day))
    told = await dates_of(house)
    assert [MONDAY + timedelta(days=day) for day in range(1, 4)] == sorted(told)[1:4]
    assert len(told) == len(set(told))


async def test_dst_nights_give_one_question_each() -> None:
    clock = SettableClock(datetime(2027, 3, 26, 12, tzinfo=UTC))
    async with open_house(clock=clock) as house:
        await house.schedule(opens=time(2, 30), weekdays=frozenset(range(7)), zone=ZoneInfo("Europe/Berlin"))
        start = datetime(2027, 3, 27, 0, tzinfo=UTC)
        for half in range(2 * 24 * 3):
            await house.tick(start + timedelta(minutes=30 * half))
        found = {r.local_date: r.opens for r in await house.rounds()}
    assert found[date(2027, 3, 27)] == datetime(2027, 3, 27, 1, 30, tzinfo=UTC)
    assert found[date(2027, 3, 28)] == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # 03:30, 02:30 doesn't exist
    assert found[date(2027, 3, 29)] == datetime(2027, 3, 29, 0, 30, tzinfo=UTC)


async def test_next_wake_is_the_earliest_of_all(house: House) -> None:
    await house.schedule()
    await house.schedule(KITCHEN, opens=time(8, 30))
    await house.tick(EIGHT)
    assert await house.daily.next_wake() == EIGHT + timedelta(minutes=30)
    await house.tick(EIGHT + timedelta(minutes=30))
    assert await house.daily.next_wake() == NINE
    await house.tick(NINE)
    assert await house.daily.next_wake() == EIGHT + timedelta(hours=8, minutes=30)


async def test_nothing_is_due_in_an_empty_house(house: House) -> None:
    await house.tick()
    assert await house.daily.next_wake() is None


async def test_after_closing_the_state_is_kept(house: House) -> None:
    await house.schedule()
    round_ = await house.opened()
    await house.tick(round_.closes)
    (closed,) = await house.rounds()
    assert closed.state is State.CLOSED


async def test_rounds_are_handed_on_batch_by_batch(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_module, "AT_ONCE", 2)
    for name in ("a", "b", "c"):
        await house.schedule(a_channel_ref(name))
    house.clock.set(NINE)
    calls: list[None] = []
    await house.daily.run_due(lambda: calls.append(None))
    assert len(calls) == 2, "two rounds, then the last"
    assert len(await house.look(lambda tx: tx.rounds.all_open())) == 3
    await house.daily.run_due(lambda: calls.append(None))
    assert len(calls) == 2, "nothing is due any more"
