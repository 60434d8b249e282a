"""Forms in the terminal: what a typed line means for a field."""

import pytest

from bot.adapters.terminal.filling import NotOnTheList, typed
from bot.view.card import Field

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MANY = Field(name="days", label="Weekdays", value=("mon",), choices=tuple((d, d.lower()) for d in DAYS), many=True)
ONE = Field(
    name="closes",
    label="Open for",
    value=("480",),
    choices=(("1 hour", "60"), ("2 hours", "120"), ("8 hours", "480")),
)
FREE = Field(name="zone", label="Time zone", value=("Europe/Berlin",))


@pytest.mark.parametrize("field", [MANY, ONE, FREE])
def test_an_empty_line_keeps_what_is_set(field: Field) -> None:
    assert typed(field, "  ") == field.value


def test_a_line_of_text_is_taken_as_it_is() -> None:
    assert typed(FREE, " Europe/Paris ") == ("Europe/Paris",)


@pytest.mark.parametrize(
    ("line", "value"), [("2", "120"), ("[3]", "480"), ("60", "60"), ("8 hours", "480"), ("8", "480"), ("2 H", "120")]
)
def test_one_of_a_list_by_number_value_or_words(line: str, value: str) -> None:
    assert typed(ONE, line) == (value,)


@pytest.mark.parametrize("line", ["9 hours", "99", "0", "-1", "²", "?"])
def test_what_is_not_on_the_list_is_said(line: str) -> None:
    said = typed(ONE, line)
    assert isinstance(said, NotOnTheList)
    assert "from 1 to 3" in said.sentence


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("1,3", "mon wed"),
        ("1-5", "mon tue wed thu fri"),
        ("mon-wed, sun", "mon tue wed sun"),
        ("Mon - Wed", "mon tue wed"),
        ("sat-mon", "mon sat sun"),
        ("7 1 7", "mon sun"),
    ],
)
def test_several_of_a_list_in_the_lists_order(line: str, days: str) -> None:
    assert typed(MANY, line) == tuple(days.split())


@pytest.mark.parametrize("line", ["1-9", "mon-wed-fri", "1,,x", "t", "-"])
def test_a_part_that_is_not_on_the_list_refuses_the_whole(line: str) -> None:
    assert isinstance(typed(MANY, line), NotOnTheList)
