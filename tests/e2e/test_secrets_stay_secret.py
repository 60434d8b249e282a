"""No secret gets out, whatever fails: every output, log, reply and the database are searched for them."""

import asyncio
import logging
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.config import SETTINGS, Settings, of, variable
from bot.logs import Redacted
from bot.setting import Secret
from tests.e2e.test_discord_process import bot as discord_bot
from tests.support import wire_discord_world as world
from tests.support.crash_bot import environment
from tests.support.process import Browser
from tests.support.process import running as web_bot
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, ANA, button, small_content
from tests.support.wire_slack import APP_TOKEN, BOT_TOKEN, CLIENT_SECRET, SIGNING_SECRET, FakeSlack
from tests.support.wire_slack_house import ENCRYPTION_KEY, HTTP, SOCKET, process
from tests.support.wire_slack_members import Hands

MARK = "Marked7Qk2vXz"
TOKENS = {
    "SLACK_BOT_TOKEN": f"xoxb-1-{MARK}",
    "SLACK_APP_TOKEN": f"xapp-1-{MARK}",
    "SLACK_SIGNING_SECRET": f"signs{MARK}",
    "SLACK_CLIENT_SECRET": f"client{MARK}",
    "SLACK_ENCRYPTION_KEY": f"seals{MARK}",
    "DISCORD_TOKEN": f"discord.{MARK}.token",
    "TRAPWISE_WEB_JOIN_CODE": f"join{MARK}",
}
LOUD = {"TRAPWISE_LOG_LEVEL": "debug"}
SLACK_SECRETS = (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, CLIENT_SECRET, ENCRYPTION_KEY)


def clean(text: str, secrets: tuple[str, ...]) -> None:
    """Fail if a secret is in the text, and show where."""
    for secret in secrets:
        at = text.find(secret)
        assert at < 0, f"a secret got out: {text[max(0, at - 300) : at + 60]}"


def clean_files(folder: Path, secrets: tuple[str, ...]) -> None:
    """Fail if a secret is in a file that the bot wrote: the database, its log, its lock."""
    written = [path for path in folder.glob("*") if path.is_file()]
    assert any(path.name == "trapwise.db" for path in written)
    for path in written:
        assert [secret for secret in secrets if secret.encode() in path.read_bytes()] == [], path.name


def break_tables(folder: Path) -> None:
    """Let every query about rounds and answers fail from now on: rounds that were read are kept in memory."""
    with closing(sqlite3.connect(folder / "trapwise.db", timeout=10)) as db:
        for number, table in enumerate(("rounds", "responses")):
            db.execute(f"ALTER TABLE {table} RENAME TO broken{number}")


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({"TRAPWISE_WEB_PORT": "eighty"}, id="a wrong value"),
        pytest.param({"TRAPWISE_WEBPORT": MARK}, id="an unknown name"),
        pytest.param({"TRAPWISE_WEB_PORT": f"xoxb-{MARK}"}, id="a token where a number belongs"),
        pytest.param({"DISCORD_SHARD_IDS": f"discord.{MARK}"}, id="a token where shards belong"),
        pytest.param({"TRAPWISE_DATABASE": f"postgresql://me:{MARK}@db.example/x"}, id="another database"),
        pytest.param({"TRAPWISE_PACK": "none"}, id="no such pack"),
        pytest.param({"SLACK_BOT_TOKEN": f"wrong{MARK}"}, id="no Slack token"),
        pytest.param({"SLACK_CLIENT_ID": "1.2"}, id="both kinds of Slack"),
        pytest.param({"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "SLACK_CLIENT_ID": "1.2"}, id="a bad key"),
    ],
)
async def test_a_start_that_fails_names_no_secret(tmp_path: Path, faults: dict[str, str]) -> None:
    code, out = await told_by("run", tmp_path, faults)
    assert code == 1, out
    clean(out, (MARK,))


@pytest.mark.parametrize("faults", [{}, {"TRAPWISE_DATABASE": f"postgresql://me:{MARK}@db.example/x"}], ids=["", "bad"])
async def test_the_check_names_no_secret(tmp_path: Path, faults: dict[str, str]) -> None:
    _, out = await told_by("check", tmp_path, faults)
    clean(out, (MARK,))


async def told_by(command: str, folder: Path, faults: dict[str, str]) -> tuple[int | None, str]:
    """The exit code and all output of a command, with every secret set and nobody to connect to."""
    small_content(folder / "content")
    offline = {"SLACK_API_BASE_URL": "http://127.0.0.1:9/", "DISCORD_API_BASE": "http://127.0.0.1:9/api"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", command),
        cwd=folder,
        env=environment(folder, "", **offline, **TOKENS | LOUD | faults),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 40)
    assert len(out) > 20
    return process.returncode, out.decode()


