"""The versioned text that a button carries: written here, read here, and never telling which answer is right.

A token is at most 100 characters (a Discord custom_id,
https://docs.discord.com/developers/components/reference), of letters, digits and `:.-`.
"""

import re
from dataclasses import dataclass

from bot.core.outcomes import Unreadable
from bot.core.refs import RoundId

PREFIX = "tw1"
LONGEST = 100

PATTERN = re.compile(r"tw1(:[A-Za-z0-9.\-]{1,48}){1,6}")
"""Every token fully matches this, so that adapters can route on it."""

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class AnswerRound:
    """Choose the option shown under `letter` in a round."""

    round: RoundId
    letter: str


@dataclass(frozen=True, slots=True)
class ExplainRound:
    """Show why, privately. With `every`, the rationale of all options."""

    round: RoundId
    every: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Give a command, as if it had been typed: `name`, then words."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Report a problem with a round's item."""

    round: RoundId


@dataclass(frozen=True, slots=True)
class Confirm:
    """Carry out a command that asked first."""

    name: str


Token = AnswerRound | ExplainRound | Run | Report | Confirm


def write(token: Token) -> str:
    """The text for a button; ValueError if it would be too long or not readable again."""
    match token:
        case AnswerRound(round=round_id, letter=letter):
            parts = ["a", str(round_id), letter]
        case ExplainRound(round=round_id, every=every):
            parts = ["w", str(round_id), "all" if every else "mine"]
        case Run(name=name, words=words):
            parts = ["c", name, *words]
        case Report(round=round_id):
            parts = ["p", str(round_id)]
        case Confirm(name=name):
            parts = ["y", name]
    text = ":".join([PREFIX, *parts])
    if len(text) > LONGEST or not PATTERN.fullmatch(text):
        raise ValueError(f"not a token that can be read again: {text!r}")
    return text


def read(text: str) -> Token | Unreadable:
    """What the button means. Anything we didn't write ourselves is Unreadable, never an error."""
    if len(text) > LONGEST or not PATTERN.fullmatch(text):
        return Unreadable()
    match text.split(":")[1:]:
        case ["a", number, letter] if _NUMBER.fullmatch(number) and len(letter) == 1:
            return AnswerRound(RoundId(int(number)), letter)
        case ["w", number, "all" | "mine" as which] if _NUMBER.fullmatch(number):
            return ExplainRound(RoundId(int(number)), every=which == "all")
        case ["c", name, *words]:
            return Run(name, tuple(words))
        case ["p", number] if _NUMBER.fullmatch(number):
            return Report(RoundId(int(number)))
        case ["y", name]:
            return Confirm(name)
        case _:
            return Unreadable()
