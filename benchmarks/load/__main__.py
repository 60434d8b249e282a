"""`make load`: prints what a load came to, and fails if a promise is broken.

python -m benchmarks.load [--presses 5000] [--channels 50] [--seconds 10]
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.load.burst import Plan, burst


def main() -> None:
    """Once with Slack over signed HTTP and once by Socket Mode, Discord beside it both times."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load")
    parser.add_argument("--presses", type=int, default=5000)
    parser.add_argument("--channels", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    broken = False
    for socket in (False, True):
        # On the real disk, not in /tmp, which may be memory and hide what a commit costs.
        folder = Path(tempfile.mkdtemp(dir=Path.cwd(), prefix=".load-"))
        plan = Plan(presses=given.presses, channels=given.channels, seconds=given.seconds, socket=socket)
        figures = asyncio.run(burst(folder, plan))
        print("\n".join(figures.lines()), flush=True)
        broken = broken or bool(figures.broken)
        if not figures.broken:
            shutil.rmtree(folder)  # what failed stays, to be looked at
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
