"""Reads lines on the main thread, where Ctrl-C and line editing work, for a conversation that runs on another."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any


class Keyboard:
    """`ask` returns the next line without its end, or raises EOFError; Ctrl-C may interrupt it at any time."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        self._wanted: queue.SimpleQueue[Future[str | None] | None] = queue.SimpleQueue()

    async def read(self) -> str | None:
        """The next line; None at the end, and when somebody pressed Ctrl-C instead."""
        line: Future[str | None] = Future()
        self._wanted.put(line)
        return await asyncio.wrap_future(line)

    def serve(self, conversation: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run the conversation and read for it until it is over; raises what it raises.

        Ctrl-C while nothing is read cancels it.
        """
        loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
        failed: list[BaseException] = []

        async def converse() -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101  we are in it
            loops.append((asyncio.get_running_loop(), task))
            await conversation()

        def run() -> None:
            try:
                asyncio.run(converse())
            except BaseException as error:  # handed to the main thread
                failed.append(error)
            finally:
                self._wanted.put(None)

        thread = threading.Thread(target=run, name="conversation")
        thread.start()
        while True:
            try:
                wanted = self._wanted.get()
                if wanted is None:
                    break
                self._read_for(wanted)
            except KeyboardInterrupt:
                for loop, task in loops:
                    # A loop that has ended meanwhile has nothing left to cancel.
                    with contextlib.suppress(RuntimeError):
                        loop.call_soon_threadsafe(task.cancel)
        while thread.is_alive():
            with contextlib.suppress(KeyboardInterrupt):
                thread.join()
        for error in failed:
            if not isinstance(error, asyncio.CancelledError):
                raise error

    def _read_for(self, wanted: Future[str | None]) -> None:
        try:
            line: str | None = self._ask()
        except (EOFError, KeyboardInterrupt):
            line = None
        if wanted.set_running_or_notify_cancel():
            wanted.set_result(line)


def half_typed() -> str:
    """What stands behind the prompt right now, where line editing is there to tell."""
    try:
        import readline
    except ImportError:
        return ""
    return readline.get_line_buffer()
