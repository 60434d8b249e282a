"""Sentences of the conversation around the cards; those of the cards themselves are in view/wording."""

from bot.view.card import Mark

MARKS = {
    Mark.NONE: "",
    Mark.KEY: "the answer",
    Mark.CHOSEN: "your answer",
    Mark.CHOSEN_KEY: "your answer, and right",
    Mark.CAUGHT: "caught the most",
}
"""What a mark means, where the card doesn't say it itself."""

GOES_ON = "↪"
WORKSPACE = "this terminal"
HERE = "In this terminal"
HELP = (
    ("b", "answers B; any letter that a question offers"),
    ("1", "presses [1]; any number that the newest card offers"),
    ("today", "shows the question again"),
    ("menu", "lists the entries of a long menu"),
    ("as Ben", "lets somebody else play, here as Ben"),
    ("quit", "leaves; Ctrl-D does too"),
)
CANCEL = "cancel"
CANCELLED = "Left as it was; nothing was saved."
TO_CANCEL = f"Type {CANCEL} to leave the form."
SEVERAL = "several, such as 1,3 or 1-5"
TRY_AGAIN = "That can't be saved yet."
LATER = "A new question is here. Letters still answer the one before; type today to answer the new one."
ANSWER = "Answer"
NO_MENU = "The newest card has no menu."
NOT_NOW = "not now"
CHOSEN = "chosen"
NOTHING_TO_PRESS = "There is nothing to press here yet. Type today for the question, or help."
BYE = "Bye. Your answers are saved."
UNSAVED = "The file could not be written here"


def welcome(name: str) -> str:
    """The first line."""
    return f"You play as {name}. Type a letter to answer, help for more, quit to leave."


def playing_as(name: str) -> str:
    """After somebody else took the keyboard."""
    return f"You play as {name} now."


def meant_for(member: str) -> str:
    """Above a private notice for somebody who isn't playing right now; only the id of their name is known."""
    return f"For {member}, who plays here too:"


def already_chose(letter: str) -> str:
    """Under a question that the reader has answered."""
    return f"You chose {letter}. Type {letter} to see how you did."


def keeps(value: str) -> str:
    """Under a field of a form that has a value."""
    return f"Enter keeps: {value}"


def chosen_by(count: int, percent: int | None) -> str:
    """How many chose an option."""
    share = f", {percent} %" if percent is not None else ""
    return f"{count:,} chose it{share}"


def short_menu(label: str) -> str:
    """Above the entries of a menu."""
    return f"{label.rstrip('…: ')}:"


def long_menu(label: str, first: str, last: str) -> str:
    """In place of a menu that would fill the screen."""
    return f"[{first}] to [{last}] {label.rstrip('…: ')}: type menu for the list"


def no_such_key(typed: str, offered: tuple[str, ...]) -> str:
    """After a letter or number that presses nothing."""
    if not offered:
        return NOTHING_TO_PRESS
    return f"Nothing here is pressed by {typed}. You can press {', '.join(offered)}; help tells what else there is."


def no_such_choice(typed: str, last: int) -> str:
    """After a choice in a form that isn't on its list."""
    return f"“{typed}” isn't on the list. Type a number from 1 to {last}, or the words beside it."


def saved_file(name: str) -> str:
    """After a file was written."""
    return f"Saved as {name} in this folder."
