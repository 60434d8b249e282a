"""Kill the process while people answer: what was confirmed is there afterwards, and nothing is posted twice."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.support.process import BotProcess, Browser, answer_tokens, running, start

PEOPLE = 12


async def _answer_until_killed(bot: BotProcess, people: list[Browser], tokens: list[str]) -> dict[int, str]:
    """Everybody presses at once; the process dies as soon as a few have their confirmation on screen."""
    confirmed: dict[int, str] = {}
    enough = asyncio.Event()

    async def one(number: int, person: Browser) -> None:
        letter = "ABCD"[number % 4]
        try:
            page = await person.post("/press", token=tokens[number % 4], place="channel")
        except (aiohttp.ClientError, OSError):
            return
        if f"chose {letter}" in page or f"Right: {letter}" in page:
            confirmed[number] = letter
        if len(confirmed) >= PEOPLE // 3:
            enough.set()

    pressing = [asyncio.create_task(one(number, person)) for number, person in enumerate(people)]
    async with asyncio.timeout(20):
        await enough.wait()
    await bot.kill()
    await asyncio.gather(*pressing)
    return confirmed


@pytest.mark.timeout(120)
async def test_confirmed_answers_survive_a_kill_and_the_round_is_posted_once(tmp_path: Path) -> None:
    bot = await start(tmp_path)
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(Browser.opened(bot.url)) for _ in range(PEOPLE)]
        pages = [await person.join(f"Person {number}") for number, person in enumerate(people)]
        tokens = answer_tokens(pages[0])
        assert len(tokens) >= 4
        confirmed = await _answer_until_killed(bot, people, tokens)
        assert len(confirmed) >= PEOPLE // 3

        async with running(tmp_path) as again:
            for number, letter in confirmed.items():
                people[number].url = again.url
                await people[number].get("/c")
                page = await people[number].post("/press", token=tokens[(number + 1) % 4], place="channel")
                assert f"You already chose {letter}" in page, f"person {number} lost an answer"
            page = await people[0].get("/c")
            assert page.count("Trap question ·") >= 1
            assert await again.stop() == 0

    db = sqlite3.connect(tmp_path / "trapwise.db")
    assert db.execute("SELECT count(*) FROM rounds").fetchone() == (1,)
    assert db.execute("SELECT count(*), count(DISTINCT member) FROM responses").fetchone()[0] >= len(confirmed)
    answers, people_counted = db.execute("SELECT count(*), count(DISTINCT member) FROM responses").fetchone()
    assert answers == people_counted
    assert db.execute("SELECT sum(count) FROM tallies").fetchone() == (answers,)
    assert db.execute("SELECT count(*) FROM standings").fetchone() == (answers,)
    db.close()


@pytest.mark.timeout(120)
async def test_a_second_start_keeps_everything(tmp_path: Path) -> None:
    async with running(tmp_path) as bot, Browser.opened(bot.url) as person:
        first = await person.join("Ana")
        assert await bot.stop() == 0
        async with running(tmp_path) as again:
            person.url = again.url
            second = await person.get("/c")
    assert answer_tokens(first) == answer_tokens(second)


async def test_two_bots_on_one_database_are_refused(tmp_path: Path) -> None:
    async with running(tmp_path):
        with pytest.raises(AssertionError, match="is in use by another Trapwise"):
            await start(tmp_path)


async def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        port = bot.url.rsplit(":", 1)[1].strip("/")
        other = tmp_path / "other"
        other.mkdir()
        with pytest.raises(AssertionError, match=f"can't listen on .*{port}.*Choose another port"):
            await start(other, {"TRAPWISE_WEB_PORT": port})
