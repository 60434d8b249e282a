"""A channel's schedule: when its daily round opens and closes, and from which pack."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.refs import ChannelId, ScheduleId, WorkspaceId

WORKDAYS = frozenset(range(5))
"""Monday to Friday, as `date.weekday` numbers them."""

CLOSES_AFTER_DEFAULT = 8 * 60
CLOSES_AFTER_MIN, CLOSES_AFTER_MAX = 10, 24 * 60
"""Minutes a round may stay open. A longer one would overlap the next day's."""


class Reveal(StrEnum):
    """When a member learns whether the answer was right."""

    NOW = "now"
    AT_CLOSE = "at_close"


class Pause(StrEnum):
    """Why a schedule posts nothing. ZONE_MISSING lasts while the machine lacks the zone, and is never stored."""

    BY_ADMIN = "by_admin"
    CHANNEL_REFUSED = "channel_refused"
    PACK_MISSING = "pack_missing"
    ZONE_MISSING = "zone_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`opens` is wall time in `zone`; `weekdays` are 0 for Monday to 6; `closes_after` is in minutes.

    No round is due on a local date before `since`, nor on one in `skips`.
    """

    id: ScheduleId
    workspace: WorkspaceId
    channel: ChannelId
    pack: str
    opens: time
    zone: ZoneInfo
    since: date
    weekdays: frozenset[int] = WORKDAYS
    closes_after: int = CLOSES_AFTER_DEFAULT
    reveal: Reveal = Reveal.NOW
    pause: Pause | None = None
    skips: frozenset[date] = frozenset()
