"""`make bench`: how fast Trapwise is, beside what people would use instead, measured side by side in one run.

Absolute figures drift with the machine's mood from minute to minute, so each row compares two things that were
measured in turns (A B A B ...), and gives the median of the ratios with its spread. See benchmarks/table.py.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.row import Row
from benchmarks.table import Bench, chosen, measure, seconds


def main() -> None:
    """Measure and print every row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the rows to this file as well")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the table to this file as well")
    parser.add_argument("--pairs", type=int, default=5, help="how often each pair is measured (5)")
    parser.add_argument("--full", action="store_true", help="the rows that need five million answers as well")
    parser.add_argument("--only", metavar="WORD", default="", help="rows whose module has this word in its name")
    parser.add_argument("--cache", type=Path, default=Path(".bench-cache"), help="where large databases are kept")
    given = parser.parse_args()
    rows: list[Row] = []
    began = time.perf_counter()
    for name in chosen(full=given.full, only=given.only):
        # On the real disk, not in /tmp, which may be memory and hide what a commit costs.
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
            bench = Bench(folder=Path(folder), cache=given.cache.resolve(), pairs=given.pairs)
            for row in measure(name, bench):
                rows.append(row)
                print(text(row), flush=True)
        print(f"    ({name.partition(':')[0]}, {seconds(began)} since the start)", file=sys.stderr, flush=True)
    missed = [row.name for row in rows if not row.met]
    print(f"{len(rows) - len(missed)} of {len(rows)} goals are met." + "".join(f"\n  missed: {n}" for n in missed))
    if given.json:
        found = {"machine": machine(), "rows": [row.as_dict() for row in rows]}
        given.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if given.markdown:
        given.markdown.write_text(markdown(rows), encoding="utf-8")


def text(row: Row) -> str:
    """The row for a terminal."""
    low, high = row.spread if row.measured else (0.0, 0.0)
    spread = f" [{low:.3g} to {high:.3g}]" if row.measured else ""
    sign = "met   " if row.met else "MISSED"
    lines = [f"{sign} {row.name}: {row.shown}{spread}, goal {row.goal}", f"         {row.meaning}"]
    lines += [f"         {line}" for line in (row.detail, row.note) if line]
    return "\n".join(lines)


def markdown(rows: list[Row]) -> str:
    """The rows as a table for docs/performance.md."""
    lines = ["| row | figure | spread | goal | met | medians |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        spread = f"{row.spread[0]:.3g} to {row.spread[1]:.3g}" if row.measured else ""
        met = "yes" if row.met else "no"
        lines.append(f"| {row.name} | {row.shown} | {spread} | {row.goal} | {met} | {row.detail} |")
    return "\n".join([*lines, "", *(f"- {machine_line}" for machine_line in machine()), ""])


if __name__ == "__main__":
    main()
