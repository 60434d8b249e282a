"""Local dates and instants: which rounds are due, and when the next one is, right across DST and date lines.

A round belongs to a local calendar date, so a night that repeats or skips an hour can neither double nor drop
it. All instants are aware and in UTC. Cron triggers can't be used for this: they fire twice in the repeated
hour and not at all when midnight doesn't exist (https://apscheduler.readthedocs.io/en/3.x/modules/triggers/cron.html).
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.core.schedule import Schedule

LOOK_BACK = timedelta(days=62)
"""How far back missed rounds are recorded as skipped. Older gaps are left as they are."""

LOOK_AHEAD = timedelta(days=400)
"""How far ahead a next round is looked for: past every weekday, even if a year of skip dates was entered."""

LATEST_SHARE = 0.25
"""A round that has less than this share of its window left is too late to open."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A local date's round is open from `opens` until just before `closes`."""

    local_date: date
    opens: datetime
    closes: datetime

    def too_late(self, now: datetime) -> bool:
        """Whether so little of the window is left that posting would help nobody."""
        return self.closes - now < (self.closes - self.opens) * LATEST_SHARE


@lru_cache(maxsize=4096)
def opening(day: date, wall: time, zone: ZoneInfo) -> datetime | None:
    """The instant at which `wall` comes on `day` in `zone`; None if that zone has no such date.

    A wall time that occurs twice means its first occurrence. One that the clocks jump over means the instant
    they would have shown it without the jump: 02:30 becomes 03:30, and midnight in Cairo 01:00, on that date.
    A whole date can be missing: Apia had no 30 December 2011.

    Remembered, as many channels open at the same time of the same day.
    """
    instant = datetime.combine(day, wall.replace(fold=0), zone).astimezone(UTC)
    if instant.astimezone(zone).date() == day or _exists(day, zone):
        return instant
    return None


def _exists(day: date, zone: ZoneInfo) -> bool:
    """Whether any quarter of an hour of `day` is ever shown by the clocks of `zone`."""
    start = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(hours=3)
    return any((start + timedelta(minutes=15) * step).astimezone(zone).date() == day for step in range(4 * 30))


def window(schedule: Schedule, day: date) -> Window | None:
    """When the round of `day` is open; None if the zone has no such date.

    It closes no later than the next date's opening, so two rounds of a channel are never open at once, also
    when a day has 23 hours.
    """
    return _window(day, schedule.opens, schedule.zone, schedule.closes_after)


@lru_cache(maxsize=4096)
def _window(day: date, wall: time, zone: ZoneInfo, minutes: int) -> Window | None:
    opens = opening(day, wall, zone)
    if opens is None:
        return None
    following = next(instant for step in range(1, 4) if (instant := opening(day + DAY * step, wall, zone)) is not None)
    return Window(day, opens, min(opens + timedelta(minutes=minutes), following))


def _wanted(schedule: Schedule, day: date) -> bool:
    return day.weekday() in schedule.weekdays and day >= schedule.since and day not in schedule.skips


def due(schedule: Schedule, now: datetime, settled: Set[date]) -> Iterator[Window]:
    """The windows whose opening has come and whose dates are not `settled` (posted or skipped), oldest first.

    Asking by date rather than "since the last one" keeps a clock that jumped ahead and back from silencing a
    channel: dates settled in the false future don't stand in the way of today's.
    """
    today = now.astimezone(schedule.zone).date()
    day = max(schedule.since, today - LOOK_BACK)
    # One date more than today: at the date line the wall clock of a shifted opening may show another date.
    while day <= today + DAY:
        if day not in settled and _wanted(schedule, day):
            found = window(schedule, day)
            if found is not None and found.opens <= now:
                yield found
        day += DAY


def next_due(schedule: Schedule, now: datetime) -> datetime | None:
    """The first opening after `now`; None while paused or when no date within `LOOK_AHEAD` is wanted."""
    if schedule.pause is not None:
        return None
    day = max(schedule.since, now.astimezone(schedule.zone).date() - DAY)
    end = now.astimezone(schedule.zone).date() + LOOK_AHEAD
    while day <= end:
        if _wanted(schedule, day):
            opens = opening(day, schedule.opens, schedule.zone)
            if opens is not None and opens > now:
                return opens
        day += DAY
    return None
