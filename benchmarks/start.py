"""How long it takes until the command line answers."""

import subprocess
import sys
import time

from benchmarks.row import Row, at_most, ratio
from benchmarks.table import Bench


def rows(bench: Bench) -> list[Row]:
    """`python -m bot --help` against a bare interpreter that imports click."""
    ours, bare = [], []
    for _ in range(bench.pairs):
        ours.append(_milliseconds(["-m", "bot", "--help"]))
        bare.append(_milliseconds(["-c", "import click"]))
    return [
        ratio(
            "trapwise --help / import click",
            meaning="How long until the command line answers, against an interpreter that only imports its library.",
            ours=ours,
            baseline=bare,
            unit="ms",
            goal=at_most(1.5),
        )
    ]


def _milliseconds(arguments: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000
