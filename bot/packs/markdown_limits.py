"""Finds Markdown that the chat platforms would not all show alike.

Paragraphs, `code` spans and fenced code look the same everywhere. Everything else is read differently by
Slack, Discord and a browser, so it is a fault. The text is read as CommonMark (https://spec.commonmark.org).
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_ALLOWED = {"paragraph_open", "paragraph_close", "inline", "text", "softbreak", "code_inline", "fence"}

_ADVICE = {
    "html_inline": "HTML or <words> in angle brackets; put them in a `code` span",
    "html_block": "HTML; put it in a `code` span or a fence",
    "link_open": "a link; put the address into references",
    "image": "an image; describe it in words",
    "em_open": "emphasis (* or _); remove it, or put the text in a `code` span",
    "strong_open": "bold text; remove the marks",
    "s_open": "struck-out text; remove the marks",
    "heading_open": "a heading; write a plain line, and quote a leading #",
    "bullet_list_open": "a list; write sentences",
    "ordered_list_open": "a list, since a line begins with a number and a dot; write sentences",
    "blockquote_open": "a block quote, since a line begins with >; put it in a `code` span",
    "hr": "a rule; remove it",
    "table_open": "a table; write sentences or a fence",
    "code_block": "code by indentation; use a fence of three backticks",
    "hardbreak": "a forced line break (two spaces or a backslash at the end of a line); remove it",
    "text_special": "a backslash escape or an HTML entity; put it in a `code` span",
}

# Without any of these a text is plain paragraphs, and the parser need not run: that is most rationales.
_SUSPICIOUS = re.compile(r"[`*_<\[\]!&\\|~#>]|://|^[ ]{0,3}([-+=]|\d+[.)])|^[ ]{4}|  $", re.MULTILINE)


def markdown_faults(text: str) -> tuple[str, ...]:
    """What to change in a text, one phrase for each construct that is not allowed, in order of appearance."""
    if not _SUSPICIOUS.search(text):
        return ()
    found: dict[str, None] = {}
    environment: dict[str, object] = {}
    for token in _parser().parse(text, environment):
        _collect(token, found)
    if environment.get("references"):
        found["a link definition; put the address into references"] = None
    if _unclosed_fence(text):
        found["a fence that is never closed; end it with three backticks on a line of their own"] = None
    return tuple(found)


def _collect(token: "Token", found: dict[str, None]) -> None:
    if token.type == "text":
        if "`" in token.content:
            found["a backtick without its partner; close the `code` span"] = None
        if re.search(r"https?://", token.content):
            found["a bare address, which chats turn into a link; put it in a `code` span or into references"] = None
    elif token.type not in _ALLOWED and token.nesting >= 0:
        kind = token.type.removesuffix("_open").replace("_", " ")
        advice = _ADVICE.get(token.type)
        if advice or not token.type.startswith(("list_item", "thead", "tbody", "tr_", "th_", "td_")):
            found[advice or f"{kind}, which is not allowed; write plain sentences"] = None
    for child in token.children or ():
        _collect(child, found)


def _unclosed_fence(text: str) -> bool:
    marks = re.findall(r"^ {0,3}(`{3,}|~{3,})", text, re.MULTILINE)
    return len(marks) % 2 == 1


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # text_join would melt escapes and entities into the text around them, where they could no longer be seen.
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
