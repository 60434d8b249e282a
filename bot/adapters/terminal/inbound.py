"""From a typed line to what a member did. Pure: no terminal, no I/O."""

from dataclasses import dataclass

from bot.adapters.terminal.keys import Keys
from bot.app.actions import Actor, Command, Press, Submission
from bot.core.item import LETTERS
from bot.view.card import Form

LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class Nothing:
    """An empty line: nothing is asked, but what is new is shown."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Stop playing."""


@dataclass(frozen=True, slots=True)
class ShowToday:
    """Show the newest question once more."""


@dataclass(frozen=True, slots=True)
class ShowMenu:
    """List the entries of the newest card's menu."""


@dataclass(frozen=True, slots=True)
class SwitchTo:
    """Somebody else takes the keyboard."""

    name: str


@dataclass(frozen=True, slots=True)
class NoSuchKey:
    """A letter or number that presses nothing on the cards shown last."""

    typed: str


Said = Press | Command | Nothing | Leave | ShowToday | ShowMenu | SwitchTo | NoSuchKey


def read(line: str, keys: Keys, who: Actor) -> Said:
    """What a line means where `keys` can be pressed.

    `b`, `B)` and `[1]` press; `quiz 5`, `/quiz 5` and `/trapwise quiz 5` are the same command.
    """
    words = line[:LONGEST_LINE].split()
    if not words:
        return Nothing()
    if len(words) == 1 and (typed := _key(words[0])):
        key = keys.find(typed)
        return Press(actor=who, token=key.token) if key else NoSuchKey(typed)
    name, rest = words[0].removeprefix("/").lower(), words[1:]
    match name:
        case "quit" | "exit" | "q" | "bye" if not rest:
            return Leave()
        case "today" | "question" if not rest:
            return ShowToday()
        case "menu" if not rest:
            return ShowMenu()
        case "as":
            return SwitchTo(" ".join(rest))
        case "trapwise" if rest:
            name, rest = rest[0].removeprefix("/").lower(), rest[1:]
        case "trapwise" | "?" | "h" if not rest:
            name = "help"
        case _:
            pass
    return Command(actor=who, name=name, text=" ".join(rest))


def submission(form: Form, values: dict[str, tuple[str, ...]], who: Actor) -> Submission:
    """A form that was filled in, its fields in their order."""
    return Submission(
        actor=who,
        token=form.token,
        values=tuple((field.name, values.get(field.name, field.value)) for field in form.inputs),
    )


def _key(word: str) -> str:
    """The letter or number that somebody typed to press it, however they wrapped it; empty if it's a word."""
    bare = word.strip("[]().").upper()
    if len(bare) == 1 and bare in LETTERS:
        return bare
    return str(int(bare)) if bare.isascii() and bare.isdigit() and len(bare) <= 3 else ""
