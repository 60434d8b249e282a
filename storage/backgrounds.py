"""Queries about what choosing channels' next rounds rests on, for many channels at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.app.records import Background
from bot.core.refs import ChannelId, MemberId, RoundId, ScheduleId
from bot.core.round import State
from bot.core.schedule import Schedule
from storage.dialect import Connection, Dialect
from storage.learning import tally
from storage.rows import pairs


class SqlBackgrounds:
    """See ports.Backgrounds."""

    def __init__(self, db: Connection, dialect: Dialect) -> None:
        self._db, self._dialect = db, dialect

    def of(self, schedules: Sequence[Schedule], since: date) -> Mapping[ScheduleId, Background]:
        if not schedules:
            return {}
        rows, channels = pairs([(schedule.workspace, schedule.channel) for schedule in schedules])
        _, ids = pairs([(schedule.workspace, schedule.id) for schedule in schedules])
        aside = self._dialect.aside
        # No channel has two schedules, and each row says which channel or schedule it is of.
        dated = _by_first(
            self._db.execute(
                f"""WITH asked (workspace, key) AS (VALUES {rows})
                   SELECT r.schedule, r.local_date, r.id, r.state FROM asked a CROSS JOIN rounds r
                   WHERE {aside}r.workspace = a.workspace AND r.schedule = a.key
                     AND r.local_date >= ? ORDER BY r.id DESC""",  # noqa: S608  question marks
                (*ids, since.isoformat()),
            )
        )
        served = _by_first(
            self._db.execute(
                f"""WITH asked (workspace, key) AS (VALUES {rows})
                   SELECT r.channel, v.pack, v.item
                   FROM asked a CROSS JOIN rounds r JOIN revisions v ON v.id = r.revision
                   WHERE {aside}r.workspace = a.workspace AND r.channel = a.key
                     AND r.state <> 'skipped' ORDER BY r.id""",  # noqa: S608  question marks
                channels,
            )
        )
        tallies = _by_first(
            self._db.execute(
                f"""WITH asked (workspace, key) AS (VALUES {rows})
                   SELECT channel, pack, domain, sum(answered), sum(correct), sum(weight), sum(weight_correct),
                          0, 0.0, 0.0
                   FROM (
                       SELECT t.channel, t.pack, t.domain, t.answered, t.correct, t.weight, t.weight_correct
                       FROM asked a CROSS JOIN domain_tallies t
                       WHERE {aside}t.workspace = a.workspace AND t.channel = a.key
                       UNION ALL
                       SELECT t.channel, t.pack, t.domain, t.answered, t.correct, t.weight, t.weight_correct
                       FROM asked a CROSS JOIN channel_tallies t
                       WHERE t.workspace = a.workspace AND t.channel = a.key
                   ) AS parts GROUP BY channel, pack, domain ORDER BY channel, domain""",  # noqa: S608  question marks
                channels,
            )
        )
        reminded = _by_first(
            self._db.execute(
                f"""WITH asked (workspace, key) AS (VALUES {rows})
                   SELECT s.channel, s.member FROM asked a CROSS JOIN standings s JOIN members m ON m.id = s.member
                   WHERE s.workspace = a.workspace AND s.channel = a.key AND {aside}m.reminders = 1
                   ORDER BY s.member""",  # noqa: S608  question marks
                channels,
            )
        )
        return {
            one.id: Background(
                settled=frozenset(date.fromisoformat(day) for _, day, *_ in dated.get(one.id, ())),
                open=tuple(RoundId(key) for _, _, key, state in dated.get(one.id, ()) if state == State.OPEN),
                served=tuple(item for _, pack, item in served.get(one.channel, ()) if pack == one.pack),
                tallies=tuple(tally(row[2:]) for row in tallies.get(one.channel, ()) if row[1] == one.pack),
                reminded=tuple(MemberId(member) for _, member in reminded.get(one.channel, ())),
            )
            for one in schedules
        }


def _by_first(rows: Iterable[tuple[Any, ...]]) -> dict[ScheduleId | ChannelId, list[tuple[Any, ...]]]:
    found: dict[ScheduleId | ChannelId, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found
