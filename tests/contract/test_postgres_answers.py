"""An answer whose commit was in doubt: saved once, and the member is told that it is theirs, not that they had one."""

from collections.abc import AsyncIterator

import pytest

from bot.app.rebuild import rebuild
from storage import postgres
from tests.support.app_house import ANA, BEN, House, open_house, words
from tests.support.pg_proxy import PgProxy
from tests.support.pg_server import PgServer


@pytest.fixture
async def proxy(pg_server: PgServer) -> AsyncIterator[PgProxy]:
    started = await PgProxy(pg_server.folder).start()
    yield started
    await started.stop()


@pytest.fixture
async def house(proxy: PgProxy, pg_url: str) -> AsyncIterator[House]:
    """A house whose network to its database can fail."""
    async with open_house(database=proxy.url(pg_url)) as opened:
        yield opened


async def _answered(house: House, proxy: PgProxy, when: str) -> None:
    await house.schedule()
    round_ = await house.opened()
    proxy.at_commit = when  # type: ignore[assignment]  # before or after
    said = words(await house.answer(ANA, round_, round_.item.key))
    assert proxy.at_commit is None, "no commit came by"
    assert "Right" in said
    assert "already" not in said
    assert "already" in words(await house.answer(ANA, round_, round_.item.key))
    assert "Right" in words(await house.answer(BEN, round_, round_.item.key))
    assert dict(await house.look(lambda tx: tx.rounds.tally(round_.workspace, round_.id))) == {round_.item.key: 2}
    assert await house.storage.maintain(rebuild) == ()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_connection_that_breaks_at_the_commit_of_an_answer(house: House, proxy: PgProxy, when: str) -> None:
    await _answered(house, proxy, when)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_after_a_restart_of_the_server_the_press_is_run_again_and_finds_itself(
    monkeypatch: pytest.MonkeyPatch, house: House, proxy: PgProxy, when: str
) -> None:
    # Every connection seems to be to a server that was started anew, as it would be after a crash.
    began = postgres._Session.begun
    servers = iter(range(1_000))

    def another(*given: object) -> postgres._Session:
        found = began(*given)  # type: ignore[arg-type]  # handed on
        return postgres._Session(found.db, found.writing, found.reading, f"{found.server}/{next(servers)}")

    monkeypatch.setattr(postgres._Session, "begun", staticmethod(another))
    await _answered(house, proxy, when)
