"""The tables, as migrations: one function per step, never edited once released.

Conventions: instants are integer milliseconds since 1970 in UTC, local dates are ISO text, flags are 0 or 1.
Every table carries its workspace, so that rows can be scoped by it, and partitioned by it one day.
"""

import json

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from bot.core.weakness import evidence, weight_at
from bot.faults import reached
from storage.by_channel import AFTER, BEFORE, count_by_channel
from storage.first_tables import FIRST
from storage.rows import from_ms
from storage.standings import slot
from storage.windows import FROM_BOARDS, WINDOWS_ADDED, in_windows

migrations = Migrations("trapwise")


@migrations(name="001_first")
def first(db: Database) -> None:
    """The tables of the first release."""
    _run(db, FIRST)


_LEARNING = """
ALTER TABLE members ADD COLUMN extended INTEGER NOT NULL DEFAULT 0;

-- form is a JSON list of [revision, order]; answers maps places to option ids; flags lists places.
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    member INTEGER NOT NULL REFERENCES members (id),
    sitting TEXT NOT NULL,
    pack TEXT NOT NULL,
    label TEXT NOT NULL,
    form TEXT NOT NULL,
    answers TEXT NOT NULL DEFAULT '{}',
    flags TEXT NOT NULL DEFAULT '[]',
    place INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    deadline_at INTEGER,
    ended_at INTEGER,
    progress TEXT NOT NULL CHECK (progress IN ('open', 'submitted', 'stopped'))
) STRICT;
CREATE INDEX attempts_member ON attempts (workspace, member, id);
CREATE UNIQUE INDEX attempts_open ON attempts (workspace, member, sitting) WHERE progress = 'open';
CREATE INDEX attempts_deadline ON attempts (deadline_at) WHERE progress = 'open';

CREATE TABLE memories (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    pack TEXT NOT NULL,
    subject TEXT NOT NULL,
    stability REAL NOT NULL,
    difficulty REAL NOT NULL,
    due_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    lapses INTEGER NOT NULL,
    PRIMARY KEY (workspace, member, pack, subject)
) STRICT, WITHOUT ROWID;

-- Who has answered in a channel's rounds, by domain: team figures are shown only from four people on.
CREATE TABLE contributions (
    workspace INTEGER NOT NULL,
    channel INTEGER NOT NULL REFERENCES channels (id),
    pack TEXT NOT NULL,
    domain TEXT NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    PRIMARY KEY (workspace, channel, pack, domain, member)
) STRICT, WITHOUT ROWID;
"""


@migrations(name="002_learning")
def learning(db: Database) -> None:
    """Practice, review and exams."""
    _run(db, _LEARNING)


_FORGOTTEN = """
-- The part of each count that came from members who were forgotten since: it names nobody, and without it the
-- counts could no longer be rebuilt from the responses.
ALTER TABLE tallies ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel_tallies ADD COLUMN forgotten_answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel_tallies ADD COLUMN forgotten_correct INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel_tallies ADD COLUMN forgotten_weight REAL NOT NULL DEFAULT 0;
ALTER TABLE channel_tallies ADD COLUMN forgotten_weight_correct REAL NOT NULL DEFAULT 0;
"""


@migrations(name="003_forgotten")
def forgotten(db: Database) -> None:
    """What forgotten members leave in counts that name nobody."""
    _run(db, _FORGOTTEN)


@migrations(name="004_leaving")
def leaving(db: Database) -> None:
    """When a workspace removed the bot; its data is deleted some time after."""
    _run(db, "ALTER TABLE workspaces ADD COLUMN left_at INTEGER")


_SLACK = """
-- owner is a workspace (T...) or, for an organisation-wide installation, the organisation (E...).
CREATE TABLE slack_installations (
    owner TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,
    saved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Workspaces that were seen to belong to an organisation which has installed the app for all of them.
CREATE TABLE slack_org_teams (
    team TEXT PRIMARY KEY,
    enterprise TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Hashes of what was handed to browsers that began to install the app; each is good for one return.
CREATE TABLE slack_states (
    state TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


@migrations(name="005_slack")
def slack(db: Database) -> None:
    """Installations of the Slack app."""
    _run(db, _SLACK)


_SPENT = """
-- Who answered an open round and was forgotten since, as a hash; deleted when the round closes.
CREATE TABLE spent (
    workspace INTEGER NOT NULL,
    round INTEGER NOT NULL REFERENCES rounds (id),
    mark TEXT NOT NULL,
    PRIMARY KEY (workspace, round, mark)
) STRICT, WITHOUT ROWID;
"""


@migrations(name="006_spent")
def spent(db: Database) -> None:
    """An open round is answered once, also by somebody who was forgotten in between."""
    _run(db, _SPENT)


_DOMAIN_BOARDS = """
-- What each member answered in the channel's ranked rounds, by domain: the board of a domain.
ALTER TABLE contributions ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contributions ADD COLUMN correct INTEGER NOT NULL DEFAULT 0;

