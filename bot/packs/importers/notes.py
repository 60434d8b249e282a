"""Imports a page of exam notes: plain text with domains and, under each, facts, traps, pairs, scenarios and reminders.

What is understood, whatever the bullets, numbers and underlines around it:

    Domain 2: Storage (30 %)
    Must-Know Facts / Last-Minute Facts      one fact an entry
    Common Traps                             Trap: ... Reality: ...   on one line or two
    Confusing Pairs                          this vs that: the difference
    Scenario Tips                            Question: ... Answer: ... Distractor: ...

Facts become draft cards; a trap becomes a trap with an item that sets it; pairs and scenarios become items.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.item import Kind
from bot.packs.importers.drafts import (
    MAX_ROWS,
    BadRow,
    DraftCard,
    DraftItem,
    DraftOption,
    DraftTrap,
    Imported,
)
from bot.packs.importers.texts import decode, one_line

_TO_DO_OPTION = "To do: another wrong answer that somebody believes"


class _Part(StrEnum):
    FACTS = "facts"
    TRAPS = "traps"
    PAIRS = "pairs"
    SCENARIOS = "scenarios"


_PARTS = (
    (
        re.compile(r"(must[- ]know|last[- ]minute|key|quick) (facts?|reminders?)|must[- ]knows?|facts", re.I),
        _Part.FACTS,
    ),
    (re.compile(r"(common |exam )?(traps|pitfalls|misconceptions)", re.I), _Part.TRAPS),
    (re.compile(r"(confusing|confused|easily confused) (pairs|terms)|pairs", re.I), _Part.PAIRS),
    (re.compile(r"scenario (tips|questions)|scenarios", re.I), _Part.SCENARIOS),
)
_DOMAIN = re.compile(
    r"(?:(?:domain|section|part|topic)\s*\d*\s*[:.\-\u2013\u2014]?\s*|\d+[.)]\s*)?(?P<name>[^%]{2,80}?)"
    r"\s*[-\u2013\u2014:(\[|]*\s*(?:weight\s*:?\s*)?(?P<percent>\d{1,3})\s*%\s*(?:of the exam)?\s*[)\]]?",
    re.IGNORECASE,
)
_BEFORE, _BEHIND = re.compile(r"[\s#=*_~\u2022>|-]*"), re.compile(r"[\s#=*_~|:]*")
_LONGEST_HEADING = 160
_UNDERLINE = re.compile(r"[\s=\-_*~#]*")
_BULLET = re.compile(r"^\s*(?:[-*+\u2022\u2013]|\(?\d{1,3}[.)])\s+")
_POINT = re.compile(r"^\s*[-*+\u2022]\s")
"""A bullet, unlike a number, never begins a heading."""

_LABELS = {
    "trap": ("trap", "myth", "belief", "wrong", "misconception"),
    "reality": ("reality", "truth", "fact", "actually", "right"),
    "question": ("question", "q", "scenario", "situation", "if"),
    "answer": ("answer", "a", "choose", "pick", "then"),
    "distractor": ("distractor", "distractors", "tempting", "not", "wrong answer", "d"),
    "difference": ("difference",),
}
_LABEL = re.compile(
    r"(?:(?<=^)|(?<=[\s|;/\u2192>]))\**("
    + "|".join(sorted({word for words in _LABELS.values() for word in words}, key=len, reverse=True))
    + r")\**\s*:\**\s*",
    re.IGNORECASE,
)
_VERSUS = re.compile(
    r"^(?P<one>.{1,80}?)\s+(?:vs\.?|versus|<->|\u2194)\s+(?P<two>.{1,80}?)\s*[:\u2013\u2014]\s*(?P<rest>.+)$",
    re.I | re.S,
)
_ARROW = re.compile(r"\s*(?:->|=>|\u2192)\s*")


@dataclass(slots=True)
class _Entry:
    """One bullet or paragraph with the lines that go on from it."""

    line: int
    part: _Part | None
    domain: str
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return one_line(" ".join(self.texts))


@dataclass(slots=True)
class _Found:
    items: list[DraftItem] = field(default_factory=list)
    traps: list[DraftTrap] = field(default_factory=list)
    cards: list[DraftCard] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def read_notes_page(raw: bytes) -> Imported:
    """Numbers count lines; an entry is told by the line it begins on."""
    found = _Found()
    for count, entry in enumerate(_entries(decode(raw).split("\n"))):
        if count >= MAX_ROWS:
            found.bad.append(BadRow(entry.line, f"and all that follow are left out: {MAX_ROWS} entries are read."))
            break
        match entry.part:
            case _Part.FACTS:
                found.cards.append(DraftCard(number=entry.line, text=entry.text, domain=entry.domain))
            case _Part.TRAPS:
                _trap(entry, found)
            case _Part.PAIRS:
                _pair(entry, found)
            case _Part.SCENARIOS:
                _scenario(entry, found)
            case None:
                sentence = "stands under no heading that is known, such as Common Traps; move it."
                found.bad.append(BadRow(entry.line, sentence))
    if not (found.items or found.traps or found.cards or found.bad):
        found.bad.append(BadRow(1, "is missing: the page is empty."))
    return Imported(
        unit="line",
        items=tuple(found.items),
        traps=tuple(found.traps),
        cards=tuple(found.cards),
        bad=tuple(found.bad),
    )


def _entries(lines: list[str]) -> Iterator[_Entry]:
    domain, part = "", None
    open_: _Entry | None = None
    for number, line in enumerate(lines, start=1):
        bare = _undecorated(line)
        if _UNDERLINE.fullmatch(line):
            # A blank line ends a paragraph, but not a bullet whose labels are spread over blank lines.
            if not line.strip() and open_ is not None and not _waits(open_):
                yield open_
                open_ = None
            continue
        heading = next((kind for pattern, kind in _PARTS if pattern.fullmatch(re.sub(r"^\d+[.)]\s*", "", bare))), None)
        titled = len(bare) <= _LONGEST_HEADING and not _POINT.match(line) and not _LABEL.match(bare)
        named = _DOMAIN.fullmatch(bare) if titled else None
        if heading or named:
            if open_ is not None:
                yield open_
                open_ = None
            if named and not heading:
                domain, part = one_line(named["name"].strip(" :-([")), None
            else:
                part = heading
            continue
        begins = bool(_BULLET.match(line)) and not (open_ is not None and _waits(open_) and _labels(bare))
        if open_ is not None and (begins or _again(open_, bare)):
            yield open_
            open_ = None
        if open_ is None:
            open_ = _Entry(number, part, domain)
        open_.texts.append(_BULLET.sub("", line).strip())
    if open_ is not None:
        yield open_


def _undecorated(line: str) -> str:
    """The line without the marks around it. Backwards at the end, where a search would begin anew at each mark."""
    line = _BEFORE.sub("", line, count=1)[::-1]
    # With single spaces there is one way only to match them.
    return " ".join(_BEHIND.sub("", line, count=1)[::-1].split())


def _waits(entry: _Entry) -> bool:
    """Whether an entry lacks a label that its kind needs."""
    labels = _labels(entry.text)
    match entry.part:
        case _Part.TRAPS:
            return "trap" in labels and "reality" not in labels
        case _Part.SCENARIOS:
            return "question" in labels and not {"answer", "distractor"} <= labels.keys()
        case _:
            return False


def _again(entry: _Entry, text: str) -> bool:
    """Whether a line begins the same kind of entry anew, as a second Trap: does."""
    label = next(iter(_labels(text)), "")
    return bool(label) and label in ("trap", "question") and label in _labels(entry.text)


def _labels(text: str) -> dict[str, str]:
    """What follows each label in a text, by the label's meaning; the first of each counts."""
    marks = list(_LABEL.finditer(text))
    found: dict[str, str] = {}
    for i, mark in enumerate(marks):
        end = marks[i + 1].start() if i + 1 < len(marks) else len(text)
        meaning = next(name for name, words in _LABELS.items() if mark[1].lower() in words)
        found.setdefault(meaning, text[mark.end() : end].strip(" |;/*\u2192>"))
    return found


