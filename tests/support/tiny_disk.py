"""A small file system of its own for a script: to fill a disk, or to make it read-only, without being root."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_MOUNTS = 'mount -t tmpfs -o size="$1" tmpfs "$2" && exec "$3" -c "$4" "$2"'


def run_on_tiny_disk(script: str, where: Path, *, size: str = "1m") -> str:
    """Run Python code with a new file system on the folder `where`, its argument; what it printed.

    The code runs in a namespace where it may mount and remount. Skips where the system allows no such namespaces.
    """
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare, which this system doesn't have")
    where.mkdir(exist_ok=True)
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _MOUNTS, "sh", size, str(where)]
    probe = subprocess.run([*inside, sys.executable, "pass"], capture_output=True, text=True, timeout=20)
    if probe.returncode != 0:
        pytest.skip(f"this system allows no mounts in a user namespace: {probe.stderr.strip()}")
    done = subprocess.run([*inside, sys.executable, script], capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return done.stdout
