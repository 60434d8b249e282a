"""The body of a card as Block Kit. Content goes into rich text, which reads no markup and mentions nobody.

mrkdwn has no way to escape `*`, `_`, `~` and backticks, and items are full of names such as max_evals.
"""

from collections.abc import Iterable
from typing import assert_never

from bot.adapters.slack import limits
from bot.adapters.slack.columns import aligned, gauge
from bot.adapters.slack.spans import Json, can_be_mrkdwn, escaped, mrkdwn, plain, rich, words_element
from bot.view.card import (
    Bars,
    Block,
    Bullets,
    CodeBlock,
    Fields,
    Heading,
    Line,
    Mark,
    OptionLine,
    Options,
    Paragraph,
    Strong,
    Table,
    Text,
)

# Beside the sign the option's note says the same in words.
_SIGNS = {
    Mark.NONE: "",
    Mark.KEY: "✔ ",
    Mark.CHOSEN: "▸ ",
    Mark.CHOSEN_KEY: "✔ ",
    Mark.CAUGHT: "! ",
}


# Slack refuses a section without anything in it.
_SPACE: Json = {"type": "text", "text": " "}


def header(title: str) -> Json:
    """A title in large type; a long one as a bold line, since a header takes 150 characters."""
    if limits.size(title) <= limits.HEADER:
        return {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}
    return rich_block([section((Strong(limits.cut(title, limits.RICH)),))])


def sentence(words: str) -> Json:
    """One sentence, as notices are."""
    return rich_block([section((Text(limits.cut(words, limits.RICH)),))])


def context(facts: Iterable[str]) -> Json:
    """The small facts beside the title."""
    return _context({"type": "plain_text", "text": limits.cut(" · ".join(facts), limits.SECTION), "emoji": False})


def footer(line: Line, *, lasting: bool = False) -> Json:
    """The last line: small, unless it holds what small type can't show as it is."""
    if not can_be_mrkdwn(line):
        return rich_block([{"type": "rich_text_section", "elements": _within(rich(line, lasting=lasting)) or [_SPACE]}])
    text = mrkdwn(line, lasting=lasting)
    if limits.size(text) > limits.SECTION:
        text = limits.cut(escaped(plain(line)), limits.SECTION)
    return _context({"type": "mrkdwn", "text": text, "verbatim": True})


def body(blocks: Iterable[Block]) -> list[Json]:
    """The blocks of a card: what reads as one text goes into one rich text block while it fits."""
    found: list[Json] = []
    elements: list[Json] = []
    taken = 0
    for block in blocks:
        for element in _elements(block):
            length = element_size(element)
            if elements and taken + length > limits.RICH:
                found.append(rich_block(elements))
                elements, taken = [], 0
            elements.append(element)
            taken += length
        # Options stand apart from the stem, so that the eye finds them.
        if elements and isinstance(block, Options | Bars | Table | Fields):
            found.append(rich_block(elements))
            elements, taken = [], 0
    if elements:
        found.append(rich_block(elements))
    return found


def rich_block(elements: list[Json]) -> Json:
    """One rich text block."""
    return {"type": "rich_text", "elements": elements}


def section(line: Line, *, ends: str = "") -> Json:
    """One paragraph of rich text; `ends` is added to it, such as a line break before what follows."""
    elements = _within(rich(line)) or [_SPACE]
    if ends:
        elements.append({"type": "text", "text": ends})
    return {"type": "rich_text_section", "elements": elements}


def element_size(element: Json) -> int:
    """Characters that a rich text element shows, with what it holds."""
    own = element.get("text") or element.get("fallback") or ""
    return limits.size(own) + sum(element_size(inner) for inner in element.get("elements", ()))


def _elements(block: Block) -> list[Json]:
    match block:
        case Paragraph(line=line):
            return [section(line, ends="\n")]
        case CodeBlock(code=code):
            return [_code(code)]
        case Options(options=options):
            return [element for option in options for element in _option(option)]
        case Heading(text=words):
            return [section((Strong(words),), ends="\n")]
        case Bullets(lines=lines):
            return _bullets([section(line) for line in lines])
        case Bars():
            return _bars(block)
        case Table(caption=caption, head=head, rows=rows, numeric=numeric, own=own):
            shown = aligned(head, rows, numeric=numeric, own=own)
            return [section((Text(caption),), ends="\n"), _code(shown)]
        case Fields(pairs=pairs):
            return [section((Strong(f"{name}  "), *value), ends="\n") for name, value in pairs]
        case _:
            assert_never(block)


def _option(option: OptionLine) -> list[Json]:
    lead: Line = (Strong(f"{_SIGNS[option.mark]}{option.letter}  "),)
    tail = ""
    if option.note:
        tail += f" — {option.note}"
    if option.count is not None:
        tail += f" · {option.count} · {option.percent or 0} %"
    first, *rest = option.body or (Paragraph(()),)
    line: Line = first.line if isinstance(first, Paragraph) else ()
    parts = rest if isinstance(first, Paragraph) else [first, *rest]
    found = [section((*lead, *line, *((Strong(tail),) if tail else ())), ends="\n")]
    for part in parts:
        found += _elements(part)
    for part in option.why:
        if isinstance(part, Paragraph):
            found.append(section(part.line) | {"type": "rich_text_quote"})
        else:
            found += _elements(part)
    return found


def _bars(bars: Bars) -> list[Json]:
    caption = f"{bars.caption} · {bars.line_label}" if bars.line_label else bars.caption
    found = [section((Text(caption),), ends="\n")]
    for bar in bars.bars:
        note = f" · {bar.note}" if bar.note else ""
        line: list[Json | None] = [words_element(bar.label, bold=True), words_element("\n")]
        if bar.share is not None:
            line += [words_element(gauge(bar.share, bars.line), code=True), words_element("  ")]
        line.append(words_element(f"{bar.text}{note}\n"))
        kept = _within([element for element in line if element is not None])
        found.append({"type": "rich_text_section", "elements": kept})
    return found


def _bullets(items: list[Json]) -> list[Json]:
    """One list, or several where it would be too long for one block."""
    found: list[Json] = []
    taken = 0
    for item in items:
        length = element_size(item)
        if not found or taken + length > limits.RICH:
            found.append({"type": "rich_text_list", "style": "bullet", "elements": []})
            taken = 0
        found[-1]["elements"].append(item)
        taken += length
    return found


def _code(code: str) -> Json:
    words = limits.cut(code, limits.RICH) or " "
    return {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": words}]}


def _within(elements: list[Json]) -> list[Json]:
    """The elements as far as they fit into one block; nothing we write comes near, but a name or pack might."""
    left = limits.RICH - 2
    kept: list[Json] = []
    for element in elements:
        if left <= 0:
            break
        if limits.size(element.get("text", "")) > left:
            element = {**element, "text": limits.cut(element["text"], left)}
        left -= element_size(element)
        kept.append(element)
    return kept


def _context(element: Json) -> Json:
    return {"type": "context", "elements": [element]}
