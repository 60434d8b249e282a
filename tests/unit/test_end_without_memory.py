"""`trapwise run` where no memory is left at all: it says so and asks to be started anew."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.run import START_ANEW

PROGRAM = """
import pathlib, resource
from bot import compose
from bot.cli.run import run

eaten = None  # a chain: a list would keep memory to grow

async def eat(settings, *, say):
    global eaten
    say("eats")
    taken = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken, resource.RLIM_INFINITY))
    for size in (1 << 16, 1 << 12, 1 << 9, 1 << 6):
        try:
            while True:
                eaten = (eaten, bytes(size))
        except MemoryError:
            pass
    while True:
        eaten = (eaten, 1.5)

compose.run = eat
run([])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of the process")
def test_where_nothing_is_left_it_is_told_and_the_exit_code_asks_for_a_new_start(tmp_path: Path) -> None:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TRAPWISE_", "SLACK_", "DISCORD_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "should be started anew" in done.stderr
    assert "MemoryError" in done.stderr
    assert done.stdout == "eats\n"
    assert done.returncode == START_ANEW
