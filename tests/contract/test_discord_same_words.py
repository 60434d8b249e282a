"""Each card says the same on Discord, Slack, the web and the terminal: every word it holds, in its own order."""

import html
import io
import json
import re
from collections.abc import Callable

import pytest
from rich.console import Console

from bot.adapters.discord.render import draw
from bot.adapters.slack import render as slack
from bot.adapters.terminal import render as terminal
from bot.adapters.web.render import Renderer
from bot.view.card import (
    Bars,
    Bullets,
    Card,
    Code,
    CodeBlock,
    Fields,
    Heading,
    Line,
    Link,
    OptionLine,
    Options,
    Paragraph,
    Reply,
    Strong,
    Table,
    Text,
)
from tests.support import fake_trapwise as cards
from tests.support import wire_discord_rules as rules

SAMPLES = [
    cards.question(1, 3),
    cards.closed(1, "Closed"),
    cards.feedback(1, "B"),
    cards.explained(),
    cards.leaderboard(),
    cards.stats(),
    cards.exam(),
    cards.settings(),
    cards.help_card(),
]


def words_of(card: Card) -> list[str]:
    """What the card holds, as its content's words: title, facts, blocks and foot. Times are each platform's own."""
    found = [card.title, *card.context]
    for block in card.blocks:
        match block:
            case Paragraph(line=line):
                found += _line(line)
            case CodeBlock(code=code):
                found += code.split("\n")
            case Heading(text=words):
                found.append(words)
            case Bullets(lines=lines):
                found += [words for line in lines for words in _line(line)]
            case Options(options=options):
                found += [words for option in options for words in _option(option)]
            case Bars(bars=bars):
                found += [words for bar in bars for words in (bar.label, bar.text, bar.note)]
            case Table(head=head, rows=rows):
                # A very long name may be cut where columns are narrow; its beginning is always there.
                found += [*head, *(word for row in rows for cell in row for word in cell.split()[:1])]
            case Fields(pairs=pairs):
                found += [words for name, value in pairs for words in (name, *_line(value))]
    return [word for piece in [*found, *_line(card.footer)] for word in _plain(piece).split()]


def _line(line: Line) -> list[str]:
    said = [span.text for span in line if isinstance(span, Text | Strong | Code)]
    return said + [span.label for span in line if isinstance(span, Link)]


def _option(option: OptionLine) -> list[str]:
    found = [option.letter, option.note]
    if option.count is not None:
        found += [str(option.count), str(option.percent)]
    for block in (*option.body, *option.why):
        found += _line(block.line) if isinstance(block, Paragraph) else [block.code]
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^\w\s]|_", " ", text)


def on_discord(card: Card) -> str:
    parts = rules.walk(draw(card).view.to_components())  # type: ignore[no-untyped-call]  # discord.py left it so
    return " ".join(part.get("content", "") for part in parts)


def on_slack(card: Card) -> str:
    return html.unescape(json.dumps(slack.message(card).blocks, ensure_ascii=False).replace("\\n", " "))


def on_the_web(card: Card) -> str:
    page = Renderer().page("reply.html", reply=Reply(card=card), csrf="c", place="channel", before="", level=3)
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def on_the_terminal(card: Card) -> str:
    console = Console(file=io.StringIO(), width=400, color_system=None)
    for part in terminal.card(card, width=400, plain=True):
        console.print(part)
    shown = console.file
    assert isinstance(shown, io.StringIO)
    return shown.getvalue()


PLATFORMS: dict[str, Callable[[Card], str]] = {
    "discord": on_discord,
    "slack": on_slack,
    "web": on_the_web,
    "terminal": on_the_terminal,
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("card", SAMPLES, ids=lambda card: card.title[:24])
def test_every_word_of_a_card_is_there(card: Card, platform: str) -> None:
    shown = _plain(PLATFORMS[platform](card)).split()
    missing = [word for word in words_of(card) if word not in shown]
    assert missing == []
