"""A start that dies in the middle of a migration."""

import asyncio
import random
import re
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from storage import open_storage
from storage.connection import connect
from storage.schema import migrations
from storage.version import LATEST
from tests.support.crash_bot import environment
from tests.support.wire_discord_house import small_content

NAMES = [migration.name for migration in migrations.pending(Database(memory=True))]

_DATA = """
INSERT INTO workspaces (platform, ref, name, made_at) VALUES ('web', 'acme', 'Acme', 1);
INSERT INTO members (workspace, ref, name, made_at) VALUES (1, 'ana', 'Ana', 1);
"""

Schema = list[tuple[str, str]]


async def killed_while_migrating(folder: Path, rng: random.Random) -> None:
    """Of any earlier version, at any statement: the steps that were finished are there, and the next start goes on."""
    small_content(folder / "content")
    file = folder / "trapwise.db"
    since = rng.randrange(LATEST)
    _make(file, since)
    nth = rng.randint(1, _statements(since))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=folder,
        env=environment(folder, f"during_migration:{nth}", TRAPWISE_WEB_PORT="0"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert process.returncode == -signal.SIGKILL, f"statement {nth} after {since} was not reached: {error.decode()}"
    assert _schema(file) in [_of(schema) for schema in range(since, LATEST)], "half a migration is in the file"
    await (await open_storage(str(file))).close()
    assert _schema(file) == _of(LATEST)
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM members").fetchone() == (int(since > 0),)


def _make(file: Path, schema: int) -> None:
    if schema:
        with closing(connect(str(file))) as db:
            migrations.apply(Database(db), stop_before=NAMES[schema] if schema < LATEST else None)
            db.executescript(_DATA)
            db.execute(f"PRAGMA user_version = {schema}")


def _of(schema: int) -> Schema:
    if not schema:
        return []
    with closing(sqlite3.connect(":memory:")) as db:
        migrations.apply(Database(db), stop_before=NAMES[schema] if schema < LATEST else None)
        return _tables(db)


def _schema(file: Path) -> Schema:
    with closing(sqlite3.connect(file)) as db:
        return _tables(db)


def _tables(db: sqlite3.Connection) -> Schema:
    """Without what SQLite and the list of steps keep for themselves."""
    return db.execute(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '%sqlite%' ORDER BY name"
    ).fetchall()


def _statements(since: int) -> int:
    """How many statements of ours bring that version up to the present one."""
    seen: list[str] = []
    with closing(sqlite3.connect(":memory:")) as db:
        if since:
            migrations.apply(Database(db), stop_before=NAMES[since])
        db.set_trace_callback(seen.append)
        migrations.apply(Database(db))
        db.set_trace_callback(None)
    ours = re.compile(r"^\s*(--[^\n]*\n)*(CREATE|ALTER)\b", re.MULTILINE)
    return sum(1 for statement in seen if ours.match(statement) and "_sqlite_migrations" not in statement)
