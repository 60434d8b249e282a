"""`.env.example` explains every setting there is, shows its default, and can be used as it is."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot import config
from bot.config import CONTENT, PREFIX, Settings
from bot.core.errors import SettingsError

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"

ASSIGNMENT = re.compile(r"#([A-Z][A-Z0-9_]*)=(.*)")


def name_of(field: str, info: FieldInfo) -> str:
    """The setting's name in the environment."""
    return str(info.validation_alias) if info.validation_alias else PREFIX + field.upper()


SETTINGS = {name_of(field, info): (field, info) for field, info in Settings.model_fields.items()}


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
    _, info = SETTINGS[name]
    value, words = explained()[name]
    if info.default_factory is not None:
        assert value == ""
        assert "Left empty:" in words
    else:
        assert value == shown(info.default)


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
    assert found.model_copy(update={"content": found.content.resolve()}) == usual


def test_no_secret_has_a_value_in_the_file() -> None:
    secret = [name for name, (_, info) in SETTINGS.items() if "SecretStr" in str(info.annotation)]
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
    assert isinstance(settings.web_join_code, SecretStr)
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
