"""Queries about Slack installations. What they hold comes here encrypted; the key never does."""

from collections.abc import Sequence
from datetime import datetime

from storage.dialect import Connection
from storage.rows import to_ms


class SqlInstallations:
    """See ports.Installations."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def get(self, owner: str) -> str | None:
        found = self._db.execute("SELECT sealed FROM slack_installations WHERE owner = ?", (owner,)).fetchone()
        return found[0] if found else None

    def put(self, owner: str, sealed: str, now: datetime) -> None:
        self._db.execute(
            """INSERT INTO slack_installations (owner, sealed, saved_at) VALUES (?, ?, ?)
               ON CONFLICT (owner) DO UPDATE SET sealed = excluded.sealed, saved_at = excluded.saved_at""",
            (owner, sealed, to_ms(now)),
        )

    def delete(self, owner: str) -> None:
        self._db.execute("DELETE FROM slack_installations WHERE owner = ?", (owner,))
        self._db.execute("DELETE FROM slack_org_teams WHERE enterprise = ?", (owner,))

    def owners(self) -> Sequence[str]:
        return [owner for (owner,) in self._db.execute("SELECT owner FROM slack_installations ORDER BY owner")]

    def join(self, team: str, enterprise: str) -> None:
        self._db.execute(
            """INSERT INTO slack_org_teams (team, enterprise) VALUES (?, ?)
               ON CONFLICT (team) DO UPDATE SET enterprise = excluded.enterprise""",
            (team, enterprise),
        )

    def enterprise_of(self, team: str) -> str | None:
        found = self._db.execute("SELECT enterprise FROM slack_org_teams WHERE team = ?", (team,)).fetchone()
        return found[0] if found else None

    def teams_of(self, enterprise: str) -> Sequence[str]:
        found = self._db.execute("SELECT team FROM slack_org_teams WHERE enterprise = ? ORDER BY team", (enterprise,))
        return [team for (team,) in found]

    def issue(self, state: str, until: datetime, now: datetime) -> None:
        self._db.execute("DELETE FROM slack_states WHERE until < ?", (to_ms(now),))
        self._db.execute("INSERT INTO slack_states (state, until) VALUES (?, ?)", (state, to_ms(until)))

    def consume(self, state: str, now: datetime) -> bool:
        found = self._db.execute("DELETE FROM slack_states WHERE state = ? RETURNING until", (state,)).fetchone()
        return found is not None and found[0] >= to_ms(now)
