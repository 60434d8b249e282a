"""Hands memory that was used and freed back to the system."""

import asyncio
import sys


async def give_back() -> None:
    """Hand back what the C library holds in reserve; does nothing where it isn't glibc.

    Each thread that worked hard for a moment, as for a backup or while presses piled up, leaves some megabytes in a
    reserve of its own. glibc keeps them for good unless asked: https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    if sys.platform == "linux":
        await asyncio.to_thread(_trim)


def _trim() -> None:
    import ctypes  # only here, and not needed before the first minute is over

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
