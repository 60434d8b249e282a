"""Dates and openings over all time zones: one round per local date, whatever the clocks of the world do."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import dates
from bot.core.refs import ChannelId, ScheduleId, WorkspaceId
from bot.core.schedule import CLOSES_AFTER_MAX, CLOSES_AFTER_MIN, Pause, Schedule

ZONES = sorted(zoneinfo.available_timezones())
ODD = (
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",  # jumps at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",  # had no 30 December 2011
    "Africa/Casablanca",  # goes back for Ramadan
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Asia/Gaza",
    "Antarctica/Troll",  # by two hours
    "Antarctica/Casey",
    "Europe/Dublin",
    "Pacific/Kwajalein",  # had no 21 August 1993
    "Pacific/Kiritimati",  # had no 31 December 1994
    "Asia/Pyongyang",
    "America/Caracas",
)
WALLS = (time(0, 0), time(0, 30), time(2, 30), time(9, 0), time(23, 30), time(23, 59))
FIRST, LAST = date(1990, 1, 1), date(2037, 12, 31)
EVERY_DAY = frozenset(range(7))
DAY = timedelta(days=1)

walls = st.one_of(st.sampled_from(WALLS), st.times().map(lambda t: t.replace(second=0, microsecond=0)))
zones = st.one_of(st.sampled_from(ODD), st.sampled_from(ZONES)).map(ZoneInfo)


def a_schedule(zone: ZoneInfo, opens: time, *, closes_after: int = 480, **changes: object) -> Schedule:
    values: dict[str, object] = {"since": FIRST, "weekdays": EVERY_DAY} | changes
    return Schedule(
        id=ScheduleId(1),
        workspace=WorkspaceId(1),
        channel=ChannelId(1),
        pack="my-exam",
        opens=opens,
        zone=zone,
        closes_after=closes_after,
        **values,  # type: ignore[arg-type]  # callers name fields of Schedule
    )


@st.composite
def moments(draw: st.DrawFn) -> tuple[ZoneInfo, date]:
    """A zone and a date, about half of them within two days of a change of that zone's clocks."""
    zone = draw(zones)
    day = draw(st.dates(FIRST + 3 * DAY, LAST - 30 * DAY))
    if draw(st.booleans()):
        changed = next(iter(changes(zone, day, day + 400 * DAY)), None)
        if changed is not None:
            day = min(changed + draw(st.integers(-2, 2)) * DAY, LAST - 30 * DAY)
    return zone, day


def changes(zone: ZoneInfo, first: date, last: date) -> Iterator[date]:
    """The UTC dates on which the zone's offset is another than a day before."""
    instant = datetime.combine(first, time(12), UTC)
    before = instant.astimezone(zone).utcoffset()
    while instant.date() < last:
        instant += DAY
        now = instant.astimezone(zone).utcoffset()
        if now != before:
            yield instant.date()
        before = now


def naively(day: date, wall: time, zone: ZoneInfo) -> datetime | None:
    """The opening found by watching the zone's clock minute by minute over three days.

    The first minute at which it shows the wanted date and time; if it never does, the minute at which it would
    have without the jump, if it shows that date at all.
    """
    wanted = datetime.combine(day, wall)
    minute = datetime.combine(day - DAY, time(), UTC) - timedelta(hours=3)
    previous = minute.astimezone(zone)
    shows_date = False
    jumped: datetime | None = None
    for _ in range(3 * 24 * 60 + 6 * 60):
        local = minute.astimezone(zone)
        naive = local.replace(tzinfo=None)
        shows_date = shows_date or local.date() == day
        if naive == wanted:
            return minute
        if jumped is None and previous.replace(tzinfo=None) < wanted < naive:
            offset = previous.utcoffset()
            assert offset is not None
            jumped = (wanted - offset).replace(tzinfo=UTC)
        previous, minute = local, minute + timedelta(minutes=1)
    return jumped if shows_date else None


@settings(deadline=None, max_examples=150)
@given(moments(), walls)
def test_the_opening_is_what_a_clock_on_the_wall_shows(moment: tuple[ZoneInfo, date], wall: time) -> None:
    zone, day = moment
    assert dates.opening(day, wall, zone) == naively(day, wall, zone)


def check_run(schedule: Schedule, first: date, days: int) -> None:
    """The windows of so many dates in a row: in order, apart, and each at its own date."""
    before: dates.Window | None = None
    for number in range(days):
        day = first + number * DAY
        found = dates.window(schedule, day)
        if found is None:
            midday = datetime.combine(day, time(12), schedule.zone)
            assert midday.astimezone(UTC).astimezone(schedule.zone).date() != day
            continue
        assert found.local_date == day
        assert found.opens < found.closes
        assert found.closes - found.opens <= timedelta(minutes=schedule.closes_after)
        if before is not None:
            assert before.opens < found.opens
            assert before.closes <= found.opens
        before = found


