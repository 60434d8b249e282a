"""How cards look in a terminal: at every width, in colour and without, and whatever people and packs wrote."""

import io
import re
from typing import Literal

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.adapters.terminal import render
from bot.adapters.terminal.bars import bar, share_bar
from bot.adapters.terminal.screen import WIDEST, Screen
from bot.view.card import (
    Bar,
    Bars,
    Block,
    Bullets,
    Button,
    Card,
    Code,
    CodeBlock,
    Fields,
    Heading,
    Line,
    Link,
    Mark,
    Menu,
    OptionLine,
    Options,
    Paragraph,
    Strong,
    Table,
    Text,
)
from tests.support import fake_trapwise

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
HARMLESS = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x07\x1b]*\x1b\\")
"""The only sequences that may reach a terminal: colours, and links (OSC 8)."""


def drawn(card: Card, width: int = 80, *, colour: bool = False, post: bool = False) -> str:
    held = io.StringIO()
    system: Literal["truecolor"] | None = "truecolor" if colour else None
    screen = Screen(Console(file=held, width=width, force_terminal=colour, no_color=not colour, color_system=system))
    screen.show(*render.card(card, width=screen.width, plain=screen.plain, post=post))
    return held.getvalue()


def with_block(block: Block) -> Card:
    return Card(title="Title", blocks=(block,))


def everything(text: str) -> Card:
    line: Line = (Text(text), Strong(text), Code(text), Link(text, f"https://example.org/{text}"))
    body = (Paragraph(line), CodeBlock(f"{text}\n  {text}", text))
    return Card(
        title=text,
        context=(text, text),
        blocks=(
            *body,
            Heading(text),
            Bullets((line, line)),
            Options((OptionLine(letter="A", body=body, mark=Mark.KEY, note=text, count=1, percent=50, why=body),)),
            Bars(text, (Bar(label=text, share=0.5, low=0.2, high=0.7, text=text, note=text),), 0.7, text),
            Bars(text, (Bar(label=text, share=None, low=None, high=None, text=text),)),
            Table(text, (text, text), ((text, text),), own=0),
            Fields(((text, line),)),
        ),
        footer=line,
        rows=((Button(label=text, token="t"), Button(label=text, url=f"https://example.org/{text}")),),
        menu=Menu(label=text, entries=((text, "m"),)),
    )


