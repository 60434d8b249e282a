"""Connections to PostgreSQL with our settings, its addresses without their secrets, and failures in our own terms."""

import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import Buffer
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper
from psycopg.types.string import StrDumperUnknown

from bot.core.errors import SettingsError, StorageBroken, StorageBusy, StorageError

SCHEMES = ("postgresql://", "postgres://")

STATEMENT_SECONDS = 8
"""What no statement of the bot's takes; one that does is in the way of others."""

IDLE_SECONDS = 5
"""A process that stands still in a transaction is cut off after that, so that its locks hold up nobody."""

LOCK_SECONDS = 3

OLDEST = 14_00_00
"""The oldest server that is still maintained, in its own way of counting."""

# Whatever the address doesn't say itself. A standby would take our reads and refuse our writes.
_DEFAULTS = {
    "connect_timeout": "5",
    "application_name": "trapwise",
    "target_session_attrs": "read-write",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}

_SETTINGS = f"""
    SET TIME ZONE 'UTC';
    SET statement_timeout = '{STATEMENT_SECONDS}s';
    SET lock_timeout = '{LOCK_SECONDS}s';
    SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""

AGAIN = ("40001", "40P01", "55P03", "23505", "23503")
"""States after which the same call may well succeed: what it read was changed under it, or made twice at once."""


class _Text(StrDumperUnknown):
    """Text without the one character that PostgreSQL can't keep."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\x00", "\ufffd") if "\x00" in obj else obj)


class PgConnection:
    """Runs our statements on PostgreSQL: see dialect.Connection.

    `since` is when the statement that is under way began, for whoever watches over it.
    """

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw, self.since = raw, None

    since: float | None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        self.since = time.monotonic()
        try:
            return self.raw.execute(_placed(sql), values)
        finally:
            self.since = None

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self.since = time.monotonic()
        try:
            with self.raw.cursor() as cursor:
                cursor.executemany(_placed(sql), rows)
        finally:
            self.since = None

    def plain(self, sql: bytes) -> psycopg.Cursor[Any]:
        """Run statements without values, several in one go."""
        self.since = time.monotonic()
        try:
            return self.raw.execute(sql, prepare=False)
        finally:
            self.since = None

    def cut(self) -> None:
        """Break the connection from another thread: whoever waits on it learns it at once."""
        with suppress(OSError, psycopg.Error), socket.socket(fileno=socket.dup(self.raw.fileno())) as ours:
            ours.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(psycopg.Error):
            self.raw.close()


@lru_cache(maxsize=1024)
def _placed(sql: str) -> bytes:
    return sql.replace("%", "%%").replace("?", "%s").encode()


def check(url: str) -> None:
    """Raise SettingsError unless the address can be read; it is never shown, as it may hold a password."""
    if not _can_be_read(url):
        raise SettingsError(
            "TRAPWISE_DATABASE can't be read. Use postgresql://user:password@host:5432/name, and write characters "
            "such as @ or / in the password as %40 or %2F."
        )


def _can_be_read(url: str) -> bool:
    try:
        port = conninfo_to_dict(url).get("port")
    except psycopg.Error:
        return False
    return port is None or all(one.isdigit() or not one for one in str(port).split(","))


def shown(url: str) -> str:
    """The address without anything secret."""
    parts = conninfo_to_dict(url)
    host, port = parts.get("host") or "localhost", parts.get("port")
    return f"PostgreSQL {parts.get('dbname') or '(default)'} on {host}{f':{port}' if port else ''}"


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection with our settings, that commits by itself; raises psycopg.Error."""
    raw = psycopg.connect(
        make_conninfo(url, **{k: v for k, v in _DEFAULTS.items() if k not in _said(url)}), autocommit=True
    )
    try:
        raw.prepare_threshold, raw.prepared_max = 2, 500
        # One size of number, so that a statement isn't prepared anew for each.
        raw.adapters.register_dumper(int, Int8Dumper)
        raw.adapters.register_dumper(int, Int8BinaryDumper)
        raw.adapters.register_dumper(str, _Text)
        raw.execute(_SETTINGS.encode())
        if raw.info.server_version < OLDEST:
            raise errors.FeatureNotSupported(f"Trapwise needs PostgreSQL {OLDEST // 10_000} or newer")
        if raw.info.parameter_status("server_encoding") != "UTF8":
            raise errors.UntranslatableCharacter("the database's encoding isn't UTF8; make one with ENCODING 'UTF8'")
    except BaseException:
        raw.close()
        raise
    return raw


def _said(url: str) -> frozenset[str]:
    return frozenset(conninfo_to_dict(url))


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, or the server is going or coming."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return isinstance(error, errors.IdleInTransactionSessionTimeout)
    state = error.sqlstate
    return state is None or state[:2] in ("08", "57") and state != "57014" or state in ("53300", "25P03")


def understood(error: psycopg.Error, url: str) -> StorageError:
    """The failure in our own terms. Details and statements are left out: they hold what members wrote."""
    found: StorageError
    said = error.diag.message_primary or str(error).strip().splitlines()[0:1] or ["no reason given"]
    sentence = said if isinstance(said, str) else said[0]
    if (password := conninfo_to_dict(url).get("password")) and len(str(password)) > 2:
        sentence = sentence.replace(str(password), "…")
    if is_lost(error):
        found = StorageBusy(f"{shown(url)} can't be reached: {sentence}")
    elif error.sqlstate in ("40001", "40P01", "55P03", "57014"):
        found = StorageBusy(f"{shown(url)} was too busy: {sentence}")
    else:
        found = StorageBroken(f"{shown(url)}: {sentence}")
    found.__cause__ = error
    return found
