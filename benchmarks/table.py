"""All rows, in the order they are printed. Who adds a row adds its function here, as `module:function`.

The function takes a `Bench` and gives rows; it may be async. Its module is imported only when its turn has come, so
that what one needs is not in another's memory, and a row whose packages aren't installed holds up nobody.
"""

import asyncio
import importlib
import inspect
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.row import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """`folder` is on the real disk, this row's own, and deleted afterwards; `cache` outlives the run.

    `pairs` is how often each pair is measured.
    """

    folder: Path
    cache: Path
    pairs: int


ROWS: tuple[str, ...] = (
    "benchmarks.answers:rows",
    "benchmarks.processes:rows",
    "benchmarks.syncs:rows",
    "benchmarks.alone:rows",
    "benchmarks.red:rows",
    "benchmarks.pages:rows",
    "benchmarks.alarms:rows",
    "benchmarks.start:rows",
    "benchmarks.startup:rows",
    "benchmarks.slack_presses:rows",
    "benchmarks.discord_presses:rows",
    "benchmarks.discord_memory:rows",
)
"""What `make bench` measures."""

FULL_ROWS: tuple[str, ...] = ("benchmarks.boards:rows", "benchmarks.boards:sizes")
"""What `make bench-full` measures besides: they need five million answers, which take a while to make."""


def chosen(*, full: bool, only: str) -> tuple[str, ...]:
    """The rows to measure; `only` is a part of their module's name."""
    return tuple(name for name in (*ROWS, *(FULL_ROWS if full else ())) if only in name)


def measure(name: str, bench: Bench) -> Iterator[Row]:
    """The rows of one function."""
    module, _, function = name.partition(":")
    found = getattr(importlib.import_module(module), function)(bench)
    yield from asyncio.run(found) if inspect.iscoroutine(found) else found


def seconds(began: float) -> str:
    """How long ago that was, for whoever waits."""
    return f"{time.perf_counter() - began:.0f} s"
