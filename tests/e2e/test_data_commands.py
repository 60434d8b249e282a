"""The commands on data against a running bot: backed up while people answer, lost, restored, and gone on with."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.support.process import ROOT, Browser, answer_tokens, running

pytestmark = pytest.mark.timeout(120)


async def _trapwise(folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command as a host would, in the bot's folder; exit code and all it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRAPWISE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "TRAPWISE_DATABASE": str(folder / "trapwise.db"), **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


async def _people(url: str, names: list[str], letter: int) -> None:
    """Join and answer the open question, all at once."""

    async def one(name: str) -> None:
        async with Browser.opened(url) as person:
            tokens = answer_tokens(await person.join(name))
            page = await person.post("/press", token=tokens[letter], place="channel")
            assert "chose" in page or "Right: " in page

    await asyncio.gather(*(one(name) for name in names))


async def test_a_backup_made_while_people_answer_restores_all_of_it(tmp_path: Path) -> None:
    backup = tmp_path / "kept.db"
    async with running(tmp_path) as bot:
        await _people(bot.url, [f"early {n}" for n in range(6)], 0)
        late = asyncio.create_task(_people(bot.url, [f"late {n}" for n in range(6)], 1))
        code, said = await _trapwise(tmp_path, "data", "backup", str(backup))
        assert code == 0, said
        await late
        code, said = await _trapwise(tmp_path, "data", "check")
        assert code == 0, said
        assert "12 members, 1 round, 12 answers" in said
        for refused in (["restore", str(backup)], ["rebuild"], ["forget", "--member", "early 1", "--yes"]):
            code, said = await _trapwise(tmp_path, "data", *refused)
            assert (code, "Stop that one first" in said) == (1, True), said
        assert await bot.stop() == 0

    code, said = await _trapwise(tmp_path, "data", "forget", "--member", "early 1", "--yes")
    assert code == 0, said
    code, said = await _trapwise(tmp_path, "data", "restore", str(backup))
    assert code == 0, said
    assert "before-restore" in said
    code, said = await _trapwise(tmp_path, "data", "check")
    assert code == 0, said

    async with running(tmp_path) as bot, Browser.opened(bot.url) as person:
        assert len(answer_tokens(await person.join("newcomer"))) >= 4
        assert "is called EARLY 1 already" in await _join_again(bot.url, "EARLY 1"), (
            "whoever was in the backup is there"
        )
        code, said = await _trapwise(tmp_path, "data", "export", "--member", "early 1", "--out", "early.zip")
        assert code == 0, said
        assert await bot.stop() == 0


async def _join_again(url: str, name: str) -> str:
    async with Browser.opened(url) as person:
        await person.get("/")
        return await person.post("/join", name=name)


async def test_check_tells_a_running_bot_from_a_stranger_on_its_port(tmp_path: Path) -> None:
    async with running(tmp_path) as bot:
        port = bot.url.rsplit(":", 1)[1].strip("/")
        code, said = await _trapwise(tmp_path, "check", TRAPWISE_WEB_PORT=port)
        assert code == 0, said
        assert "A Trapwise has it open." in said
        assert f"A Trapwise listens on 127.0.0.1, port {port} and is well." in said
        assert await bot.stop() == 0
    code, said = await _trapwise(tmp_path, "check", TRAPWISE_WEB_PORT="0")
    assert code == 0, said
    assert "is sound, with 0 answers" in said


async def test_help_of_the_commands_is_quick_and_complete(tmp_path: Path) -> None:
    for arguments, expected in (
        (["data", "--help"], "backup"),
        (["data", "restore", "--help"], "The bot has to be stopped"),
        (["check", "--help"], "ok, warning or fault"),
    ):
        code, said = await _trapwise(tmp_path, *arguments)
        assert code == 0, said
        assert expected in " ".join(said.split())
