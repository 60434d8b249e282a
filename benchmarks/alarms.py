"""Nine o'clock in ten thousand channels at once."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.row import Row, at_most, ratio
from benchmarks.table import Bench

CHANNELS = 10_000
PAIRS = 2
"""At most: each takes a minute or so."""

_WHAT = f"{CHANNELS:,} channels in twelve zones are due at one instant; against one APScheduler job for each channel"


def rows(bench: Bench) -> list[Row]:
    """Three rows from the same runs."""
    ready = bench.folder / "ready.db"
    _run("prepare", ready)
    ours, jobs = [], []
    for turn in range(min(bench.pairs, PAIRS)):
        mine, theirs = bench.folder / f"ours-{turn}.db", bench.folder / f"jobs-{turn}.db"
        shutil.copyfile(ready, mine)
        ours.append(json.loads(_run("ours", mine)))
        jobs.append(json.loads(_run("jobs", theirs)))
    return [
        ratio(
            f"{CHANNELS:,} channels due: {name} / APScheduler",
            meaning=f"{_WHAT}: {words}.",
            ours=[found[key] for found in ours],
            baseline=[found[key] for found in jobs],
            unit=unit,
            goal=at_most(1 / share),
        )
        for key, name, words, unit, share in (
            ("block", "longest block", "the longest time that nobody's press is looked at", "ms", 10),
            ("last", "last post", "how long until the last channel has its question", "ms", 5),
            ("memory", "memory", "what waiting for it takes", "MB", 8),
        )
    ]


def _run(kind: str, database: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.zones", kind, str(database), str(CHANNELS)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout
