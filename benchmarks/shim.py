"""Runs a part of a benchmark in a process whose syncs to disk are counted, and slowed down if asked to."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("syncshim.c")


class NoCompilerError(Exception):
    """There is no C compiler to build the shim with."""


def build(folder: Path) -> Path:
    """The shim, compiled into the folder."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompilerError("there is no C compiler here (Debian: apt-get install gcc libc6-dev)")
    target = folder / "syncshim.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", target, SOURCE, "-ldl"], check=True)
    return target


def run(shim: Path, module: str, arguments: Sequence[object], *, extra: float = 0.0) -> str:
    """What `python -m module` prints with the shim in place; `extra` seconds are added to each sync."""
    environment = {
        **os.environ,
        "LD_PRELOAD": str(shim),
        "SYNCSHIM_MICROSECONDS": str(round(extra * 1_000_000)),
    }
    done = subprocess.run(
        [sys.executable, "-m", module, *(str(argument) for argument in arguments)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def syncs() -> int:
    """How many syncs this process has made; only where the shim is in place."""
    library: Any = ctypes.CDLL(None)
    library.syncshim_count.restype = ctypes.c_long
    return int(library.syncshim_count())
