"""The environment and `.env` into frozen Settings, or one error that lists every fault.

Every setting is explained in .env.example; a test keeps the two in step.
"""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

import tzdata

from bot.core.errors import SettingsError
from bot.setting import PATH, SECRET, YES_OR_NO, Secret, one_of, read, read_by, whole

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


def _zone(text: str) -> str:
    if _is_zone(text):
        return text
    near = difflib.get_close_matches(text, available_timezones(), n=1)
    hint = f"did you mean {near[0]}?" if near else "use an IANA name such as Europe/Berlin"
    raise ValueError(f"{text} is no time zone; {hint}")


def _is_zone(name: str) -> bool:
    # The list that comes with the bot first: to list the system's own, Python opens each of its six hundred files.
    listed = Path(tzdata.__file__).with_name("zones").read_text(encoding="utf-8")
    return name in listed.split() or name in available_timezones()


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text} is no time of day; write it like 03:15")
    return text


def _numbers(text: str) -> str:
    if not re.fullmatch(r"\d+(,\d+)*", text):
        raise ValueError("should be whole numbers with commas between them, such as 0,1")
    return text


def machine_zone() -> str:
    """The IANA name of the machine's time zone, UTC if it has none."""
    from tzlocal import get_localzone_name

    try:
        name = get_localzone_name()
    except Exception:  # tzlocal raises many kinds for odd machines, and none of them should stop a start
        return "UTC"
    return name if _is_zone(name) else "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the host decides; `variable` tells how each is called in the environment.

    Made directly, it takes values as they are and looks at no environment; `load` and `of` read and check them.
    """

    given: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    """The settings that were read from text; the others have their defaults."""

    database: str = field(default="sqlite:///data/trapwise.db", repr=False)
    content: Path = field(default=CONTENT, metadata=PATH)
    pack: str = "databricks-ml-associate"
    zone: str = field(default_factory=machine_zone, metadata=read_by(_zone))
    web: Web = field(default=Web.AUTO, metadata=one_of(Web))
    web_host: str = "127.0.0.1"
    web_port: int = field(default=8080, metadata=whole(least=0, most=65535))
    web_join_code: Secret | None = field(default=None, metadata=SECRET)
    web_public_url: str = ""
    support_url: str = ""
    privacy_url: str = ""
    log_level: LogLevel = field(default=LogLevel.INFO, metadata=one_of(LogLevel))
    backups: str = "backups"
    backups_at: str = field(default="03:15", metadata=read_by(_time_of_day))
    backups_keep: int = field(default=7, metadata=whole(least=1, most=1000))
    keep_answers_months: int = field(default=0, metadata=whole(least=0, most=1200))
    keep_members_months: int = field(default=0, metadata=whole(least=0, most=1200))
    keep_deliveries_days: int = field(default=30, metadata=whole(least=1, most=3650))
    keep_left_days: int = field(default=30, metadata=whole(least=0, most=3650))
    health_host: str = "127.0.0.1"
    health_port: int | None = field(default=None, metadata=whole(least=0, most=65535))
    slack_bot_token: Secret | None = field(default=None, metadata=SECRET)
    slack_app_token: Secret | None = field(default=None, metadata=SECRET)
    slack_signing_secret: Secret | None = field(default=None, metadata=SECRET)
    slack_client_id: str = ""
    slack_client_secret: Secret | None = field(default=None, metadata=SECRET)
    slack_encryption_key: Secret | None = field(default=None, metadata=SECRET)
    slack_managers: str = ""
    slack_guests_see_boards: bool = field(default=False, metadata=YES_OR_NO)
    slack_public_url: str = ""
    slack_api_base_url: str = "https://slack.com/api/"
    discord_token: Secret | None = field(default=None, metadata=SECRET)
    discord_test_guild: int | None = field(default=None, metadata=whole(least=1))
    discord_shard_ids: str = field(default="", metadata=read_by(_numbers))
    discord_shard_count: int | None = field(default=None, metadata=whole(least=1))
    discord_api_base: str = "https://discord.com/api/v10"
    discord_gateway_url: str = "wss://gateway.discord.gg/"

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
        values = (getattr(self, one.name) for one in fields(self))
        return (*(value.value for value in values if isinstance(value, Secret)), *of_database)

    @property
    def time_zone(self) -> ZoneInfo:
        """The zone for channels that haven't chosen one."""
        return ZoneInfo(self.zone)


SETTINGS = tuple(one for one in fields(Settings) if one.name != "given")


def variable(name: str) -> str:
    """How a setting is called in the environment: by PREFIX and its name, or as it is if that is a platform's."""
    upper = name.upper()
    return upper if upper.startswith(OTHERS) else PREFIX + upper


def load(*, dotenv: Path | None = Path(".env")) -> Settings:
    """The settings from the environment, then from `.env`; SettingsError lists every fault at once."""
    file = _file(dotenv) if dotenv is not None and dotenv.is_file() else {}
    return of({**_there(file), **_there(os.environ)}, unknown=_unknown((*file, *os.environ)))


def of(values: Mapping[str, str], *, unknown: Iterable[str] = ()) -> Settings:
    """The settings of variables alone, named in capitals. SettingsError lists the faults, after those of `unknown`."""
    faults, found = list(unknown), dict[str, Any]()
    for one in SETTINGS:
        name = variable(one.name)
        if name in values:
            try:
                found[one.name] = read(one, values[name])
            except ValueError as error:
                said = str(error)
                faults.append(f"{name}: {said}" if said.endswith("?") else f"{name}: {said}.")
    if faults:
        raise SettingsError("\n".join(["The settings can't be used:", *faults]))
    return Settings(**found, given=frozenset(found))


def _file(path: Path) -> dict[str, str | None]:
    from dotenv import dotenv_values  # brings a parser of command lines along; many hosts have no such file

    return dotenv_values(path, encoding="utf-8")


def _there(values: Mapping[str, str | None]) -> dict[str, str]:
    """Names in capitals, since case doesn't matter, without what is empty, which is as if absent."""
    return {name.upper(): value for name, value in values.items() if value}


def _unknown(names: Iterable[str]) -> list[str]:
    """A misspelt name would otherwise be as if it weren't there, and the default would surprise somebody."""
    ours = {name.upper() for name in names if name.upper().startswith(PREFIX)}
    known = [name for name in (variable(one.name) for one in SETTINGS) if name.startswith(PREFIX)]
    faults = []
    for name in sorted(ours - {*known, *INTERNAL}):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else "See .env.example for what there is."
        faults.append(f"{name}: there is no such setting. {hint}")
    return faults
