"""Has the memory ready that must not be missing, and hands back what was used and freed."""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""What malloc.h calls M_TRIM_THRESHOLD and M_MMAP_THRESHOLD."""

RESERVE = 1024 * 1024
"""Bytes that may be kept at the end of each thread's memory."""

LARGE = 512 * 1024
"""Pieces of as many bytes are had from the system and given back at once, such as a chart's pixels. It is more than the
256 KiB that asyncio asks for whenever it reads from a connection."""


STACK = 512 * 1024
"""Bytes of the main thread's stack to claim at the start. 128 KiB are there anyway, which nearly always suffice."""

SET_ASIDE = 2 * 1024 * 1024
"""Bytes to keep free for the end, if memory runs out: a traceback shows lines of source files, which are read then.
They take address space only, for nothing is ever written there."""


def claim_stack() -> None:
    """Have the system reserve STACK bytes for the main thread's stack; they stay. On Linux only.

    The stacks of other threads are reserved in whole when they start. The main thread's grows as it is used, and where
    no memory is left for that, the kernel ends the process with SIGSEGV instead of failing an allocation, which the bot
    would survive: https://man7.org/linux/man-pages/man2/setrlimit.2.html under RLIMIT_AS and RLIMIT_STACK.
    """
    if sys.platform == "linux":
        import ctypes  # see _trim

        # Passed by value, half the bytes are put onto the stack twice: by ctypes, then by the call itself.
        class Half(ctypes.Structure):
            _fields_ = [("room", ctypes.c_char * (STACK // 2))]

        harmless: Any = ctypes.CDLL(None).getpid
        harmless.argtypes = [Half]
        harmless(Half())


TOO_OFTEN, WITHIN = 8, 1.0
"""How many times in how many seconds memory is missing when the bot ends: half of what Python has ready for that."""

_MISSING = (
    b"Memory ran out again and again, so the bot ends at once and should be started anew. Nothing confirmed is lost.\n"
)


class Shortage(logging.Handler):
    """Calls `end` when the log tells of missing memory TOO_OFTEN; the reason is on standard error then.

    Python keeps sixteen MemoryErrors ready (MEMERRORS_SAVE in
    https://github.com/python/cpython/blob/v3.11.7/Objects/exceptions.c). With all of them in use and no room for one
    more, while a further exception is handled, making one fails with the next, a thousand times, and Python ends the
    process with SIGABRT. So many come together when hundreds of connections are read in one turn of the event loop.
    Nothing is finished or closed before `end`, as all of that takes memory: to the database it is a crash.
    """

    def __init__(self, end: Callable[[], object]) -> None:
        super().__init__()
        self._end, self._since, self._seen = end, 0.0, 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count the record if it is about missing memory."""
        if record.exc_info and isinstance(record.exc_info[1], MemoryError):
            if record.created - self._since > WITHIN:
                self._since, self._seen = record.created, 0
            self._seen += 1
            if self._seen >= TOO_OFTEN:
                os.write(2, _MISSING)
                self._end()


COLLECT_AFTER = 5_000, 20, 20
"""When Python looks for garbage. A press makes hundreds of objects that are gone a moment later; to look after every
700, as is usual, finds them half used, keeps them for longer, and costs a twelfth of a press."""


def keep_what_is_there() -> None:
    """Have Python look for garbage in what is made from now on only, and less often.

    Packs and modules stay for good. To look through them again and again would hold everybody up.
    """
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def give_back() -> None:
    """Hand back what the C library holds in reserve; does nothing where it isn't glibc.

    Each thread that worked hard for a moment, as for a backup or while presses piled up, leaves some megabytes in a
    reserve of its own. glibc keeps them for good unless asked: https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    Not even then does it give back the end of a thread's memory, which grows with the largest piece that was ever freed
    unless a limit is set: https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    if sys.platform == "linux":
        await asyncio.to_thread(_trim)


def _trim() -> None:
    import ctypes  # only here, and not needed before the bot is ready

    library: Any = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.mallopt(_MMAP_THRESHOLD, LARGE)
        library.mallopt(_TRIM_THRESHOLD, RESERVE)
        library.malloc_trim(0)
