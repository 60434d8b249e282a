"""Whether the database says what members were told: every acknowledged answer once, and nothing else."""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.load.teams import Outcome

_CHOSE = re.compile(r"(?:Right: |ou chose |ou already chose )([A-E])\b")


def faults(database: Path, outcomes: Sequence[Outcome]) -> list[str]:
    """What doesn't agree, one sentence each; read while nobody writes."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        shown = dict(db.execute("SELECT id, shown FROM rounds"))
        rows = db.execute(
            """SELECT r.source_id, m.ref, r.choice FROM responses r
               JOIN members m ON m.id = r.member AND m.workspace = r.workspace WHERE r.source = 0"""
        ).fetchall()
        tallied = db.execute("SELECT coalesce(sum(count), 0) FROM tallies").fetchone()[0]
    saved = {(number, ref): "ABCDE"[shown[number].index(choice)] for number, ref, choice in rows}
    found = []
    if len(saved) != len(rows):
        found.append(f"{len(rows) - len(saved)} answers are there twice")
    if tallied != len(rows):
        found.append(f"{tallied} are counted, {len(rows)} are there")
    pressed: dict[tuple[int, str], set[str]] = {}
    for outcome in outcomes:
        key = (outcome.round, outcome.member)
        pressed.setdefault(key, set()).add(outcome.letter)
        told = _CHOSE.search(outcome.words)
        if told is None:
            found.append(f"{outcome.member} was not told what is saved: {outcome.words[:80]!r}")
        elif saved.get(key) != told[1]:
            found.append(f"{outcome.member} was told {told[1]}, but {saved.get(key)} is saved")
    for key, letter in saved.items():
        if letter not in pressed.get(key, ()):
            found.append(f"{key[1]} never chose {letter}")
    return found
