"""The environment and `.env` into frozen Settings, or one error that lists every fault.

Every setting is explained in .env.example; a test keeps the two in step.
"""

import difflib
import os
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.errors import SettingsError

PREFIX = "TRAPWISE_"
CONTENT = Path(__file__).resolve().parent.parent / "content"


INTERNAL = (PREFIX + "REQUIRE_BROWSER", PREFIX + "WRITE_TRANSCRIPTS")
"""Names that our own tests use; they are no settings of the bot."""


class Web(StrEnum):
    """Whether the local web space runs. `auto`: only if neither Slack nor Discord is connected."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """What the host decides. Names in the environment begin with TRAPWISE_."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    database: str = "sqlite:///data/trapwise.db"
    content: Path = CONTENT
    pack: str = "databricks-ml-associate"
    zone: str = Field(default_factory=lambda: machine_zone())
    web: Web = Web.AUTO
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8080, ge=0, le=65535)
    web_join_code: SecretStr | None = None
    web_public_url: str = ""
    support_url: str = ""
    privacy_url: str = ""
    log_level: LogLevel = LogLevel.INFO

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            near = difflib.get_close_matches(zone, available_timezones(), n=1)
            hint = f"did you mean {near[0]}?" if near else "use an IANA name such as Europe/Berlin"
            raise ValueError(f"{zone} is no time zone; {hint}")
        return zone

    @property
    def time_zone(self) -> ZoneInfo:
        """The zone for channels that haven't chosen one."""
        return ZoneInfo(self.zone)


def machine_zone() -> str:
    """The IANA name of the machine's time zone, UTC if it has none."""
    from tzlocal import get_localzone_name

    try:
        name = get_localzone_name()
    except Exception:  # tzlocal raises many kinds for odd machines, and none of them should stop a start
        return "UTC"
    return name if name in available_timezones() else "UTC"


def load(*, dotenv: Path | None = Path(".env")) -> Settings:
    """The settings from the environment, then from `.env`; SettingsError lists every fault at once."""
    faults = _unknown(dotenv)
    try:
        settings = Settings(_env_file=dotenv)  # type: ignore[call-arg]  # known to pydantic's mypy plugin only
    except ValidationError as error:
        raise _refused([*faults, *(_fault(detail) for detail in error.errors())]) from None
    if faults:
        raise _refused(faults)
    return settings


def _refused(faults: list[str]) -> SettingsError:
    return SettingsError("\n".join(["The settings can't be used:", *faults]))


def _unknown(dotenv: Path | None) -> list[str]:
    """A misspelt name would otherwise be as if it weren't there, and the default would surprise somebody."""
    names = {*os.environ, *(dotenv_values(dotenv) if dotenv is not None and dotenv.is_file() else ())}
    ours = {name.upper() for name in names if name.upper().startswith(PREFIX)}
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    faults = []
    for name in sorted(ours - {*known, *INTERNAL}):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else "See .env.example for what there is."
        faults.append(f"{name}: there is no such setting. {hint}")
    return faults


def _fault(detail: Any) -> str:
    name = PREFIX + str(detail["loc"][0]).upper()
    said = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if detail["type"] in ("enum", "int_parsing", "less_than_equal", "greater_than_equal"):
        said = f"should be {said}" if not said.startswith("a valid") else "should be a whole number"
    return f"{name}: {said}."
