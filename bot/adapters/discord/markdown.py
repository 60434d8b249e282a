"""Neutral spans as Discord's markdown, with everything that people or content wrote escaped.

What Discord reads as markup: https://support.discord.com/hc/en-us/articles/210298617
"""

import re
from functools import lru_cache
from typing import assert_never
from urllib.parse import quote, urlsplit

from bot.view.card import Code, CodeBlock, Line, Link, Span, Strong, Text, TimeStyle, When

# A backslash before a sign takes its meaning away. `<` also begins mentions and timestamps, `@` also @everyone,
# and `:` before `//` makes an address that would be turned into a link.
_SIGNS = re.compile(r"[\\*_~`|\[\]<>@]|:(?=//)")
_AT_START = re.compile(r"^(\s*)(#|-|\+|\d+(?=[.)]))")
_STYLES = {TimeStyle.CLOCK: "t", TimeStyle.FULL: "F", TimeStyle.RELATIVE: "R"}
_NO_BREAK = "\u2060"
"""Word joiner: invisible, and enough to keep three backticks from ending a fence."""


@lru_cache(maxsize=2048)
def escape(words: str) -> str:
    """Words shown as they are, on one line, wherever they stand.

    Results are remembered: the same few sentences are shown to everybody who answers the same question.
    """
    flat = _SIGNS.sub(lambda sign: f"\\{sign[0]}", " ".join(words.split("\n")))
    return _AT_START.sub(_harmless_start, flat)


def _harmless_start(found: re.Match[str]) -> str:
    # A number can't be escaped itself; the sign behind it makes the list.
    return f"{found[1]}{found[2]}\\" if found[2].isdigit() else f"{found[1]}\\{found[2]}"


def code(words: str) -> str:
    """A code span. Backslashes mean nothing in it, so a backtick inside needs a longer fence."""
    flat = " ".join(words.split("\n"))
    if not flat.strip():
        return escape(flat)
    if "`" not in flat:
        return f"`{flat}`"
    return f"`` {flat.replace('``', f'`{_NO_BREAK}`')} ``"


def code_block(block: CodeBlock) -> str:
    """A fenced block. The language is only taken if it is a plain word."""
    language = block.language if re.fullmatch(r"[A-Za-z0-9+#-]{1,20}", block.language) else ""
    return f"```{language}\n{fenced(block.code)}\n```"


def fenced(text: str) -> str:
    """Text that can't end the fence around it."""
    return text.replace("```", f"`{_NO_BREAK}`{_NO_BREAK}`")


def link(label: str, url: str) -> str:
    """A labelled link; only the label if the address is no web page."""
    if not is_web(url):
        return escape(label)
    return f"[{escape(label)}](<{quote(url, safe=_URL_SAFE)}>)"


_URL_SAFE = "/:?#[]@!$&'*+,;=%~-._"


def is_web(url: str) -> bool:
    """Whether it is an address that Discord takes for a link or link button."""
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False


def line(spans: Line) -> str:
    """One line."""
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    match span:
        case Text(text=words):
            return escape(words)
        case Strong(text=words):
            kept = words.strip()
            return f"**{escape(kept)}**{words[len(words.rstrip()) :]}" if kept else words
        case Code(text=words):
            return code(words)
        case When(at=at, style=style):
            return f"<t:{int(at.timestamp())}:{_STYLES[style]}>"
        case Link(label=label, url=url):
            return link(label, url)
        case _:
            assert_never(span)
