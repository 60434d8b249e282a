"""`--help` answers quickly: what is slow to import is imported where it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAVY = {
    "aiohttp",
    "apscheduler",
    "cryptography",
    "discord",
    "dotenv",
    "fsrs",
    "jinja2",
    "markdown_it",
    "numpy",
    "PIL",
    "rich",
    "slack_bolt",
    "slack_sdk",
    "sqlite3",
    "sqlite_utils",
    "tzlocal",
    "yaml",
    "zoneinfo",
}

OURS_TOO = ("bot.compose", "bot.config", "bot.adapters", "bot.app", "bot.core", "bot.packs", "storage")

SCRIPT = """
import runpy, sys
sys.argv = ["trapwise", *{arguments}]
try:
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
except SystemExit:
    pass
print("LOADED", *sorted(sys.modules))
"""


def loaded(*arguments: str) -> tuple[str, set[str]]:
    """What the command line prints, and the modules it has loaded by then."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(arguments=list(arguments))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said, _, modules = done.stdout.rpartition("LOADED ")
    return said, set(modules.split())


@pytest.mark.parametrize("arguments", [("--help",), ("-h",)])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    said, modules = loaded(*arguments)
    assert "Run the bot." in said
    assert {name.split(".")[0] for name in modules} & HEAVY == set()
    assert [name for name in modules if name.startswith(OURS_TOO)] == []


@pytest.mark.parametrize("command", ["run", "play", "check", "pack", "data"])
def test_help_of_a_command_loads_neither_sdk_nor_database(command: str) -> None:
    said, modules = loaded(command, "--help")
    assert "Usage:" in said
    tops = {name.split(".")[0] for name in modules}
    assert tops & {"discord", "slack_bolt", "slack_sdk", "aiohttp", "apscheduler", "sqlite_utils", "jinja2"} == set()


def test_loading_is_noticed() -> None:
    """The check above can fail: listing the packs does load what reads them."""
    _, modules = loaded("pack", "lint")
    assert "yaml" in {name.split(".")[0] for name in modules}