@settings(deadline=None, max_examples=300)
@given(moments(), walls, st.integers(CLOSES_AFTER_MIN, CLOSES_AFTER_MAX))
def test_windows_are_in_order_and_never_overlap(moment: tuple[ZoneInfo, date], wall: time, closes_after: int) -> None:
    zone, day = moment
    check_run(a_schedule(zone, wall, closes_after=closes_after), day - 2 * DAY, 6)


def test_windows_never_overlap_in_any_zone_at_any_change_of_two_years() -> None:
    seen: set[tuple[str, ...]] = set()
    checked = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        found = tuple(changes(zone, date(2026, 1, 1), date(2028, 1, 1)))
        offsets = tuple(str(datetime.combine(d, time(12), UTC).astimezone(zone).utcoffset()) for d in found)
        alike = (*map(str, found), *offsets)
        if not found or alike in seen:  # dozens of names share one set of rules
            continue
        seen.add(alike)
        for day in found:
            for wall in WALLS:
                check_run(a_schedule(zone, wall, closes_after=CLOSES_AFTER_MAX), day - 2 * DAY, 4)
                checked += 1
    assert checked > 100


@pytest.mark.parametrize("name", ODD)
def test_windows_never_overlap_at_any_change_from_1990_to_2037(name: str) -> None:
    zone = ZoneInfo(name)
    for day in changes(zone, FIRST + 3 * DAY, LAST - 3 * DAY):
        for wall in WALLS:
            check_run(a_schedule(zone, wall, closes_after=CLOSES_AFTER_MAX), day - 2 * DAY, 4)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
    ],
)
def test_a_date_that_a_zone_left_out_has_no_round(name: str, missing: date) -> None:
    for wall in WALLS:
        schedule = a_schedule(ZoneInfo(name), wall)
        assert dates.window(schedule, missing) is None
        now = datetime.combine(missing + 3 * DAY, time(), UTC)
        assert missing not in {found.local_date for found in dates.due(schedule, now, set())}


@settings(deadline=None, max_examples=150)
@given(moments(), walls, st.lists(st.integers(-6 * 1440, 6 * 1440), min_size=1, max_size=12), st.data())
def test_a_date_never_comes_twice_whatever_the_instants(
    moment: tuple[ZoneInfo, date], wall: time, minutes: list[int], data: st.DataObject
) -> None:
    zone, day = moment
    weekdays = data.draw(st.frozensets(st.integers(0, 6), min_size=1))
    skips = data.draw(st.frozensets(st.integers(-5, 5).map(lambda n: day + n * DAY), max_size=3))
    schedule = a_schedule(zone, wall, since=day - 4 * DAY, weekdays=weekdays, skips=skips)
    settled: set[date] = set()
    for offset in minutes:
        now = datetime.combine(day, time(12), UTC) + timedelta(minutes=offset)
        found = list(dates.due(schedule, now, settled))
        assert [w.local_date for w in found] == sorted({w.local_date for w in found})
        for window in found:
            assert window.opens <= now
            assert window.local_date not in settled
            assert window.local_date >= schedule.since
            assert window.local_date.weekday() in weekdays
            assert window.local_date not in skips
            settled.add(window.local_date)
        assert list(dates.due(schedule, now, settled)) == []


@settings(deadline=None, max_examples=150)
@given(moments(), walls, st.integers(0, 1439))
def test_next_due_and_due_agree(moment: tuple[ZoneInfo, date], wall: time, minute: int) -> None:
    zone, day = moment
    schedule = a_schedule(zone, wall, since=day - 3 * DAY)
    now = datetime.combine(day, time(), UTC) + timedelta(minutes=minute)
    coming = dates.next_due(schedule, now)
    assert coming is not None
    assert coming > now
    before = {w.local_date for w in dates.due(schedule, now, set())}
    assert {w.local_date for w in dates.due(schedule, coming - timedelta(microseconds=1), set())} == before
    (new,) = dates.due(schedule, coming, before)
    assert new.opens == coming


@settings(deadline=None, max_examples=100)
@given(moments(), walls, st.integers(-1440, 2880), st.integers(0, 3 * 1440))
def test_what_is_due_stays_due_until_it_is_settled(
    moment: tuple[ZoneInfo, date], wall: time, minute: int, later: int
) -> None:
    zone, day = moment
    schedule = a_schedule(zone, wall, since=day - 3 * DAY)
    now = datetime.combine(day, time(), UTC) + timedelta(minutes=minute)
    before = {w.local_date for w in dates.due(schedule, now, set())}
    assert before <= {w.local_date for w in dates.due(schedule, now + timedelta(minutes=later), set())}


