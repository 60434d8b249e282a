"""Calls that come from event loops and are answered by threads."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from storage.tx import SqlTx


class Sort(Enum):
    """What a call does: read on a consistent view, write, or work on all the counts as a whole."""

    READ = auto()
    WRITE = auto()
    WHOLE = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a transaction, since when (monotonic) it waits, and where its outcome goes."""

    fn: Callable[[SqlTx], Any]
    sort: Sort
    since: float
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]

    def resume(self, outcome: Any) -> None:
        """Hand the outcome to the caller."""
        self._settle(lambda future: future.set_result(outcome))

    def fail(self, error: BaseException) -> None:
        """Hand a failure to the caller."""
        if isinstance(error, StopIteration):
            # A future refuses this one, and the caller would wait for ever.
            error = RuntimeError("StopIteration in a storage call")
        self._settle(lambda future: future.set_exception(error))

    def _settle(self, how: Callable[[asyncio.Future[Any]], None]) -> None:
        def settle() -> None:
            if not self.future.done():
                how(self.future)

        # A loop that was closed meanwhile has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(settle)
