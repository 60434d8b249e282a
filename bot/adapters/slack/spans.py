"""Lines of neutral spans as Slack's rich text elements, as mrkdwn, and as plain words."""

from typing import Any

from bot.adapters.slack import limits
from bot.view.card import Code, Line, Link, Strong, Text, TimeStyle, When

Json = dict[str, Any]

# Shown in the reader's own zone: https://docs.slack.dev/messaging/formatting-message-text/#date-formatting.
# There is no "in 3 hours" that stays true, so in a message that lasts the day stands in its place: "today",
# "tomorrow", "Nov 24th". What a member has just asked for may say it in words.
_FORMATS = {
    TimeStyle.CLOCK: "{time}",
    TimeStyle.FULL: "{date_short_pretty} {time}",
    TimeStyle.RELATIVE: "{date_short_pretty}",
}

_MARKUP = frozenset("*_~`")


def escaped(text: str) -> str:
    """The text with Slack's three control signs made harmless; nothing can then mention or link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich(line: Line, *, lasting: bool = False) -> list[Json]:
    """Elements of a rich text section. Text in them is shown as it is: no markup is read, no mention made."""
    return [element for span in line if (element := _rich(span, lasting)) is not None]


def _rich(span: Text | Strong | Code | When | Link, lasting: bool) -> Json | None:
    match span:
        case Text(text=words):
            return words_element(words)
        case Strong(text=words):
            return words_element(words, bold=True)
        case Code(text=words):
            return words_element(words, code=True)
        case When(style=TimeStyle.RELATIVE, fallback=fallback) if not lasting:
            return words_element(fallback)
        case When(at=at, style=style, fallback=fallback):
            return {
                "type": "date",
                "timestamp": int(at.timestamp()),
                "format": _FORMATS[style],
                "fallback": fallback,
            }
        case Link(label=label, url=url):
            if not safe_url(url):
                return words_element(label)
            return {"type": "link", "url": url, "text": label}


def words_element(words: str, **style: bool) -> Json | None:
    """One text element; None for no words, which Slack refuses."""
    if not words:
        return None
    element: Json = {"type": "text", "text": words}
    return {**element, "style": dict(style)} if style else element


def can_be_mrkdwn(line: Line) -> bool:
    """Whether the line holds nothing that mrkdwn would read as markup. There is no way to escape that."""
    return all(isinstance(span, When | Link) or not _MARKUP & set(span.text) for span in line) and not any(
        isinstance(span, Code) for span in line
    )


def mrkdwn(line: Line, *, lasting: bool = False) -> str:
    """The line for a context block, where rich text isn't possible."""
    return "".join(_mrkdwn(span, lasting) for span in line)


def _mrkdwn(span: Text | Strong | Code | When | Link, lasting: bool) -> str:
    match span:
        case Text(text=words) | Code(text=words):
            return escaped(words)
        case Strong(text=words):
            return f"*{escaped(words)}*"
        case When(style=TimeStyle.RELATIVE, fallback=fallback) if not lasting:
            return escaped(fallback)
        case When(at=at, style=style, fallback=fallback):
            return f"<!date^{int(at.timestamp())}^{_FORMATS[style]}|{escaped(fallback)}>"
        case Link(label=label, url=url):
            if not safe_url(url):
                return escaped(label)
            return f"<{escaped(url).replace('|', '%7C')}|{escaped(label)}>"


def plain(line: Line) -> str:
    """The words alone, instants in the words of their fallback."""
    words = []
    for span in line:
        match span:
            case Text(text=said) | Strong(text=said) | Code(text=said):
                words.append(said)
            case When(fallback=said):
                words.append(said)
            case Link(label=label, url=url):
                words.append(f"{label}: {url}" if safe_url(url) else label)
    return "".join(words)


def safe_url(url: str) -> bool:
    """Whether Slack takes the address as a link."""
    return url.startswith(("https://", "http://")) and len(url) <= limits.URL
