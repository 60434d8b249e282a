"""Hands memory that was used and freed back to the system."""

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
