"""Items: one exam question as authored, with a rationale for every option and the trap each distractor sets."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

LETTERS = "ABCDE"
"""The letters shown to people, in order. An item has at most five options."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Kind(StrEnum):
    """What an item asks for."""

    FACT = "fact"
    TRAP = "trap"
    PAIR = "pair"
    SCENARIO = "scenario"
    CALCULATION = "calculation"


class Difficulty(StrEnum):
    """How hard the author judges an item."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Status(StrEnum):
    """Whether an item is served. Retired items stay for the history of those who answered them."""

    DRAFT = "draft"
    READY = "ready"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: its stable id in the file, its text, why it is right or wrong, and the trap it stands for."""

    id: str
    text: str
    why: str
    trap: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. `stem`, option texts and rationales are Markdown limited to code spans and fenced blocks.

    `cases` are rows of values for `{placeholders}`; an item that has some is served only through `filled`.
    """

    id: str
    pack: str
    domain: str
    kind: Kind
    difficulty: Difficulty
    stem: str
    options: tuple[Option, ...]
    key: str
    takeaway: str
    sources: tuple[str, ...]
    references: tuple[str, ...]
    checked: date
    status: Status = Status.READY
    cases: tuple[tuple[tuple[str, str], ...], ...] = ()

    def option(self, option_id: str) -> Option:
        """The option with this id; KeyError if there is none."""
        for option in self.options:
            if option.id == option_id:
                return option
        raise KeyError(option_id)

    @property
    def option_ids(self) -> str:
        """The option ids in file order, one letter each."""
        return "".join(option.id for option in self.options)

    @property
    def traps(self) -> frozenset[str]:
        """The traps that its distractors set."""
        return frozenset(option.trap for option in self.options if option.trap)

    def filled(self, seed: int) -> "Item":
        """The item as one reader meets it: with the case that `seed` picks written into its placeholders."""
        if not self.cases:
            return self
        values = dict(self.cases[seed % len(self.cases)])
        return replace(
            self,
            stem=fill(self.stem, values),
            options=tuple(replace(o, text=fill(o.text, values), why=fill(o.why, values)) for o in self.options),
            takeaway=fill(self.takeaway, values),
            cases=(),
        )

    @property
    def hash(self) -> str:
        """Sixteen hex digits that change with anything a reader sees or is judged by."""
        shown = (
            (self.pack, self.id, self.domain, self.kind, self.difficulty, self.stem, self.key, self.takeaway),
            [(o.id, o.text, o.why, o.trap) for o in self.options],
            self.references,
            self.cases,
        )
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Write `values` into the `{placeholders}` of `text`. Braces around anything else are left as they are."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def placeholders(text: str) -> frozenset[str]:
    """The names in braces that `fill` would look for."""
    return frozenset(_PLACEHOLDER.findall(text))
