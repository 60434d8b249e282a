"""A smaller version of `make load`: presses on both platforms at once, on the real process."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.load.burst import Plan, burst
from benchmarks.load.figures import ACKNOWLEDGED_WITHIN
from benchmarks.load.recount import faults
from benchmarks.load.slope import slope, typical


@pytest.mark.timeout(120)
@pytest.mark.parametrize("socket", [False, True], ids=["http", "socket"])
async def test_every_press_of_a_crowd_is_acknowledged_in_time_and_saved_once(tmp_path: Path, socket: bool) -> None:
    figures = await burst(tmp_path, Plan(presses=200, channels=8, seconds=4.0, socket=socket))
    assert figures.broken == ()
    assert len(figures.outcomes) == 200
    assert len({one.team for one in figures.outcomes}) == 2
    assert max(one.acknowledged for one in figures.outcomes) < ACKNOWLEDGED_WITHIN
    assert any("You already chose" in one.words for one in figures.outcomes)
    # The recount would have noticed a lost answer, and one that is saved otherwise than was told.
    database = tmp_path / "trapwise.db"
    with closing(sqlite3.connect(database)) as db:
        number, member, choice = db.execute("SELECT source_id, member, choice FROM responses").fetchone()
        other = "a" if choice != "a" else "b"
        where = (number, member)
        db.execute("UPDATE responses SET choice = ? WHERE source_id = ? AND member = ?", (other, *where))
        db.commit()
        assert faults(database, figures.outcomes) != []
        db.execute("UPDATE responses SET choice = ? WHERE source_id = ? AND member = ?", (choice, *where))
        db.commit()
        assert faults(database, figures.outcomes) == []
        db.execute("DELETE FROM responses WHERE source_id = ? AND member = ?", where)
        db.commit()
        assert faults(database, figures.outcomes) != []


def test_the_slope_of_a_leak_is_found_and_of_noise_is_not() -> None:
    minutes = [n / 6 for n in range(180)]
    noise = [((n * 7919) % 101) - 50.0 for n in range(180)]
    flat = slope(minutes, [80_000 + jitter for jitter in noise])
    leaking = slope(minutes, [80_000 + 120 * minute + jitter for minute, jitter in zip(minutes, noise, strict=True)])
    assert abs(flat.slope) < flat.margin + 1 < 3
    assert 118 < leaking.slope - leaking.margin < 120 < leaking.slope + leaking.margin < 122


def test_a_busy_moment_does_not_look_like_a_leak() -> None:
    minutes = [n / 6 for n in range(180)]
    memory = [80_000.0 + 30 * minute + (9_000 if 20 < minute < 25 else 0) for minute in minutes]
    assert 29 < typical(minutes, memory) < 45 < slope(minutes, memory).slope
