"""Each card says the same on Discord, Slack, the web and the terminal: every word it holds, in its own order."""

import asyncio
import html
import io
import json
import re
from collections.abc import Callable
from functools import cache

import pytest
from rich.console import Console

from bot.adapters.discord import forms as discord_forms
from bot.adapters.discord.render import draw
from bot.adapters.slack import forms as slack_forms
from bot.adapters.slack import render as slack
from bot.adapters.slack.forms import Place
from bot.adapters.terminal import filling
from bot.adapters.terminal import render as terminal
from bot.adapters.web.render import Renderer
from bot.view.card import (
    Bars,
    Bullets,
    Card,
    Code,
    CodeBlock,
    Fields,
    Form,
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
from tests.support import wire_discord_rules as rules
from tests.support.every_card import Seen, every_card, makers


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
    return " ".join(f"{part.get('content', '')} {part.get('label', '')}" for part in parts)


def on_slack(card: Card) -> str:
    return html.unescape(json.dumps(slack.message(card).blocks, ensure_ascii=False).replace("\\n", " "))


@cache
def _renderer() -> Renderer:
    return Renderer()


def on_the_web(card: Card) -> str:
    page = _renderer().page("reply.html", reply=Reply(card=card), csrf="c", place="channel", before="", level=3)
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def on_the_terminal(card: Card) -> str:
    console = Console(file=io.StringIO(), width=400, color_system=None)
    for part in terminal.card(card, width=400, plain=True):
        console.print(part)
    shown = console.file
    assert isinstance(shown, io.StringIO)
    return shown.getvalue()


def form_on_discord(form: Form) -> str:
    """The modal; what is wrong comes before it, in the message that offers to correct it."""
    wrong = on_discord(discord_forms.correction(form)) if any(field.error for field in form.inputs) else ""
    return json.dumps(discord_forms.modal(form).to_dict(), ensure_ascii=False) + wrong


def form_on_slack(form: Form) -> str:
    return json.dumps([slack_forms.view(form, Place(token=form.token)), slack_forms.errors(form)], ensure_ascii=False)


def form_on_the_web(form: Form) -> str:
    page = _renderer().page("reply.html", reply=Reply(form=form), csrf="c", place="channel", before="", level=3)
    return html.unescape(page)


def form_on_the_terminal(form: Form) -> str:
    console = Console(file=io.StringIO(), width=400, color_system=None)
    for part in filling.intro(form, again=False):
        console.print(part)
    for field in form.inputs:
        for part in filling.question(field, width=400):
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


FORMS: dict[str, Callable[[Form], str]] = {
    "discord": form_on_discord,
    "slack": form_on_slack,
    "web": form_on_the_web,
    "terminal": form_on_the_terminal,
}


@pytest.fixture(scope="module")
def seen() -> Seen:
    return asyncio.run(every_card())


def test_every_card_and_form_of_the_product_is_compared(seen: Seen) -> None:
    assert seen.keys() == set(makers().values())


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_word_and_button_of_every_card_is_there(seen: Seen, platform: str) -> None:
    cards = [(name, card) for name, made in seen.items() for card in made if isinstance(card, Card)]
    for name, card in cards:
        shown = _plain(PLATFORMS[platform](card)).split()
        labels = " ".join(button.label for row in card.rows for button in row)
        missing = [word for word in (*words_of(card), *_plain(labels).split()) if word not in shown]
        assert missing == [], (name, card.title)


@pytest.mark.parametrize("platform", FORMS)
def test_every_form_asks_the_same_and_says_the_same_of_what_is_wrong(seen: Seen, platform: str) -> None:
    forms_ = [form for form in seen["setup_form"] if isinstance(form, Form)]
    assert any(field.error for form in forms_ for field in form.inputs)
    for form in forms_:
        shown = _plain(FORMS[platform](form)).split()
        wanted = [form.title]
        for field in form.fields:
            wanted += [field.label, *(label for label, _ in field.choices), field.error or field.hint]
            wanted += [] if field.choices else field.value
        missing = [word for piece in wanted for word in _plain(piece).split() if word not in shown]
        assert missing == []
