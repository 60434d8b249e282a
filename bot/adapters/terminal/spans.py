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


def addresses(spans: Line) -> tuple[Rich, ...]:
    """Where the links of a line lead, to be shown below it."""
    return tuple(address(span.url) for span in spans if isinstance(span, Link))


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
            return Rich(closed(label), style=f"link {_known(url)}" if _known(url) else "")
        case _:
            assert_never(span)


def address(url: str) -> Rich:
    """Where a link leads, never broken by us: a terminal that wraps it by itself still knows it as one address."""
    style = f"link {_known(url)}" if _known(url) else ""
    return Rich(f"<{safe(url)}>", style=style, no_wrap=True, overflow="ignore")


def _known(url: str) -> str:
    """The address if it's one of the web; anything else is shown, but can't be opened by a click."""
    plain = safe(url)
    return plain if urlsplit(plain).scheme in ("http", "https") and " " not in plain else ""
