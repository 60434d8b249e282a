"""The bot is killed at every named point and at random instants, on one database; `make crash` does it more often."""

from pathlib import Path
from typing import get_args

import pytest

from bot import config
from bot.faults import VARIABLE, Point
from tests.support.crash_run import POINTS, kills

TIMES = 2 * len(POINTS) - 2

ELSEWHERE = ("during_move",)
"""Points at which a command is killed, not a bot: tests/contract/test_data_move.py."""


@pytest.mark.timeout(180)
async def test_nothing_is_lost_or_doubled_wherever_it_is_killed(tmp_path: Path) -> None:
    counts = await kills(tmp_path, TIMES, seed=3)
    assert counts.total() == TIMES
    assert set(counts) == {point for point, _ in POINTS}


@pytest.mark.timeout(180)
async def test_nothing_is_lost_or_doubled_on_postgresql(tmp_path: Path, pg_url: str) -> None:
    counts = await kills(tmp_path, len(POINTS) - 2, seed=5, url=pg_url)
    assert counts.total() == len(POINTS) - 2


def test_every_fault_point_is_killed_at_and_passed_somewhere() -> None:
    sources = [path.read_text(encoding="utf-8") for top in ("bot", "storage") for path in _sources(top)]
    killed_at = {*(point for point, _ in POINTS), *ELSEWHERE}
    passed = {point for point in killed_at if any(f'reached("{point}")' in source for source in sources)}
    assert passed == set(get_args(Point))


def test_a_fault_is_no_setting() -> None:
    assert VARIABLE in config.INTERNAL


def _sources(top: str) -> list[Path]:
    return sorted((Path(__file__).resolve().parents[2] / top).rglob("*.py"))
