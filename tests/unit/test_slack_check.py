"""`trapwise check` where Slack sends HTTP requests: the port that they come to, and the pages beside them."""

import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.check import check
from tests.support.packs import write_pack


@pytest.fixture(autouse=True)
def _sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder and settings in which all is well."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))]:
        monkeypatch.delenv(name)
    write_pack(tmp_path / "content")
    given = {
        "TRAPWISE_CONTENT": str(tmp_path / "content"),
        "TRAPWISE_PACK": "my-exam",
        "TRAPWISE_DATABASE": f"sqlite:///{tmp_path / 'trapwise.db'}",
        "TRAPWISE_WEB_PORT": "0",
        "TRAPWISE_ZONE": "UTC",
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_SIGNING_SECRET": "made-up",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)


def test_the_port_is_looked_at_though_the_pages_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(check)
    assert result.exit_code == 0, result.output
    assert "It will listen on 127.0.0.1, on any free port." in result.output
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        monkeypatch.setenv("TRAPWISE_WEB_PORT", str(other.getsockname()[1]))
        result = CliRunner().invoke(check)
    assert result.exit_code == 1
    assert "Set TRAPWISE_WEB_PORT" in result.output


def test_in_socket_mode_there_is_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-made-up")
    result = CliRunner().invoke(check)
    assert result.exit_code == 0, result.output
    assert "listen" not in result.output


def test_pages_beside_slack_need_a_join_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAPWISE_WEB", "on")
    result = CliRunner().invoke(check)
    assert result.exit_code == 1
    assert "TRAPWISE_WEB_JOIN_CODE" in result.output
    monkeypatch.setenv("TRAPWISE_WEB_JOIN_CODE", "long enough")
    assert CliRunner().invoke(check).exit_code == 0
