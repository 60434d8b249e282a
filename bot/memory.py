"""Has the memory ready that must not be missing, and hands back what was used and freed."""

import asyncio
import sys
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
