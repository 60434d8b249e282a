"""The Markdown that items are written in, as neutral blocks: paragraphs, code spans and fenced code, nothing else."""

from functools import lru_cache
from typing import TYPE_CHECKING

from bot.view.card import Code, CodeBlock, Line, Paragraph, Span, Text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


@lru_cache(maxsize=4096)
def blocks(markdown: str) -> tuple[Paragraph | CodeBlock, ...]:
    """The blocks of an item's text. Anything that packs may not hold is kept as the words it was written in.

    Results are remembered: the same few texts are shown to everybody, and parsing costs more than an answer does.
    """
    simple = _simple(markdown)
    if simple is not None:
        return (Paragraph(simple),)
    found: list[Paragraph | CodeBlock] = []
    for token in _parser().parse(markdown):
        if token.type == "fence":
            found.append(CodeBlock(token.content.rstrip("\n"), token.info.strip()))
        elif token.type == "inline":
            found.append(Paragraph(_line(token)))
    return tuple(found)


def line(markdown: str) -> Line:
    """One line of text with code spans; blocks are run together."""
    spans: list[Span] = []
    for block in blocks(markdown):
        if spans:
            spans.append(Text(" "))
        spans.extend(block.line if isinstance(block, Paragraph) else (Code(block.code),))
    return tuple(spans)


def plain(spans: Line) -> str:
    """The words of a line without any markup, as a screen reader or notification should have them."""
    return "".join(_word(span) for span in spans)


def _word(span: Span) -> str:
    match span:
        case Text(text=words) | Code(text=words):
            return words
        case _:
            return getattr(span, "text", "") or getattr(span, "label", "") or getattr(span, "fallback", "")


def _simple(markdown: str) -> Line | None:
    """The line of a text with nothing but plain code spans, as most have; None for any other.

    Who is first to answer a question would wait for the parser three times, some 20 us each when it is at its best.
    """
    if not markdown or markdown != markdown.strip() or not markdown.isprintable() or markdown.startswith("~"):
        return None
    parts = markdown.split("`")
    if "``" in markdown or len(parts) % 2 == 0 or any(code != code.strip() for code in parts[1::2]):
        return None
    return tuple([Code(part) if place % 2 else Text(part) for place, part in enumerate(parts) if part])


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # not needed before the first text is shown

    # Only what every platform can show alike; see content/README.md. It holds no state of what it parses.
    return MarkdownIt("zero").enable(["fence", "backticks"])


def _line(token: "Token") -> Line:
    spans: list[Span] = []
    for child in token.children or ():
        if child.type == "code_inline":
            spans.append(Code(child.content))
        elif child.type in ("softbreak", "hardbreak"):
            spans.append(Text(" "))
        elif child.content:
            spans.append(Text(child.content.replace("\n", " ")))
    return tuple(spans)
