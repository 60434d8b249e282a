"""Fixtures that more than one kind of test uses: a clock to set, and storage of every sort."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from storage import OpenStorage, open_storage
from tests.support.builders import SettableClock
from tests.support.pg_server import PgServer

Reopen = Callable[[], Awaitable[OpenStorage]]


@pytest.fixture
def clock() -> SettableClock:
    """Stands at builders.NOW until it is set."""
    return SettableClock()


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The address of a database file that doesn't exist yet."""
    return f"sqlite:///{tmp_path / 'trapwise.db'}"


@pytest.fixture(scope="session")
def pg_server() -> PgServer:
    """A PostgreSQL server for the tests of this process; skipped where there is none."""
    return PgServer.made()


@pytest.fixture
def pg_url(pg_server: PgServer) -> str:
    """The address of an empty PostgreSQL database whose tables are made."""
    return pg_server.migrated()


@pytest.fixture(params=["sqlite-memory", "sqlite-file", "postgresql"])
async def storage(request: pytest.FixtureRequest, database: str) -> AsyncIterator[OpenStorage]:
    """An empty storage, once of each sort."""
    urls = {"sqlite-memory": "sqlite://:memory:", "sqlite-file": database}
    opened = await open_storage(urls.get(request.param) or request.getfixturevalue("pg_url"))
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def reopened(request: pytest.FixtureRequest, database: str) -> AsyncIterator[Reopen]:
    """Opens the same database; each further call closes it before, as a restart does."""
    url = database if request.param == "sqlite" else request.getfixturevalue("pg_url")
    held: list[OpenStorage] = []

    async def reopen() -> OpenStorage:
        while held:
            await held.pop().close()
        held.append(await open_storage(url))
        return held[0]

    yield reopen
    while held:
        await held.pop().close()
