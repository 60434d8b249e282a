"""`make bench`: how fast Trapwise is, as ratios measured side by side in one run.

Absolute figures drift with the machine's mood from minute to minute, so each row compares two things that were
measured in turns (A B A B ...), and gives the median of the ratios with its spread.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from benchmarks import answers, discord_servers, reads, start
from benchmarks.row import Row


def main() -> None:
    """Measure and print every row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--pairs", type=int, default=5, help="how often each pair is measured")
    given = parser.parse_args()
    rows: list[Row] = []
    # On the real disk, not in /tmp, which may be memory and hide what a commit costs.
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        rows += asyncio.run(answers.rows(Path(folder), pairs=given.pairs))
        rows += asyncio.run(reads.rows(Path(folder), pairs=given.pairs))
        rows += asyncio.run(discord_servers.rows(Path(folder), pairs=given.pairs))
    rows += start.rows(pairs=given.pairs)
    if given.json:
        print(json.dumps([row.as_dict() for row in rows], indent=2))
        return
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