INSERT INTO contributions (workspace, channel, pack, domain, member, answered, correct)
SELECT r.workspace, o.channel, v.pack, json_extract(v.body, '$.domain'), r.member, count(*), sum(r.correct)
FROM responses r
JOIN rounds o ON o.id = r.source_id AND o.workspace = r.workspace
JOIN revisions v ON v.id = o.revision
WHERE r.source = 0 AND o.number IS NOT NULL AND o.state <> 'skipped'
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (workspace, channel, pack, domain, member) DO UPDATE SET
    answered = excluded.answered, correct = excluded.correct;
"""


@migrations(name="007_domain_boards")
def domain_boards(db: Database) -> None:
    """A leaderboard for each domain."""
    _run(db, _DOMAIN_BOARDS)


_FAIR = """
-- The part of the counts that comes from daily rounds and mock exams: there nobody chose the items by what the member
-- doesn't know, so they tell what an exam would ask.
ALTER TABLE domain_tallies ADD COLUMN fair_answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE domain_tallies ADD COLUMN fair_weight REAL NOT NULL DEFAULT 0;
ALTER TABLE domain_tallies ADD COLUMN fair_weight_correct REAL NOT NULL DEFAULT 0;
"""

_FAIR_ANSWERS = """
SELECT r.workspace, r.member, v.pack, json_extract(v.body, '$.domain'), json_array_length(v.body, '$.options'),
       r.correct, r.at
FROM responses r
JOIN revisions v ON v.id = r.revision
LEFT JOIN rounds o ON r.source = 0 AND o.id = r.source_id AND o.workspace = r.workspace
LEFT JOIN attempts a ON r.source = 1 AND a.id = r.source_id AND a.workspace = r.workspace
WHERE (o.number IS NOT NULL AND o.state <> 'skipped') OR a.sitting = 'exam'
"""


@migrations(name="008_fair")
def fair(db: Database) -> None:
    """Readiness rests on answers that are a fair sample."""
    _run(db, _FAIR)
    sums: dict[tuple[object, ...], tuple[int, float, float]] = {}
    for *key, options, correct, at in db.execute(_FAIR_ANSWERS):
        count, weight, weight_correct = sums.get(tuple(key), (0, 0.0, 0.0))
        one = weight_at(from_ms(at))
        sums[tuple(key)] = (count + 1, weight + one, weight_correct + one * evidence(bool(correct), options))
    for key, values in sums.items():
        db.execute(
            """UPDATE domain_tallies SET fair_answered = ?, fair_weight = ?, fair_weight_correct = ?
               WHERE workspace = ? AND member = ? AND pack = ? AND domain = ?""",
            (*values, *key),
        )


_PROCESSES = """
-- What one of several processes has for itself, until the database's clock shows `until`.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The process that is trying.
ALTER TABLE deliveries ADD COLUMN holder TEXT NOT NULL DEFAULT '';
"""


@migrations(name="009_processes")
def processes(db: Database) -> None:
    """Several processes on one database."""
    _run(db, _PROCESSES)


_CONDENSED = """
-- The counts of answers that were deleted because they had grown old, as JSON; see condensed.py.
CREATE TABLE condensed (
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    member INTEGER NOT NULL REFERENCES members (id),
    counts TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (workspace, member)
) STRICT, WITHOUT ROWID;
"""


@migrations(name="010_condensed")
def condensed(db: Database) -> None:
    """Answers can be deleted after a time without their counts being lost."""
    _run(db, _CONDENSED)


_BOARDS = """
-- channel 0 is the whole workspace; period is what core.standings.period makes, and slot what standings.slot makes of
-- that. Of each board a member keeps the present and the last week and month, and all time.
CREATE TABLE boards (
    workspace INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    period INTEGER NOT NULL,
    points INTEGER NOT NULL,
    correct INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, channel, slot, member)
) STRICT, WITHOUT ROWID;
INSERT INTO boards (workspace, channel, slot, member, period, points, correct, answered, hidden)
SELECT workspace, channel, slot, member, period, points, correct, answered, hidden FROM (
    SELECT b.*, s.slot,
           row_number() OVER (PARTITION BY b.workspace, b.channel, b.member, s.slot ORDER BY b.period DESC) AS place
    FROM all_boards b JOIN slots s ON s.period = b.period
) AS found WHERE place = 1;
DROP TABLE slots;
DROP TABLE all_boards;
CREATE INDEX boards_ranked ON boards (workspace, channel, slot, period, hidden, points DESC);

