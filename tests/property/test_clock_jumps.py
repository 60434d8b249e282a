"""A clock that jumps back and forth while the bot runs: no question twice, none missing once the clock is right."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alarm import Alarm
from bot.app.rebuild import rebuild
from tests.support.app_house import ANA, BEN, EIGHT, House, open_house

RIGHT = EIGHT + timedelta(days=2)
"""What the clock shows once it is set right: a Wednesday, 08:00 in Berlin."""

JUMPS = st.lists(
    st.one_of(
        st.integers(-10 * 24 * 60, 10 * 24 * 60),  # minutes
        st.sampled_from([-60, -2, -1, 0, 1, 2, 60, 24 * 60, -24 * 60, 365 * 24 * 60]),
    ),
    min_size=1,
    max_size=12,
)


async def _answers(house: House) -> None:
    for round_ in await house.rounds():
        if round_.is_open(house.clock.now()):
            for actor, option in ((ANA, "b"), (BEN, "a")):
                await house.answer(actor, round_, option)


async def _jumped(jumps: list[int]) -> None:
    async with open_house() as house:
        await house.schedule(weekdays=frozenset(range(7)), since=(EIGHT - timedelta(days=20)).date())
        alarm = Alarm(house.daily, house.deliveries, house.clock)

        async def at(instant: datetime) -> None:
            house.clock.set(instant)
            await alarm.tick()
            await alarm.settled()
            await _answers(house)

        now = EIGHT
        await at(now)
        for minutes in jumps:
            now = now + timedelta(minutes=minutes)
            await at(now)
        for hours in range(0, 50):
            await at(RIGHT + timedelta(hours=hours))

        shown = house.shown()
        dates = Counter(round_.local_date for round_ in await house.rounds())
        assert max(dates.values()) == 1, "a date has one question"
        assert len(shown) == sum(dates.values()), "and each was posted once"
        wanted = [(RIGHT + timedelta(days=day)).date() for day in range(3)]
        assert [day for day in wanted if day not in dates] == [], "from then on none is missing"
        assert await house.storage.maintain(rebuild) == ()


@settings(max_examples=25, deadline=None)
@given(JUMPS)
def test_a_clock_that_jumps_while_it_runs_doubles_nothing_and_loses_nothing(jumps: list[int]) -> None:
    asyncio.run(_jumped(jumps))


def test_years_ahead_and_back() -> None:
    asyncio.run(_jumped([60 * 24 * 800, -60 * 24 * 800, 60, -60, 60 * 24 * 3, -60 * 24 * 3]))
