"""Where settings come from, and which source wins."""

from pathlib import Path

import pytest

from bot import config
from bot.config import Settings


def _file(folder: Path, text: str) -> Path:
    found = folder / ".env"
    found.write_text(text, encoding="utf-8")
    return found


def test_the_environment_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _file(tmp_path, "TRAPWISE_PACK=of-the-file\nTRAPWISE_WEB_HOST=::1\nDISCORD_TEST_GUILD=1\n")
    monkeypatch.setenv("TRAPWISE_PACK", "of-the-environment")
    monkeypatch.setenv("DISCORD_TEST_GUILD", "2")
    found = config.load(dotenv=file)
    assert (found.pack, found.web_host, found.discord_test_guild) == ("of-the-environment", "::1", 2)
    assert found.given == {"pack", "web_host", "discord_test_guild"}
    assert Settings().pack == config.of({}).pack == "databricks-ml-associate"


def test_an_empty_value_is_as_if_it_were_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _file(tmp_path, "TRAPWISE_WEB_PORT=8081\nDISCORD_TOKEN=\nTRAPWISE_PACK\n")
    monkeypatch.setenv("TRAPWISE_WEB_PORT", "")
    found = config.load(dotenv=file)
    assert (found.web_port, found.discord_token, found.pack) == (8081, None, "databricks-ml-associate")


def test_case_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("trapwise_pack", "small")
    assert config.load(dotenv=_file(tmp_path, "slack_managers=U1\n")).slack_managers == "U1"
    assert config.load(dotenv=None).pack == "small"


def test_other_programs_settings_are_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACK", "another")
    monkeypatch.setenv("DATABASE", "another")
    found = config.load(dotenv=_file(tmp_path, "WEB_PORT=1\nSOMETHING=1\n"))
    assert (found.pack, found.web_port) == ("databricks-ml-associate", 8080)
    assert found.given == frozenset()


def test_a_file_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    assert config.load(dotenv=tmp_path / "none") == config.load(dotenv=None)
