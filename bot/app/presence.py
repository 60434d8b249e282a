"""This process among others on one database. Here it is alone; bot.pulse has what it is otherwise."""

import math
from contextlib import AbstractAsyncContextManager, nullcontext

from bot.app.ports import Tx


class Presence:
    """A process that is alone: it has no name, and nobody takes over from it."""

    holder = ""

    @property
    def left(self) -> float:
        """Seconds in which what this process has is still its own."""
        return math.inf

    @property
    def alone(self) -> bool:
        """Whether no other process may be at work."""
        return True

    def guarded(self) -> AbstractAsyncContextManager[None]:
        """What others would take over from us: TimeoutError as soon as they may."""
        return nullcontext()

    def others(self, tx: Tx) -> frozenset[str]:
        """The other processes that live."""
        return frozenset()
