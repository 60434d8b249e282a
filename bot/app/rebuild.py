"""Counts everything anew from the responses, through the same ledger that counts each answer."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.app.ledger import recount
from bot.app.ports import Tx, Upkeep
from bot.app.records import Counts

TOLERANCE = 1e-9
"""Relative. Sums of weights come out a little different when added in another order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A maintained count that isn't what the responses say. None: that side has no such row."""

    table: str
    key: tuple[str | int, ...]
    column: str
    kept: int | float | None
    counted: int | float | None


def rebuild(tx: Tx, upkeep: Upkeep) -> tuple[Difference, ...]:
    """Put counts made anew in place of the maintained ones; what that changed."""
    kept = upkeep.counts()
    upkeep.clear()
    for answer in upkeep.answers():
        recount(tx, answer)
    return tuple(_differences(kept, upkeep.counts()))


def _differences(kept: Counts, counted: Counts) -> Iterator[Difference]:
    for table in kept:
        for key in sorted({*kept[table], *counted[table]}, key=str):
            old, new = kept[table].get(key), counted[table].get(key)
            if old is None or new is None:
                column, value = next(iter((old or new or {}).items()), ("row", 1))
                yield Difference(
                    table=table,
                    key=key,
                    column=column,
                    kept=None if old is None else value,
                    counted=None if new is None else value,
                )
                continue
            for column in old:
                if not _same(old, new, column):
                    yield Difference(table=table, key=key, column=column, kept=old[column], counted=new[column])


def _same(old: Mapping[str, int | float], new: Mapping[str, int | float], column: str) -> bool:
    if isinstance(old[column], int) and isinstance(new[column], int):
        return old[column] == new[column]
    # Against the row's largest sum: right and wrong answers of great weight may cancel to almost nothing.
    scale = max(abs(value) for value in old.values() if isinstance(value, float))
    return math.isclose(old[column], new[column], rel_tol=TOLERANCE, abs_tol=TOLERANCE * scale)
