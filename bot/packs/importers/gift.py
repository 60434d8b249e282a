"""Imports GIFT: `::title:: question { =right ~wrong #feedback }`. Multiple choice with one right answer only.

The format: https://docs.moodle.org/en/GIFT_format
"""

import re
from collections.abc import Iterator

from bot.packs.importers.drafts import NOTHING, BadRow, DraftItem, DraftOption, Imported
from bot.packs.importers.texts import decode, from_html

_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_HELD = 0xE000
"""Escaped characters are held as private ones while the marks are looked for; packs never hold those."""

_FORMAT = re.compile(r"^\s*\[(html|markdown|plain|moodle)\]\s*", re.IGNORECASE)
_TITLE = re.compile(r"^\s*::.*?::\s*", re.DOTALL)
_WEIGHT = re.compile(r"^%(-?\d{1,3}(?:\.\d+)?)%")
_OPTIONS_AT_MOST = 5


def read_gift(raw: bytes) -> Imported:
    """Numbers count questions. Categories are taken for domains, by the last name of their path."""
    items: list[DraftItem] = []
    bad: list[BadRow] = []
    for found in _questions(decode(raw)):
        match found:
            case DraftItem():
                items.append(found)
            case BadRow():
                bad.append(found)
    return Imported(unit="question", items=tuple(items), bad=tuple(bad or (() if items else (NOTHING,))))


def _questions(text: str) -> Iterator[DraftItem | BadRow]:
    text = re.sub("[\ue000-\uf8ff]", "", text)
    text = _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else chr(_HELD + ord(found[1])), text)
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("//")]
    domain, number = "", 0
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        while found := re.match(r"\s*\$CATEGORY:([^\n]*)\n?", block):
            domain = _free(found[1]).strip().rpartition("/")[2]
            block = block[found.end() :]
        if block.strip():
            number += 1
            yield _question(block, number, domain)


def _question(block: str, number: int, domain: str) -> DraftItem | BadRow:
    before, opened, rest = block.partition("{")
    answers, closed, after = rest.partition("}")
    if not opened or not closed:
        return BadRow(number, "has no answers in braces.")
    stem = _TITLE.sub("", before).strip()
    tail = after.strip()
    # A gap in the middle of the sentence is shown as one.
    stem = f"{stem} ... {tail}" if tail else stem
    answers = answers.partition("####")[0].strip()
    if not answers or answers.upper() in ("T", "F", "TRUE", "FALSE") or answers.startswith("#") or "->" in answers:
        return BadRow(number, "is no multiple choice; only that is imported.")
    options: list[DraftOption] = []
    keys: list[int] = []
    for mark, body in re.findall(r"([=~])([^=~]*)", answers):
        weight = _WEIGHT.match(body.strip())
        told, _, feedback = (body.strip()[weight.end() :] if weight else body).partition("#")
        if mark == "=" or (weight is not None and float(weight[1]) == 100):
            keys.append(len(options))
        options.append(DraftOption(_plain(told), _plain(feedback)))
    if len(keys) != 1:
        return BadRow(number, f"has {len(keys)} right answers; one can be used.")
    if not 2 <= len(options) <= _OPTIONS_AT_MOST:
        return BadRow(number, f"has {len(options)} options; two to {_OPTIONS_AT_MOST} can be used.")
    return DraftItem(number=number, stem=_plain(stem), options=tuple(options), key=keys[0], domain=domain)


def _plain(text: str) -> str:
    return from_html(_free(_FORMAT.sub("", text))).strip()


def _free(text: str) -> str:
    return re.sub("[\ue000-\ue07f]", lambda found: chr(ord(found[0]) - _HELD), text)
