"""Imports Aiken: a question line, options `A. ...` or `A) ...`, then `ANSWER: A`.

The format: https://docs.moodle.org/en/Aiken_format
"""

import re
from dataclasses import dataclass, field

from bot.packs.importers.drafts import NOTHING, BadRow, DraftItem, DraftOption, Imported
from bot.packs.importers.texts import decode

_OPTION = re.compile(r"([A-Za-z])[.)]\s+(.*)")
_ANSWER = re.compile(r"ANSWER:\s*([A-Za-z])\s*", re.IGNORECASE)
_OPTIONS_AT_MOST = 5


@dataclass(slots=True)
class _Open:
    """A question that has not met its answer yet."""

    line: int
    stem: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


def read_aiken(raw: bytes) -> Imported:
    """Numbers count lines; a question is told by the line it begins on."""
    items: list[DraftItem] = []
    bad: list[BadRow] = []
    question = _Open(1)
    for number, line in enumerate(decode(raw).split("\n"), start=1):
        text = line.strip()
        if not text:
            if question.options:
                bad.append(BadRow(question.line, "names no right answer; end it with a line such as ANSWER: B."))
                question = _Open(number + 1)
            continue
        if not (question.stem or question.options):
            question.line = number
        if answer := _ANSWER.fullmatch(text):
            found = _close(question, answer[1].upper())
            if isinstance(found, DraftItem):
                items.append(found)
            else:
                bad.append(found)
            question = _Open(number + 1)
        elif option := _OPTION.fullmatch(text):
            question.letters.append(option[1].upper())
            question.options.append(option[2])
        elif question.options:
            question.options[-1] += f" {text}"
        else:
            question.stem.append(text)
    if question.stem or question.options:
        bad.append(BadRow(question.line, "names no right answer; end it with a line such as ANSWER: B."))
    return Imported(unit="line", items=tuple(items), bad=tuple(bad or (() if items else (NOTHING,))))


def _close(question: _Open, letter: str) -> DraftItem | BadRow:
    if not question.stem:
        return BadRow(question.line, "has no question before its options.")
    if not 2 <= len(question.options) <= _OPTIONS_AT_MOST:
        return BadRow(question.line, f"has {len(question.options)} options; two to {_OPTIONS_AT_MOST} can be used.")
    if question.letters.count(letter) != 1:
        return BadRow(question.line, f"says that {letter} is right, but has no such option.")
    return DraftItem(
        number=question.line,
        stem="\n".join(question.stem),
        options=tuple(DraftOption(text) for text in question.options),
        key=question.letters.index(letter),
    )
