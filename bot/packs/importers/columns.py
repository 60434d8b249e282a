"""Makes a draft item of named columns, as tables and Anki notes have them."""

import re
from collections.abc import Mapping

from bot.packs.importers.drafts import BadRow, DraftItem, DraftOption
from bot.packs.importers.texts import one_line

_LETTERS = "abcde"
_STEM = ("stem", "question", "question text", "front", "text", "prompt")
_KEY = ("key", "correct", "correct answer", "right answer", "answer", "back", "solution")
_WHY = ("rationale", "explanation", "why", "feedback", "general feedback", "extra", "comment")
_TO_DO_OPTION = "To do: a wrong answer that somebody believes"
_EMBEDDED = re.compile(r"^\s*\(?([A-Ea-e])[.):]\s+(.+)$")


def item_from(row: Mapping[str, str], number: int) -> DraftItem | BadRow:
    """The item in a row of columns by name. Names are compared without regard to case, spaces and underscores."""
    cells = {_name(key): value.strip() for key, value in row.items() if value.strip()}
    stem, options = _first(cells, _STEM), _options(cells)
    if options is None:
        return BadRow(number, "has an option after an empty one; close the gap, since its letter may be the key.")
    if not stem:
        return BadRow(number, "has no question; give it in a column named stem or question.")
    answer = _first(cells, _KEY)
    if not options:
        stem, options = _embedded(stem)
    if not answer:
        return BadRow(number, "names no right answer; give it in a column named key or answer.")
    if not options:
        # A card with a front and a back: its answer is the key, the distractors are still to be written.
        options = (DraftOption(answer), DraftOption(_TO_DO_OPTION))
        key: int | None = 0
    elif len(options) < 2:
        return BadRow(number, "has one option; two to five can be used.")
    else:
        key = key_place(answer, tuple(option.text for option in options))
    if key is None:
        return BadRow(number, f"says that '{_cut(answer)}' is right, which is none of its {len(options)} options.")
    if why := _first(cells, _WHY):
        options = tuple(DraftOption(o.text, o.why or (why if i == key else "")) for i, o in enumerate(options))
    return DraftItem(
        number=number,
        stem=stem,
        options=options,
        key=key,
        takeaway=one_line(cells.get("takeaway", "")),
        references=tuple(re.findall(r"https://[^\s<>`|,;]+", cells.get("references", ""))),
        domain=cells.get("domain", ""),
    )


def key_place(answer: str, texts: tuple[str, ...]) -> int | None:
    """Which option an answer means: the text of one, a letter or a number counted from 1."""
    plain = [one_line(text).casefold() for text in texts]
    given = one_line(answer).casefold()
    if plain.count(given) == 1:
        return plain.index(given)
    found = re.fullmatch(r"(?:option |answer )?\(?([a-e1-5])(?:[.):](?:\s.*)?)?", given)
    if found is None:
        return None
    place = _LETTERS.find(found[1]) if found[1] in _LETTERS else int(found[1]) - 1
    return place if place < len(texts) else None


def _options(cells: Mapping[str, str]) -> tuple[DraftOption, ...] | None:
    """The options in their columns; None if there is a gap between them."""
    found: list[DraftOption] = []
    for i, letter in enumerate(_LETTERS):
        names = (
            letter,
            f"option {letter}",
            f"answer {letter}",
            f"choice {letter}",
            f"option {i + 1}",
            f"choice {i + 1}",
        )
        if text := _first(cells, names):
            if len(found) < i:
                return None
            why = _first(cells, (f"why {letter}", f"rationale {letter}", f"feedback {letter}", f"explanation {letter}"))
            found.append(DraftOption(text, why))
    return tuple(found)


def _embedded(stem: str) -> tuple[str, tuple[DraftOption, ...]]:
    """Split lettered options off the end of a question."""
    lines = stem.split("\n")
    start = next((i for i, line in enumerate(lines) if (m := _EMBEDDED.match(line)) and m[1] in "Aa"), len(lines))
    found = [match for line in lines[start:] if (match := _EMBEDDED.match(line))]
    whole = len(found) == len([line for line in lines[start:] if line.strip()])
    in_order = "".join(match[1].lower() for match in found) == _LETTERS[: len(found)]
    if len(found) < 2 or not whole or not in_order or start == 0:
        return stem, ()
    return "\n".join(lines[:start]), tuple(DraftOption(match[2].strip()) for match in found)


def _first(cells: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((cells[name] for name in names if name in cells), "")


def _name(text: str) -> str:
    return " ".join(re.findall(r"[a-z]+|\d+", text.lower()))


def _cut(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= 40 else f"{text[:37]}..."
