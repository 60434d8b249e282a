"""Checks what holds inside one item beyond the shape of its keys: letters, key, placeholders, cases."""

import re
from collections.abc import Iterator

from bot.core.item import fill, placeholders
from bot.packs.faults import Fault
from bot.packs.fields import OPTION_IDS, OPTION_TEXT, STEM, TAKEAWAY, WHY
from bot.packs.shape_check import text_faults
from bot.packs.shapes import Text
from bot.packs.sheets import label
from bot.packs.yamltree import Mapping, Scalar

_CODE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)|(`+).*?\2", re.MULTILINE | re.DOTALL)


def check_item(item: Mapping, *, file: str) -> Iterator[Fault]:
    """Faults of one item. Parts that are missing or misshapen are passed over: those are told elsewhere."""
    name = label("item", item)
    options = item.mapping("options")
    letters = tuple(key.text for key, _ in options.entries if key.text in OPTION_IDS)
    if letters != OPTION_IDS[: len(letters)]:
        wanted = ", ".join(OPTION_IDS[: len(letters)])
        yield Fault(file, options.line, f"{name}: options are lettered {', '.join(letters)}; letter them {wanted}.")
    key = item.scalar("key")
    if key and letters and key.text.strip() in OPTION_IDS and key.text.strip() not in letters:
        yield Fault(file, key.line, f"{name}: key names no option; give one of {', '.join(letters)}.")
    cases = item.mappings("cases")
    if cases:
        yield from _check_cases(item, cases, file=file, name=name)
    else:
        yield from _same_texts(_options(item, {}), file=file, name=name, row=None)
        yield from _without_cases(item, file=file, name=name)


def _texts(item: Mapping) -> Iterator[tuple[str, Scalar, Text]]:
    """All texts of the item that `fill` reaches."""
    for where, shape in (("stem", STEM), ("takeaway", TAKEAWAY)):
        if found := item.scalar(where):
            yield where, found, shape
    options = item.mapping("options")
    for letter, _ in options.entries:
        for part, shape in (("text", OPTION_TEXT), ("why", WHY)):
            if found := options.mapping(letter.text).scalar(part):
                yield f"options.{letter.text}.{part}", found, shape


def _without_cases(item: Mapping, *, file: str, name: str) -> Iterator[Fault]:
    for where, found, _ in _texts(item):
        # Braces in code are Python's own, such as f"runs:/{run_id}/model".
        for placeholder in sorted(placeholders(_CODE.sub("", found.text))):
            sentence = f"{where} has the placeholder {{{placeholder}}}, but the item has no cases; add cases."
            yield Fault(file, found.line, f"{name}: {sentence}")


def _check_cases(item: Mapping, cases: tuple[Mapping, ...], *, file: str, name: str) -> Iterator[Fault]:
    used = frozenset[str]().union(*(placeholders(found.text) for _, found, _ in _texts(item)))
    if not used:
        yield Fault(file, cases[0].line, f"{name}: cases fill no placeholder; write {{name}} in a text or drop them.")
        return
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for row in cases:
        values = {key.text: value.text.strip() for key, value in row.entries if isinstance(value, Scalar)}
        given = {key.text for key, _ in row.entries}
        for missing in sorted(used - given):
            yield Fault(file, row.line, f"{name}: this case lacks '{missing}'; add it.")
        for extra in sorted(given - used):
            yield Fault(file, row.line, f"{name}: this case has '{extra}', which no text uses; remove it.")
        content = tuple(sorted(values.items()))
        if content in seen:
            yield Fault(file, row.line, f"{name}: this case repeats the one on line {seen[content]}; remove it.")
            continue
        seen[content] = row.line
        if not used - values.keys():
            yield from _same_texts(_options(item, values), file=file, name=name, row=row.line)
            yield from _filled(item, values, file=file, name=name, row=row.line)


def _filled(item: Mapping, values: dict[str, str], *, file: str, name: str, row: int) -> Iterator[Fault]:
    for where, found, shape in _texts(item):
        if placeholders(found.text):
            already = set(text_faults(found.text.strip(), shape))
            for problem in text_faults(fill(found.text, values).strip(), shape):
                if problem not in already:
                    yield Fault(file, row, f"{name}: filled with this case, {where} {problem}")


def _options(item: Mapping, values: dict[str, str]) -> Iterator[tuple[str, Scalar, str]]:
    options = item.mapping("options")
    for letter, _ in options.entries:
        if found := options.mapping(letter.text).scalar("text"):
            yield letter.text, found, " ".join(fill(found.text, values).split())


def _same_texts(
    options: Iterator[tuple[str, Scalar, str]], *, file: str, name: str, row: int | None
) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for letter, found, text in options:
        if not text:
            continue
        if text in seen:
            where = "" if row is None else "filled with this case, "
            sentence = f"{name}: {where}options {seen[text]} and {letter} read the same; change one."
            yield Fault(file, found.line if row is None else row, sentence)
        seen.setdefault(text, letter)
