"""Memory that was freed goes back to the system, seen from outside in a process of its own."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, pathlib, threading
from bot.memory import give_back

kept = []

def work():
    # Pieces too small to be mapped one by one, with some in between that stay: the reserve can't shrink by itself.
    pieces = [bytearray(4000) for _ in range(10_000)]
    kept.extend(pieces[::500])

def resident():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(next(row for row in status.splitlines() if row.startswith("VmRSS")).split()[1])

thread = threading.Thread(target=work)
thread.start()
thread.join()
before = resident()
asyncio.run(give_back())
print(before - resident())
"""

IDLE_THREAD = """
import asyncio, pathlib
from concurrent.futures import ThreadPoolExecutor
from bot.memory import give_back

def resident():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(next(row for row in status.splitlines() if row.startswith("VmRSS")).split()[1])

def draw():
    for _ in range(2):
        bytearray(b"x") * 8_000_000

async def main():
    await give_back()
    before = resident()
    with ThreadPoolExecutor(1) as threads:
        await asyncio.get_running_loop().run_in_executor(threads, draw)
        await give_back()
        print(resident() - before)

asyncio.run(main())
"""

GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked to give memory back")


def printed(program: str) -> int:
    """The number that the program prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return int(done.stdout)


@GLIBC
def test_what_a_thread_used_for_a_moment_is_given_back() -> None:
    assert printed(PROGRAM) > 20_000


@GLIBC
def test_a_thread_that_waits_for_work_keeps_nothing_of_the_last_large_piece() -> None:
    assert printed(IDLE_THREAD) < 2_000
