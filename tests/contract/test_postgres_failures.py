"""PostgreSQL going away at the worst moments: what was acknowledged is there, once, and callers are told rightly."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing

import pytest

from bot.app.ports import Tx
from bot.core.errors import SettingsError, StorageBroken, StorageBusy, StorageUncertain
from storage import OpenStorage, open_storage, postgres
from storage.postgres_connection import connect
from tests.support.pg_proxy import PgProxy
from tests.support.pg_server import PgServer


@pytest.fixture
async def proxy(pg_server: PgServer) -> AsyncIterator[PgProxy]:
    started = await PgProxy(pg_server.folder).start()
    yield started
    await started.stop()


@pytest.fixture
async def far(proxy: PgProxy, pg_url: str) -> AsyncIterator[OpenStorage]:
    """A storage behind the proxy."""
    opened = await open_storage(proxy.url(pg_url))
    yield opened
    await opened.close()


def _one_more(name: str) -> Callable[[Tx], int]:
    """Counts how often it was saved."""

    def add(tx: Tx) -> int:
        tx.keyring.settle(name, "0")
        count = int(tx.keyring.get(name) or 0) + 1
        tx.keyring.put(name, str(count))
        return count

    return add


async def _kept(url: str, name: str) -> str | None:
    storage = await open_storage(url)
    try:
        return await storage.read(lambda tx: tx.keyring.get(name))
    finally:
        await storage.close()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_connection_that_breaks_at_the_commit_saves_once(
    far: OpenStorage, proxy: PgProxy, pg_url: str, when: str
) -> None:
    assert await far.write(_one_more("n")) == 1
    proxy.at_commit = when  # type: ignore[assignment]  # one of the two, from the list above
    assert await far.write(_one_more("n")) == 2
    assert proxy.at_commit is None, "no commit came by"
    assert await _kept(pg_url, "n") == "2"


async def test_a_connection_that_breaks_before_is_made_again(far: OpenStorage, proxy: PgProxy, pg_url: str) -> None:
    runs = []

    def write(tx: Tx) -> int:
        runs.append(1)
        count = _one_more("n")(tx)
        if len(runs) == 1:
            proxy_loop.call_soon_threadsafe(proxy.cut)
            for _ in range(1_000):  # one of these finds the connection gone
                tx.keyring.get("n")
                time.sleep(0.005)
        return count

    proxy_loop = asyncio.get_running_loop()
    assert await far.write(write) == 1
    assert len(runs) == 2
    assert await _kept(pg_url, "n") == "1"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_a_restart_of_the_server_loses_and_doubles_nothing(
    pg_server: PgServer, pg_url: str, how: signal.Signals
) -> None:
    storage = await open_storage(pg_url)
    stop, sure = asyncio.Event(), dict.fromkeys(range(12), 0)
    pressed = {number: asyncio.Semaphore(0) for number in sure}

    async def press(number: int) -> None:
        while not stop.is_set():
            sure[number] = await storage.write(_one_more(str(number)))
            pressed[number].release()

    async def everybody(times: int) -> None:
        """Wait until each has pressed so often again."""
        for semaphore in pressed.values():
            while semaphore.locked() is False:
                await semaphore.acquire()
            for _ in range(times):
                await semaphore.acquire()

    pressing = [asyncio.create_task(press(number)) for number in sure]
    async with asyncio.timeout(30):
        for _ in range(2):
            await everybody(3)
            await asyncio.to_thread(pg_server.restart, how)
        await everybody(1)
        stop.set()
        await asyncio.gather(*pressing)
    kept = await storage.read(lambda tx: {number: int(tx.keyring.get(str(number)) or 0) for number in sure})
    await storage.close()
    # What was in doubt when the server died is run again, so a count may be ahead of what was told, by what was lost
    # on the way. It is never behind.
    assert all(kept[number] >= sure[number] for number in sure)
    assert how is signal.SIGQUIT or kept == sure


async def test_silence_is_noticed_and_told_and_ends(
    monkeypatch: pytest.MonkeyPatch, far: OpenStorage, proxy: PgProxy, pg_url: str
) -> None:
    monkeypatch.setattr(postgres, "STUCK", 0.5)
    monkeypatch.setattr(postgres, "PATIENCE", 3.0)
    assert await far.write(_one_more("n")) == 1
    proxy.hush(True)
    async with asyncio.timeout(30):
        with pytest.raises((StorageBusy, StorageUncertain)):
            await far.write(_one_more("n"))
        proxy.hush(False)
        count = await far.write(_one_more("n"))
    assert await _kept(pg_url, "n") == str(count)


async def test_who_stands_still_in_a_transaction_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, pg_url: str, proxy: PgProxy
) -> None:
    monkeypatch.setattr(postgres, "STUCK", 30)
    storage, other = await open_storage(proxy.url(pg_url)), await open_storage(pg_url)
    await other.write(_one_more("n"))
    loop, held = asyncio.get_running_loop(), asyncio.Event()

    def freeze(tx: Tx) -> None:
        tx.keyring.put("n", "frozen")
        loop.call_soon_threadsafe(proxy.hush, True)
        loop.call_soon_threadsafe(held.set)
        time.sleep(0.2)
        tx.keyring.get("n")

    async with asyncio.timeout(30):
        frozen = asyncio.create_task(storage.write(freeze))
        await held.wait()
        assert await other.write(_one_more("n")) == 2
        monkeypatch.setattr(postgres, "STUCK", 0.1)
        proxy.hush(False)
        # Its patience may have run out by now; what it would have saved is lost with it.
        await asyncio.gather(frozen, return_exceptions=True)
        assert (await other.read(lambda tx: tx.keyring.get("n"))) in ("2", "frozen")
        await storage.close()
        await other.close()


async def test_a_password_is_in_no_error(proxy: PgProxy) -> None:
    with pytest.raises(StorageBusy) as refused:
        await open_storage(proxy.url("postgresql://x@/nowhere?host=x"))
    assert "nowhere" in str(refused.value)
    assert "s3cret" not in str(refused.value)
    with pytest.raises(SettingsError) as unread:
        await open_storage("postgresql://trapwise:s3cret@[host/x")
    assert "s3cret" not in str(unread.value)
    assert "s3cret" not in repr(unread.value.__context__)


async def test_another_encoding_is_refused(pg_server: PgServer) -> None:
    with closing(connect(pg_server.url("postgres"))) as db:
        db.execute("DROP DATABASE IF EXISTS latin")
        db.execute("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    with pytest.raises(StorageBroken, match="UTF8"):
        await open_storage(pg_server.url("latin"))


async def test_an_unreachable_server_is_waited_for_and_then_named(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setattr(postgres, "PATIENCE", 0.5)
    with pytest.raises(StorageBusy, match=f"{unused_tcp_port} can't be reached"):
        await open_storage(f"postgresql://trapwise@127.0.0.1:{unused_tcp_port}/x")
