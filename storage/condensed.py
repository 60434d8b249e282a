"""What is kept of answers that were deleted because they had grown old: the member's counts as they stood then.

A rebuild begins with them and goes on with the answers that are left. They are kept as one text for each member,
since nothing but a rebuild, an export and forgetting ever looks at them.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from bot.app.ports import Tx
from bot.app.records import Answer
from storage.subjects import Subjects
from storage.upkeep import COUNTED, put_back

_OF_MEMBER = tuple((table, (*key, *columns)) for table, key, columns in COUNTED if "member" in key)


def added(kept: str | None, answers: Sequence[Answer], count: Callable[[Tx, Answer], None]) -> str:
    """What was kept of a member before, with these answers counted on top.

    They are counted by the very statements that count every answer, in tables of their own that live in memory.
    """
    from storage.tx import over  # which knows this module

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as books:
        for table, key, columns in COUNTED:
            names = ", ".join([*key, *(f"{column} DEFAULT 0" for column in columns)])
            books.execute(f"CREATE TABLE {table} ({names}, PRIMARY KEY ({', '.join(key)}))")
        books.execute("CREATE TABLE subjects (id INTEGER PRIMARY KEY, pack, name, UNIQUE (pack, name))")
        tx = over(books)
        put_back(books, tx.subjects, kept)
        for answer in answers:
            count(tx, answer)
        return _written(books, tx.subjects)


def _written(books: sqlite3.Connection, subjects: Subjects) -> str:
    found: dict[str, list[dict[str, Any]]] = {}
    for table, columns in _OF_MEMBER:
        rows = books.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608  constants only
        found[table] = [dict(zip(columns, row, strict=True)) for row in rows]
    for row in found["memories"]:
        # By name: the numbers in these tables are not those in the database.
        row["pack"], row["subject"] = subjects.get(row["subject"])
    return json.dumps(found, separators=(",", ":"))
