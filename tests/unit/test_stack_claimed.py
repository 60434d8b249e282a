"""The main thread's stack is there when no memory is left to let it grow, seen from outside in a process of its own."""

import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts a stack that grows against a limit")

PROGRAM = """
import pathlib, resource, sys
from bot.memory import claim_stack

def nested(levels):
    around = []
    for _ in range(levels):
        around = [around]
    return around

# To compare what is nested takes 170 bytes of the stack at each level, and none of other memory.
sys.setrecursionlimit(5_000)
one, other = nested(1_200), nested(1_200)
if sys.argv[1] == "claimed":
    claim_stack()
taken = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken, resource.RLIM_INFINITY))
print(one == other)
"""


def _end(how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, timeout=60)


def test_a_deep_call_lives_where_no_memory_is_left_for_the_stack_to_grow() -> None:
    done = _end("claimed")
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_without_the_claim_the_kernel_ends_the_process() -> None:
    """If this fails the system no longer needs the claim, and the test above shows nothing."""
    assert _end("unclaimed").returncode == -signal.SIGSEGV
