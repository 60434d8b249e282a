"""Queries about rounds, from opening to closing, and the item revisions they were made of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.app.records import NewRound
from bot.core.item import Item
from bot.core.refs import ChannelId, RevisionId, RoundId, ScheduleId, WorkspaceId
from bot.core.round import Round, State
from bot.core.schedule import Reveal, Schedule
from storage.dialect import Connection, Dialect
from storage.known import Known
from storage.rows import from_ms, item_body, item_from_body, pairs, portions, table, to_ms

_COLUMNS = """
    SELECT id, workspace, channel, schedule, number, local_date, revision, shown, opens_at, closes_at, reveal,
           state, message
    FROM rounds
"""


REVISIONS_READ = 5_000
"""Items that are kept in memory, some 5 KB each. An item with changing numbers is a new one each time it is served."""


class Revisions:
    """Items exactly as they were served. They never change, so they are kept in memory once read."""

    def __init__(self, db: Connection, read: dict[RevisionId, Item]) -> None:
        self._db, self._read = db, read
        self._kept: dict[Item, RevisionId] = {}

    def keep(self, item: Item) -> RevisionId:
        """The key of the item as it is now, stored if it is new."""
        kept = self._kept.get(item)
        if kept is None:
            if len(self._kept) >= REVISIONS_READ:
                self._kept.clear()
            kept = self._kept[item] = self._stored(item)
        return kept

    def _stored(self, item: Item) -> RevisionId:
        names = (item.pack, item.id, item.hash)
        row = self._db.execute("SELECT id FROM revisions WHERE pack = ? AND item = ? AND hash = ?", names).fetchone()
        if row is None:
            row = self._db.execute(
                "INSERT INTO revisions (pack, item, hash, body) VALUES (?, ?, ?, ?) RETURNING id",
                (*names, item_body(item)),
            ).fetchone()
        return RevisionId(row[0])

    def get(self, revision: RevisionId) -> Item:
        """The item with this key."""
        if revision not in self._read:
            if len(self._read) >= REVISIONS_READ:
                self._read.clear()
            (body,) = self._db.execute("SELECT body FROM revisions WHERE id = ?", (revision,)).fetchone()
            self._read[revision] = item_from_body(body)
        return self._read[revision]

    def forget(self) -> None:
        """Drop what is in memory. Needed after a rollback: the next revision may get a key that was read here."""
        self._read.clear()
        self._kept.clear()


class SqlRounds:
    """See ports.Rounds."""

    def __init__(self, db: Connection, revisions: Revisions, dialect: Dialect, known: Known) -> None:
        self._db, self._revisions, self._dialect, self._known = db, revisions, dialect, known

    def open(self, new: NewRound) -> Round | None:
        (opened,) = self.open_all([new])
        return opened

    def open_all(self, news: Sequence[NewRound]) -> Sequence[Round | None]:
        for new in news:
            if new.instead:
                self._make_room(new)
        latest = self._latest_numbers([(new.workspace, new.channel) for new in news if new.schedule is not None])
        revisions = [self._revisions.keep(new.item) for new in news]
        rows = [
            (
                new.workspace,
                new.channel,
                new.schedule,
                latest[new.channel] + 1 if new.schedule is not None else None,
                new.local_date.isoformat(),
                revision,
                new.order,
                to_ms(new.opens),
                to_ms(new.closes),
                new.reveal,
                State.OPEN,
            )
            for new, revision in zip(news, revisions, strict=True)
        ]
        keys: dict[ChannelId, tuple[RoundId, int | None]] = {}
        for marks, values in portions(rows):
            for channel, key, number in self._db.execute(
                f"""INSERT INTO rounds (workspace, channel, schedule, number, local_date, revision, shown, opens_at,
                                       closes_at, reveal, state)
                   VALUES {marks}
                   ON CONFLICT (schedule, local_date{self._dialect.keyed}) DO NOTHING
                   RETURNING channel, id, number""",  # noqa: S608  question marks
                values,
            ):
                keys[channel] = key, number
        return [
            self._opened(new, revision, *keys[new.channel]) if new.channel in keys else None
            for new, revision in zip(news, revisions, strict=True)
        ]

    def _make_room(self, new: NewRound) -> None:
        skipped = "FROM rounds WHERE workspace = ? AND schedule = ? AND local_date = ? AND state = 'skipped'"
        date_of = (new.workspace, new.schedule, new.local_date.isoformat())
        # One that was dropped after it had been in the outbox still has its deliveries there, given up.
        self._db.execute(f"DELETE FROM deliveries WHERE round IN (SELECT id {skipped})", date_of)  # noqa: S608  a constant
        self._db.execute(f"DELETE {skipped}", date_of)

    def _latest_numbers(self, channels: Sequence[tuple[WorkspaceId, ChannelId]]) -> Mapping[ChannelId, int]:
        if not channels:
            return {}
        marks, values = pairs(channels)
        # Not by the index that begins with the workspace: that one would have all numbers looked through.
        return dict(
            self._db.execute(
                f"""WITH asked (workspace, key) AS (VALUES {marks})
                   SELECT a.key, coalesce((
                       SELECT max(r.number) FROM rounds r
                       WHERE {self._dialect.aside}r.workspace = a.workspace AND r.channel = a.key
                   ), 0) FROM asked a""",  # noqa: S608  question marks
                values,
            ).fetchall()
        )

    def _opened(self, new: NewRound, revision: RevisionId, key: RoundId, number: int | None) -> Round:
        opened = Round(
            id=key,
            workspace=new.workspace,
            channel=new.channel,
            schedule=new.schedule,
            number=number,
            local_date=new.local_date,
            revision=revision,
            item=self._revisions.get(revision),
            order=new.order,
            opens=from_ms(to_ms(new.opens)),
            closes=from_ms(to_ms(new.closes)),
            reveal=new.reveal,
            state=State.OPEN,
        )
        self._known.put(self._known.rounds, (new.workspace, key), opened)
        return opened

    def skip(self, schedule: Schedule, day: date, reason: str, now: datetime) -> None:
        self._db.execute(
            f"""INSERT INTO rounds (workspace, channel, schedule, local_date, opens_at, closes_at, reveal,
                                   state, reason)
               VALUES (?, ?, ?, ?, ?, ?, ?, 'skipped', ?)
               ON CONFLICT (schedule, local_date{self._dialect.keyed}) DO NOTHING""",  # noqa: S608  a constant
            (
                schedule.workspace,
                schedule.channel,
                schedule.id,
                day.isoformat(),
                to_ms(now),
                to_ms(now),
                schedule.reveal,
                reason,
            ),
        )

    def drop(self, workspace: WorkspaceId, round_id: RoundId, reason: str) -> None:
        if self._dialect.many:
            # First whoever is answering has to be done, then we look whether anybody did.
            self._db.execute(
                "SELECT id FROM rounds WHERE workspace = ? AND id = ?" + self._dialect.change,  # noqa: S608  a constant
                (workspace, round_id),
            )
        self._db.execute(
            """UPDATE rounds SET state = 'skipped', number = NULL, reason = ?
               WHERE workspace = ? AND id = ? AND state <> 'skipped' AND message IS NULL
                 AND NOT EXISTS (
                     SELECT 1 FROM tallies t WHERE t.workspace = rounds.workspace AND t.round = rounds.id
                 )""",
            (reason, workspace, round_id),
        )

    def unskip(self, after: datetime) -> None:
        self._db.execute(
            "DELETE FROM rounds WHERE state = 'skipped' AND revision IS NULL AND opens_at > ?", (to_ms(after),)
        )

    def get(self, workspace: WorkspaceId, round_id: RoundId) -> Round | None:
        known = self._known.rounds.get((workspace, round_id))
        if known is not None:
            return known
        row = self._db.execute(
            # Shared: it isn't closed while somebody's answer to it is being saved.
            _COLUMNS + "WHERE workspace = ? AND id = ? AND state <> 'skipped'" + self._dialect.share,
            (workspace, round_id),
        ).fetchone()
        if row is None:
            return None
        found = self._round(row)
        # Those that are over are asked for now and then for years; kept, they would be most of what is in memory.
        if found.state is State.OPEN:
            self._known.put(self._known.rounds, (workspace, round_id), found)
        return found

    def settled(self, workspace: WorkspaceId, schedule: ScheduleId, since: date) -> frozenset[date]:
        rows = self._db.execute(
            "SELECT local_date FROM rounds WHERE workspace = ? AND schedule = ? AND local_date >= ?",
            (workspace, schedule, since.isoformat()),
        )
        return frozenset(date.fromisoformat(day) for (day,) in rows)

    def closing(self, now: datetime, limit: int) -> Sequence[Round]:
        return self._all(
            "WHERE state = 'open' AND closes_at <= ? ORDER BY closes_at, id LIMIT ?" + self._dialect.change,
            (to_ms(now), limit),
        )

    def close(self, workspace: WorkspaceId, round_id: RoundId) -> None:
        self._db.execute(
            "UPDATE rounds SET state = 'closed' WHERE workspace = ? AND id = ? AND state = 'open'",
            (workspace, round_id),
        )
        self._db.execute("DELETE FROM spent WHERE workspace = ? AND round = ?", (workspace, round_id))

    def earliest_closing(self) -> datetime | None:
        (ms,) = self._db.execute("SELECT min(closes_at) FROM rounds WHERE state = 'open'").fetchone()
        return from_ms(ms) if ms is not None else None

    def all_open(self) -> Sequence[Round]:
        return self._all("WHERE state = 'open' ORDER BY id", ())

    def recent(
        self, workspace: WorkspaceId, channel: ChannelId, *, before: RoundId | None, limit: int
    ) -> Sequence[Round]:
        return self._all(
            """WHERE workspace = ? AND channel = ? AND state <> 'skipped' AND id < coalesce(?, id + 1)
               ORDER BY id DESC LIMIT ?""",
            (workspace, channel, before, limit),
        )

    def served(self, workspace: WorkspaceId, channel: ChannelId, pack: str) -> Sequence[str]:
        rows = self._db.execute(
            """SELECT v.item FROM rounds r JOIN revisions v ON v.id = r.revision
               WHERE r.workspace = ? AND r.channel = ? AND v.pack = ? AND r.state <> 'skipped' ORDER BY r.id""",
            (workspace, channel, pack),
        )
        return [item for (item,) in rows]

    def latest_number(self, workspace: WorkspaceId, channel: ChannelId) -> tuple[int, bool]:
        row = self._db.execute(
            # Not by the index that begins with the workspace: that one would have all numbers sorted.
            f"""SELECT number, state FROM rounds WHERE {self._dialect.aside}workspace = ? AND channel = ?
               AND number IS NOT NULL ORDER BY number DESC LIMIT 1""",  # noqa: S608  a constant
            (workspace, channel),
        ).fetchone()
        return (row[0], row[1] == State.OPEN) if row else (0, False)

    def count_since(self, workspace: WorkspaceId, channel: ChannelId | None, first: date | None) -> int:
        where, values = "workspace = ? AND local_date >= ?", [workspace, first.isoformat() if first else ""]
        if channel is not None:
            where, values = f"{where} AND channel = ?", [*values, channel]
        (count,) = self._db.execute(
            f"SELECT count(*) FROM rounds WHERE {where} AND number IS NOT NULL",  # noqa: S608  constants only
            values,
        ).fetchone()
        return int(count)

    def set_message(self, workspace: WorkspaceId, round_id: RoundId, message: str) -> None:
        self.set_messages([(workspace, round_id, message)])

    def set_messages(self, posted: Sequence[tuple[WorkspaceId, RoundId, str]]) -> None:
        if not posted:
            return
        rows, values = table(posted)
        change = f"""UPDATE rounds SET message = asked.column3 FROM (VALUES {rows}) AS asked
                     WHERE rounds.workspace = asked.column1 AND rounds.id = asked.column2"""  # noqa: S608  question marks
        self._known.told_of(change)
        self._db.execute(change, values)
        for workspace, round_id, message in posted:
            known = self._known.rounds.get((workspace, round_id))
            if known is not None:
                self._known.put(self._known.rounds, (workspace, round_id), replace(known, message=message))

    def tally(self, workspace: WorkspaceId, round_id: RoundId) -> Mapping[str, int]:
        return dict(
            self._db.execute(
                "SELECT choice, count FROM tallies WHERE workspace = ? AND round = ?", (workspace, round_id)
            ).fetchall()
        )

    def _all(self, where: str, values: tuple[object, ...]) -> Sequence[Round]:
        return [self._round(row) for row in self._db.execute(_COLUMNS + where, values).fetchall()]

    def _round(self, row: tuple[Any, ...]) -> Round:
        return Round(
            id=RoundId(row[0]),
            workspace=WorkspaceId(row[1]),
            channel=ChannelId(row[2]),
            schedule=ScheduleId(row[3]) if row[3] is not None else None,
            number=row[4],
            local_date=date.fromisoformat(row[5]),
            revision=RevisionId(row[6]),
            item=self._revisions.get(RevisionId(row[6])),
            order=row[7],
            opens=from_ms(row[8]),
            closes=from_ms(row[9]),
            reveal=Reveal(row[10]),
            state=State(row[11]),
            message=row[12],
        )
