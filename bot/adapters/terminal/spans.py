"""From neutral spans to rich text. Everything shown passes `safetext` here or in its caller."""

from typing import assert_never
from urllib.parse import urlsplit

from rich.text import Text as Rich

from bot.adapters.terminal.safetext import closed, safe
from bot.view.card import Code, Line, Link, Span, Strong, Text, When


def line(spans: Line, *, plain: bool, style: str = "") -> Rich:
    """A line of spans. Where there is no colour to tell code by, it stands in backticks."""
    text = Rich(style=style)
    for span in spans:
        text.append_text(_span(span, plain))
    return text


def words(text: str, style: str = "") -> Rich:
    """Plain words."""
    return Rich(closed(text), style=style)


def _span(span: Span, plain: bool) -> Rich:
    match span:
        case Text(text=said):
            return words(said)
        case Strong(text=said):
            return words(said, "bold")
        case Code(text=said):
            return Rich(f"`{safe(said)}`") if plain else Rich(safe(said), style="cyan")
        case When(fallback=said):
            return words(said)
        case Link(label=label, url=url):
            address = safe(url)
            # Terminals that know of links keep one whole that had to be broken over two lines.
            known = urlsplit(address).scheme in ("http", "https") and " " not in address
            return Rich.assemble(closed(label), " <", (address, f"underline link {address}" if known else ""), ">")
        case _:
            assert_never(span)
