"""Queries about channels' schedules."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from itertools import islice
from typing import Any

from bot.core.refs import ChannelId, MemberId, ScheduleId, WorkspaceId
from bot.core.schedule import Pause, Reveal, Schedule
from storage.dialect import Connection, Dialect
from storage.known import Known
from storage.rows import from_ms, pairs, table, to_ms
from storage.zones import zone_named

_COLUMNS = """
    SELECT id, workspace, channel, pack, opens, zone, since, weekdays, closes_after, reveal, pause FROM schedules
"""


ALL = 2**63 - 1

AT_ONCE = 128
"""Schedules that are read at once where all are: each row takes twice what its schedule does."""

_NONE: frozenset[date] = frozenset()
"""The same for all that skip nothing; every empty set of their own would take 216 bytes."""


class SqlSchedules:
    """See ports.Schedules."""

    def __init__(self, db: Connection, dialect: Dialect, known: Known) -> None:
        self._db, self._dialect, self._known = db, dialect, known

    def get(self, workspace: WorkspaceId, channel: ChannelId) -> Schedule | None:
        key = (workspace, channel)
        if key in self._known.schedules:
            return self._known.schedules[key]
        row = self._db.execute(_COLUMNS + "WHERE workspace = ? AND channel = ?", key).fetchone()
        found = self._schedules([row])[0] if row else None
        self._known.put(self._known.schedules, key, found)
        return found

    def hold(self, workspace: WorkspaceId, channel: ChannelId) -> None:
        if self._dialect.many:
            # The channel's row too, since there may be no schedule yet.
            self._db.execute(
                "SELECT id FROM channels WHERE workspace = ? AND id = ?" + self._dialect.change,  # noqa: S608  a constant
                (workspace, channel),
            )
            self._db.execute(
                "SELECT id FROM schedules WHERE workspace = ? AND channel = ?" + self._dialect.change,  # noqa: S608  a constant
                (workspace, channel),
            )

    def save(self, schedule: Schedule, *, next_at: datetime | None, by: MemberId | None, now: datetime) -> Schedule:
        row = self._db.execute(
            f"""INSERT INTO schedules (workspace, channel, pack, opens, zone, since, weekdays, closes_after,
                                      reveal, pause, next_at, set_by, set_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (channel{self._dialect.keyed}) DO UPDATE SET
                   pack = excluded.pack, opens = excluded.opens, zone = excluded.zone,
                   since = excluded.since, weekdays = excluded.weekdays,
                   closes_after = excluded.closes_after, reveal = excluded.reveal, pause = excluded.pause,
                   next_at = excluded.next_at, set_by = excluded.set_by, set_at = excluded.set_at
               WHERE schedules.workspace = excluded.workspace
               RETURNING id""",  # noqa: S608  a constant
            (
                schedule.workspace,
                schedule.channel,
                schedule.pack,
                schedule.opens.strftime("%H:%M"),
                schedule.zone.key,
                schedule.since.isoformat(),
                "".join(str(day) for day in sorted(schedule.weekdays)),
                schedule.closes_after,
                schedule.reveal,
                # It holds for as long as the zone is missing, and goes by itself.
                None if schedule.pause is Pause.ZONE_MISSING else schedule.pause,
                to_ms(next_at) if next_at else None,
                by,
                to_ms(now),
            ),
        ).fetchone()
        if row is None:
            raise ValueError(f"channel {schedule.channel} is not of workspace {schedule.workspace}")
        self._db.execute("DELETE FROM skips WHERE workspace = ? AND schedule = ?", (schedule.workspace, row[0]))
        self._db.executemany(
            "INSERT INTO skips (workspace, schedule, local_date) VALUES (?, ?, ?)",
            [(schedule.workspace, row[0], day.isoformat()) for day in sorted(schedule.skips)],
        )
        saved = self.get(schedule.workspace, schedule.channel)
        assert saved is not None  # noqa: S101  inserted two statements ago, in this transaction
        return saved

    def due(self, now: datetime, limit: int) -> Sequence[Schedule]:
        rows = self._db.execute(
            _COLUMNS + "WHERE pause IS NULL AND next_at <= ? ORDER BY next_at LIMIT ?" + self._dialect.claim,
            (to_ms(now), limit),
        ).fetchall()
        found = self._schedules(rows)
        for schedule in found:
            # Each is asked for again when its question is posted.
            self._known.put(self._known.schedules, (schedule.workspace, schedule.channel), schedule)
        return found

    def active(self, *, after: int = 0, limit: int = ALL) -> Sequence[Schedule]:
        asked = "WHERE pause IS NULL AND id > ? ORDER BY id LIMIT ?"
        rows = iter(self._db.execute(_COLUMNS + asked, (after, limit)))
        found: list[Schedule] = []
        while some := list(islice(rows, AT_ONCE)):
            found += self._schedules(some)
        return found

    def set_next(self, workspace: WorkspaceId, schedule: ScheduleId, next_at: datetime | None) -> None:
        self.set_next_of([(workspace, schedule, next_at)])

    def set_next_of(self, due: Sequence[tuple[WorkspaceId, ScheduleId, datetime | None]]) -> None:
        if not due:
            return
        rows, values = table([(workspace, key, to_ms(at) if at else None) for workspace, key, at in due])
        self._db.execute(
            f"""UPDATE schedules SET next_at = CAST(asked.column3 AS BIGINT) FROM (VALUES {rows}) AS asked
               WHERE schedules.workspace = asked.column1 AND schedules.id = asked.column2""",  # noqa: S608  question marks
            values,
        )

    def set_pause(self, workspace: WorkspaceId, schedule: ScheduleId, pause: Pause | None) -> None:
        self._db.execute("UPDATE schedules SET pause = ? WHERE workspace = ? AND id = ?", (pause, workspace, schedule))

    def set_by(self, workspace: WorkspaceId, schedule: ScheduleId) -> MemberId | None:
        row = self._db.execute(
            "SELECT set_by FROM schedules WHERE workspace = ? AND id = ?", (workspace, schedule)
        ).fetchone()
        return MemberId(row[0]) if row and row[0] is not None else None

    def earliest(self) -> datetime | None:
        (ms,) = self._db.execute("SELECT min(next_at) FROM schedules WHERE pause IS NULL").fetchone()
        return from_ms(ms) if ms is not None else None

    def _schedules(self, rows: Sequence[tuple[Any, ...]]) -> list[Schedule]:
        """At most a few hundred at a time, since a statement holds a pair of keys for each."""
        if not rows:
            return []
        marks, keys = pairs([(row[1], row[0]) for row in rows])
        skips: dict[int, list[str]] = {}
        for schedule, day in self._db.execute(
            f"""WITH asked (workspace, key) AS (VALUES {marks})
               SELECT s.schedule, s.local_date FROM asked a CROSS JOIN skips s
               WHERE s.workspace = a.workspace AND s.schedule = a.key""",  # noqa: S608  question marks
            keys,
        ):
            skips.setdefault(schedule, []).append(day)
        return [_schedule(row, skips.get(row[0], ())) for row in rows]


def _schedule(row: tuple[Any, ...], skips: Iterable[str]) -> Schedule:
    zone, is_known = zone_named(row[5])
    pause = Pause(row[10]) if row[10] else None
    return Schedule(
        id=ScheduleId(row[0]),
        workspace=WorkspaceId(row[1]),
        channel=ChannelId(row[2]),
        pack=row[3],
        opens=_time(row[4]),
        zone=zone,
        since=_date(row[6]),
        weekdays=_weekdays(row[7]),
        closes_after=row[8],
        reveal=Reveal(row[9]),
        pause=pause if is_known or pause is not None else Pause.ZONE_MISSING,
        skips=frozenset(date.fromisoformat(day) for day in skips) or _NONE,
    )


# The same few values for all: a start looks at all schedules.
_time = lru_cache(maxsize=1024)(time.fromisoformat)
_date = lru_cache(maxsize=1024)(date.fromisoformat)


@lru_cache(maxsize=128)
def _weekdays(digits: str) -> frozenset[int]:
    """The same few sets for all: each is larger than the rest of its schedule, and a start looks at all schedules."""
    return frozenset(int(digit) for digit in digits)
