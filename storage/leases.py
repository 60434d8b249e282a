"""Queries about what one of several processes has for itself for a short while, by the database's own clock."""

from collections.abc import Mapping

from storage.dialect import Connection, Dialect


class SqlLeases:
    """See ports.Leases."""

    def __init__(self, db: Connection, dialect: Dialect) -> None:
        self._db, self._now = db, dialect.now_ms

    def take(self, name: str, holder: str, seconds: float) -> bool:
        row = self._db.execute(
            f"""INSERT INTO leases (name, holder, until) VALUES (?, ?, {self._now} + ?)
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                WHERE leases.holder = excluded.holder OR leases.until <= {self._now}
                RETURNING name""",  # noqa: S608  the clock is a constant
            (name, holder, round(seconds * 1000)),
        ).fetchone()
        return row is not None

    def renew(self, holder: str, seconds: float) -> frozenset[str]:
        rows = self._db.execute(
            f"UPDATE leases SET until = {self._now} + ? WHERE holder = ? AND until > {self._now} RETURNING name",  # noqa: S608
            (round(seconds * 1000), holder),
        ).fetchall()
        return frozenset(name for (name,) in rows)

    def held(self, prefix: str) -> Mapping[str, str]:
        rows = self._db.execute(
            f"SELECT name, holder FROM leases WHERE name >= ? AND name < ? AND until > {self._now}",  # noqa: S608
            (prefix, prefix + "\U0010ffff"),
        ).fetchall()
        return dict(rows)

    def release(self, holder: str) -> None:
        self._db.execute("DELETE FROM leases WHERE holder = ?", (holder,))

    def give_up(self, name: str, holder: str) -> None:
        self._db.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))

    def sweep(self) -> frozenset[str]:
        rows = self._db.execute(f"DELETE FROM leases WHERE until <= {self._now} RETURNING name").fetchall()  # noqa: S608
        return frozenset(name for (name,) in rows)