-- How many daily rounds a channel, or a workspace, had since a date: told by the index alone.
CREATE INDEX rounds_daily ON rounds (workspace, channel, local_date, number);
DROP INDEX rounds_workspace;
CREATE INDEX rounds_workspace ON rounds (workspace, local_date, number);
"""


@migrations(name="011_boards")
def boards(db: Database) -> None:
    """Boards stay as small as the membership, however many weeks go by."""
    db.execute("ALTER TABLE boards RENAME TO all_boards")
    db.execute("CREATE TABLE slots (period INTEGER NOT NULL PRIMARY KEY, slot INTEGER NOT NULL)")
    for (period,) in list(db.execute("SELECT DISTINCT period FROM all_boards")):
        db.execute("INSERT INTO slots (period, slot) VALUES (?, ?)", (period, slot(period)))
    for workspace, member, counts in list(db.execute("SELECT workspace, member, counts FROM condensed")):
        db.execute(
            "UPDATE condensed SET counts = ? WHERE workspace = ? AND member = ?",
            (_in_slots(counts), workspace, member),
        )
    _run(db, _BOARDS)


def _in_slots(counts: str) -> str:
    """What was kept of a member's deleted answers, with each board's latest periods only."""
    kept = json.loads(counts)
    latest: dict[tuple[int, int], dict[str, int]] = {}
    for row in sorted(kept.get("boards", ()), key=lambda row: int(row["period"])):
        latest[row["channel"], slot(row["period"])] = {**row, "slot": slot(row["period"])}
    return json.dumps({**kept, "boards": list(latest.values())}, separators=(",", ":"))


_SUBJECTS = """
-- What an item asks about, as core.review.subject_of names it. Like revisions, these belong to no workspace.
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pack TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (pack, name)
) STRICT;
INSERT INTO subjects (pack, name) SELECT DISTINCT pack, subject FROM memories ORDER BY pack, subject;

ALTER TABLE memories RENAME TO named_memories;
-- Due so many days after the last answer.
CREATE TABLE memories (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    subject INTEGER NOT NULL REFERENCES subjects (id),
    stability REAL NOT NULL,
    difficulty REAL NOT NULL,
    days INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (workspace, member, subject)
) STRICT, WITHOUT ROWID;
INSERT INTO memories (workspace, member, subject, stability, difficulty, days, last_at, times)
SELECT m.workspace, m.member, s.id, m.stability, m.difficulty, (m.due_at - m.last_at) / 86400000, m.last_at, m.times
FROM named_memories m JOIN subjects s ON s.pack = m.pack AND s.name = m.subject
ORDER BY m.workspace, m.member, s.id;
DROP TABLE named_memories;
"""


@migrations(name="012_subjects")
def subjects(db: Database) -> None:
    """What members remember is kept by number, not by name."""
    _run(db, _SUBJECTS)
    for workspace, member, counts in list(db.execute("SELECT workspace, member, counts FROM condensed")):
        kept = json.loads(counts)
        for memory in kept.get("memories", ()):
            memory["days"] = (memory.pop("due_at") - memory["last_at"]) // 86_400_000
            del memory["lapses"]
        db.execute(
            "UPDATE condensed SET counts = ? WHERE workspace = ? AND member = ?",
            (json.dumps(kept, separators=(",", ":")), workspace, member),
        )


@migrations(name="013_windows")
def windows(db: Database) -> None:
    """An answer changes one row of points instead of seven, and no index."""
    _run(db, WINDOWS_ADDED)
    for number, window in enumerate(("month0", "month1", "week0", "week1"), 1):
        _run(db, FROM_BOARDS.format(window=window, slot=number))
    for workspace, member, counts in list(db.execute("SELECT workspace, member, counts FROM condensed")):
        db.execute(
            "UPDATE condensed SET counts = ? WHERE workspace = ? AND member = ?",
            (in_windows(counts), workspace, member),
        )
    _run(db, "DROP TABLE boards")


@migrations(name="014_by_channel")
def by_channel(db: Database) -> None:
    """An answer changes one count of a domain instead of three."""
    _run(db, BEFORE)
    count_by_channel(db.execute)
    _run(db, AFTER)


def _run(db: Database, script: str) -> None:
    # Statement by statement: executescript would commit the migration's own transaction first, and a crash in
    # the middle would leave half the tables.
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)
            reached("during_migration")


def migrate(db: Database) -> None:
    """Apply what the database doesn't have yet, each step in a transaction of its own, and note the version."""
    migrations.apply(db)
    db.execute(f"PRAGMA user_version = {len(migrations.applied(db))}")
