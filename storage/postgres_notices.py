"""Short messages between the processes on one PostgreSQL, by LISTEN and NOTIFY. Some may be lost, none comes late.

On a connection of its own: NOTIFY in a transaction would make all commits of the database wait for one another.
"""

import contextlib
import json
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable

import psycopg

from storage.postgres_connection import connect

CHANNEL = "trapwise"

TOGETHER = 0.1
"""Seconds that messages are collected in; the same one is sent once."""

AGAIN = 1.0
"""Seconds between attempts to connect."""

LONGEST = 7000
"""PostgreSQL takes 8000 bytes."""

_log = logging.getLogger(__name__)


class Notices:
    """Hands on what other processes say to `heard`, in a thread of its own; what this one says it doesn't hear."""

    def __init__(self, url: str, heard: Callable[[str, str], None]) -> None:
        self._url, self._heard = url, heard
        self._me = secrets.token_hex(6)
        self._said: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="storage notices", daemon=True)
        self.listening = threading.Event()
        """Set while there is a connection."""

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def tell(self, topic: str, text: str) -> None:
        """Say something to all other processes; returns at once."""
        if len(text) < LONGEST:
            self._said.put((topic, text))

    def close(self) -> None:
        """Stop listening; waits a moment for the thread."""
        self._closing.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                with contextlib.closing(connect(self._url)) as db:
                    db.execute("LISTEN trapwise")
                    self.listening.set()
                    self._exchange(db)
            except psycopg.Error as error:
                _log.info("other processes aren't heard for a moment: %s", type(error).__name__)
                self._closing.wait(AGAIN)
            finally:
                self.listening.clear()

    def _exchange(self, db: "psycopg.Connection[object]") -> None:
        heard_at = time.monotonic()
        while not self._closing.is_set():
            for notice in db.notifies(timeout=TOGETHER, stop_after=100):
                self._hear(notice.payload)
            said: set[tuple[str, str]] = set()
            with contextlib.suppress(queue.Empty):
                while len(said) < 100:
                    said.add(self._said.get_nowait())
            for topic, text in said:
                db.execute("SELECT pg_notify(%s, %s)", (CHANNEL, json.dumps([self._me, topic, text])))
            if time.monotonic() - heard_at > AGAIN * 10:
                # A connection that nobody speaks on may be gone without anybody having been told.
                db.execute("SELECT 1")
                heard_at = time.monotonic()

    def _hear(self, payload: str) -> None:
        try:
            who, topic, text = json.loads(payload)
        except ValueError:
            return  # somebody else's
        if who != self._me:
            self._heard(str(topic), str(text))
