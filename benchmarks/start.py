"""How long it takes until the command line answers."""

import subprocess
import sys
import time

from benchmarks.row import Row, pair


def rows(*, pairs: int) -> list[Row]:
    """`python -m bot --help` against a bare interpreter that imports click."""
    ours, bare = [], []
    for _ in range(pairs):
        ours.append(_milliseconds(["-m", "bot", "--help"]))
        bare.append(_milliseconds(["-c", "import click"]))
    return [pair("trapwise --help / import click", ours, bare, goal="<= 1.5", unit="ms")]


def _milliseconds(arguments: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000
