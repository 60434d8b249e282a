"""One transaction over a connection: implements app.ports.Tx."""

import sqlite3
from dataclasses import dataclass

from bot.core.item import Item
from bot.core.refs import RevisionId
from storage.attempts import SqlAttempts, SqlMemories
from storage.deliveries import SqlDeliveries, SqlKeyring
from storage.installations import SqlInstallations
from storage.learning import SqlLearning
from storage.people import SqlPeople
from storage.responses import SqlResponses
from storage.rounds import Revisions, SqlRounds
from storage.schedules import SqlSchedules
from storage.standings import SqlStandings
from storage.upkeep import SqlUpkeep
from storage.workspaces import SqlWorkspaces


@dataclass(frozen=True, slots=True)
class SqlTx:
    """The queries, by subject. Made once per connection; it holds no state of any single transaction."""

    people: SqlPeople
    schedules: SqlSchedules
    rounds: SqlRounds
    responses: SqlResponses
    standings: SqlStandings
    learning: SqlLearning
    attempts: SqlAttempts
    memories: SqlMemories
    deliveries: SqlDeliveries
    keyring: SqlKeyring
    workspaces: SqlWorkspaces
    installations: SqlInstallations
    revisions: Revisions
    upkeep: SqlUpkeep

    def keep_revision(self, item: Item) -> RevisionId:
        return self.revisions.keep(item)


def over(db: sqlite3.Connection) -> SqlTx:
    """The queries on this connection."""
    revisions = Revisions(db, {})
    people, rounds = SqlPeople(db), SqlRounds(db, revisions)
    return SqlTx(
        people=people,
        schedules=SqlSchedules(db),
        rounds=rounds,
        responses=SqlResponses(db, revisions),
        standings=SqlStandings(db),
        learning=SqlLearning(db),
        attempts=SqlAttempts(db, revisions),
        memories=SqlMemories(db),
        deliveries=SqlDeliveries(db),
        keyring=SqlKeyring(db),
        workspaces=SqlWorkspaces(db),
        installations=SqlInstallations(db),
        revisions=revisions,
        upkeep=SqlUpkeep(db, people, rounds, revisions),
    )
