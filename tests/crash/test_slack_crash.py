"""The bot on Slack is killed at every named point and at random; `make crash PLATFORM=slack` does it more often."""

from pathlib import Path

import pytest

from tests.support.crash_slack import POINTS, kills


@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_doubled_on_slack_wherever_it_is_killed(tmp_path: Path) -> None:
    told: list[str] = []
    counts = await kills(tmp_path, len(POINTS), seed=7, told=told.append)
    assert counts.total() == len(POINTS)
    assert "answers confirmed" in told[-1]
    assert " 0 answers confirmed" not in f" {told[-1]}"
