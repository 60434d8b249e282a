"""One transaction over a connection: implements app.ports.Tx."""

from dataclasses import dataclass

from bot.core.item import Item
from bot.core.refs import RevisionId
from storage.attempts import SqlAttempts, SqlMemories
from storage.backgrounds import SqlBackgrounds
from storage.deliveries import SqlDeliveries, SqlKeyring
from storage.dialect import SQLITE, Connection, Dialect
from storage.installations import SqlInstallations
from storage.known import Known
from storage.learning import SqlLearning
from storage.leases import SqlLeases
from storage.people import SqlPeople
from storage.responses import SqlResponses
from storage.retention import SqlRetention
from storage.rounds import Revisions, SqlRounds
from storage.schedules import SqlSchedules
from storage.standings import SqlStandings
from storage.subjects import Subjects
from storage.upkeep import SqlUpkeep
from storage.workspaces import SqlWorkspaces


@dataclass(frozen=True, slots=True)
class SqlTx:
    """The queries, by subject. Made once per connection; it holds no state of any single transaction."""

    people: SqlPeople
    schedules: SqlSchedules
    rounds: SqlRounds
    backgrounds: SqlBackgrounds
    responses: SqlResponses
    standings: SqlStandings
    learning: SqlLearning
    attempts: SqlAttempts
    memories: SqlMemories
    deliveries: SqlDeliveries
    keyring: SqlKeyring
    workspaces: SqlWorkspaces
    installations: SqlInstallations
    leases: SqlLeases
    retention: SqlRetention
    revisions: Revisions
    subjects: Subjects
    known: Known
    upkeep: SqlUpkeep

    def keep_revision(self, item: Item) -> RevisionId:
        return self.revisions.keep(item)

    def forget(self) -> None:
        """Drop what is kept in memory. Needed after a rollback: it may be of rows that are no longer there."""
        self.revisions.forget()
        self.subjects.forget()
        self.known.forget()


def over(
    db: Connection,
    dialect: Dialect = SQLITE,
    read: dict[RevisionId, Item] | None = None,
    known: Known | None = None,
) -> SqlTx:
    """The queries on this connection; `read` holds the revisions that were read already, if that is shared.

    With `known`, which whoever owns the database may keep, `db` has to be `Watched`.
    """
    revisions, subjects = Revisions(db, {} if read is None else read), Subjects(db)
    known = Known(keep=False) if known is None else known
    people, rounds = SqlPeople(db, dialect, known), SqlRounds(db, revisions, dialect, known)
    upkeep = SqlUpkeep(db, people, rounds, revisions, subjects)
    return SqlTx(
        people=people,
        schedules=SqlSchedules(db, dialect, known),
        rounds=rounds,
        backgrounds=SqlBackgrounds(db, dialect),
        responses=SqlResponses(db, revisions, known),
        standings=SqlStandings(db, dialect, known),
        learning=SqlLearning(db, dialect, known),
        attempts=SqlAttempts(db, revisions, dialect),
        memories=SqlMemories(db, subjects, known),
        deliveries=SqlDeliveries(db, dialect),
        keyring=SqlKeyring(db),
        workspaces=SqlWorkspaces(db),
        installations=SqlInstallations(db),
        leases=SqlLeases(db, dialect),
        retention=SqlRetention(db, upkeep),
        revisions=revisions,
        subjects=subjects,
        known=known,
        upkeep=upkeep,
    )
