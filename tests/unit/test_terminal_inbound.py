"""What a typed line means in the terminal."""

import pytest

from bot.adapters.terminal.inbound import (
    Leave,
    NoSuchKey,
    Nothing,
    ShowMenu,
    ShowToday,
    SwitchTo,
    read,
    submission,
)
from bot.adapters.terminal.keys import Key, Keys
from bot.app.actions import Command, Press
from bot.view.card import Field, Form
from tests.support.builders import an_actor

WHO = an_actor()
KEYS = Keys(
    letters=tuple(Key(typed=x, label=x, token=f"tw1:a:1:{x}") for x in "ABC"),
    numbers=(Key(typed="1", label="Why?", token="tw1:w:1:mine"),),
    menu=(Key(typed="2", label="Question 2", token="tw1:c:exam:2"),),
)


@pytest.mark.parametrize(
    ("line", "token"),
    [
        ("b", "tw1:a:1:B"),
        ("  C ", "tw1:a:1:C"),
        ("a)", "tw1:a:1:A"),
        ("(A).", "tw1:a:1:A"),
        ("1", "tw1:w:1:mine"),
        ("[1]", "tw1:w:1:mine"),
        ("01", "tw1:w:1:mine"),
        ("2", "tw1:c:exam:2"),
    ],
)
def test_letters_and_numbers_press(line: str, token: str) -> None:
    assert read(line, KEYS, WHO) == Press(actor=WHO, token=token)


@pytest.mark.parametrize(("line", "typed"), [("d", "D"), ("e.", "E"), ("3", "3"), ("0", "0"), ("999", "999")])
def test_a_key_that_is_not_offered_is_no_command(line: str, typed: str) -> None:
    assert read(line, KEYS, WHO) == NoSuchKey(typed)


@pytest.mark.parametrize(
    ("line", "name", "text"),
    [
        ("stats", "stats", ""),
        ("/quiz 5", "quiz", "5"),
        ("/trapwise skip 2026-12-24", "skip", "2026-12-24"),
        ("trapwise /Pause", "pause", ""),
        ("trapwise", "help", ""),
        ("?", "help", ""),
        ("LEADERBOARD  month   workspace", "leaderboard", "month workspace"),
        ("quit smoking", "quit", "smoking"),
        ("b c", "b", "c"),
        ("²", "²", ""),
        ("1234", "1234", ""),
    ],
)
def test_everything_else_is_a_command(line: str, name: str, text: str) -> None:
    assert read(line, KEYS, WHO) == Command(actor=WHO, name=name, text=text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", Nothing()),
        ("   \t", Nothing()),
        ("quit", Leave()),
        ("/exit", Leave()),
        ("Q", Leave()),
        ("today", ShowToday()),
        ("menu", ShowMenu()),
        ("as Ben Miller", SwitchTo("Ben Miller")),
        ("as", SwitchTo("")),
    ],
)
def test_what_only_a_terminal_knows(line: str, said: object) -> None:
    assert read(line, KEYS, WHO) == said


def test_a_form_is_sent_with_its_fields_in_order_and_what_was_not_asked_as_it_was() -> None:
    form = Form(
        title="T",
        token="tw1:c:setup",
        fields=(Field(name="a", label="A", value=("1",)), Field(name="b", label="B")),
        extra=(Field(name="more", label="More", value=("2",)),),
    )
    sent = submission(form, {"b": ("x", "y")}, WHO)
    assert sent.token == "tw1:c:setup"
    assert sent.values == (("more", ("2",)), ("a", ("1",)), ("b", ("x", "y")))
