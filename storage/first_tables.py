"""The tables of the first release, as they were. See schema.py for all that came after."""

FIRST = """
CREATE TABLE workspaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    ref TEXT NOT NULL,
    name TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    UNIQUE (platform, ref)
) STRICT;

CREATE TABLE channels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    ref TEXT NOT NULL,
    name TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    UNIQUE (workspace, ref)
) STRICT;

CREATE TABLE members (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    ref TEXT NOT NULL,
    name TEXT NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    reminders INTEGER NOT NULL DEFAULT 0,
    made_at INTEGER NOT NULL,
    UNIQUE (workspace, ref)
) STRICT;

CREATE TABLE schedules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    channel INTEGER NOT NULL UNIQUE REFERENCES channels (id),
    pack TEXT NOT NULL,
    opens TEXT NOT NULL,
    zone TEXT NOT NULL,
    since TEXT NOT NULL,
    weekdays TEXT NOT NULL,
    closes_after INTEGER NOT NULL,
    reveal TEXT NOT NULL,
    pause TEXT,
    next_at INTEGER,
    set_by INTEGER,
    set_at INTEGER NOT NULL
) STRICT;
CREATE INDEX schedules_next ON schedules (next_at) WHERE pause IS NULL;

CREATE TABLE skips (
    workspace INTEGER NOT NULL,
    schedule INTEGER NOT NULL REFERENCES schedules (id),
    local_date TEXT NOT NULL,
    PRIMARY KEY (schedule, local_date)
) STRICT, WITHOUT ROWID;

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pack TEXT NOT NULL,
    item TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (pack, item, hash)
) STRICT;

CREATE TABLE rounds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    channel INTEGER NOT NULL REFERENCES channels (id),
    schedule INTEGER REFERENCES schedules (id),
    number INTEGER,
    local_date TEXT NOT NULL,
    revision INTEGER REFERENCES revisions (id),
    shown TEXT NOT NULL DEFAULT '',
    opens_at INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,
    reveal TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'skipped')),
    reason TEXT NOT NULL DEFAULT '',
    message TEXT,
    UNIQUE (schedule, local_date),
    UNIQUE (channel, number),
    CHECK (state = 'skipped' OR revision IS NOT NULL)
) STRICT;
CREATE INDEX rounds_channel ON rounds (channel, id);
CREATE INDEX rounds_workspace ON rounds (workspace, local_date);
CREATE INDEX rounds_closing ON rounds (closes_at) WHERE state = 'open';

-- Clustered by member, because everything but the tally is asked per member.
CREATE TABLE responses (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    source INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    revision INTEGER NOT NULL REFERENCES revisions (id),
    choice TEXT NOT NULL,
    correct INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (workspace, member, source, source_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    revision INTEGER NOT NULL REFERENCES revisions (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (workspace, member, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE tallies (
    workspace INTEGER NOT NULL,
    round INTEGER NOT NULL REFERENCES rounds (id),
    choice TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (workspace, round, choice)
) STRICT, WITHOUT ROWID;

CREATE TABLE standings (
    workspace INTEGER NOT NULL,
    channel INTEGER NOT NULL REFERENCES channels (id),
    member INTEGER NOT NULL REFERENCES members (id),
    answered INTEGER NOT NULL,
    correct INTEGER NOT NULL,
    points INTEGER NOT NULL,
    streak INTEGER NOT NULL,
    best_streak INTEGER NOT NULL,
    freezes INTEGER NOT NULL,
    run INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (workspace, channel, member)
) STRICT, WITHOUT ROWID;

-- channel 0 is the whole workspace; period is what core.standings.period makes.
CREATE TABLE boards (
    workspace INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    period INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    points INTEGER NOT NULL,
    correct INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, channel, period, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX boards_ranked ON boards (workspace, channel, period, points DESC) WHERE hidden = 0;

CREATE TABLE domain_tallies (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    pack TEXT NOT NULL,
    domain TEXT NOT NULL,
    answered INTEGER NOT NULL,
    correct INTEGER NOT NULL,
    weight REAL NOT NULL,
    weight_correct REAL NOT NULL,
    PRIMARY KEY (workspace, member, pack, domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_tallies (
    workspace INTEGER NOT NULL,
    channel INTEGER NOT NULL REFERENCES channels (id),
    pack TEXT NOT NULL,
    domain TEXT NOT NULL,
    answered INTEGER NOT NULL,
    correct INTEGER NOT NULL,
    weight REAL NOT NULL,
    weight_correct REAL NOT NULL,
    PRIMARY KEY (workspace, channel, pack, domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    channel INTEGER REFERENCES channels (id),
    round INTEGER REFERENCES rounds (id),
    member INTEGER REFERENCES members (id),
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    try_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX deliveries_ready ON deliveries (try_at) WHERE state IN ('waiting', 'trying');
CREATE INDEX deliveries_round ON deliveries (round);

CREATE TABLE keyring (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
