"""The tables on PostgreSQL are those on SQLite, made by the same migrations, once, however many start together."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlite_utils import Database

from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.core.errors import StorageBroken
from bot.core.review import Memory
from bot.core.weakness import Tally
from storage import open_storage
from storage.postgres import prepare
from storage.postgres_connection import connect
from storage.postgres_schema import restart_keys, tables, translated
from storage.rows import to_ms
from storage.schema import migrations
from storage.standings import WINDOWS
from storage.version import LATEST
from tests.support.builders import NOW, a_response, a_team, an_open_round
from tests.support.pg_server import PgServer

_OLD_BOARDS = """
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
) STRICT, WITHOUT ROWID
"""
"""As they were before the tenth migration."""

_OLD_COUNTS = (
    """
CREATE TABLE domain_tallies (
    workspace INTEGER NOT NULL,
    member INTEGER NOT NULL REFERENCES members (id),
    pack TEXT NOT NULL,
    domain TEXT NOT NULL,
    answered INTEGER NOT NULL,
    PRIMARY KEY (workspace, member, pack, domain)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE channel_tallies (
    workspace INTEGER NOT NULL,
    channel INTEGER NOT NULL REFERENCES channels (id),
    pack TEXT NOT NULL,
    domain TEXT NOT NULL,
    answered INTEGER NOT NULL,
    forgotten_answered INTEGER NOT NULL DEFAULT 0,
    forgotten_correct INTEGER NOT NULL DEFAULT 0,
    forgotten_weight REAL NOT NULL DEFAULT 0,
    forgotten_weight_correct REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, channel, pack, domain)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE contributions (
    workspace INTEGER NOT NULL,
    PRIMARY KEY (workspace)
) STRICT, WITHOUT ROWID
""",
)
"""As they were before the fourteenth, as far as it looks at them."""

_TYPES = {"bigint": "INTEGER", "double precision": "REAL", "text": "TEXT"}


@pytest.fixture
def sqlite() -> Database:
    db = Database(memory=True)
    migrations.apply(db)
    return db


def _sqlite_columns(db: Database, table: str) -> dict[str, tuple[str, bool, int]]:
    """Type, whether it may not be null, and place in the primary key."""
    rows = db.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,)).fetchall()
    return {name: (kind, bool(full or pk), pk) for name, kind, full, pk in rows}


def _pg_columns(db: psycopg.Connection[Any], table: str) -> dict[str, tuple[str, bool, int]]:
    rows = db.execute(
        """SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                  coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)
           FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
           WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped""",
        (table,),
    ).fetchall()
    return {name: (_TYPES[kind], full, place) for name, kind, full, place in rows}


def _plain(sql: str) -> str:
    """An index's columns and condition, without what each database writes in its own way."""
    words = re.sub(r"::\w+|[()\"\[\]]|\bARRAY\b", "", sql.partition("(")[2])
    words = words.replace("= ANY", "IN").replace("<>", "!=")
    return " ".join(words.replace(",", " ").split())


