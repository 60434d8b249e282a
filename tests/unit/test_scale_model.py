"""The table of docs/scale.md is what the model prints, and the model reckons as it says."""

import re
from dataclasses import replace
from pathlib import Path

from benchmarks.scale_model import DISCORD_GLOBAL, World, report, table

PAGE = Path(__file__).resolve().parents[2] / "docs/scale.md"


def test_the_page_shows_what_the_model_prints() -> None:
    assert f"\n\n{table(World())}\n\n" in PAGE.read_text(encoding="utf-8")


def test_the_measured_sizes_of_the_page_are_those_of_the_model() -> None:
    page = PAGE.read_text(encoding="utf-8")
    measured = [int(figure) for figure in re.findall(r"^\| bytes for each answer .*? \| (\d+) \|", page, re.MULTILINE)]
    assert measured == [World().bytes_each, World().bytes_each_postgres]


def test_twice_the_workspaces_take_twice_as_long_on_discord() -> None:
    one, two = World(), replace(World(), workspaces=200_000)
    assert two.due / DISCORD_GLOBAL == 2 * one.due / DISCORD_GLOBAL == 1200
    assert dict(report(two))["Discord shards, at least"] == "80"


def test_more_processes_help_on_slack_only() -> None:
    few, many = dict(report(World())), dict(report(World(processes=6)))
    changed = [what.replace("6 processes", "3 processes") for what, figure in many.items() if few.get(what) != figure]
    assert changed == ["all of them posted on Slack by 3 processes"]
