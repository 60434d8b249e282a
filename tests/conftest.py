"""Fixtures that more than one kind of test uses: a clock to set, and storage of every sort."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from storage import OpenStorage, open_storage
from tests.support.builders import SettableClock

Reopen = Callable[[], Awaitable[OpenStorage]]


@pytest.fixture
def clock() -> SettableClock:
    """Stands at builders.NOW until it is set."""
    return SettableClock()


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The address of a database file that doesn't exist yet."""
    return f"sqlite:///{tmp_path / 'trapwise.db'}"


@pytest.fixture(params=["sqlite-memory", "sqlite-file"])
async def storage(request: pytest.FixtureRequest, database: str) -> AsyncIterator[OpenStorage]:
    """An empty storage, once of each sort."""
    opened = await open_storage("sqlite://:memory:" if request.param == "sqlite-memory" else database)
    yield opened
    await opened.close()


@pytest.fixture
async def reopened(database: str) -> AsyncIterator[Reopen]:
    """Opens the database file; each further call closes it before, as a restart does."""
    held: list[OpenStorage] = []

    async def reopen() -> OpenStorage:
        while held:
            await held.pop().close()
        held.append(await open_storage(database))
        return held[0]

    yield reopen
    while held:
        await held.pop().close()