def _sqlite_indexes(db: Database, table: str) -> set[tuple[bool, str]]:
    found = set()
    for name, unique in db.execute('SELECT name, "unique" FROM pragma_index_list(?)', (table,)).fetchall():
        # What a constraint made has no statement, or is the table itself.
        (sql,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone() or (None,)
        columns = [column for (column,) in db.execute("SELECT name FROM pragma_index_info(?)", (name,))]
        found.add((bool(unique), _plain(sql) if sql else " ".join(columns)))
    return found


def _pg_indexes(db: psycopg.Connection[Any], table: str) -> set[tuple[bool, str]]:
    rows = db.execute(
        "SELECT indisunique, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass", (table,)
    ).fetchall()
    return {(unique, _plain(sql)) for unique, sql in rows}


def _sqlite_references(db: Database, table: str) -> set[tuple[str, str, str]]:
    return set(db.execute('SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', (table,)).fetchall())


def _spread(db: Database, table: str) -> tuple[dict[str, Any], set[tuple[bool, str]], set[tuple[str, str, str]]]:
    """Columns, indexes and references on SQLite as they have to be on PostgreSQL: with the workspace in every key."""
    columns, indexes, references = _sqlite_columns(db, table), _sqlite_indexes(db, table), set()
    if "id" in columns:
        # The primary key of a rowid table has no index of its own on SQLite.
        indexes.add((True, "id"))
    if "workspace" in columns:
        if columns["workspace"][2] == 0:
            kind, full, _ = columns["workspace"]
            columns["workspace"] = (kind, full, 1 + max(place for _, _, place in columns.values()))
        indexes = {
            (unique, f"{text} workspace" if unique and "workspace" not in text else text) for unique, text in indexes
        }
    for column, there, key in _sqlite_references(db, table):
        shared = "workspace" in _sqlite_columns(db, there)
        references.add((f"{column}, workspace", there, f"{key}, workspace") if shared else (column, there, key))
    return columns, indexes, references


def _pg_references(db: psycopg.Connection[Any], table: str) -> set[tuple[str, str, str]]:
    rows = db.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", (table,)
    )
    found = (re.fullmatch(r"FOREIGN KEY \(([\w, ]+)\) REFERENCES (\w+)\(([\w, ]+)\)", text) for (text,) in rows)
    return {(match[1], match[2], match[3]) for match in found if match}


def test_both_have_the_same_tables(pg_url: str, sqlite: Database) -> None:
    with closing(connect(pg_url)) as db:
        names = list(tables(db))
        assert names == sorted(name for name in sqlite.table_names() if "sqlite_" not in name)
        assert len(names) > 15
        for table in names:
            columns, indexes, references = _spread(sqlite, table)
            assert _pg_columns(db, table) == columns, table
            assert _pg_references(db, table) == references, table
            assert _pg_indexes(db, table) == indexes, table


def test_a_difference_would_be_noticed(pg_url: str, sqlite: Database) -> None:
    with closing(connect(pg_url)) as db:
        db.execute("ALTER TABLE members ALTER COLUMN name DROP NOT NULL")
        assert _pg_columns(db, "members") != _spread(sqlite, "members")[0]
        db.execute("DROP INDEX rounds_closing")
        assert _pg_indexes(db, "rounds") != _spread(sqlite, "rounds")[1]
        db.execute("ALTER TABLE members DROP CONSTRAINT members_workspace_fkey")
        assert _pg_references(db, "members") != _spread(sqlite, "members")[2]


