"""The log in its full length beforehand: a commit then writes over what is there.

A write-ahead log begins empty and grows with each commit until it is folded into the file for the first time. As long
as it grows, each sync has to write down the file's new length as well: on ext4 a commit of eight pages takes 260 us,
where one that writes over what is there takes 180. A busy bot is past that after five hundred answers. A small team
gives so many in weeks, and SQLite deletes the log whenever the bot stops.
"""

import logging
import os
import shutil
import sqlite3
from pathlib import Path

from storage.connection import CHECKPOINT_PAGES

_log = logging.getLogger(__name__)

PAGE_BYTES = 4096
BYTES = CHECKPOINT_PAGES * PAGE_BYTES
"""How much is laid out: as long as the log gets before it is folded into the file and begun anew."""

ROOM = 20 * BYTES
"""Free space on the disk below which nothing is laid out."""

_FEW_PAGES = 16
"""What is kept in memory meanwhile. Whatever is beyond goes to the log before its transaction ends."""


def lay_out(db: sqlite3.Connection, path: Path) -> None:
    """Make the log as long as it gets; the database itself stays as it is, also if the process is killed meanwhile.

    A transaction that outgrows the memory it may use is written to the log before it ends. It is then rolled back, so
    nothing of it counts; what it took of the log stays. https://sqlite.org/fileformat2.html#the_write_ahead_log
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        if log.stat().st_size < BYTES and shutil.disk_usage(path.parent).free >= ROOM:
            _fill(db)
            _sync(log)
    except (sqlite3.Error, OSError) as error:
        # Writes are as safe as ever, only not as quick.
        _log.info("the log of %s could not be laid out: %s", path, error)


def _fill(db: sqlite3.Connection) -> None:
    (kept,) = db.execute("PRAGMA cache_size").fetchone()
    try:
        db.execute(f"PRAGMA cache_size = {_FEW_PAGES}")
        db.execute("BEGIN IMMEDIATE")
        db.execute("CREATE TABLE laid_out (filling BLOB NOT NULL) STRICT")
        db.execute("INSERT INTO laid_out (filling) VALUES (zeroblob(?))", (BYTES,))
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
        db.execute(f"PRAGMA cache_size = {kept}")


def _sync(log: Path) -> None:
    """Else whoever answers first would wait for it."""
    handle = os.open(log, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
