"""Text that does nothing to a terminal but show itself.

A name or question with escape sequences could otherwise move the cursor, retitle the window, or write to the
clipboard: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
"""

import unicodedata

JOINERS = "\u200c\u200d"
"""Invisible, but Persian, Indic scripts and joined emoji need them."""

LEFT_TO_RIGHT = "\u200e"
SHOWN_INSTEAD = "\ufffd"
TAB = "    "

_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))


def safe(text: str) -> str:
    """The text on one line, without controls or marks that turn the direction of what follows."""
    return "".join(_harmless(c) for c in text)


def safe_code(text: str) -> tuple[str, ...]:
    """The lines of a text, each made safe; tabs become four spaces."""
    return tuple(safe(line.replace("\t", TAB)) for line in text.replace("\r\n", "\n").split("\n"))


def closed(text: str) -> str:
    """Safe text that ends in the direction of the page, so that a number after a Hebrew or Arabic name stays there.

    By the bidirectional algorithm digits belong to the right-to-left word before them, which would show a table's
    columns in another order: https://www.unicode.org/reports/tr9/#W7
    """
    plain = safe(text)
    turns = any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in plain)
    return plain + LEFT_TO_RIGHT if turns else plain


def _harmless(c: str) -> str:
    category = unicodedata.category(c)
    if c.isspace() and c not in "\x1c\x1d\x1e\x1f":
        return " "
    if category in ("Cc", "Cs"):
        return SHOWN_INSTEAD
    if category == "Cf" and c not in JOINERS:
        return ""
    return c
