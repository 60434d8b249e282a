"""What an import yields: drafts, and the rows that could not be used."""

from dataclasses import dataclass

from bot.core.item import Kind

MAX_BYTES = 20_000_000
"""Largest file that is read; a bank of thousands of questions is far smaller."""

MAX_ROWS = 5000


@dataclass(frozen=True, slots=True)
class DraftOption:
    """One option; `why` is empty where the file gives no rationale. `trap` is the number of a draft trap."""

    text: str
    why: str = ""
    trap: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftItem:
    """A question as found. `key` counts the options from 0; `domain` is as named in the file, empty if it isn't."""

    number: int
    stem: str
    options: tuple[DraftOption, ...]
    key: int
    takeaway: str = ""
    references: tuple[str, ...] = ()
    domain: str = ""
    kind: Kind = Kind.FACT


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftTrap:
    """A misconception as found."""

    number: int
    belief: str
    reality: str
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCard:
    """A fact to keep in mind, as found."""

    number: int
    text: str
    domain: str = ""


@dataclass(frozen=True, slots=True, order=True)
class BadRow:
    """Something that was left out. `number` counts rows, lines, questions or notes from 1, as the format has them."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The result of reading one file. `unit` is what numbers count: row, line, question or note."""

    unit: str
    items: tuple[DraftItem, ...] = ()
    traps: tuple[DraftTrap, ...] = ()
    cards: tuple[DraftCard, ...] = ()
    bad: tuple[BadRow, ...] = ()


NOTHING = BadRow(1, "is missing: there is no question in the file.")
"""What a reader tells of a file that holds neither questions nor anything it would complain of."""
