"""`trapwise check`: what it finds, in words, and what it exits with."""

import asyncio
import json
import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import check as check_module
from bot.cli.check import check
from storage import open_storage
from tests.support.packs import item_entry, write_pack


@pytest.fixture(autouse=True)
def _sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder and settings in which all is well."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TRAPWISE_")]:
        monkeypatch.delenv(name)
    write_pack(tmp_path / "content")
    monkeypatch.setenv("TRAPWISE_CONTENT", str(tmp_path / "content"))
    monkeypatch.setenv("TRAPWISE_PACK", "my-exam")
    monkeypatch.setenv("TRAPWISE_DATABASE", f"sqlite:///{tmp_path / 'data' / 'trapwise.db'}")
    monkeypatch.setenv("TRAPWISE_WEB_PORT", "0")
    monkeypatch.setenv("TRAPWISE_ZONE", "Europe/Berlin")


def run() -> Result:
    return CliRunner().invoke(check)


def line(result: Result, begin: str) -> str:
    """The one line that begins like this."""
    (found,) = [line for line in result.output.splitlines() if " ".join(line.split()).startswith(begin)]
    return found


def make(path: Path) -> None:
    async def run() -> None:
        await (await open_storage(str(path))).close()

    asyncio.run(run())


def test_a_machine_on_which_all_is_well_passes() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert result.output.endswith("\nAll is well.\n")
    assert "Europe/Berlin." in line(result, "ok zone")
    assert "my-exam 1.0: 1 item ready." in line(result, "ok pack")
    assert "It is made at the first start." in line(result, "ok database")
    assert "on any free port" in line(result, "ok web")


def test_misspelt_settings_are_listed_and_the_rest_is_left_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAPWISE_DATABSE", "x")
    monkeypatch.setenv("TRAPWISE_WEB_PORT", "many")
    result = run()
    assert result.exit_code == 1
    assert result.output.count("fault    settings") == 2
    assert "Did you mean TRAPWISE_DATABASE?" in result.output
    assert "2 faults, 1 warning." in result.output


def test_every_fault_of_every_pack_is_listed(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    folder = write_pack(tmp_path / "more", items=[item_entry(key="e", kind="x")])
    folder.rename(tmp_path / "content" / "second")
    result = run()
    assert result.exit_code == 1
    assert result.output.count("items/basics.yaml:") >= 2
    assert "1 item ready" in line(result, "ok pack")


def test_a_pack_that_is_not_installed_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAPWISE_PACK", "other")
    result = run()
    assert result.exit_code == 1
    assert "TRAPWISE_PACK names other" in line(result, "fault pack")
    assert "Usable: my-exam" in line(result, "fault pack")


def test_a_folder_without_packs_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRAPWISE_CONTENT", str(tmp_path / "nowhere"))
    result = run()
    assert result.exit_code == 1
    assert "Usable: none" in line(result, "fault pack")


def test_a_zone_that_was_guessed_says_how_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRAPWISE_ZONE")
    assert "Set TRAPWISE_ZONE" in line(run(), "ok zone")


def test_a_sound_database_passes(tmp_path: Path) -> None:
    make(tmp_path / "data" / "trapwise.db")
    result = run()
    assert result.exit_code == 0, result.output
    assert "is sound, with 0 answers." in line(result, "ok database")


async def test_a_database_in_use_is_no_fault(tmp_path: Path) -> None:
    storage = await open_storage(str(tmp_path / "data" / "trapwise.db"))
    result = await asyncio.to_thread(run)
    await storage.close()
    assert result.exit_code == 0, result.output
    assert "A Trapwise has it open." in result.output


def test_a_file_that_is_no_database_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "trapwise.db").write_bytes(b"no database" * 500)
    result = run()
    assert result.exit_code == 1
    assert "is no database. Check the path" in line(result, "fault database")


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "trapwise.db").touch()
    assert "It is made at the first start." in line(run(), "ok database")


def test_a_newer_schema_is_a_fault_and_an_older_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "data" / "trapwise.db"
    make(path)
    for version, mark, said in ((999, "fault database", "Use that version"), (1, "ok database", "at the next start")):
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(f"PRAGMA user_version = {version}")
        assert said in line(run(), mark)


def test_a_database_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "data" / "trapwise.db"
    make(path)
    path.chmod(0o644)
    result = run()
    assert result.exit_code == 0
    assert f"chmod 600 {path}" in line(result, "warning database")


def test_a_dotenv_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("TRAPWISE_SUPPORT_URL=https://example.org\n")
    dotenv.chmod(0o644)
    assert "chmod 600 .env" in line(run(), "warning .env")
    dotenv.chmod(0o600)
    result = run()
    assert "Read; others on this machine can't" in line(result, "ok .env")
    assert result.exit_code == 0


