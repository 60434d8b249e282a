"""The exam domain and the use cases work on a machine that has no chat SDK, no database and no YAML."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ABSENT = (
    "discord",
    "slack_bolt",
    "slack_sdk",
    "sqlite_utils",
    "sqlite3",
    "_sqlite3",
    "yaml",
    "aiohttp",
    "apscheduler",
    "jinja2",
    "dotenv",
    "rich",
    "click",
)

SCRIPT = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None

sys.meta_path.insert(0, Absent())
count = 0
for top in {tops}:
    package = importlib.import_module(top)
    for found in pkgutil.walk_packages(package.__path__, f"{{top}}."):
        importlib.import_module(found.name)
        count += 1
print(count, sorted(set({absent}) & {{name.split(".")[0] for name in sys.modules}}))
"""


def run(tops: tuple[str, ...], absent: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Import every module of the packages in a process in which some libraries can't be found."""
    script = SCRIPT.format(absent=set(absent), tops=tops)
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)


def test_core_app_and_view_import_without_any_of_them() -> None:
    done = run(("bot.core", "bot.view", "bot.app"), ABSENT)
    assert done.returncode == 0, done.stderr
    count, left = done.stdout.split(" ", 1)
    assert int(count) > 35
    assert left.strip() == "[]"


@pytest.mark.parametrize("adapter", ["discord", "slack"])
def test_an_adapters_sdk_is_really_absent(adapter: str) -> None:
    """The check above can fail: the adapters can't be imported this way."""
    done = run((f"bot.adapters.{adapter}",), ABSENT)
    assert done.returncode != 0
    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.parametrize(
    ("adapter", "absent"),
    [
        ("discord", ("slack_bolt", "slack_sdk", "sqlite3", "sqlite_utils")),
        ("slack", ("discord", "sqlite_utils", "jinja2")),  # its SDK imports sqlite3 by itself
        ("web", ("discord", "slack_bolt", "slack_sdk", "sqlite3", "sqlite_utils")),
        ("terminal", ("discord", "slack_bolt", "slack_sdk", "sqlite3", "sqlite_utils", "aiohttp", "jinja2")),
    ],
)
def test_each_adapter_needs_only_its_own(adapter: str, absent: tuple[str, ...]) -> None:
    done = run((f"bot.adapters.{adapter}",), absent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("[]")
