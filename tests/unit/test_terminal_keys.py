"""Which key presses which button, and whose letters count when several questions are on screen."""

import io

from rich.console import Console

from bot.adapters.terminal.keys import keys_of
from bot.adapters.terminal.screen import Screen
from bot.adapters.terminal.stage import Stage, Waiting
from bot.view.card import Button, Card, Menu


def question(name: str, *, number: bool = False) -> Card:
    letters = tuple(Button(label=x, token=f"{name}:{x}") for x in "AB")
    rows = (letters, (Button(label="Stop", token=f"{name}:stop"),)) if number else (letters,)
    return Card(title=name, rows=rows)


def closed(name: str) -> Card:
    return Card(title=f"{name} closed", rows=((Button(label="Why?", token=f"{name}:why"),),))


def stage() -> tuple[Stage, io.StringIO]:
    held = io.StringIO()
    return Stage(Screen(Console(file=held, width=80))), held


def token(of: Stage, typed: str) -> str:
    key = of.keys.find(typed)
    return key.token if key else ""


def test_buttons_are_numbered_row_by_row_and_the_menu_goes_on() -> None:
    card = Card(
        title="t",
        rows=(
            (Button(label="A", token="a"), Button(label="B ✓", token="b", pressed=True)),
            (Button(label="Back", token="x", disabled=True), Button(label="On", token="on")),
            (Button(label="Page", url="https://example.org"), Button(label="Off", token="on")),
        ),
        menu=Menu(label="Go", entries=(("One", "m1"), ("Two", "m2"))),
    )
    keys = keys_of(card)
    assert [(key.typed, key.token, key.chosen) for key in keys.letters] == [("A", "a", False), ("B", "b", True)]
    assert [(key.typed, key.label) for key in keys.numbers] == [("1", "On"), ("2", "Off")]
    assert [(key.typed, key.token) for key in keys.menu] == [("3", "m1"), ("4", "m2")]


def test_a_disabled_letter_can_not_be_pressed() -> None:
    assert keys_of(Card(title="t", rows=((Button(label="A", token="a", disabled=True),),))).find("A") is None


def test_a_card_without_numbers_leaves_those_before_it() -> None:
    on, _ = stage()
    on.reply(closed("monday"))
    on.reply(question("quiz"))
    assert (token(on, "1"), token(on, "A")) == ("monday:why", "quiz:A")


def test_a_question_that_comes_by_itself_takes_no_letters_from_one_that_waits() -> None:
    on, printed = stage()
    on.reply(question("quiz", number=True))
    on.posted(question("tuesday"))
    assert token(on, "A") == "quiz:A"
    assert "type today to\nanswer the new one" in printed.getvalue()
    on.question(question("tuesday"), answered="")
    assert token(on, "A") == "tuesday:A"


def test_once_answered_the_letters_are_free_for_the_next_question() -> None:
    on, _ = stage()
    on.posted(question("monday"))
    on.pressed("monday:B")
    on.posted(question("tuesday"))
    assert token(on, "A") == "tuesday:A"


def test_pressing_a_number_does_not_free_the_letters() -> None:
    on, _ = stage()
    on.reply(question("quiz", number=True))
    on.pressed("quiz:stop")
    on.posted(question("tuesday"))
    assert token(on, "A") == "quiz:A"


def test_when_the_channels_question_closes_its_letters_are_free() -> None:
    on, _ = stage()
    on.posted(question("monday"))
    on.edited(closed("monday"), watched=False)
    assert token(on, "A") == "monday:A"
    on.posted(question("tuesday"))
    assert token(on, "A") == "tuesday:A"


def test_a_close_does_not_free_the_letters_of_a_private_question() -> None:
    on, _ = stage()
    on.posted(question("monday"))
    on.reply(question("quiz"))
    on.edited(closed("monday"), watched=False)
    on.posted(question("tuesday"))
    assert token(on, "A") == "quiz:A"
    assert on.waiting is Waiting.PRIVATE


def test_a_count_that_moved_is_told_only_to_somebody_who_watches() -> None:
    on, printed = stage()
    on.edited(question("monday"), watched=False)
    assert printed.getvalue() == ""
    on.edited(question("monday"), watched=True)
    assert "monday" not in printed.getvalue()
    assert printed.getvalue() != ""