def test_checks_are_the_same(pg_url: str, sqlite: Database) -> None:
    with closing(connect(pg_url)) as db:
        found = db.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0").fetchone()
    schema = " ".join(sql for (sql,) in sqlite.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    assert found == (schema.count("CHECK ("),)


async def test_three_that_start_together_make_the_tables_once(pg_server: PgServer) -> None:
    url = pg_server.fresh()
    opened = await asyncio.gather(*(open_storage(url) for _ in range(3)))
    for storage in opened:
        await storage.close()
    with closing(connect(url)) as db:
        assert db.execute("SELECT count(*) FROM trapwise_migrations").fetchone() == (LATEST,)


async def test_an_older_database_is_brought_up_with_its_data(pg_server: PgServer) -> None:
    url = pg_server.fresh()
    prepare(url)
    storage = await open_storage(url)
    await storage.write(lambda tx: tx.keyring.put("web secret", "abc"))
    team = await storage.write(a_team)

    def answer(tx: Tx) -> Sequence[Tally]:
        round_ = an_open_round(tx, team)
        for name, option in (("Ana", "b"), ("Ben", "a")):
            response = a_response(round_, team.members[name], option)
            assert tx.responses.add(team.workspace.id, response)
            count_in_round(tx, round_, team.members[name], response)
        return tx.learning.channel_tallies(team.workspace.id, team.channel.id, round_.item.pack)

    counted = await storage.write(answer)
    await storage.close()
    where = team.workspace.id, team.members["Ana"].id
    with closing(connect(url)) as db:
        db.execute("DROP TABLE memories")
        db.execute("DROP TABLE subjects")
        db.execute(
            """CREATE TABLE memories (
                   workspace BIGINT, member BIGINT, pack TEXT COLLATE "C", subject TEXT COLLATE "C",
                   stability DOUBLE PRECISION, difficulty DOUBLE PRECISION, due_at BIGINT, last_at BIGINT,
                   times BIGINT, lapses BIGINT, PRIMARY KEY (workspace, member, pack, subject)
               )"""
        )
        db.execute(
            "INSERT INTO memories VALUES (%s, %s, 'my-exam', 'trap:x', 2.5, 5.25, %s, %s, 3, 1)",
            (*where, to_ms(NOW + timedelta(days=4)), to_ms(NOW)),
        )
        db.execute("DROP TABLE condensed")
        for window in WINDOWS.values():
            for figure in ("", "_points", "_correct", "_answered"):
                db.execute(f"ALTER TABLE standings DROP COLUMN {window}{figure}")
        db.execute(translated(_OLD_BOARDS))
        for statement in _OLD_COUNTS:
            table = statement.split()[2]
            db.execute(f"DROP TABLE IF EXISTS {table}")
            db.execute(translated(statement))
        db.execute("DROP INDEX rounds_daily")
        db.execute("DELETE FROM trapwise_migrations WHERE name >= '010'")
    again = await open_storage(url)
    assert await again.read(lambda tx: tx.keyring.get("web secret")) == "abc"
    (memory,) = await again.read(lambda tx: tx.memories.all(*where, "my-exam"))
    assert memory == Memory(subject="trap:x", stability=2.5, difficulty=5.25, days=4, last=NOW, times=3)
    in_channel = (team.workspace.id, team.channel.id, "my-exam")
    assert await again.read(lambda tx: tx.learning.channel_tallies(*in_channel)) == counted != []
    await again.close()
    with closing(connect(url)) as db:
        assert "condensed" in tables(db)
        assert db.execute("SELECT count(*) FROM trapwise_migrations").fetchone() == (LATEST,)


async def test_a_newer_database_and_somebody_elses_are_refused(pg_server: PgServer) -> None:
    newer, others = pg_server.migrated(), pg_server.fresh()
    with closing(connect(newer)) as db:
        db.execute("INSERT INTO trapwise_migrations (name) VALUES ('999_later')")
    with pytest.raises(StorageBroken, match="newer Trapwise"):
        await open_storage(newer)
    with closing(connect(others)) as db:
        db.execute("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(StorageBroken, match="another program's tables"):
        await open_storage(others)
    with closing(connect(others)) as db:
        assert tables(db) == ["invoices"]


async def test_a_migration_that_fails_leaves_nothing_half_done(pg_server: PgServer) -> None:
    url = pg_server.migrated()
    with closing(connect(url)) as db:
        db.execute("DELETE FROM trapwise_migrations WHERE name >= '010'")  # its table is there already
    with pytest.raises(StorageBroken, match="could not be brought to schema"):
        await open_storage(url)
    with closing(connect(url)) as db:
        assert db.execute("SELECT max(name) FROM trapwise_migrations").fetchone() == ("009_processes",)
        assert db.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)


def test_keys_go_on_after_the_highest(pg_url: str) -> None:
    with closing(connect(pg_url)) as db:
        add = "INSERT INTO workspaces ({}platform, ref, name, made_at) VALUES ({}'web', '{}', '', 0) RETURNING id"
        db.execute(add.format("id, ", "41, ", "a").encode())
        restart_keys(db)
        assert db.execute(add.format("", "", "b").encode()).fetchone() == (42,)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("CREATE TABLE x (a INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID", "CREATE TABLE x (a BIGINT PRIMARY KEY)"),
        ("json_extract(v.body, '$.domain')", "(v.body::json ->> 'domain')"),
        ("WHERE a = ? AND b LIKE '5%'", "WHERE a = %s AND b LIKE '5%%'"),
    ],
)
def test_statements_of_migrations_are_translated(ours: str, theirs: str) -> None:
    assert translated(ours) == theirs
