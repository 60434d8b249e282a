"""Processes are brought to a newer version one by one: those of the version before go on, as long as it only adds."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from bot.core.errors import StorageBroken
from storage import open_storage, postgres_schema, version
from storage.postgres import prepare
from storage.postgres_connection import connect
from storage.schema import migrations
from storage.version import EXPANDS, LATEST, works_since
from tests.support.builders import TODAY, a_response, a_team, an_open_round


@contextmanager
def _newer(*, expands: bool) -> Iterator[None]:
    """As the next version of Trapwise would be, which has one migration more."""
    later = Migrations("trapwise")

    @later(name=f"{LATEST + 1:03}_later")
    def add(db: Database) -> None:
        db.execute(
            "CREATE TABLE later (workspace INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (workspace, n)) STRICT"
        )
        db.execute("ALTER TABLE members ADD COLUMN nickname TEXT")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrations, "_migrations", [*migrations._migrations, *later._migrations])
        patched.setattr(postgres_schema, "LATEST", LATEST + 1)
        patched.setattr(version, "EXPANDS", EXPANDS | {LATEST + 1} if expands else EXPANDS)
        yield


async def test_the_version_before_goes_on_and_starts_anew_while_tables_are_added(pg_url: str) -> None:
    old = await open_storage(pg_url)
    team = await old.write(lambda tx: a_team(tx, members=("Ana", "Ben")))
    round_ = await old.write(lambda tx: an_open_round(tx, team, TODAY))
    with _newer(expands=True):
        await asyncio.to_thread(prepare, pg_url)
    another = await open_storage(pg_url)
    for storage, name in ((old, "Ana"), (another, "Ben")):
        response = a_response(round_, team.members[name])
        assert await storage.write(lambda tx, r=response: tx.responses.add(team.workspace.id, r))  # type: ignore[misc]  # mypy can't infer it
        await storage.close()
    with closing(connect(pg_url)) as db:
        assert db.execute("SELECT count(*) FROM responses").fetchone() == (2,)
        assert db.execute("SELECT count(*) FROM trapwise_migrations").fetchone() == (LATEST + 1,)


async def test_the_version_before_is_refused_where_more_was_changed(pg_url: str) -> None:
    with _newer(expands=False):
        await asyncio.to_thread(prepare, pg_url)
    with pytest.raises(StorageBroken, match="newer Trapwise"):
        await open_storage(pg_url)


def test_what_expands_reaches_back_to_the_last_that_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "EXPANDS", frozenset({5, 6, 8}))
    assert [works_since(number) for number in (4, 5, 6, 7, 8)] == [4, 4, 4, 7, 7]
