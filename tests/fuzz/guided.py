"""Fuzzes one target guided by which lines of ours an input reaches. Needs atheris, which is installed by hand.

python -m tests.fuzz.guided "import GIFT" -runs=100000 [a folder that keeps what reaches new lines]
"""

import importlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory


def main() -> None:
    """Run until libFuzzer, which the other arguments are for, has had enough. What raises is reported and ends it."""
    atheris = importlib.import_module("atheris")
    name = sys.argv.pop(1)
    # Only what is imported in here is watched.
    with atheris.instrument_imports(include=["bot"], enable_loader_override=False):
        every = importlib.import_module("tests.fuzz.every")
    target = next(found for found in every.TARGETS if found.name == name)
    with target.opened() as bench, TemporaryDirectory() as folder:
        for number, seed in enumerate(bench.seeds):
            (Path(folder) / str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, folder], bench.check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
