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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked to give memory back")
def test_what_a_thread_used_for_a_moment_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) > 20_000
