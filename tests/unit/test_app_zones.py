"""Zone data that changes or vanishes between two starts: its channels follow or pause, and all others go on."""

import zoneinfo
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.schedule import Pause
from tests.support.app_house import ADMIN, EIGHT, open_house, words
from tests.support.builders import a_channel_ref, an_actor

TOWN = "Nowhere/Town"
THERE = a_channel_ref("town")
PLACES = {"east": "Etc/GMT-3", "west": "Etc/GMT+5"}


def _zone_file(name: str) -> bytes:
    return (files("tzdata") / "zoneinfo" / name).read_bytes()


Town = Callable[[str | None], None]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Sets what the machine's zone data say of the town: nothing at all, garbage, or an offset."""
    folder = tmp_path / "zones"
    (folder / TOWN).parent.mkdir(parents=True)

    def now_is(place: str | None) -> None:
        (folder / TOWN).unlink(missing_ok=True)
        if place is not None:
            (folder / TOWN).write_bytes(_zone_file(PLACES[place]) if place in PLACES else place.encode())
        ZoneInfo.clear_cache()

    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(folder), *before])
    try:
        yield now_is
    finally:
        zoneinfo.reset_tzpath(before)
        ZoneInfo.clear_cache()


@pytest.mark.parametrize("gone", [None, "", "TZif", "no zone data at all, but long enough to be read as some"])
async def test_a_zone_that_is_gone_pauses_its_channel_and_no_other(
    town: Town, tmp_path: Path, gone: str | None
) -> None:
    town("east")
    file = str(tmp_path / "t.db")
    async with open_house(database=file) as house:
        await house.schedule()
        await house.schedule(THERE, opens=time(11), zone=ZoneInfo(TOWN))
    town(gone)
    async with open_house(database=file) as house:
        await house.daily.rearm()
        await house.tick(EIGHT + timedelta(hours=1))
        assert len(house.shown()) == 1, "Berlin has its question"
        assert house.shown(THERE) == []
        assert (await house.plan(THERE)).pause is Pause.ZONE_MISSING
        said = words(await house.say(an_actor("Ada", manages=True, channel=THERE), "trapwise status"))
        assert "its time zone isn't known here any more" in said
        assert TOWN in said
        [(told, notice)] = house.messenger.told
        assert told == ADMIN.member
        assert f"I no longer know the time zone {TOWN}" in words(notice)
        await house.daily.rearm()
        await house.tick(EIGHT + timedelta(hours=3))
        assert len(house.messenger.told) == 1, "told once"
    town("east")
    async with open_house(database=file) as house:
        await house.daily.rearm()
        await house.tick(EIGHT + timedelta(days=1, hours=2))
        assert (await house.plan(THERE)).pause is None, "it goes on by itself"
        assert len(house.shown(THERE)) == 1


async def test_another_zone_can_be_chosen_for_a_channel_whose_zone_is_gone(town: Town, tmp_path: Path) -> None:
    town("east")
    file = str(tmp_path / "t.db")
    ada = an_actor("Ada", manages=True, channel=THERE)
    async with open_house(database=file) as house:
        await house.schedule(THERE, opens=time(11), zone=ZoneInfo(TOWN))
    town(None)
    async with open_house(database=file) as house:
        await house.daily.rearm()
        assert "isn't known here any more" in words(await house.say(ada, "trapwise schedule time=10:00"))
        assert "isn't known" not in words(await house.say(ada, "trapwise schedule zone=Europe/Berlin"))
        plan = await house.plan(THERE)
        assert (plan.pause, plan.zone.key) == (None, "Europe/Berlin")
        await house.tick(EIGHT + timedelta(hours=2))
        assert len(house.shown(THERE)) == 1


async def test_a_channel_that_was_paused_by_hand_stays_paused(town: Town, tmp_path: Path) -> None:
    town("east")
    file = str(tmp_path / "t.db")
    async with open_house(database=file) as house:
        await house.schedule(THERE, opens=time(11), zone=ZoneInfo(TOWN), pause=Pause.BY_ADMIN)
    for place in (None, "east"):
        town(place)
        async with open_house(database=file) as house:
            await house.daily.rearm()
            assert (await house.plan(THERE)).pause is Pause.BY_ADMIN
            assert house.messenger.told == []


async def test_a_zone_whose_offset_changes_is_followed_from_the_next_start_on(town: Town, tmp_path: Path) -> None:
    town("east")
    file = str(tmp_path / "t.db")
    async with open_house(database=file) as house:
        await house.schedule(THERE, opens=time(11), zone=ZoneInfo(TOWN))
        await house.tick(EIGHT + timedelta(hours=1))
        assert len(house.shown(THERE)) == 1, "11:00 there is 08:00 in UTC"
    town("west")
    async with open_house(database=file) as house:
        await house.daily.rearm()
        await house.tick(EIGHT + timedelta(hours=9))
        assert house.shown(THERE) == [], "the day that had its question gets no second one"
        await house.tick(EIGHT + timedelta(days=1, hours=1))
        assert house.shown(THERE) == []
        await house.tick(EIGHT + timedelta(days=1, hours=9))
        assert len(house.shown(THERE)) == 1, "11:00 there is now 16:00 in UTC"
        assert len(await house.rounds(THERE)) == 2
