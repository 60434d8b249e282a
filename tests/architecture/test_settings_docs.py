"""`.env.example` explains every setting there is, shows its default, and can be used as it is."""

import re
from dataclasses import MISSING, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from bot import config
from bot.config import CONTENT, PREFIX, variable
from bot.core.errors import SettingsError
from bot.setting import SECRET, Secret

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"

ASSIGNMENT = re.compile(r"#([A-Z][A-Z0-9_]*)=(.*)")


SETTINGS = {variable(one.name): one for one in config.SETTINGS}


def explained() -> dict[str, tuple[str, str]]:
    """Each setting of the file: its value, and the words of the paragraph that it stands in."""
    found: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        assigned = ASSIGNMENT.fullmatch(line)
        if assigned:
            assert assigned[1] not in found, f"{assigned[1]} is there twice"
            found[assigned[1]] = (assigned[2], " ".join(comment))
            comment = []
        elif line.startswith("# "):
            comment.append(line[2:])
        else:
            assert line == "", f"neither a comment nor a setting: {line}"
            comment = []
    return found


def shown(value: Any) -> str:
    """A default as it would be written in the file."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case StrEnum():
            return value.value
        case Path() if value == CONTENT:
            return "content"
        case _:
            return str(value)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without any setting of ours."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def test_every_setting_is_there_and_no_other() -> None:
    assert list(explained()) != []
    assert set(explained()) == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_each_is_explained_in_a_sentence(name: str) -> None:
    words = explained()[name][1]
    assert len(words) >= 20
    assert words.endswith((".", ";"))


@pytest.mark.parametrize("name", SETTINGS)
def test_each_shows_its_default(name: str) -> None:
    setting = SETTINGS[name]
    value, words = explained()[name]
    if setting.default_factory is not MISSING:
        assert value == ""
        assert "Left empty:" in words
    else:
        assert value == shown(setting.default)


def test_the_file_as_it_is_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert config.load(dotenv=EXAMPLE) == config.load(dotenv=None)
    assert dotenv_values(EXAMPLE) == {}


def test_the_file_with_every_line_in_force_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    used = tmp_path / ".env"
    text = re.sub(r"^#([A-Z][A-Z0-9_]*=)", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    used.write_text(text, encoding="utf-8")
    assert set(dotenv_values(used)) == set(SETTINGS)
    usual = config.load(dotenv=None)
    found = config.load(dotenv=used)
    assert replace(found, content=found.content.resolve()) == usual


def test_no_secret_has_a_value_in_the_file() -> None:
    secret = [name for name, setting in SETTINGS.items() if setting.metadata == SECRET]
    assert secret
    assert {explained()[name][0] for name in secret} == {""}


@pytest.mark.parametrize("name", [name for name in SETTINGS if name.startswith(PREFIX)])
def test_a_misspelt_name_is_refused_with_the_right_one(name: str, tmp_path: Path) -> None:
    used = tmp_path / ".env"
    used.write_text(f"{name}X=1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"{name}X: there is no such setting") as refused:
        config.load(dotenv=used)
    assert name in str(refused.value)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    used = tmp_path / ".env"
    used.write_text("TRAPWISE_WEB_JOIN_CODE=open-sesame\nDISCORD_TOKEN=very-secret\n", encoding="utf-8")
    settings = config.load(dotenv=used)
    assert settings.web_join_code == Secret("open-sesame")
    assert "open-sesame" not in repr(settings)
    assert "very-secret" not in repr(settings)
    assert set(settings.secrets) == {"open-sesame", "very-secret"}


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    used = tmp_path / ".env"
    used.write_text(
        "TRAPWISE_WEB=maybe\nTRAPWISE_WEB_PORT=http\nTRAPWISE_ZONE=Europe/Berlni\nTRAPWISE_COLOUR=red\n",
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as refused:
        config.load(dotenv=used)
    said = str(refused.value)
    for name in ("TRAPWISE_WEB:", "TRAPWISE_WEB_PORT:", "TRAPWISE_ZONE:", "TRAPWISE_COLOUR:"):
        assert said.count(name) == 1
    assert "Europe/Berlin" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("TRAPWISE_WEB=maybe", "TRAPWISE_WEB: should be 'auto', 'on' or 'off'."),
        ("TRAPWISE_WEB_PORT=http", "TRAPWISE_WEB_PORT: should be a whole number."),
        ("TRAPWISE_WEB_PORT=-1", "TRAPWISE_WEB_PORT: should be greater than or equal to 0."),
        ("TRAPWISE_WEB_PORT=65536", "TRAPWISE_WEB_PORT: should be less than or equal to 65535."),
        ("DISCORD_SHARD_COUNT=0", "DISCORD_SHARD_COUNT: should be greater than or equal to 1."),
        (
            "DISCORD_SHARD_IDS=0;1",
            "DISCORD_SHARD_IDS: should be whole numbers with commas between them, such as 0,1.",
        ),
        ("SLACK_GUESTS_SEE_BOARDS=perhaps", "SLACK_GUESTS_SEE_BOARDS: should be true or false."),
        ("TRAPWISE_BACKUPS_AT=25:00", "TRAPWISE_BACKUPS_AT: 25:00 is no time of day; write it like 03:15."),
        (
            "TRAPWISE_ZONE=Europe/Berlni",
            "TRAPWISE_ZONE: Europe/Berlni is no time zone; did you mean Europe/Berlin?",
        ),
        ("TRAPWISE_ZONE=here", "TRAPWISE_ZONE: here is no time zone; use an IANA name such as Europe/Berlin."),
    ],
)
def test_a_fault_tells_what_would_do(line: str, said: str, tmp_path: Path) -> None:
    used = tmp_path / ".env"
    used.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        config.load(dotenv=used)
    assert str(refused.value) == f"The settings can't be used:\n{said}"


@pytest.mark.parametrize(
    ("text", "meant"), [("true", True), ("Yes", True), ("1", True), ("FALSE", False), ("off", False), ("0", False)]
)
def test_yes_and_no_may_be_written_as_people_write_them(text: str, meant: bool) -> None:
    assert config.of({"SLACK_GUESTS_SEE_BOARDS": text}).slack_guests_see_boards is meant
