"""The two databases of a move, behind one face: rows in the order of their keys, and the highest keys given out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from storage.moving_plan import Table

Row = tuple[Any, ...]

STATE = "trapwise_moving"
"""The table in the target that notes how far a move is. As long as it is there, no bot opens that database."""

SOURCE = ""
"""The row of that table that tells which database is moved here."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a table's rows are in the target, and the key of the last one."""

    done: int
    last: Row

    def written(self) -> str:
        """As text, for the target to keep."""
        return json.dumps([self.done, *self.last])

    @classmethod
    def read(cls, text: str) -> "Progress":
        """What `written` made."""
        done, *last = json.loads(text)
        return cls(int(done), tuple(last))


class End(Protocol):
    """Either database."""

    @property
    def name(self) -> str:
        """What to call it, without anything secret."""
        ...

    def count(self, table: Table) -> int:
        """Its rows."""
        ...

    def rows(self, table: Table, after: Row, limit: int) -> Sequence[Row]:
        """The first rows with a key beyond `after`, which is empty for the first of all, in the order of keys."""
        ...

    def given_out(self) -> Mapping[str, int]:
        """The highest key that each table which counts them up has given out."""
        ...


class Target(End, Protocol):
    """The database to move to."""

    def text(self, text: str) -> str:
        """What it makes of a text; one of them can't keep every character."""
        ...

    def begun(self) -> Mapping[str, str]:
        """What is noted of a move that was broken off; empty if none was. StorageError if it holds anything else."""
        ...

    def begin(self, source: str) -> None:
        """Note which database is moved here."""
        ...

    def put(self, table: Table, rows: Sequence[Row], progress: Progress) -> None:
        """Add rows and note it, both or neither."""
        ...

    def finish(self, given_out: Mapping[str, int]) -> None:
        """Give out keys after those, and let bots in."""
        ...


def beyond(table: Table, after: Row, mark: str) -> str:
    """The statement that reads on; `mark` stands for a value."""
    columns, key = (", ".join(f'"{name}"' for name in names) for names in (table.columns, table.key))
    where = f"WHERE ({key}) > ({', '.join(mark for _ in after)})" if after else ""
    return f'SELECT {columns} FROM "{table.name}" {where} ORDER BY {key} LIMIT {mark}'  # noqa: S608  our schema's names
