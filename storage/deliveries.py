"""Queries about the outbox, and the program's own small values."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.app.records import Delivery, DeliveryKind, DeliveryState, NewDelivery
from bot.core.refs import ChannelId, DeliveryId, MemberId, RoundId, WorkspaceId
from storage.dialect import Connection, Dialect
from storage.rows import from_ms, portions, table, to_ms

_COLUMNS = """
    SELECT id, workspace, kind, key, channel, round, member, text, state, tries, try_at, made_at FROM deliveries
"""
LONGEST_WAIT = timedelta(hours=1)
"""Nothing is put off for longer than that, so whatever is was put off by a clock that was ahead."""

_UNFINISHED = "state IN ('waiting', 'trying')"

_FREE = """(
    state = 'waiting' OR holder IN ('', ?)
    OR NOT EXISTS (SELECT 1 FROM leases l WHERE l.name = 'process/' || deliveries.holder AND l.until > {now})
)"""
"""What is being tried is left to the process that began it, for as long as that process shows that it lives."""


class SqlDeliveries:
    """See ports.Deliveries."""

    def __init__(self, db: Connection, dialect: Dialect) -> None:
        self._db, self._dialect = db, dialect
        self._free = _FREE.format(now=dialect.now_ms)

    def add(self, new: NewDelivery, try_at: datetime) -> None:
        self.add_all([new], try_at)

    def add_all(self, news: Iterable[NewDelivery], try_at: datetime) -> None:
        ms = to_ms(try_at)
        rows = [
            (
                new.workspace,
                new.kind,
                new.key,
                new.channel,
                new.round,
                new.member,
                new.text,
                DeliveryState.WAITING,
                0,
                ms,
                ms,
            )
            for new in news
        ]
        for marks, values in portions(rows):
            self._db.execute(
                f"""INSERT INTO deliveries (workspace, kind, key, channel, round, member, text, state, tries, try_at,
                                           made_at)
                   VALUES {marks} ON CONFLICT (key{self._dialect.keyed}) DO NOTHING""",  # noqa: S608  question marks
                values,
            )

    def ready(self, now: datetime, limit: int, *, holder: str = "") -> Sequence[Delivery]:
        return self._all(
            f"WHERE {_UNFINISHED} AND try_at <= ? AND {self._free} ORDER BY try_at, id LIMIT ?" + self._dialect.claim,
            (to_ms(now), holder, limit),
        )

    def backlog(self, now: datetime) -> tuple[int, datetime | None]:
        count, oldest = self._db.execute(
            f"SELECT count(*), min(made_at) FROM deliveries WHERE {_UNFINISHED} AND made_at <= ?",  # noqa: S608  constants only
            (to_ms(now),),
        ).fetchone()
        return int(count), from_ms(oldest) if oldest is not None else None

    def earliest(self, *, holder: str = "") -> datetime | None:
        (ms,) = self._db.execute(
            f"SELECT min(try_at) FROM deliveries WHERE {_UNFINISHED} AND {self._free}",  # noqa: S608  constants only
            (holder,),
        ).fetchone()
        return from_ms(ms) if ms is not None else None

    def begin(self, *deliveries: Delivery, try_at: datetime, holder: str = "") -> None:
        if not deliveries:
            return
        rows, keys = table([(delivery.workspace, delivery.id) for delivery in deliveries])
        self._db.execute(
            f"""UPDATE deliveries SET state = 'trying', try_at = ?, tries = tries + 1, holder = ?
               FROM (VALUES {rows}) AS asked
               WHERE deliveries.workspace = asked.column1 AND deliveries.id = asked.column2""",  # noqa: S608  question marks
            (to_ms(try_at), holder, *keys),
        )

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        rows, values = table([(one.workspace, one.id, to_ms(one.try_at)) for one in deliveries])
        self._db.execute(
            f"""UPDATE deliveries SET state = 'done', try_at = asked.column3, error = ''
               FROM (VALUES {rows}) AS asked
               WHERE deliveries.workspace = asked.column1 AND deliveries.id = asked.column2""",  # noqa: S608  question marks
            values,
        )

    def mark(
        self,
        delivery: Delivery,
        state: DeliveryState,
        *,
        try_at: datetime | None = None,
        error: str = "",
    ) -> None:
        self._db.execute(
            "UPDATE deliveries SET state = ?, try_at = ?, error = ? WHERE workspace = ? AND id = ?",
            (
                state,
                to_ms(try_at or delivery.try_at),
                error,
                delivery.workspace,
                delivery.id,
            ),
        )

    def is_held(self, delivery: Delivery, *, holder: str = "") -> bool:
        row = self._db.execute(
            "SELECT 1 FROM deliveries WHERE workspace = ? AND id = ? AND state = 'trying' AND holder = ? AND tries = ?"  # noqa: S608  a constant
            + self._dialect.change,
            (delivery.workspace, delivery.id, holder, delivery.tries + 1),
        ).fetchone()
        return row is not None

    def unfinished(self, workspace: WorkspaceId, round_id: RoundId) -> Sequence[Delivery]:
        return self._all(
            f"WHERE workspace = ? AND round = ? AND {_UNFINISHED} ORDER BY id" + self._dialect.change,
            (workspace, round_id),
        )

    def cancel(self, workspace: WorkspaceId, key: str) -> None:
        self._db.execute(
            "UPDATE deliveries SET state = 'given_up' WHERE workspace = ? AND key = ? AND state = 'waiting'",
            (workspace, key),
        )

    def reclaim(self, now: datetime, *, holder: str = "") -> None:
        ms, longest = to_ms(now), to_ms(now + LONGEST_WAIT)
        # Notices are left alone: they may be meant for later.
        self._db.execute(
            f"""UPDATE deliveries SET try_at = ?
                WHERE try_at > ? AND {self._free}
                  AND (state = 'trying' OR (state = 'waiting' AND kind <> 'notice'
                                            AND (made_at > ? OR try_at > ?)))""",  # noqa: S608  constants only
            (ms, ms, holder, ms, longest),
        )

    def _all(self, where: str, values: tuple[object, ...]) -> Sequence[Delivery]:
        return [_delivery(row) for row in self._db.execute(_COLUMNS + where, values).fetchall()]


def _delivery(row: tuple[Any, ...]) -> Delivery:
    return Delivery(
        id=DeliveryId(row[0]),
        workspace=WorkspaceId(row[1]),
        kind=DeliveryKind(row[2]),
        key=row[3],
        channel=ChannelId(row[4]) if row[4] is not None else None,
        round=RoundId(row[5]) if row[5] is not None else None,
        member=MemberId(row[6]) if row[6] is not None else None,
        text=row[7],
        state=DeliveryState(row[8]),
        tries=row[9],
        try_at=from_ms(row[10]),
        made_at=from_ms(row[11]),
    )


class SqlKeyring:
    """See ports.Keyring."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def get(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM keyring WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def settle(self, name: str, value: str) -> str:
        self._db.execute("INSERT INTO keyring (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (name, value))
        (kept,) = self._db.execute("SELECT value FROM keyring WHERE name = ?", (name,)).fetchone()
        return str(kept)

    def put(self, name: str, value: str) -> None:
        self._db.execute(
            "INSERT INTO keyring (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )
