"""The environment and `.env` into frozen Settings, or one error that lists every fault.

Every setting is explained in .env.example; a test keeps the two in step.
"""

import difflib
import os
import re
from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from bot.core.errors import SettingsError

PREFIX = "TRAPWISE_"
OTHERS = ("SLACK_", "DISCORD_")
"""How the names of settings begin that carry a platform's name instead."""

CONTENT = Path(__file__).resolve().parent.parent / "content"


INTERNAL = (PREFIX + "FAULT", PREFIX + "REQUIRE_BROWSER", PREFIX + "WRITE_TRANSCRIPTS")
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


class _FromEnvironment(BaseModel):
    """A model whose fields are named by their alias or by PREFIX and their name, in any case; empty is as if absent.

    What is given comes first, then the environment, then the file. pydantic-settings does this and much more; its
    import takes a third of the time that starting the bot may take, and six megabytes that stay.
    """

    def __init__(self, *, _env_file: Path | None = None, **given: Any) -> None:
        file = dotenv_values(_env_file, encoding="utf-8") if _env_file is not None and _env_file.is_file() else {}
        super().__init__(**{**self._found(file), **self._found(os.environ), **given})

    @classmethod
    def _found(cls, values: Mapping[str, str | None]) -> dict[str, str]:
        there = {name.upper(): value for name, value in values.items() if value}
        found = {}
        for name, field in cls.model_fields.items():
            key = field.validation_alias if isinstance(field.validation_alias, str) else name
            asked = key if key != name else PREFIX + name
            if value := there.get(asked.upper()):
                found[key] = value
        return found


class Settings(_FromEnvironment):
    """What the host decides. Names in the environment begin with TRAPWISE_, or with the platform's name."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    database: str = Field(default="sqlite:///data/trapwise.db", repr=False)
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
    backups: str = "backups"
    backups_at: str = "03:15"
    backups_keep: int = Field(default=7, ge=1, le=1000)
    keep_answers_months: int = Field(default=0, ge=0, le=1200)
    keep_members_months: int = Field(default=0, ge=0, le=1200)
    keep_deliveries_days: int = Field(default=30, ge=1, le=3650)
    keep_left_days: int = Field(default=30, ge=0, le=3650)
    health_host: str = "127.0.0.1"
    health_port: int | None = Field(default=None, ge=0, le=65535)
    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    slack_client_id: str = Field(default="", validation_alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_CLIENT_SECRET")
    slack_encryption_key: SecretStr | None = Field(default=None, validation_alias="SLACK_ENCRYPTION_KEY")
    slack_managers: str = Field(default="", validation_alias="SLACK_MANAGERS")
    slack_guests_see_boards: bool = Field(default=False, validation_alias="SLACK_GUESTS_SEE_BOARDS")
    slack_public_url: str = Field(default="", validation_alias="SLACK_PUBLIC_URL")
    slack_api_base_url: str = Field(default="https://slack.com/api/", validation_alias="SLACK_API_BASE_URL")
    discord_token: SecretStr | None = Field(default=None, validation_alias="DISCORD_TOKEN")
    discord_test_guild: int | None = Field(default=None, ge=1, validation_alias="DISCORD_TEST_GUILD")
    discord_shard_ids: str = Field(default="", pattern=r"^(\d+(,\d+)*)?$", validation_alias="DISCORD_SHARD_IDS")
    discord_shard_count: int | None = Field(default=None, ge=1, validation_alias="DISCORD_SHARD_COUNT")
    discord_api_base: str = Field(default="https://discord.com/api/v10", validation_alias="DISCORD_API_BASE")
    discord_gateway_url: str = Field(default="wss://gateway.discord.gg/", validation_alias="DISCORD_GATEWAY_URL")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            near = difflib.get_close_matches(zone, available_timezones(), n=1)
            hint = f"did you mean {near[0]}?" if near else "use an IANA name such as Europe/Berlin"
            raise ValueError(f"{zone} is no time zone; {hint}")
        return zone

    @field_validator("backups_at")
    @classmethod
    def _time_of_day(cls, text: str) -> str:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
            raise ValueError(f"{text} is no time of day; write it like 03:15")
        return text

    @property
    def backup_time(self) -> time:
        """When the daily backup is made, by the clocks of `time_zone`."""
        return time.fromisoformat(self.backups_at)

    @property
    def slack_is_on(self) -> bool:
        """Whether anything asks for Slack."""
        return bool(self.slack_bot_token or self.slack_app_token or self.slack_signing_secret or self.slack_client_id)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret among the settings, to be kept out of logs."""
        password = re.match(r"postgres(?:ql)?://[^@/]*?:([^@]+)@", self.database)
        of_database = (password[1], unquote(password[1])) if password else ()
        return (*(value.get_secret_value() for _, value in self if isinstance(value, SecretStr)), *of_database)

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
        settings = Settings(_env_file=dotenv)  # type: ignore[call-arg]  # mypy takes pydantic's models for dataclasses
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
    known = [PREFIX + name.upper() for name, field in Settings.model_fields.items() if field.validation_alias is None]
    faults = []
    for name in sorted(ours - {*known, *INTERNAL}):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else "See .env.example for what there is."
        faults.append(f"{name}: there is no such setting. {hint}")
    return faults


def _fault(detail: Any) -> str:
    name = str(detail["loc"][0]).upper()
    if not name.startswith(OTHERS):
        name = PREFIX + name
    said = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if detail["type"] in ("enum", "int_parsing", "less_than_equal", "greater_than_equal"):
        said = f"should be {said}" if not said.startswith("a valid") else "should be a whole number"
    return f"{name}: {said.rstrip('?')}{'?' if said.endswith('?') else '.'}"
