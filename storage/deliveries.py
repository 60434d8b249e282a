"""Queries about the outbox, and the program's own small values."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.app.records import Delivery, DeliveryKind, DeliveryState, NewDelivery
from bot.core.refs import ChannelId, DeliveryId, MemberId, RoundId, WorkspaceId
from storage.rows import from_ms, to_ms

_COLUMNS = """
    SELECT id, workspace, kind, key, channel, round, member, text, state, tries, try_at, made_at FROM deliveries
"""
LONGEST_WAIT = timedelta(hours=1)
"""Nothing is put off for longer than that, so whatever is was put off by a clock that was ahead."""

_UNFINISHED = "state IN ('waiting', 'trying')"


class SqlDeliveries:
    """See ports.Deliveries."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, new: NewDelivery, try_at: datetime) -> None:
        self._db.execute(
            """INSERT INTO deliveries (workspace, kind, key, channel, round, member, text, state, tries, try_at,
                                       made_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT (key) DO NOTHING""",
            (
                new.workspace,
                new.kind,
                new.key,
                new.channel,
                new.round,
                new.member,
                new.text,
                to_ms(try_at),
                to_ms(try_at),
            ),
        )

    def ready(self, now: datetime, limit: int) -> Sequence[Delivery]:
        return self._all(f"WHERE {_UNFINISHED} AND try_at <= ? ORDER BY try_at, id LIMIT ?", (to_ms(now), limit))

    def earliest(self) -> datetime | None:
        (ms,) = self._db.execute(
            f"SELECT min(try_at) FROM deliveries WHERE {_UNFINISHED}"  # noqa: S608  constants only
        ).fetchone()
        return from_ms(ms) if ms is not None else None

    def begin(self, delivery: Delivery, *, try_at: datetime) -> None:
        self._db.execute(
            "UPDATE deliveries SET state = 'trying', try_at = ?, tries = tries + 1 WHERE workspace = ? AND id = ?",
            (to_ms(try_at), delivery.workspace, delivery.id),
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

    def unfinished(self, workspace: WorkspaceId, round_id: RoundId) -> Sequence[Delivery]:
        return self._all(f"WHERE workspace = ? AND round = ? AND {_UNFINISHED}", (workspace, round_id))

    def cancel(self, workspace: WorkspaceId, key: str) -> None:
        self._db.execute(
            "UPDATE deliveries SET state = 'given_up' WHERE workspace = ? AND key = ? AND state = 'waiting'",
            (workspace, key),
        )

    def reclaim(self, now: datetime) -> None:
        ms, longest = to_ms(now), to_ms(now + LONGEST_WAIT)
        # Notices are left alone: they may be meant for later.
        self._db.execute(
            """UPDATE deliveries SET try_at = ?
               WHERE try_at > ? AND (state = 'trying' OR (state = 'waiting' AND kind <> 'notice'
                                                          AND (made_at > ? OR try_at > ?)))""",
            (ms, ms, ms, longest),
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

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def get(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM keyring WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def put(self, name: str, value: str) -> None:
        self._db.execute(
            "INSERT INTO keyring (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )
