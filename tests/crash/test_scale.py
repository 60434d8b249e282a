"""Three processes on one PostgreSQL; one of them or the server is taken away. `make crash-scale` does it for longer."""

from pathlib import Path

import pytest

from tests.support.crash_scale import BOTS, PEOPLE, days
from tests.support.pg_server import PgServer


@pytest.mark.timeout(240)
@pytest.mark.parametrize("taken_away", [["kill", "crash", "restart"], ["cut"], ["freeze"]], ids="-".join)
async def test_three_processes_lose_and_double_and_skip_nothing(
    tmp_path: Path, pg_server: PgServer, taken_away: list[str]
) -> None:
    # Longer than a process's lease, so that the others take over.
    counts = await days(tmp_path, pg_server, taken_away, seed=4, outage=16.0, told=lambda line: None)
    assert counts["answers"] == len(taken_away) * (BOTS + 1) * PEOPLE
