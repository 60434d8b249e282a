BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'trapwise','001_first','2026-11-24 00:32:41.309124+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'trapwise','002_learning','2026-11-24 00:32:41.309633+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'trapwise','003_forgotten','2026-11-24 00:32:41.310641+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'trapwise','004_leaving','2026-11-24 00:32:41.310902+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'trapwise','005_slack','2026-11-24 00:32:41.311076+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'trapwise','006_spent','2026-11-24 00:32:41.311184+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'trapwise','007_domain_boards','2026-11-24 00:32:41.311707+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'trapwise','008_fair','2026-11-24 00:32:41.312501+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'trapwise','009_processes','2026-11-24 00:32:41.312858+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'trapwise','010_condensed','2026-11-24 00:32:41.312976+00:00');
INSERT INTO "_sqlite_migrations" VALUES(11,'trapwise','011_boards','2026-11-24 00:32:41.314323+00:00');
INSERT INTO "_sqlite_migrations" VALUES(12,'trapwise','012_subjects','2026-11-24 00:32:41.315529+00:00');
INSERT INTO "_sqlite_migrations" VALUES(13,'trapwise','013_windows','2026-11-24 00:32:41.319481+00:00');
INSERT INTO "_sqlite_migrations" VALUES(14,'trapwise','014_by_channel','2026-11-24 00:32:41.321929+00:00');
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
INSERT INTO "attempts" VALUES(1,1,1,'exam','my-exam','','[[5,"abcd"],[6,"abcd"],[7,"abcd"],[8,"abcd"],[9,"abcd"],[10,"abcd"]]','{"0":"a","1":"b","2":"c","3":"d","4":"a","5":"b"}','[]',0,1795770000000,1795775400000,1795775400000,'submitted');
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
CREATE TABLE channels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    ref TEXT NOT NULL,
    name TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    UNIQUE (workspace, ref)
) STRICT;
INSERT INTO "channels" VALUES(1,1,'exam-prep','exam-prep',1795424400000);
CREATE TABLE condensed (
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    member INTEGER NOT NULL REFERENCES members (id),
    counts TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (workspace, member)
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
, holder TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "deliveries" VALUES(1,1,'post','k0',1,1,NULL,'','waiting',0,1795424400000,1795424400000,'','');
INSERT INTO "deliveries" VALUES(2,1,'post','k1',1,2,NULL,'','waiting',0,1795424400000,1795424400000,'','');
INSERT INTO "deliveries" VALUES(3,1,'post','k2',1,3,NULL,'','waiting',0,1795424400000,1795424400000,'','');
INSERT INTO "deliveries" VALUES(4,1,'post','k3',1,4,NULL,'','waiting',0,1795424400000,1795424400000,'','');
CREATE TABLE domain_tallies (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    pack TEXT NOT NULL,
    domain TEXT NOT NULL,
    channel INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    correct INTEGER NOT NULL,
    weight REAL NOT NULL,
    weight_correct REAL NOT NULL,
    fair_answered INTEGER NOT NULL,
    fair_correct INTEGER NOT NULL,
    fair_weight REAL NOT NULL,
    fair_weight_correct REAL NOT NULL,
    PRIMARY KEY (workspace, member, pack, domain, channel)
) STRICT, WITHOUT ROWID;
INSERT INTO "domain_tallies" VALUES(1,1,'my-exam','basics',0,4,2,8.2752279249161547342e+03,4.1376139624580773671e+03,4,2,8.2752279249161547342e+03,4.1376139624580773671e+03);
INSERT INTO "domain_tallies" VALUES(1,1,'my-exam','basics',1,1,0,1.97253246990344860024e+03,0.0,1,0,1.97253246990344860024e+03,0.0);
INSERT INTO "domain_tallies" VALUES(1,1,'my-exam','practice',0,2,0,4.1376139624580773671e+03,0.0,2,0,4.1376139624580773671e+03,0.0);
INSERT INTO "domain_tallies" VALUES(1,1,'my-exam','practice',1,2,0,3.94611799684148263616e+03,0.0,2,0,3.94611799684148263616e+03,0.0);
INSERT INTO "domain_tallies" VALUES(1,2,'my-exam','basics',1,2,0,3.85605040734776139278e+03,0.0,2,0,3.85605040734776139278e+03,0.0);
INSERT INTO "domain_tallies" VALUES(1,2,'my-exam','practice',1,1,1,1.92751069282924527214e+03,1.92751069282924527214e+03,1,1,1.92751069282924527214e+03,1.92751069282924527214e+03);
INSERT INTO "domain_tallies" VALUES(1,3,'my-exam','basics',1,1,0,1.88351650868030014865e+03,0.0,1,0,1.88351650868030014865e+03,0.0);
INSERT INTO "domain_tallies" VALUES(1,3,'my-exam','practice',1,2,0,3.946244630380892886e+03,0.0,2,0,3.946244630380892886e+03,0.0);
CREATE TABLE keyring (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "keyring" VALUES('web secret','abc');
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE members (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspaces (id),
    ref TEXT NOT NULL,
    name TEXT NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    reminders INTEGER NOT NULL DEFAULT 0,
    made_at INTEGER NOT NULL, extended INTEGER NOT NULL DEFAULT 0,
    UNIQUE (workspace, ref)
) STRICT;
INSERT INTO "members" VALUES(1,1,'ana','Ana',0,0,1795424400000,0);
INSERT INTO "members" VALUES(2,1,'ben','Ben',1,0,1795424400000,0);
INSERT INTO "members" VALUES(3,1,'cleo','Cleo',0,0,1795424400000,0);
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
INSERT INTO "memories" VALUES(1,1,1,6.42506084942095351264e-03,9.95823642287419197316e+00,1,1795775400000,9);
INSERT INTO "memories" VALUES(1,1,2,0.212,6.4133,1,1795775400000,1);
INSERT INTO "memories" VALUES(1,2,1,4.7161894268227205762e-01,8.80262805819223537184e+00,1,1795597260000,3);
INSERT INTO "memories" VALUES(1,2,2,0.212,6.4133,1,1795597260000,1);
INSERT INTO "memories" VALUES(1,3,1,6.13299678457085578608e-02,9.59286876533969312674e+00,1,1795683720000,3);
INSERT INTO "memories" VALUES(1,3,2,1.12798153805743012201e-01,8.80630446885683682012e+00,1,1795683720000,2);
CREATE TABLE reports (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    revision INTEGER NOT NULL REFERENCES revisions (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (workspace, member, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO "reports" VALUES(1,1,1,1795424400000);
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
INSERT INTO "responses" VALUES(1,1,0,2,2,'a',0,1795510800000);
INSERT INTO "responses" VALUES(1,1,0,3,3,'a',0,1795597200000);
INSERT INTO "responses" VALUES(1,1,0,4,4,'a',0,1795683600000);
INSERT INTO "responses" VALUES(1,1,1,1,5,'a',0,1795775400000);
INSERT INTO "responses" VALUES(1,1,1,1,6,'b',1,1795775400000);
INSERT INTO "responses" VALUES(1,1,1,1,7,'c',0,1795775400000);
INSERT INTO "responses" VALUES(1,1,1,1,8,'d',0,1795775400000);
INSERT INTO "responses" VALUES(1,1,1,1,9,'a',0,1795775400000);
INSERT INTO "responses" VALUES(1,1,1,1,10,'b',1,1795775400000);
INSERT INTO "responses" VALUES(1,2,0,1,1,'a',0,1795424460000);
INSERT INTO "responses" VALUES(1,2,0,2,2,'b',1,1795510860000);
INSERT INTO "responses" VALUES(1,2,0,3,3,'c',0,1795597260000);
INSERT INTO "responses" VALUES(1,3,0,1,1,'a',0,1795424520000);
INSERT INTO "responses" VALUES(1,3,0,2,2,'c',0,1795510920000);
INSERT INTO "responses" VALUES(1,3,0,4,4,'c',0,1795683720000);
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pack TEXT NOT NULL,
    item TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (pack, item, hash)
) STRICT;
INSERT INTO "revisions" VALUES(1,'my-exam','item-1','880fa43f3f559399','{"pack":"my-exam","id":"item-1","domain":"basics","kind":"trap","difficulty":"medium","stem":"What holds for `item-1`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(2,'my-exam','item-2','b91ad3ede8cbc36b','{"pack":"my-exam","id":"item-2","domain":"practice","kind":"trap","difficulty":"medium","stem":"What holds for `item-2`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(3,'my-exam','item-3','e249072fd417659f','{"pack":"my-exam","id":"item-3","domain":"basics","kind":"trap","difficulty":"medium","stem":"What holds for `item-3`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(4,'my-exam','item-4','5dbe9e33f94cb167','{"pack":"my-exam","id":"item-4","domain":"practice","kind":"trap","difficulty":"medium","stem":"What holds for `item-4`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(5,'my-exam','item-5','44fc1c174cecf677','{"pack":"my-exam","id":"item-5","domain":"basics","kind":"trap","difficulty":"medium","stem":"What holds for `item-5`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(6,'my-exam','item-6','7edd490755dae46b','{"pack":"my-exam","id":"item-6","domain":"basics","kind":"trap","difficulty":"medium","stem":"What holds for `item-6`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(7,'my-exam','item-7','86eda2a0137db5ec','{"pack":"my-exam","id":"item-7","domain":"practice","kind":"trap","difficulty":"medium","stem":"What holds for `item-7`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(8,'my-exam','item-8','c37537587b4b957b','{"pack":"my-exam","id":"item-8","domain":"basics","kind":"trap","difficulty":"medium","stem":"What holds for `item-8`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(9,'my-exam','item-9','8652e5f46046136b','{"pack":"my-exam","id":"item-9","domain":"practice","kind":"trap","difficulty":"medium","stem":"What holds for `item-9`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
INSERT INTO "revisions" VALUES(10,'my-exam','item-10','d862995cccbe4678','{"pack":"my-exam","id":"item-10","domain":"basics","kind":"trap","difficulty":"medium","stem":"What holds for `item-10`?","options":[["a","It is red","Only some are red.","all-is-red"],["b","It is blue","The sky is blue.",null],["c","It is wet","Only rain is wet.","all-is-wet"],["d","It is new","It has been there for long.",null]],"key":"b","takeaway":"Look up before you answer.","sources":["fact-1"],"references":["https://example.org/sky"],"checked":"2026-11-01"}');
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
INSERT INTO "rounds" VALUES(1,1,1,1,1,'2026-11-23',1,'abcd',1795424400000,1795453200000,'now','closed','','message-0');
INSERT INTO "rounds" VALUES(2,1,1,1,2,'2026-11-24',2,'abcd',1795510800000,1795539600000,'now','closed','','message-1');
INSERT INTO "rounds" VALUES(3,1,1,1,3,'2026-11-25',3,'abcd',1795597200000,1795626000000,'now','closed','','message-2');
INSERT INTO "rounds" VALUES(4,1,1,1,4,'2026-11-26',4,'abcd',1795683600000,1795712400000,'now','open','','message-3');
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
INSERT INTO "schedules" VALUES(1,1,1,'my-exam','09:00','UTC','2026-11-23','01234',480,'now',NULL,NULL,NULL,1795424400000);
CREATE TABLE skips (
    workspace INTEGER NOT NULL,
    schedule INTEGER NOT NULL REFERENCES schedules (id),
    local_date TEXT NOT NULL,
    PRIMARY KEY (schedule, local_date)
) STRICT, WITHOUT ROWID;
CREATE TABLE slack_installations (
    owner TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,
    saved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE slack_org_teams (
    team TEXT PRIMARY KEY,
    enterprise TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE slack_states (
    state TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE spent (
    workspace INTEGER NOT NULL,
    round INTEGER NOT NULL REFERENCES rounds (id),
    mark TEXT NOT NULL,
    PRIMARY KEY (workspace, round, mark)
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
    last INTEGER NOT NULL, month0 INTEGER NOT NULL DEFAULT 0, month0_points INTEGER NOT NULL DEFAULT 0, month0_correct INTEGER NOT NULL DEFAULT 0, month0_answered INTEGER NOT NULL DEFAULT 0, month1 INTEGER NOT NULL DEFAULT 0, month1_points INTEGER NOT NULL DEFAULT 0, month1_correct INTEGER NOT NULL DEFAULT 0, month1_answered INTEGER NOT NULL DEFAULT 0, week0 INTEGER NOT NULL DEFAULT 0, week0_points INTEGER NOT NULL DEFAULT 0, week0_correct INTEGER NOT NULL DEFAULT 0, week0_answered INTEGER NOT NULL DEFAULT 0, week1 INTEGER NOT NULL DEFAULT 0, week1_points INTEGER NOT NULL DEFAULT 0, week1_correct INTEGER NOT NULL DEFAULT 0, week1_answered INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, channel, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "standings" VALUES(1,1,1,3,0,0,3,3,0,0,4,0,0,0,0,202611,0,0,3,20261123,0,0,3,0,0,0,0);
INSERT INTO "standings" VALUES(1,1,2,3,1,10,3,3,0,0,3,0,0,0,0,202611,10,1,3,20261123,10,1,3,0,0,0,0);
INSERT INTO "standings" VALUES(1,1,3,3,0,0,1,2,0,0,4,0,0,0,0,202611,0,0,3,20261123,0,0,3,0,0,0,0);
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pack TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (pack, name)
) STRICT;
INSERT INTO "subjects" VALUES(1,'my-exam','trap:all-is-red');
INSERT INTO "subjects" VALUES(2,'my-exam','trap:all-is-wet');
CREATE TABLE tallies (
    workspace INTEGER NOT NULL,
    round INTEGER NOT NULL REFERENCES rounds (id),
    choice TEXT NOT NULL,
    count INTEGER NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, round, choice)
) STRICT, WITHOUT ROWID;
INSERT INTO "tallies" VALUES(1,1,'a',2,0);
INSERT INTO "tallies" VALUES(1,2,'a',1,0);
INSERT INTO "tallies" VALUES(1,2,'b',1,0);
INSERT INTO "tallies" VALUES(1,2,'c',1,0);
INSERT INTO "tallies" VALUES(1,3,'a',1,0);
INSERT INTO "tallies" VALUES(1,3,'c',1,0);
INSERT INTO "tallies" VALUES(1,4,'a',1,0);
INSERT INTO "tallies" VALUES(1,4,'c',1,0);
CREATE TABLE workspaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform TEXT NOT NULL,
    ref TEXT NOT NULL,
    name TEXT NOT NULL,
    made_at INTEGER NOT NULL, left_at INTEGER,
    UNIQUE (platform, ref)
) STRICT;
INSERT INTO "workspaces" VALUES(1,'web','acme','Acme',1795424400000,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX schedules_next ON schedules (next_at) WHERE pause IS NULL;
CREATE INDEX rounds_channel ON rounds (channel, id);
CREATE INDEX rounds_closing ON rounds (closes_at) WHERE state = 'open';
CREATE INDEX deliveries_ready ON deliveries (try_at) WHERE state IN ('waiting', 'trying');
CREATE INDEX deliveries_round ON deliveries (round);
CREATE INDEX attempts_member ON attempts (workspace, member, id);
CREATE UNIQUE INDEX attempts_open ON attempts (workspace, member, sitting) WHERE progress = 'open';
CREATE INDEX attempts_deadline ON attempts (deadline_at) WHERE progress = 'open';
CREATE INDEX rounds_daily ON rounds (workspace, channel, local_date, number);
CREATE INDEX rounds_workspace ON rounds (workspace, local_date, number);
CREATE INDEX domain_tallies_channel ON domain_tallies (channel, pack, domain);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('subjects',2);
INSERT INTO "sqlite_sequence" VALUES('workspaces',1);
INSERT INTO "sqlite_sequence" VALUES('channels',1);
INSERT INTO "sqlite_sequence" VALUES('members',3);
INSERT INTO "sqlite_sequence" VALUES('schedules',1);
INSERT INTO "sqlite_sequence" VALUES('revisions',10);
INSERT INTO "sqlite_sequence" VALUES('rounds',4);
INSERT INTO "sqlite_sequence" VALUES('deliveries',4);
INSERT INTO "sqlite_sequence" VALUES('attempts',1);
COMMIT;
