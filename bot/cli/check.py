"""`trapwise check`: everything that can keep the bot from working, in one listing."""

import http.client
import json
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.core.errors import PackError, SettingsError, StorageError, StorageInUse

if TYPE_CHECKING:
    from bot.config import Settings

# What is checked is imported where it is checked, so that `--help` stays quick.

DOTENV = Path(".env")

LITTLE_SPACE, NO_SPACE = 500_000_000, 50_000_000
"""Free bytes below which a warning or a fault is due. A year of a large team takes well under the first."""


LATE = timedelta(hours=49)
"""The age from which on the newest daily backup is too old: two nights, one of which the clocks may lengthen."""

OFF = "off"


class Mark(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the listing: how a thing stands, and what to do about it."""

    mark: Mark
    subject: str
    sentence: str


@click.command()
def check() -> None:
    """Check settings, packs, the database and the web port. Exits with 1 if there is a fault.

    May be used while the bot runs. Each line begins with ok, warning or fault and says what
    to do. For a thorough check of the database, its counts included: trapwise data check
    """
    counts = dict.fromkeys(Mark, 0)
    for finding in findings():
        counts[finding.mark] += 1
        click.echo(f"{finding.mark:<7}  {finding.subject:<8}  {finding.sentence}")
    faults, warnings = counts[Mark.FAULT], counts[Mark.WARNING]
    said = [
        f"{number} {noun}{'' if number == 1 else 's'}"
        for number, noun in ((faults, "fault"), (warnings, "warning"))
        if number
    ]
    click.echo(f"\n{', '.join(said) or 'All is well'}.")
    if faults:
        sys.exit(1)


def findings() -> Iterator[Finding]:
    """Everything there is to say, in the order of a start."""
    from bot import config

    yield from _versions()
    yield from _dotenv()
    try:
        settings = config.load(dotenv=DOTENV)
    except SettingsError as error:
        for line in str(error).splitlines()[1:] or [str(error)]:
            yield Finding(Mark.FAULT, "settings", line)
        yield Finding(Mark.WARNING, "settings", "The rest is checked once the settings can be read.")
        return
    yield Finding(Mark.OK, "settings", "Every name and value is understood.")
    yield _zone(settings)
    yield from _packs(settings)
    yield from _database(settings)
    yield from _backups(settings)
    if settings.health_port is not None:
        yield _port(settings.health_host, settings.health_port, "TRAPWISE_HEALTH_PORT")
    yield from _chats(settings)
    yield from _web(settings)


def _versions() -> Iterator[Finding]:
    from bot import __version__

    python = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding(
        Mark.OK, "program", f"Trapwise {__version__} with Python {python} and SQLite {sqlite3.sqlite_version}."
    )


def _dotenv() -> Iterator[Finding]:
    if not DOTENV.is_file():
        yield Finding(Mark.OK, ".env", "There is none here. Settings come from the environment alone.")
    elif _open_to_others(DOTENV):
        yield Finding(
            Mark.WARNING, ".env", "Others on this machine can read it, and tokens belong there. Run: chmod 600 .env"
        )
    else:
        yield Finding(Mark.OK, ".env", "Read; others on this machine can't.")


def _chats(settings: "Settings") -> Iterator[Finding]:
    """Whether the tokens fit together. Whether the platforms take them is seen when the bot starts."""
    from bot.adapters.slack.settings import check as check_slack
    from bot.compose import slack_settings

    if settings.slack_is_on:
        try:
            check_slack(slack_settings(settings))
        except SettingsError as error:
            yield from (Finding(Mark.FAULT, "slack", line) for line in str(error).splitlines()[1:])
        else:
            yield Finding(Mark.OK, "slack", "Its settings fit together.")
    if settings.discord_token is not None:
        yield Finding(Mark.OK, "discord", "A token is set.")


def _zone(settings: "Settings") -> Finding:
    given = "zone" in settings.given
    hint = "." if given else ", this machine's. Set TRAPWISE_ZONE if your team is elsewhere."
    return Finding(Mark.OK, "zone", f"{settings.zone}{hint}")


def _packs(settings: "Settings") -> Iterator[Finding]:
    from bot.packs.loader import load_pack, pack_folders

    installed = []
    for folder in pack_folders(settings.content):
        try:
            pack = load_pack(folder)
        except PackError as error:
            for fault in error.faults:
                yield Finding(Mark.FAULT, "pack", fault)
            continue
        installed.append(pack.id)
        if pack.ready:
            yield Finding(
                Mark.OK,
                "pack",
                f"{pack.id} {pack.version}: {len(pack.ready)} item{'' if len(pack.ready) == 1 else 's'} ready.",
            )
        else:
            yield Finding(Mark.FAULT, "pack", f"{pack.id}: no item is ready. Take drafts' status lines out.")
    if settings.pack not in installed:
        there = ", ".join(installed) or "none"
        sentence = f"TRAPWISE_PACK names {settings.pack}, which isn't usable in {settings.content}. Usable: {there}."
        yield Finding(Mark.FAULT, "pack", sentence)


def _database(settings: "Settings") -> Iterator[Finding]:
    from storage import is_postgres, sqlite_path

    if is_postgres(settings.database):
        yield _server(settings.database)
        return
    try:
        path = sqlite_path(settings.database)
    except SettingsError as error:
        yield Finding(Mark.FAULT, "database", str(error))
        return
    if path is None:
        yield Finding(Mark.WARNING, "database", "It is kept in memory: when the bot stops, everything is lost.")
        return
    # An empty file is what a first start leaves that was broken off.
    if path.exists() and (path.is_dir() or path.stat().st_size):
        yield from _file(path)
    else:
        yield Finding(Mark.OK, "database", f"There is no {path} yet. It is made at the first start.")
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(Mark.FAULT, "database", f"The folder {folder} can't be written to. Give this user the right.")
    yield _space(folder, path.stat().st_size if path.exists() else 0)


def _server(url: str) -> Finding:
    """A database on PostgreSQL."""
    from storage.postgres_look import look
    from storage.version import LATEST

    try:
        found = look(url)
    except (SettingsError, StorageError) as error:
        return Finding(Mark.FAULT, "database", str(error))
    if not found.schema:
        tables = "has no tables yet. They are made at the first start"
    elif found.schema < LATEST:
        tables = f"has schema {found.schema}, and is brought to {LATEST} at the next start"
    else:
        tables = f"has schema {found.schema}"
    return Finding(Mark.OK, "database", f"{found.where} (version {found.server}) {tables}.")


def _backups(settings: "Settings") -> Iterator[Finding]:
    from storage import is_postgres, sqlite_path
    from storage.dailybackup import DailyBackups

    try:
        path = None if is_postgres(settings.database) else sqlite_path(settings.database)
    except SettingsError:  # which was told above
        return
    if path is None:
        return
    if settings.backups == OFF:
        yield Finding(
            Mark.OK, "backups", "The bot makes none, as TRAPWISE_BACKUPS says. See to it that something does."
        )
        return
    folder = path.parent / settings.backups
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        yield Finding(Mark.FAULT, "backups", f"{there} can't be written to. Set TRAPWISE_BACKUPS to a folder that can.")
        return
    made = DailyBackups(path, folder, keep=settings.backups_keep).made()
    plan = f"One a day at {settings.backups_at} to {folder}"
    if not made:
        yield Finding(Mark.OK, "backups", f"{plan}. There is none yet.")
    elif datetime.now(UTC) - made[-1] > LATE:
        sentence = f"The newest is from {made[-1]:%Y-%m-%d}. If the bot has run since, its log says why."
        yield Finding(Mark.WARNING, "backups", sentence)
    else:
        yield Finding(Mark.OK, "backups", f"{plan}. The newest is from {made[-1]:%Y-%m-%d %H:%M} UTC.")


def _file(path: Path) -> Iterator[Finding]:
    from storage.backup import examine
    from storage.connection import hold
    from storage.version import LATEST

    try:
        found = examine(path, thorough=False)
    except StorageError as error:
        yield Finding(Mark.FAULT, "database", str(error))
        return
    for fault in found.faults:
        yield Finding(Mark.FAULT, "database", f"{path}: {fault}. Stop the bot, then: trapwise data restore")
    if found.schema > LATEST:
        sentence = f"{path} has schema {found.schema} of a newer Trapwise; this one knows {LATEST}. Use that version."
        yield Finding(Mark.FAULT, "database", sentence)
    elif not found.faults:
        older = f" It is brought to schema {LATEST} at the next start." if found.schema < LATEST else ""
        yield Finding(Mark.OK, "database", f"{path} is sound, with {found.rows['responses']:,} answers.{older}")
    if not os.access(path, os.W_OK):
        yield Finding(Mark.FAULT, "database", f"{path} can't be written to. Give this user the right to write.")
    else:
        try:
            hold(path).release()
        except StorageInUse:
            yield Finding(Mark.OK, "database", "A Trapwise has it open.")
        except StorageError as error:
            yield Finding(Mark.FAULT, "database", str(error))
    if _open_to_others(path):
        sentence = f"Others on this machine can read {path}, names and answers included. Run: chmod 600 {path}"
        yield Finding(Mark.WARNING, "database", sentence)


def _space(folder: Path, size: int) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:,.1f} GB are free in {folder}."
    if free < NO_SPACE:
        return Finding(Mark.FAULT, "disk", f"{said} Answers can't be saved on a full disk. Free some space.")
    if free < max(LITTLE_SPACE, 2 * size):
        return Finding(Mark.WARNING, "disk", f"{said} A backup takes as much as the database. Free some space.")
    return Finding(Mark.OK, "disk", said)


def _web(settings: "Settings") -> Iterator[Finding]:
    from bot.adapters.web.settings import WebSettings
    from bot.adapters.web.settings import check as check_web
    from bot.compose import LOCAL_CHANNEL, slack_uses_http, web_is_on

    if not web_is_on(settings):
        yield Finding(Mark.OK, "web", "The local web space is off.")
        if slack_uses_http(settings):
            yield _port(settings.web_host, settings.web_port)
        return
    code = settings.web_join_code
    try:
        check_web(
            WebSettings(
                host=settings.web_host,
                port=settings.web_port,
                join_code=code.value if code else None,
                secret=bytes(32),  # the real one is made by the bot, and long enough
                channel=LOCAL_CHANNEL,
                channel_name=LOCAL_CHANNEL.id,
                public_url=settings.web_public_url,
                shared=slack_uses_http(settings),
            )
        )
    except SettingsError as error:
        for line in str(error).splitlines():
            yield Finding(Mark.FAULT, "web", line)
    yield _port(settings.web_host, settings.web_port)


def _port(host: str, port: int, setting: str = "TRAPWISE_WEB_PORT") -> Finding:
    where = f"{host}, port {port}"
    subject = "health" if setting == "TRAPWISE_HEALTH_PORT" else "web"
    if port == 0:
        return Finding(Mark.OK, subject, f"It will listen on {host}, on any free port.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server itself binds: what a stopped server left in TIME_WAIT is no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        health = _health(host, port)
        if health is None:
            sentence = f"It can't listen on {where}: {error.strerror}. Set {setting}, or stop what uses it."
            return Finding(Mark.FAULT, subject, sentence)
        if not health.get("ok"):
            sentence = f"The Trapwise that listens on {where} isn't well. Database: {health.get('database')}"
            return Finding(Mark.WARNING, subject, sentence)
        return Finding(Mark.OK, subject, f"A Trapwise listens on {where} and is well.")
    return Finding(Mark.OK, subject, f"It will listen on {where}.")


def _health(host: str, port: int) -> dict[str, Any] | None:
    """What a Trapwise on this port says of itself; None if what answers there is none."""
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=2)  # noqa: S104  replaced, not bound
    try:
        connection.request("GET", "/healthz")
        said = json.loads(connection.getresponse().read(10_000))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return said if isinstance(said, dict) and "alarm_seconds_since_tick" in said else None


def _open_to_others(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & 0o004)
