"""The connection in turns: the storage thread has it, and a call that is alone may use it on the event loop.

To the thread and back is two waits for the system to wake a thread, each of which costs about as much as running an
answer's statements. Who presses alone is spared both. Whatever could keep the loop from others goes to the thread:
calls that aren't brief, those of several at once but for the first, and any call while the disk isn't quick.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from storage.connection import BUSY_TIMEOUT_MS, CHECKPOINT_PAGES
from storage.tx import SqlTx

QUICK = 0.002
"""Seconds within which a lone brief call has to be on disk to count as quick. The loop has longer pauses of its own."""

CALM = 8
"""Quick lone brief calls in a row, after which the next may run on the loop. So a disk that gets slow holds the loop up
once, and where many press nothing runs there. Other calls in between change nothing."""

TURNS = 64
"""After so many calls on the loop the thread has one, and folds the log into the file if it has grown long. The loop
never does, as that takes tens of milliseconds."""


class Lone:
    """Who may use the connection. Each method says whether the thread or the loop calls it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._lent: tuple[sqlite3.Connection, SqlTx] | None = None
        self._patient = True
        self._calm = self._turns = 0

    def lend(self, db: sqlite3.Connection, tx: SqlTx) -> None:
        """The thread: the loop may use this one as well, until it is taken back."""
        with self._turn:
            self._lent, self._patient, self._calm = (db, tx), True, 0

    def take_back(self) -> None:
        """The thread: the loop may not use it any more. Needed before it is closed."""
        with self._turn:
            self._lent = None

    @contextmanager
    def by_thread(self, *, calls: int, brief: int) -> Iterator[None]:
        """The thread: use the connection for so many calls, of which so many are brief."""
        with self._turn:
            self._be_patient(patient=True)
            self._turns = 0
            began = time.perf_counter()
            yield
            self._note(time.perf_counter() - began, calls=calls, brief=brief)

    def by_loop(self, run: Callable[[sqlite3.Connection, SqlTx], bool]) -> bool:
        """The loop: let `run` use the connection, and return what it does; False if this isn't the time for it.

        It never waits: neither for the thread, nor for another program that has the database locked.
        """
        if self._calm < CALM or self._turns >= TURNS or not self._turn.acquire(blocking=False):
            return False
        try:
            if self._lent is None:
                return False
            self._be_patient(patient=False)
            if self._patient:
                return False
            self._turns += 1
            began = time.perf_counter()
            done = run(*self._lent)
            self._note(time.perf_counter() - began, calls=1, brief=1)
            return done
        finally:
            self._turn.release()

    def _be_patient(self, *, patient: bool) -> None:
        if self._lent is not None and patient is not self._patient:
            db = self._lent[0]
            # Even these may fail, as when the file turns out to be damaged; what is run next will tell of it.
            with suppress(sqlite3.Error):
                db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS if patient else 0}")
                db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES if patient else 0}")
                self._patient = patient

    def _note(self, seconds: float, *, calls: int, brief: int) -> None:
        # Others' calls tell nothing of the disk: opening the day's rounds takes long wherever it is done.
        if brief > 1 or (brief == calls == 1 and seconds > QUICK):
            self._calm = 0
        elif brief == calls == 1:
            self._calm += 1
