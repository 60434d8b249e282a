"""The subjects that members remember, by number: their names would be most of what is kept of a memory."""

from storage.dialect import Connection

SUBJECTS_READ = 20_000
"""Subjects that are kept in memory, some 300 bytes each. A pack has a few hundred."""


class Subjects:
    """The packs and names of subjects, and their numbers. They never change, so they are kept in memory once read."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._numbers: dict[tuple[str, str], int] = {}
        self._names: dict[int, tuple[str, str]] = {}

    def find(self, pack: str, name: str) -> int | None:
        """The subject's number; None if nobody has met it."""
        number = self._numbers.get((pack, name))
        if number is not None:
            return number
        row = self._db.execute("SELECT id FROM subjects WHERE pack = ? AND name = ?", (pack, name)).fetchone()
        return self._put(row[0], pack, name) if row else None

    def keep(self, pack: str, name: str) -> int:
        """The subject's number, given out if it is new."""
        number = self.find(pack, name)
        while number is None:
            # Nothing comes back if another process was a moment quicker; then it is there to be found.
            row = self._db.execute(
                "INSERT INTO subjects (pack, name) VALUES (?, ?) ON CONFLICT (pack, name) DO NOTHING RETURNING id",
                (pack, name),
            ).fetchone()
            number = self._put(row[0], pack, name) if row else self.find(pack, name)
        return number

    def get(self, number: int) -> tuple[str, str]:
        """The pack and the name of the subject with this number."""
        if number not in self._names:
            self._put(number, *self._db.execute("SELECT pack, name FROM subjects WHERE id = ?", (number,)).fetchone())
        return self._names[number]

    def forget(self) -> None:
        """Drop what is in memory. Needed after a rollback: the next subject may get a number that was read here."""
        self._numbers.clear()
        self._names.clear()

    def _put(self, number: int, pack: str, name: str) -> int:
        if len(self._names) >= SUBJECTS_READ:
            self.forget()
        self._numbers[pack, name], self._names[number] = number, (pack, name)
        return number
