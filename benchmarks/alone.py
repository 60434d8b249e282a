"""What it costs that an answer passes through the house when nobody else presses."""

import sqlite3
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from benchmarks.crowd import crowd
from benchmarks.row import Row, at_most, ratio
from benchmarks.table import Bench
from storage import sqlite
from storage.connection import connect

CHANNELS, EACH = 20, 100
EACH_TURN = 300

Run = tuple[str, Sequence[Any] | None, list[Sequence[Any]] | None]
"""A statement with its values, or with many."""


class Recorder(sqlite3.Connection):
    """A connection that writes down what is run on it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.runs: list[Run] = []

    def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
        """Run one statement."""
        self.runs.append((sql, values, None))
        return super().execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Any], /) -> sqlite3.Cursor:
        """Run one statement with each of these values."""
        given = list(rows)
        self.runs.append((sql, None, given))
        return super().executemany(sql, given)


async def rows(bench: Bench) -> list[Row]:
    """The product's median for one answer at a time, over that of its very statements in plain sqlite3.

    Three databases go through the same days: one of ours is timed, one of ours writes its statements down, and these
    are run and timed on a plain connection with the same settings.
    """
    ours: list[float] = []
    plain: list[float] = []
    with closing(connect(str(bench.folder / "plain.db"))) as raw, recording() as recorders:
        async with crowd(bench.folder / "recorded.db", channels=CHANNELS, each=EACH) as scribe:
            (recorder,) = recorders
            sqlite.connect = connect  # type: ignore[attr-defined]  # as below
            async with crowd(bench.folder / "ours.db", channels=CHANNELS, each=EACH) as team:
                for day in range(bench.pairs + 1):
                    presses = team.presses(await team.open(day), seed=day)[:EACH_TURN]
                    await scribe.open(day)
                    for run in taken(recorder):
                        replay(raw, run)
                    await scribe.press_each(presses)
                    took, raws = [], []
                    # In turns, one by one: the disk's mood changes within a second.
                    for press, answer in zip(presses, answers(taken(recorder)), strict=True):
                        took += await team.press_each([press])
                        raws.append(timed(raw, answer))
                    if day:
                        ours.append(statistics.median(took) * 1e6)
                        plain.append(statistics.median(raws) * 1e6)
    return [
        ratio(
            "a lone answer / the same statements in plain sqlite3",
            meaning="Median time from press to feedback with nobody else pressing, against running and committing "
            "the same SQL in a bare loop: what the whole house adds.",
            ours=ours,
            baseline=plain,
            unit="us",
            goal=at_most(1.8),
        )
    ]


@contextmanager
def recording() -> Iterator[list[Recorder]]:
    """Storages opened within write down what they run."""
    made: list[Recorder] = []

    def record(path: str) -> sqlite3.Connection:
        plain = sqlite3.connect
        try:
            # `connect` sets everything up as for the product; only the class of the connection is ours.
            sqlite3.connect = lambda *given, **named: plain(*given, factory=Recorder, **named)  # type: ignore[assignment]  # restored below
            found = connect(path)
        finally:
            sqlite3.connect = plain
        assert isinstance(found, Recorder)
        made.append(found)
        return found

    sqlite.connect = record  # type: ignore[attr-defined,assignment]  # what it imports is its own affair, but for this
    try:
        yield made
    finally:
        sqlite.connect = connect  # type: ignore[attr-defined]  # as above


def taken(recorder: Recorder) -> list[Run]:
    """What was run since the last time."""
    runs, recorder.runs = recorder.runs, []
    return runs


def answers(runs: list[Run]) -> Iterator[list[Run]]:
    """The runs of each transaction that writes."""
    current: list[Run] = []
    for run in runs:
        if run[0].startswith("BEGIN"):
            current = []
        current.append(run)
        if run[0] == "COMMIT" and current[0][0] == "BEGIN IMMEDIATE":
            yield current


def replay(raw: sqlite3.Connection, run: Run) -> None:
    """Run it again; a SELECT is read to its end."""
    sql, values, many = run
    if many is not None:
        raw.executemany(sql, many)
    else:
        raw.execute(sql, values or ()).fetchall()


def timed(raw: sqlite3.Connection, runs: list[Run]) -> float:
    """Seconds for one answer's statements."""
    began = time.perf_counter()
    for run in runs:
        replay(raw, run)
    return time.perf_counter() - began
