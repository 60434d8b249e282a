"""The real process, `python -m bot run`, against the fake Discord: from the first start to a restart."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support import wire_discord_rules as rules
from tests.support import wire_discord_world as world
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, ANA, button, small_content, text
from tests.support.wire_discord_world import Person

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def bot(
    folder: Path, discord: FakeDiscord, *, at: tuple[str, ...] = (), **more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot as a process; killed in the end if it still runs. With `at`, under a clock that the test lets jump."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))}
    settings = {
        "TRAPWISE_DATABASE": f"sqlite:///{folder / 'trapwise.db'}",
        "TRAPWISE_CONTENT": str(folder / "content"),
        "TRAPWISE_PACK": "my-exam",
        "TRAPWISE_ZONE": "Europe/Berlin",
        "PYTHONPATH": str(ROOT),
        **discord.environment(),
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(("-m", "tests.support.wire_discord_process", *at) if at else ("-m", "bot", "run")),
        cwd=folder,
        env={**kept, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_from_the_first_start_to_a_restart(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    channel = discord.channel(discord.guild())
    small_content(tmp_path / "content")
    try:
        async with bot(tmp_path, discord) as process:
            await discord.connected()
            assert {command["name"] for command in discord.commands} >= {"trapwise", "leaderboard", "stats"}
            opened = await discord.command(ADMIN, channel, "trapwise-admin setup")
            await discord.until(lambda: opened.callback)
            saved = await discord.answer(await discord.submit(opened))
            assert "Saved." in text(saved)
            assert "Posted." in text(
                await discord.answer(await discord.command(ADMIN, channel, "trapwise-admin post-now"))
            )
            await discord.until(lambda: discord.posts(channel))
            [post] = discord.posts(channel)
            pressed = await discord.press(ANA, post, button(post, "A")["custom_id"])
            assert "### " in text(await discord.answer(pressed))
            process.send_signal(signal.SIGTERM)
            _, log = await asyncio.wait_for(process.communicate(), 20)
            assert process.returncode == 0, log.decode()
            assert b"Traceback" not in log, log.decode()
        async with bot(tmp_path, discord):
            await discord.connected(2)
            again = await discord.press(ANA, post, button(post, "B")["custom_id"])
            assert "You already chose A" in text(await discord.answer(again))
            assert len(discord.syncs) == 1
        assert not discord.faults, discord.faults
    finally:
        await discord.stop()


async def test_a_wrong_token_ends_with_what_to_do_and_without_the_token(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    small_content(tmp_path / "content")
    try:
        async with bot(tmp_path, discord, DISCORD_TOKEN="wrong.secret.token") as process:
            out, log = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        assert b"DISCORD_TOKEN" in log
        assert b"wrong.secret.token" not in out + log
        assert discord.gateway.identifies == []
    finally:
        await discord.stop()


async def test_a_day_a_crash_and_an_exam_as_a_process(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    guild = discord.guild()
    channel, forum = discord.channel(guild), discord.channel(guild, kind=world.FORUM, name="study")
    thread = discord.channel(guild, kind=world.PUBLIC_THREAD, parent=channel.id, name="side room")
    post = discord.channel(guild, kind=world.PUBLIC_THREAD, parent=forum.id, name="Daily")
    places = (channel, thread, post)
    small_content(tmp_path / "content")
    before, nearly_nine = "2020-11-23T07:30:00+00:00", "2020-11-23T07:59:59+00:00"
    later, nearly_five = "2020-11-23T08:50:00+00:00", "2020-11-23T15:59:59+00:00"

    async def press(person: Person, card: dict[str, Any], label: str) -> dict[str, Any]:
        return await discord.answer(await discord.press(person, card, button(card, label)["custom_id"]))

    async def say(person: Person, line: str) -> dict[str, Any]:
        return await discord.answer(await discord.command(person, channel, line))

    try:
        async with bot(tmp_path, discord, at=(before, nearly_nine)) as process:
            await discord.connected()
            for place in places:
                opened = await discord.command(ADMIN, place, "trapwise-admin setup")
                await discord.until(lambda found=opened: found.callback)  # type: ignore[misc]  # a bound default
                await discord.answer(await discord.submit(opened, time="09:00", zone="Europe/Berlin"))
            assert [discord.posts(place) for place in places] == [[], [], []]
            process.send_signal(signal.SIGUSR1)
            await discord.until(lambda: all(discord.posts(place) for place in places))
            question = discord.posts(channel)[0]
            # Thirty at once, on a machine that may do much else; tests of single presses hold to three seconds.
            discord.deadline = 10.0
            crowd = [Person(id=600 + n, name=f"Member {n}") for n in range(30)]
            pressed = [await discord.press(p, question, button(question, "A")["custom_id"]) for p in crowd]
            told = [await discord.answer(found) for found in pressed]
            assert all("### " in text(card) and card["flags"] & rules.EPHEMERAL for card in told)
            for place in places[1:]:
                assert "### " in text(await press(ANA, discord.posts(place)[0], "B"))
            await discord.until(lambda: "30 people have answered" in text(discord.posts(channel)[0]))
            practice = await say(ANA, "quiz")
            assert practice["flags"] & rules.EPHEMERAL
            assert "Practice · 1 of" in text(practice)
            assert "### " in text(await press(ANA, practice, "A"))
            exam = await press(ANA, await say(ANA, "exam"), "B")
            for interaction in discord.interactions.values():
                interaction.expired = True
            exam = await press(ANA, exam, "Next")
            assert "question 2 of 4" in text(exam)
            exam = await press(ANA, exam, "B")
            process.kill()
            await process.wait()
        for interaction in discord.interactions.values():
            interaction.expired = True
        async with bot(tmp_path, discord, at=(later, nearly_five)) as process:
            await discord.connected(2)
            assert "You already chose A" in text(await press(crowd[0], question, "B"))
            for number in (3, 4):
                exam = await press(ANA, exam, "Next")
                assert f"question {number} of 4" in text(exam)
                exam = await press(ANA, exam, "B")
            done = await press(ANA, await press(ANA, exam, "Submit"), "Submit")
            assert "of 4" in text(done)
            assert list(discord.files(done)) == ["chart-1.png"]
            process.send_signal(signal.SIGUSR1)
            await discord.until(lambda: all("closed" in text(discord.posts(place)[0]) for place in places))
            assert "30 answered" in text(discord.posts(channel)[0])
            assert "All options explained" in text(await press(ANA, discord.posts(channel)[0], "Why?"))
            board = await say(ANA, "leaderboard")
            assert "Member" in text(board)
            assert "Where you stand" in text(await say(ANA, "stats"))
        assert [len(discord.posts(place)) for place in places] == [1, 1, 1]
        assert len(discord.syncs) == 1
        assert not discord.faults, discord.faults
    finally:
        await discord.stop()
