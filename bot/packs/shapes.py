"""The vocabulary in which the files of a pack are described: texts, words, numbers, lists, records.

One description serves twice: `shape_check` checks files by it, `schema` makes JSON Schema for editors of it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Free text of `minimum` to `maximum` characters, not counting space at its ends."""

    maximum: int
    minimum: int = 1
    markdown: bool = False
    """Paragraphs, code spans and fenced code; a text that is no Markdown is shown as it stands."""
    one_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A text that matches a regular expression as a whole; `hint` tells authors what to write."""

    pattern: str
    maximum: int
    hint: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within bounds, written in digits."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Day:
    """A date as YYYY-MM-DD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list of one shape. Words in it must differ from each other."""

    of: "Shape"
    minimum: int = 0
    maximum: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A mapping from names of the author's choice to texts."""

    name: Word
    value: Text
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A key of a record."""

    name: str
    shape: "Shape"
    about: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys."""

    fields: tuple[Field, ...]


Shape = Text | Word | Choice | Number | Day | ListOf | Values | Record
