"""Imports choice items of QTI 2.1: one XML file, or a content package (zip) of them.

The format: https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html
"""

from collections.abc import Iterator

from bot.packs.importers import unzip, xmltree
from bot.packs.importers.drafts import BadRow, DraftItem, DraftOption, Imported
from bot.packs.importers.xmltree import Element

_OPTIONS_AT_MOST = 5
_BLOCKS = frozenset({"p", "div", "pre", "li", "br", "prompt"})
_APART = frozenset({"choiceInteraction", "feedbackInline", "feedbackBlock", "rubricBlock", "modalFeedback"})


def read_qti(raw: bytes) -> Imported:
    """Numbers count assessment items, in the order of file names."""
    items: list[DraftItem] = []
    bad: list[BadRow] = []
    number = 0
    for name, content in _documents(raw, bad):
        try:
            root = xmltree.read_xml(content)
        except xmltree.Refused as refusal:
            number += 1
            bad.append(BadRow(number, f"can't be read{name}: {refusal}."))
            continue
        for element in root.all("assessmentItem"):
            number += 1
            found = _item(element, number)
            if isinstance(found, DraftItem):
                items.append(found)
            else:
                bad.append(found)
    if not number and not bad:
        bad.append(BadRow(1, "is missing: there is no assessmentItem in the file."))
    return Imported(unit="question", items=tuple(items), bad=tuple(bad))


def _documents(raw: bytes, bad: list[BadRow]) -> Iterator[tuple[str, bytes]]:
    if not raw.startswith(b"PK"):
        yield "", raw
        return
    try:
        found = unzip.members(raw, lambda name: name.endswith(".xml") and not name.endswith("imsmanifest.xml"))
    except unzip.Refused as refusal:
        bad.append(BadRow(1, f"and all others are left out: {refusal}."))
        return
    for name in sorted(found):
        yield f" ({name})", found[name]


def _item(item: Element, number: int) -> DraftItem | BadRow:
    choices = item.all("choiceInteraction")
    if len(choices) != 1:
        return BadRow(number, f"has {len(choices)} choice interactions; one can be used.")
    response = choices[0].attributes.get("responseIdentifier", "RESPONSE")
    right = [
        _words(value).strip()
        for declared in item.all("responseDeclaration")
        if declared.attributes.get("identifier") == response
        for correct in declared.all("correctResponse")
        for value in correct.all("value")
    ]
    options = choices[0].all("simpleChoice")
    names = [option.attributes.get("identifier", "") for option in options]
    if len(right) != 1 or names.count(right[0]) != 1:
        return BadRow(number, f"has {len(right)} right answers; one that is among its options can be used.")
    if not 2 <= len(options) <= _OPTIONS_AT_MOST:
        return BadRow(number, f"has {len(options)} options; two to {_OPTIONS_AT_MOST} can be used.")
    body = item.first("itemBody")
    prompt = choices[0].first("prompt")
    stem = "\n".join(part for part in (_words(body) if body else "", _words(prompt) if prompt else "") if part)
    if not stem:
        return BadRow(number, "has no question in its body or prompt.")
    told = {feedback.attributes.get("identifier", ""): _words(feedback) for feedback in item.all("modalFeedback")}
    return DraftItem(
        number=number,
        stem=stem,
        options=tuple(
            DraftOption(_words(option), _inline(option) or told.get(name, ""))
            for name, option in zip(names, options, strict=True)
        ),
        key=names.index(right[0]),
    )


def _inline(option: Element) -> str:
    feedback = option.first("feedbackInline")
    return _words(feedback) if feedback else ""


def _words(element: Element) -> str:
    """The text inside, without interactions and feedback, which are read apart; one line a block, code in spans."""
    pieces: list[str] = []
    # A text, or an element to be opened; the flag says whether it is the one asked for.
    waiting: list[tuple[Element | str, bool]] = [(element, True)]
    while waiting:
        part, asked = waiting.pop()
        if isinstance(part, str):
            pieces.append(part)
        elif asked or part.name not in _APART:
            around = "\n" if part.name in _BLOCKS else "`" if part.name == "code" else ""
            inner = [(child, False) for child in reversed(part.parts)]
            waiting += [(around, False), *inner, (around, False)]
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)