@pytest.mark.parametrize("settings", [SOCKET, HTTP], ids=["socket", "http"])
async def test_slack_failures_name_no_secret(tmp_path: Path, settings: dict[str, str]) -> None:
    slack = await FakeSlack().start()
    admin, ben = slack.user("U0", "Ana", admin=True), slack.user("U1", "Ben")
    channel, hands = slack.channel("C1", "exam-prep"), Hands(slack)
    try:
        async with process(tmp_path, slack, {**settings, **LOUD}) as bot:
            await hands.command(admin, channel, "/trapwise schedule 10:00 UTC")
            await slack.until(lambda: admin.sees)
            slack.fail("chat.postMessage", error="internal_error")
            slack.fail("chat.postMessage", error="invalid_auth")
            await hands.command(admin, channel, "/trapwise post-now")
            await slack.until(lambda: len(admin.sees) > 1)
            await slack.until(lambda: len(slack.called("chat.postMessage")) > 0)
            break_tables(tmp_path)
            seen = len(ben.sees)
            await hands.command(ben, channel, "/quiz here")
            await slack.until(lambda: len(ben.sees) > seen)
            assert "ref " in str(ben.sees[-1])
            assert await bot.stop() == 0
            assert bot.process.stdout is not None
            told = bot.log + (await bot.process.stdout.read()).decode()
        assert "Traceback" in told
        clean(told + str(admin.sees) + str(ben.sees) + str(channel.messages), SLACK_SECRETS)
        clean_files(tmp_path, SLACK_SECRETS)
    finally:
        await slack.stop()


async def test_a_slack_token_that_is_refused_is_not_named(tmp_path: Path) -> None:
    slack = await FakeSlack().start()
    given = {name: TOKENS[name] for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")}
    try:
        with pytest.raises(AssertionError, match="SLACK_") as refused:
            async with process(tmp_path, slack, given | LOUD):
                pass
        clean(str(refused.value), (MARK,))
        clean_files(tmp_path, (MARK,))
    finally:
        await slack.stop()


async def test_discord_failures_name_no_secret(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    channel = discord.channel(discord.guild())
    small_content(tmp_path / "content")
    try:
        async with discord_bot(tmp_path, discord, TRAPWISE_LOG_LEVEL="debug") as process:
            await discord.connected()
            opened = await discord.command(ADMIN, channel, "trapwise-admin setup")
            await discord.until(lambda: opened.callback)
            await discord.answer(await discord.submit(opened))
            await discord.answer(await discord.command(ADMIN, channel, "trapwise-admin post-now"))
            await discord.until(lambda: discord.posts(channel))
            [post] = discord.posts(channel)
            discord.trouble("POST", "/callback", status=500)
            discord.trouble("POST", "/callback", status=401)
            discord.trouble("PATCH", f"/messages/{post['id']}", status=401)
            for letter in "AB":
                await discord.press(ANA, post, button(post, letter)["custom_id"])
            await discord.until(lambda: len(discord.requests("POST", "/callback")) >= 4)
            break_tables(tmp_path)
            answered = await discord.answer(await discord.press(ANA, post, button(post, "C")["custom_id"]))
            assert "ref" in str(answered)
            process.send_signal(signal.SIGTERM)
            out, log = await asyncio.wait_for(process.communicate(), 20)
        assert b"Traceback" in log
        tokens = (world.TOKEN, *(interaction.token for interaction in discord.interactions.values()))
        clean((out + log).decode() + str(discord.messages), (world.TOKEN,))
        clean((out + log).decode(), tokens)
        clean_files(tmp_path, tokens)
    finally:
        await discord.stop()


async def test_web_failures_name_no_secret(tmp_path: Path) -> None:
    code = TOKENS["TRAPWISE_WEB_JOIN_CODE"]
    pages = []
    async with web_bot(tmp_path, {"TRAPWISE_WEB_JOIN_CODE": code, **LOUD}) as bot, Browser.opened(bot.url) as person:
        pages.append(await person.get("/"))
        pages.append(await person.post("/join", name="Ana", code="wrong"))
        pages.append(await person.post("/join", name="Ana", code=code))
        pages.append(await person.get("/c"))
        break_tables(tmp_path)
        pages.append(await person.get("/c"))
        pages.append(await person.post("/press", token="tw1:a:1:A", place="channel"))
        assert "NOT saved" in pages[-1]
        await bot.stop()
    log = (tmp_path / "bot.log").read_text()
    assert "Traceback" in log
    with closing(sqlite3.connect(tmp_path / "trapwise.db")) as db:
        keys = tuple(value for (value,) in db.execute("SELECT value FROM keyring WHERE name LIKE '%secret%'"))
    assert keys
    clean(log + "".join(pages), (code, MARK, *keys))
    clean_files(tmp_path, (code,))


def test_every_setting_that_is_a_secret_is_marked() -> None:
    assert {variable(one.name) for one in SETTINGS if "Secret" in str(one.type)} == set(TOKENS)
    settings = of(TOKENS)
    read = {variable(name): getattr(settings, name) for name in settings.given}
    assert read == {name: Secret(text) for name, text in TOKENS.items()}
    clean(f"{settings} {settings!r}", tuple(TOKENS.values()))


def test_a_database_password_is_neither_shown_nor_logged() -> None:
    written, meant = f"{MARK}%40x", f"{MARK}@x"
    settings = Settings(database=f"postgresql://me:{written}@db.example/x")
    clean(f"{settings} {settings!r}", (MARK,))
    for said in (settings.database, f"can't connect as me with {meant}", f"can't connect as me with {written}"):
        record = logging.makeLogRecord({"msg": said, "levelno": logging.ERROR, "levelname": "ERROR"})
        clean(Redacted(settings.secrets).format(record), (MARK,))