def test_a_database_in_memory_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAPWISE_DATABASE", "sqlite://:memory:")
    assert "everything is lost" in line(run(), "warning database")


def test_an_unknown_kind_of_database_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAPWISE_DATABASE", "mysql://x")
    assert "can't open" in line(run(), "fault database")


@pytest.mark.parametrize(
    ("little", "none", "mark"),
    [(10**18, 0, "warning disk"), (10**18, 10**18, "fault disk"), (0, 0, "ok disk")],
)
def test_little_space_is_told(monkeypatch: pytest.MonkeyPatch, little: int, none: int, mark: str) -> None:
    # The limits are moved, not the disk.
    monkeypatch.setattr(check_module, "LITTLE_SPACE", little)
    monkeypatch.setattr(check_module, "NO_SPACE", none)
    assert "GB are free" in line(run(), mark)


def test_a_taken_port_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        monkeypatch.setenv("TRAPWISE_WEB_PORT", str(other.getsockname()[1]))
        result = run()
    assert result.exit_code == 1
    assert "Set TRAPWISE_WEB_PORT, or stop what uses it." in line(result, "fault web")


def test_half_of_slacks_settings_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-made-up")
    result = run()
    assert result.exit_code == 1
    assert "Socket Mode needs it" in line(result, "fault slack")


def test_slack_and_discord_are_told_without_their_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-made-up")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    monkeypatch.setenv("DISCORD_TOKEN", "a-made-up-token")
    result = run()
    assert "fit together" in line(result, "ok slack")
    assert "A token is set" in line(result, "ok discord")
    assert "made-up" not in result.output


@contextmanager
def _listening(answer: bytes) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer if self.path == "/healthz" else b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("health", "mark", "said"),
    [
        ({"ok": True, "database": "ok", "alarm_seconds_since_tick": 1.0}, "ok web", "is well"),
        ({"ok": False, "database": "it is full", "alarm_seconds_since_tick": 1.0}, "warning web", "it is full"),
        ({"ok": True}, "fault web", "stop what uses it"),
        (["?"], "fault web", "stop what uses it"),
    ],
)
def test_a_port_taken_by_our_own_bot_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, health: object, mark: str, said: str
) -> None:
    with _listening(json.dumps(health).encode()) as port:
        monkeypatch.setenv("TRAPWISE_WEB_PORT", str(port))
        assert said in line(run(), mark)


def test_an_open_web_space_without_a_join_code_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAPWISE_WEB_HOST", "0.0.0.0")  # noqa: S104  that is what is refused
    result = run()
    assert result.exit_code == 1
    assert "Set a join code" in line(result, "fault web")


def test_a_web_space_that_is_off_needs_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAPWISE_WEB", "off")
    monkeypatch.setenv("TRAPWISE_WEB_PORT", "1")
    assert "is off" in line(run(), "ok web")


def test_nothing_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAPWISE_WEB_JOIN_CODE", "open-sesame")
    assert "open-sesame" not in run().output


def test_backups_are_told_and_late_ones_warned_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    database = tmp_path / "data" / "trapwise.db"
    monkeypatch.setenv("TRAPWISE_DATABASE", str(database))

    def said() -> tuple[str, str]:
        (found,) = [finding for finding in check_module.findings() if finding.subject == "backups"]
        return found.mark, found.sentence

    folder = database.parent / "backups"
    assert said() == ("ok", f"One a day at 03:15 to {folder}. There is none yet.")
    folder.mkdir(parents=True)
    (folder / "trapwise-auto-20200101-021500.db").touch()
    mark, sentence = said()
    assert (mark, sentence.startswith("The newest is from 2020-01-01.")) == ("warning", True)
    (folder / f"trapwise-auto-{datetime.now(UTC):%Y%m%d-%H%M%S}.db").touch()
    assert said()[0] == "ok"
    monkeypatch.setenv("TRAPWISE_BACKUPS", str(tmp_path / "elsewhere"))
    assert "There is none yet" in said()[1]
    (tmp_path / "elsewhere").touch()
    assert said()[0] == "fault"
    monkeypatch.setenv("TRAPWISE_BACKUPS", "off")
    assert said() == ("ok", "The bot makes none, as TRAPWISE_BACKUPS says. See to it that something does.")


def test_the_health_port_is_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("TRAPWISE_HEALTH_PORT", str(taken.getsockname()[1]))
        (found,) = [finding for finding in check_module.findings() if finding.subject == "health"]
    assert (found.mark, "Set TRAPWISE_HEALTH_PORT, or stop what uses it" in found.sentence) == ("fault", True)
