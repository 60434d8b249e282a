"""The outbox: never posted twice, never lost, whatever the platform and the process do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.app import deliveries
from bot.app.deliveries import AT_ONCE, BACK_OFF, LEASE
from bot.app.records import DeliveryState
from bot.core.errors import PlatformDown, PostUncertain, RateLimited, StorageBusy
from bot.core.refs import Platform
from bot.core.round import Round
from bot.view.card import Card
from tests.support.app_house import ADMIN, ANA, CHANNEL, EIGHT, House, open_house, words
from tests.support.builders import SettableClock, a_channel_ref, a_workspace_ref
from tests.support.scripted_messenger import Arrived, Held

NINE = EIGHT + timedelta(hours=1)
KITCHEN = a_channel_ref("kitchen")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


async def only_round(house: House) -> Round:
    (round_,) = await house.rounds()
    return round_


async def crash_while_posting(database: str, *, arrived: bool) -> House:
    """A process that ends between the post and its record; what is left of it."""
    async with open_house(database=database) as house:
        await house.schedule()
        held = Held()
        house.messenger.script("post", held)
        process = asyncio.create_task(house.tick(NINE))
        await held.entered.wait()
        process.cancel()
        await asyncio.gather(process, return_exceptions=True)
        if arrived:
            round_ = await only_round(house)
            (post,) = await house.unfinished(round_.id)
            await house.messenger.post(CHANNEL, Card(title="Trap question"), key=post.key)
    return house


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_crash_while_posting(database: str, arrived: bool) -> None:
    before = await crash_while_posting(database, arrived=arrived)
    clock = SettableClock(NINE + timedelta(seconds=5))
    async with open_house(database=database, messenger=before.messenger, clock=clock) as house:
        await house.deliveries.reclaim()
        await house.deliveries.deliver()
        (message,) = house.shown()
        round_ = await only_round(house)
        assert round_.message == message.id
        assert await house.unfinished(round_.id) == []
        assert "find exam-prep" in house.messenger.calls


async def test_without_reclaiming_a_try_under_way_is_left_alone(database: str) -> None:
    before = await crash_while_posting(database, arrived=False)
    clock = SettableClock(NINE + LEASE - timedelta(seconds=1))
    async with open_house(database=database, messenger=before.messenger, clock=clock) as house:
        await house.deliveries.deliver()
        assert house.shown() == []
        clock.set(NINE + LEASE)
        await house.deliveries.deliver()
        assert len(house.shown()) == 1


@pytest.mark.parametrize("error", [RateLimited(10), PlatformDown("no route"), PostUncertain("?"), KeyError("odd")])
async def test_while_looking_fails_nothing_is_posted_again(database: str, error: Exception) -> None:
    before = await crash_while_posting(database, arrived=True)
    before.messenger.script("find", error)
    clock = SettableClock(NINE + timedelta(seconds=5))
    async with open_house(database=database, messenger=before.messenger, clock=clock) as house:
        await house.deliveries.reclaim()
        for _ in range(8):
            await house.deliveries.deliver()
            clock.advance(minutes=5)
        assert len(house.shown()) == 1
        assert (await only_round(house)).message == "m1"


async def test_a_platform_that_isnt_connected_any_more_and_comes_back(database: str) -> None:
    before = await crash_while_posting(database, arrived=True)
    clock = SettableClock(NINE + timedelta(seconds=5))
    async with open_house(database=database, messenger=before.messenger, clock=clock, platforms=()) as house:
        await house.deliveries.reclaim()
        await house.deliveries.deliver()
    clock.advance(minutes=20)
    async with open_house(database=database, messenger=before.messenger, clock=clock) as house:
        await house.deliveries.deliver()
        assert len(house.shown()) == 1
        assert (await only_round(house)).message == "m1"


async def test_a_broken_connection_after_arriving_adopts_the_message(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", Arrived(PostUncertain("reset")))
    await house.tick(NINE)
    assert (await only_round(house)).message is None
    await house.tick(NINE + timedelta(seconds=BACK_OFF[0]))
    assert len(house.shown()) == 1
    assert (await only_round(house)).message == "m1"


async def test_a_broken_connection_before_arriving_posts_once(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", PostUncertain("reset"))
    for minute in range(60):
        await house.tick(NINE + timedelta(minutes=minute))
    assert len(house.shown()) == 1


async def test_members_can_answer_before_the_message_is_known(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", Arrived(PostUncertain("reset")))
    await house.tick(NINE)
    round_ = await only_round(house)
    assert (await house.answer(ANA, round_, "b")).title.startswith("Right")
    await house.tick(NINE + timedelta(minutes=1))
    await house.tick(round_.closes)
    assert "1 answered, 1 got it" in words(house.shown()[0].card)


async def test_an_answer_that_takes_too_long_is_uncertain(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "LEASE", timedelta(milliseconds=20))
    await house.schedule()
    house.messenger.script("post", Held())
    await house.tick(NINE)
    (post,) = await house.unfinished((await only_round(house)).id)
    assert post.state is DeliveryState.TRYING
    monkeypatch.undo()
    await house.tick(NINE + timedelta(minutes=1))
    assert len(house.shown()) == 1
    assert "find exam-prep" in house.messenger.calls


async def test_uncertain_for_ever_is_given_up_and_told_once(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", Arrived(PostUncertain("reset")))
    house.messenger.always("find", PostUncertain("history can't be read"))
    for minute in range(0, 6 * 60, 5):
        await house.tick(NINE + timedelta(minutes=minute))
    assert len(house.shown()) == 1
    ((to, card),) = house.messenger.told
    assert to == ADMIN.member
    assert "can't tell whether it arrived" in card.title
    assert "/trapwise post-now" in card.title
    assert await house.unfinished((await only_round(house)).id) == []


async def test_post_now_posts_a_given_up_question_again(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", PostUncertain("reset"))
    house.messenger.always("find", PostUncertain("history can't be read"))
    for minute in range(0, 6 * 60, 5):
        await house.tick(NINE + timedelta(minutes=minute))
    assert house.shown() == []
    assert words(await house.say(ADMIN, "post-now")).startswith("Posted.")
    await house.tick()
    assert len(house.shown()) == 1
    assert len(await house.rounds()) == 1
    assert "A question is open here" in words(await house.say(ADMIN, "post-now"))


async def test_a_round_that_was_answered_is_never_dropped(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", Arrived(PostUncertain("reset")))
    house.messenger.always("find", PlatformDown("no route"))
    await house.tick(NINE)
    round_ = await only_round(house)
    await house.answer(ANA, round_, "b")
    await house.tick(round_.closes)
    assert (await only_round(house)).number == 1
    house.messenger.always("find", None)
    await house.tick(round_.closes + timedelta(hours=1))
    await house.tick(round_.closes + timedelta(hours=2))
    (message,) = house.shown()
    assert "1 answered, 1 got it" in words(message.card)


async def test_a_question_given_up_as_uncertain_counts_if_somebody_answered_it(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", Arrived(PostUncertain("reset")))
    house.messenger.always("find", PostUncertain("history can't be read"))
    for minute in range(0, 6 * 60, 5):
        await house.tick(NINE + timedelta(minutes=minute))
    round_ = await only_round(house)
    assert await house.unfinished(round_.id) == []
    await house.answer(ANA, round_, "b")
    await house.tick(round_.closes)
    assert (await only_round(house)).number == 1
    assert (await house.standing(ANA)).points == 10


async def test_an_unforeseen_failure_is_like_a_broken_connection(house: House) -> None:
    await house.schedule()
    house.messenger.script("post", Arrived(ZeroDivisionError("a bug in an adapter")))
    await house.tick(NINE)
    await house.tick(NINE + timedelta(minutes=1))
    assert len(house.shown()) == 1
    assert (await only_round(house)).message == "m1"


async def test_a_held_up_channel_doesnt_hold_up_the_other(house: House) -> None:
    await house.schedule()
    await house.schedule(KITCHEN)
    held = Held()
    house.messenger.script("post", held, channel=CHANNEL.id)
    house.clock.set(NINE)
    await house.daily.run_due()
    task = asyncio.create_task(house.deliveries.deliver())
    await held.entered.wait()
    await house.messenger.until(1)
    assert house.shown() == []
    assert len(house.shown(KITCHEN)) == 1
    held.release.set()
    await task
    assert len(house.shown()) == 1


async def test_only_so_many_at_once(house: House) -> None:
    held = [Held() for _ in range(AT_ONCE + 3)]
    for n, step in enumerate(held):
        await house.schedule(a_channel_ref(f"c{n}"))
        house.messenger.script("post", step, channel=f"c{n}")
    house.clock.set(NINE)
    await house.daily.run_due()
    task = asyncio.create_task(house.deliveries.deliver())
    first = [asyncio.create_task(step.entered.wait()) for step in held]
    while sum(wait.done() for wait in first) < AT_ONCE:
        await asyncio.wait([wait for wait in first if not wait.done()], return_when=asyncio.FIRST_COMPLETED)
    assert len(house.messenger.calls) == AT_ONCE
    for step in held:
        step.release.set()
    await task
    await asyncio.gather(*first)
    assert len(house.messenger.messages) == len(held)


async def test_a_platform_without_messenger_waits(house: House) -> None:
    elsewhere = a_channel_ref("exam-prep", a_workspace_ref("acme", Platform.DISCORD))
    await house.schedule(elsewhere)
    await house.tick(NINE)
    (round_,) = await house.rounds(elsewhere)
    assert round_.message is None
    assert house.messenger.calls == []
    assert await house.daily.next_wake() == NINE + timedelta(minutes=15)


async def test_whoever_looks_at_the_channel_is_told(house: House) -> None:
    await house.schedule()
    seen = 0

    async def look() -> None:
        nonlocal seen
        async for _ in house.live.changes(CHANNEL):
            seen += 1
            return

    task = asyncio.create_task(look())
    await asyncio.sleep(0)  # let it begin to listen
    await house.tick(NINE)
    await task
    assert seen == 1


async def test_a_database_that_fails_after_the_post_leads_to_no_second_post(house: House) -> None:
    await house.schedule()
    house.clock.set(NINE)
    await house.daily.run_due()
    real = house.storage.write
    calls = 0

    async def failing(fn, **_):  # type: ignore[no-untyped-def]  # stands in for a generic method
        nonlocal calls
        calls += 1
        if calls == 2:  # the first takes the deliveries, the second records how it went
            raise StorageBusy("locked")
        return await real(fn)

    house.storage.write = failing  # type: ignore[method-assign]  # a storage that fails once
    with pytest.raises(StorageBusy):
        await house.deliveries.deliver()
    assert len(house.shown()) == 1
    await house.tick(NINE + LEASE)
    assert len(house.shown()) == 1
    assert (await only_round(house)).message == "m1"