def test_a_round_stays_due_while_the_clocks_show_the_day_before_again() -> None:
    """At 02:00 on 5 March 2010 the clocks of Casey went back to 23:00 of the 4th."""
    day = date(2010, 3, 5)
    schedule = a_schedule(ZoneInfo("Antarctica/Casey"), time(0, 30), since=day)
    opens = dates.opening(day, time(0, 30), schedule.zone)
    assert opens is not None
    for minutes in (0, 60, 90, 100, 150, 180, 600):
        now = opens + timedelta(minutes=minutes)
        assert [w.local_date for w in dates.due(schedule, now, set())] == [day]
    assert (opens + timedelta(minutes=100)).astimezone(schedule.zone).date() < day


@settings(deadline=None, max_examples=40)
@given(moments(), walls, st.data())
def test_next_due_heeds_weekdays_skips_and_the_first_day(
    moment: tuple[ZoneInfo, date], wall: time, data: st.DataObject
) -> None:
    zone, day = moment
    weekdays = data.draw(st.frozensets(st.integers(0, 6), min_size=1))
    skips = frozenset(day + n * DAY for n in data.draw(st.sets(st.integers(0, 20))))
    schedule = a_schedule(zone, wall, since=day + data.draw(st.integers(-3, 10)) * DAY, weekdays=weekdays, skips=skips)
    now = datetime.combine(day, time(12), UTC)
    wanted = (day + n * DAY for n in range(-2, 60))
    fits = [d for d in wanted if d.weekday() in weekdays and d not in skips and d >= schedule.since]
    openings = [found for d in fits if (found := dates.opening(d, wall, zone)) is not None and found > now]
    assert dates.next_due(schedule, now) == openings[0]


@settings(deadline=None, max_examples=100)
@given(moments(), walls, st.lists(st.integers(-40 * 24, 40 * 24), max_size=6))
def test_a_clock_that_jumps_silences_nobody_and_doubles_nothing(
    moment: tuple[ZoneInfo, date], wall: time, jumps: list[int]
) -> None:
    """Only what could still be opened is settled by a wrong clock; the right one finds all other dates."""
    zone, day = moment
    schedule = a_schedule(zone, wall, since=day)
    settled: list[date] = []

    def run(now: datetime) -> None:
        for window in dates.due(schedule, now, set(settled)):
            if not window.too_late(now):
                settled.append(window.local_date)

    start = datetime.combine(day, time(), UTC)
    for hours in jumps:
        run(start + timedelta(hours=hours))
    for number in range(4):
        window = dates.window(schedule, day + number * DAY)
        if window is not None:
            run(window.opens)
            assert window.local_date in settled
    assert len(settled) == len(set(settled))


@given(moments(), walls, st.integers(CLOSES_AFTER_MIN, CLOSES_AFTER_MAX))
@settings(deadline=None, max_examples=100)
def test_too_late_is_the_last_quarter_of_the_window(
    moment: tuple[ZoneInfo, date], wall: time, closes_after: int
) -> None:
    zone, day = moment
    window = dates.window(a_schedule(zone, wall, closes_after=closes_after), day)
    if window is not None:
        turn = window.closes - (window.closes - window.opens) / 4
        assert not window.too_late(window.opens)
        assert not window.too_late(turn - timedelta(seconds=1))
        assert window.too_late(turn + timedelta(seconds=1))
        assert window.too_late(window.closes)


def test_gaps_longer_than_the_look_back_are_left_alone() -> None:
    schedule = a_schedule(ZoneInfo("UTC"), time(9), since=date(2020, 1, 1))
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    found = [w.local_date for w in dates.due(schedule, now, set())]
    assert found[0] == now.date() - dates.LOOK_BACK
    assert found[-1] == now.date()


def test_nothing_comes_next_while_paused_or_when_no_day_is_wanted() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert dates.next_due(a_schedule(ZoneInfo("UTC"), time(9), pause=Pause.BY_ADMIN), now) is None
    assert dates.next_due(a_schedule(ZoneInfo("UTC"), time(9), weekdays=frozenset()), now) is None


@pytest.mark.parametrize(
    ("name", "day", "wall", "expected"),
    [
        ("Europe/Berlin", date(2027, 3, 28), time(2, 30), "2027-03-28T01:30"),  # shown as 03:30
        ("Europe/Berlin", date(2027, 10, 31), time(2, 30), "2027-10-31T00:30"),  # the first of two
        ("America/New_York", date(2027, 3, 14), time(2, 30), "2027-03-14T07:30"),
        ("America/New_York", date(2027, 11, 7), time(1, 30), "2027-11-07T05:30"),
        ("Africa/Cairo", date(2027, 4, 30), time(0, 0), "2027-04-29T22:00"),  # shown as 01:00 on that date
        ("Australia/Lord_Howe", date(2027, 10, 3), time(2, 15), "2027-10-02T15:45"),  # shown as 02:45
        ("Pacific/Apia", date(2011, 12, 31), time(9, 0), "2011-12-30T19:00"),
    ],
)
def test_openings_on_the_nights_that_everybody_gets_wrong(name: str, day: date, wall: time, expected: str) -> None:
    assert dates.opening(day, wall, ZoneInfo(name)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
