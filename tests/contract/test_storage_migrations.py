"""Databases of earlier versions: brought to the present schema with all their data, or left as they were."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.app.rebuild import rebuild
from bot.core.errors import StorageBroken
from storage import open_storage
from storage.connection import connect
from storage.schema import migrations
from storage.version import LATEST
from tests.support.builders import a_workspace_ref

NAMES = [migration.name for migration in migrations.pending(Database(memory=True))]

# What a database of the first schema may hold, in its own columns.
_FIRST_DATA = """
INSERT INTO workspaces (platform, ref, name, made_at) VALUES ('web', 'acme', 'Acme', 1);
INSERT INTO channels (workspace, ref, name, made_at) VALUES (1, 'exam-prep', 'exam-prep', 1);
INSERT INTO members (workspace, ref, name, made_at) VALUES (1, 'ana', 'Ana', 1);
INSERT INTO keyring (name, value) VALUES ('web secret', 'abc');
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trapwise.db"


def _of_schema(file: Path, schema: int) -> None:
    with closing(connect(str(file))) as db:
        stop = NAMES[schema] if schema < len(NAMES) else None
        migrations.apply(Database(db), stop_before=stop)
        db.executescript(_FIRST_DATA)
        db.execute(f"PRAGMA user_version = {schema}")


def _schema_of(file: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").fetchall()


def test_the_latest_version_is_the_number_of_migrations() -> None:
    assert len(NAMES) == LATEST
    assert [name[:4] for name in NAMES] == [f"{n:03}_" for n in range(1, LATEST + 1)]


@pytest.mark.parametrize("schema", range(1, LATEST + 1))
async def test_a_database_of_any_earlier_version_is_brought_up_with_its_data(file: Path, schema: int) -> None:
    _of_schema(file, schema)
    storage = await open_storage(str(file))
    workspace = await storage.write(lambda tx: tx.people.workspace(a_workspace_ref(), "", None))  # type: ignore[arg-type]  # it exists, so no time is needed
    assert workspace.name == "Acme"
    assert await storage.read(lambda tx: tx.people.named(workspace.id, "ana")) is not None
    assert await storage.read(lambda tx: tx.keyring.get("web secret")) == "abc"
    assert await storage.maintain(rebuild) == ()
    await storage.close()
    fresh = file.with_name("fresh.db")
    await (await open_storage(str(fresh))).close()
    assert _schema_of(file) == _schema_of(fresh)


async def test_a_migration_that_fails_leaves_the_database_as_it_was(file: Path) -> None:
    _of_schema(file, 1)
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE attempts (in_the_way TEXT)")
    before = _schema_of(file)
    with pytest.raises(StorageBroken, match="attempts"):
        await open_storage(str(file))
    assert _schema_of(file) == before
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        db.execute("DROP TABLE attempts")
    await (await open_storage(str(file))).close()


async def test_a_start_that_was_killed_between_two_migrations_goes_on(file: Path) -> None:
    _of_schema(file, 2)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        # Killed after the second step was committed and before the version was noted.
        db.execute("PRAGMA user_version = 1")
    await (await open_storage(str(file))).close()
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (LATEST,)
