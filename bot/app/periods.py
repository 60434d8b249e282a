"""How long data is kept, as the host decides."""

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """After how many months answers are condensed and silent members forgotten, 0 for never; and the other delays."""

    answers_months: int = 0
    members_months: int = 0
    deliveries: timedelta = timedelta(days=30)
    left: timedelta = timedelta(days=30)


def months_before(now: datetime, months: int) -> datetime:
    """The same day and time so many months earlier; the month's last day where it has no such day."""
    whole = now.year * 12 + now.month - 1 - months
    year, month = divmod(whole, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))
