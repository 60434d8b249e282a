"""What comes in one turn of the event loop, handed on together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Gathered(Generic[T]):
    """Hands values on, all that came in a turn of the loop by one call."""

    def __init__(self, hand_on: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._hand_on = hand_on
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._handing: set[asyncio.Task[None]] = set()

    async def add(self, value: T) -> None:
        """Return when the value was handed on; raises whatever came of that, as do all who came with it."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((value, future))
        if len(self._waiting) == 1:
            # A task of its own, which begins when this turn is over: should the first be cancelled, the others aren't.
            task = asyncio.create_task(self._hand(), name="handing on")
            self._handing.add(task)
            task.add_done_callback(self._handing.discard)
        await future

    async def _hand(self) -> None:
        together, self._waiting = self._waiting, []
        try:
            await self._hand_on([value for value, _ in together])
        except BaseException as error:
            for _, future in together:
                if not future.done():
                    future.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for _, future in together:
                if not future.done():
                    future.set_result(None)
