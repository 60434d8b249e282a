"""The schema version this program works with, kept apart so that opening a current database imports no migrations."""

LATEST = 14
"""How many migrations there are in schema.py; a test compares them. Stored in each database as user_version."""

EXPANDS: frozenset[int] = frozenset()
"""Migrations, by number, that only add what the version before can leave alone: tables, indexes, and columns that may
be null or have a default. While they run, and after, processes of that version go on, also when they are started anew.
"""


def works_since(number: int) -> int:
    """The oldest schema whose programs still work once migration `number` is done."""
    while number in EXPANDS:
        number -= 1
    return number
