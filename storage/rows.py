"""Values to columns and back."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from bot.core.item import Difficulty, Item, Kind, Option

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

DAY_MS = 86_400_000
"""Milliseconds in a day."""


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970 in UTC, rounded down."""
    return (instant - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The instant, aware, in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def pairs(keys: Sequence[tuple[int, int]]) -> tuple[str, list[int]]:
    """Question marks for `WITH asked (workspace, key) AS (VALUES ...)`, and what they stand for.

    A join with `asked`, first in its FROM, looks each key up by the index, where `(workspace, key) IN (VALUES ...)` has
    SQLite look through the whole table. There is a power of two of pairs, so that there are few statements to
    prepare; no key is 0.
    """
    return table(keys)


def table(rows: Sequence[tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """Question marks for `FROM (VALUES ...) AS asked`, and what they stand for; a row begins with workspace and key.

    Both databases call its columns `column1` and so on. Made up to a power of two of rows by others with no key.
    """
    size = 1 << max(0, len(rows) - 1).bit_length()
    nobodys = (0, 0, *rows[0][2:])
    values = [value for row in rows for value in row]
    return marks(size, len(nobodys)), values + list(nobodys) * (size - len(rows))


def portions(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
    """The same for `INSERT ... VALUES ...`, where nothing may be added: in several statements, from the largest."""
    done = 0
    while done < len(rows):
        size = 1 << (len(rows) - done).bit_length() - 1
        yield marks(size, len(rows[0])), [value for row in rows[done : done + size] for value in row]
        done += size


@lru_cache(maxsize=64)
def marks(rows: int, columns: int) -> str:
    """Question marks for so many rows."""
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


def item_body(item: Item) -> str:
    """An item as stored with its revision: all that is needed to show and judge it again, whatever the pack says."""
    return json.dumps(
        {
            "pack": item.pack,
            "id": item.id,
            "domain": item.domain,
            "kind": item.kind,
            "difficulty": item.difficulty,
            "stem": item.stem,
            "options": [[o.id, o.text, o.why, o.trap] for o in item.options],
            "key": item.key,
            "takeaway": item.takeaway,
            "sources": item.sources,
            "references": item.references,
            "checked": item.checked.isoformat(),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def item_from_body(body: str) -> Item:
    """The item that `item_body` wrote."""
    raw = json.loads(body)
    return Item(
        id=raw["id"],
        pack=raw["pack"],
        domain=raw["domain"],
        kind=Kind(raw["kind"]),
        difficulty=Difficulty(raw["difficulty"]),
        stem=raw["stem"],
        options=tuple(Option(*option) for option in raw["options"]),
        key=raw["key"],
        takeaway=raw["takeaway"],
        sources=tuple(raw["sources"]),
        references=tuple(raw["references"]),
        checked=date.fromisoformat(raw["checked"]),
    )