CARDS = {
    "question": fake_trapwise.question(1, 12),
    "closed": fake_trapwise.closed(1, "Trap question · Fri 20 Nov"),
    "everything": everything("word " * 12),
    "wide": everything("試験の罠 "),
    "unbroken": everything("x" * 130),
}


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_the_terminal(name: str, width: int, colour: bool) -> None:
    lines = HARMLESS.sub("", drawn(CARDS[name], width, colour=colour, post=True)).splitlines()
    limit = min(width, WIDEST)
    # Addresses alone may be: broken by us, they could be neither clicked nor copied.
    too_wide = [line for line in lines if cell_len(line) > limit and "https://" not in line]
    assert not too_wide


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("colour", [False, True])
def test_nothing_but_colours_and_links_reaches_the_terminal(width: int, colour: bool) -> None:
    out = drawn(everything(EVIL), width, colour=colour)
    rest = HARMLESS.sub("", out)
    assert not [c for c in rest if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
    assert "\u202e" not in rest
    assert "]0;owned" in re.sub(r"\s+", "", rest)


def test_without_colour_nothing_is_escaped_and_no_line_ends_in_blanks() -> None:
    out = drawn(CARDS["everything"])
    assert "\x1b" not in out
    assert not [line for line in out.splitlines() if line != line.rstrip()]


def test_code_stands_in_backticks_only_where_colour_can_not_tell_it() -> None:
    card = with_block(Paragraph((Text("use "), Code("fit()"))))
    assert "use `fit()`" in drawn(card)
    assert "`" not in drawn(card, colour=True)


def test_an_address_is_printed_whole_below_its_line() -> None:
    url = "https://example.org/" + "a/very/long/path/" * 8
    out = drawn(Card(title="Title", footer=(Text("Streak 1 day · "), Link("Docs", url))), 40)
    assert "Streak 1 day · Docs\n" in out
    assert f"<{url}>\n" in out


def test_only_addresses_of_the_web_can_be_clicked() -> None:
    assert "\x1b]8;" not in drawn(Card(title="T", footer=(Link("Docs", "javascript:alert(1)"),)), colour=True)
    assert "\x1b]8;" in drawn(Card(title="T", footer=(Link("Docs", "https://example.org"),)), colour=True)


def test_an_outcome_is_told_by_sign_and_words() -> None:
    out = drawn(CARDS["closed"])
    assert "✓ B  Indices by descending" in out
    assert re.search(r"the answer · 7 chose it, 58 %", out)
    assert "! D  An error" in out
    assert re.search(r"caught the most · 3 chose it, 25 %", out)


def test_a_mark_without_a_note_still_has_words() -> None:
    option = OptionLine(letter="A", body=(Paragraph((Text("x"),)),), mark=Mark.CHOSEN)
    assert "your answer" in drawn(with_block(Options((option,))))


def test_columns_stay_in_order_after_a_right_to_left_name() -> None:
    out = drawn(with_block(Table("", ("Name", "Points"), (("דנה", "10"), ("Ana", "7")), numeric=frozenset({1}))))
    assert re.search("דנה\u200e +10\n", out)
    assert re.search("Ana +7\n", out)


def test_numbers_line_up_on_the_right() -> None:
    rows = (("1", "Ana", "1,215"), ("2", "日本語", "7"))
    out = drawn(with_block(Table("", ("Place", "Name", "Points"), rows, numeric=frozenset({0, 2}))))
    ends = {cell_len(line) for line in out.splitlines() if line.startswith("    ")}
    assert len(ends) == 1


def test_a_long_line_of_code_goes_on_below_with_nothing_lost() -> None:
    code = "result = " + "+".join(str(n) for n in range(60))
    out = drawn(with_block(CodeBlock(code)), 40)
    assert re.sub(r"\n\s*↪ ", "", out.split("\n\n", 1)[1]).strip() == code
    assert out.count("↪") > 3


@pytest.mark.parametrize(("entries", "listed"), [(8, True), (9, False)])
def test_a_long_menu_is_only_mentioned(entries: int, listed: bool) -> None:
    menu = Menu(label="Go to…", entries=tuple((f"Question {n}", f"m{n}") for n in range(entries)))
    out = drawn(Card(title="T", rows=((Button(label="Next", token="n"),),), menu=menu))
    assert ("Question 3" in out) is listed
    assert (f"[2] to [{entries + 1}] Go to: type menu" in out) is not listed


def test_buttons_are_listed_with_the_key_that_presses_them() -> None:
    rows = (
        (Button(label="Week", token="same", pressed=True), Button(label="Month", token="b")),
        (Button(label="Channel", token="same"), Button(label="Back", token="x", disabled=True)),
    )
    out = drawn(Card(title="T", rows=rows))
    assert "[1] Week (chosen)   [2] Month\n[3] Channel   Back (not now)\n" in out


@pytest.mark.parametrize(
    ("share", "high", "line", "drawn_as"),
    [
        (0.5, 0.7, None, "█████▒▒···"),
        (0.5, 0.7, 0.7, "█████▒▒|··"),
        (1.0, 1.0, 1.0, "█████████|"),
        (0.0, 0.0, 0.0, "|·········"),
        (None, None, 0.7, ""),
    ],
)
def test_bars(share: float | None, high: float | None, line: float | None, drawn_as: str) -> None:
    assert bar(Bar(label="x", share=share, low=share, high=high, text=""), 10, line=line) == drawn_as


def test_shares() -> None:
    assert [share_bar(percent, 4) for percent in (0, 12, 13, 50, 100)] == ["····", "····", "█···", "██··", "████"]
