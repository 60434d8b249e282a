"""A look at a database on PostgreSQL that changes nothing, for the check before a start."""

from contextlib import closing
from dataclasses import dataclass

import psycopg

from storage.postgres_connection import check, connect, shown, understood
from storage.postgres_schema import version


@dataclass(frozen=True, slots=True)
class Looked:
    """What is there: where, which PostgreSQL, and the tables' schema, 0 if there are none yet."""

    where: str
    server: str
    schema: int


def look(url: str) -> Looked:
    """Connect once. Raises SettingsError or StorageError with what to do."""
    check(url)
    try:
        with closing(connect(url)) as db:
            number = db.info.server_version
            return Looked(shown(url), f"{number // 10_000}.{number % 10_000}", version(db, shown(url)))
    except psycopg.Error as error:
        raise understood(error, url) from error
