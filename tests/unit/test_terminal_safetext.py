"""No text from people or packs does anything to a terminal but show itself."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.terminal.safetext import LEFT_TO_RIGHT, closed, safe, safe_code


@given(st.text())
def test_no_control_is_left_whatever_the_text(text: str) -> None:
    for made in (safe(text), closed(text), *safe_code(text)):
        left = {c for c in made if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
        assert not left
        made.encode()


@given(st.text())
def test_making_safe_twice_changes_nothing_more(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", "a\ufffd[2Jb"),
        ("a\x9b2Jb", "a\ufffd2Jb"),
        ("a\r\nb\tc", "a  b c"),
        ("\u202egnihtemos", "gnihtemos"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("\ud800", "\ufffd"),
        ("Zoë 日本", "Zoë 日本"),
    ],
)
def test_what_becomes_of_it(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_right_to_left_text_ends_in_the_direction_of_the_page() -> None:
    assert closed("דנה") == f"דנה{LEFT_TO_RIGHT}"
    assert closed("Ana") == "Ana"


def test_code_keeps_its_lines_and_indentation() -> None:
    assert safe_code("if x:\r\n\ty = '\x07'") == ("if x:", "    y = '\ufffd'")
