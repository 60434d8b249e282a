"""Simple texts are read without the Markdown parser, and mean what it would say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.view import markup
from bot.view.card import Paragraph

PIECES = [
    "`",
    "``",
    "~",
    "a",
    " ",
    "  ",
    "\\",
    "*",
    "_",
    "&amp;",
    "<b>",
    "!",
    "[x](y)",
    "é",
    "😀",
    "1. ",
    "# ",
    "- ",
    "|",
    "\n",
    "\t",
    "\u00a0",
]


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=20))
def test_the_short_way_and_the_parser_agree(text: str) -> None:
    short = markup.blocks.__wrapped__(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markup, "_simple", lambda _: None)
        assert short == markup.blocks.__wrapped__(text)


@pytest.mark.parametrize("text", ["Recall is low.", "`fit` learns, and `transform` applies it.", "`a`"])
def test_most_texts_need_no_parser(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_parser() -> None:
        raise AssertionError("the parser was asked")

    monkeypatch.setattr(markup, "_parser", no_parser)
    (paragraph,) = markup.blocks.__wrapped__(text)
    assert isinstance(paragraph, Paragraph)
    assert markup.plain(paragraph.line) == text.replace("`", "")