def _trap(entry: _Entry, found: _Found) -> None:
    labels = _labels(entry.text)
    belief, reality = labels.get("trap", ""), labels.get("reality", "")
    if not labels and len(sides := _ARROW.split(entry.text, maxsplit=1)) == 2:
        belief, reality = sides
    if not belief or not reality:
        found.bad.append(BadRow(entry.line, "is no trap with its reality; write 'Trap: ...' and 'Reality: ...'."))
        return
    number = len(found.traps)
    found.traps.append(DraftTrap(number=entry.line, belief=belief, reality=reality, domain=entry.domain))
    options = (DraftOption(reality), DraftOption(belief, trap=number), DraftOption(_TO_DO_OPTION))
    stem = f"To do: ask something that goes wrong for whoever believes this: {belief}"
    found.items.append(
        DraftItem(number=entry.line, stem=stem, options=options, key=0, domain=entry.domain, kind=Kind.TRAP)
    )


def _pair(entry: _Entry, found: _Found) -> None:
    versus = _VERSUS.match(entry.text)
    if versus is None:
        found.bad.append(BadRow(entry.line, "is no pair; write 'this vs that: the difference'."))
        return
    one, two, rest = (versus[name].strip(" *") for name in ("one", "two", "rest"))
    rest = _labels(rest).get("difference", rest)
    options = (
        DraftOption(rest),
        DraftOption(f"To do: the same with {one} and {two} swapped"),
        DraftOption(_TO_DO_OPTION),
    )
    stem = f"What is the difference between {one} and {two}?"
    found.items.append(
        DraftItem(number=entry.line, stem=stem, options=options, key=0, domain=entry.domain, kind=Kind.PAIR)
    )


def _scenario(entry: _Entry, found: _Found) -> None:
    labels = _labels(entry.text)
    question, answer = labels.get("question", ""), labels.get("answer", "")
    if not labels and len(sides := _ARROW.split(entry.text, maxsplit=1)) == 2:
        question, answer = sides
    if not question or not answer:
        sentence = "is no scenario; write 'Question: ...', 'Answer: ...' and 'Distractor: ...'."
        found.bad.append(BadRow(entry.line, sentence))
        return
    wrong = labels.get("distractor") or labels.get("trap")
    options = (DraftOption(answer), *((DraftOption(wrong),) if wrong else ()), DraftOption(_TO_DO_OPTION))
    found.items.append(
        DraftItem(number=entry.line, stem=question, options=options, key=0, domain=entry.domain, kind=Kind.SCENARIO)
    )
