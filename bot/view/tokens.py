"""The versioned text that a button carries: written here, read here, and never telling which answer is right.

A token is at most 100 characters (a Discord custom_id,
https://docs.discord.com/developers/components/reference), of letters, digits and `:.-`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.core.outcomes import Unreadable
from bot.core.refs import AttemptId, RoundId

PREFIX = "tw1"
LONGEST = 100

PATTERN = re.compile(r"tw1(:[A-Za-z0-9.\-]{1,48}){1,6}")
"""Every token fully matches this, so that adapters can route on it."""

_PLACE = re.compile(r"0|[1-9][0-9]{0,3}")
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


@dataclass(frozen=True, slots=True)
class AnswerAttempt:
    """Choose the option shown under `letter` at a place (from 0) of the presser's own attempt."""

    attempt: AttemptId
    place: int
    letter: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Show a place of an attempt; the place after the last one shows the summary."""

    attempt: AttemptId
    place: int


@dataclass(frozen=True, slots=True)
class Flag:
    """Flag a place of an exam to come back to it, or take the flag off."""

    attempt: AttemptId
    place: int


@dataclass(frozen=True, slots=True)
class Submit:
    """Hand an exam in; `sure` if the member was asked before."""

    attempt: AttemptId
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """End a practice."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True)
class Miss:
    """Show the n-th miss (from 0) of an attempt that is over."""

    attempt: AttemptId
    number: int


Token = AnswerRound | ExplainRound | Run | Report | Confirm | AnswerAttempt | Visit | Flag | Submit | Stop | Miss


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
        case AnswerAttempt(attempt=attempt, place=place, letter=letter):
            parts = ["q", str(attempt), str(place), letter]
        case Visit(attempt=attempt, place=place):
            parts = ["g", str(attempt), str(place)]
        case Flag(attempt=attempt, place=place):
            parts = ["f", str(attempt), str(place)]
        case Submit(attempt=attempt, sure=sure):
            parts = ["s", str(attempt), "sure" if sure else "ask"]
        case Stop(attempt=attempt):
            parts = ["x", str(attempt)]
        case Miss(attempt=attempt, number=number):
            parts = ["m", str(attempt), str(number)]
    text = ":".join([PREFIX, *parts])
    if len(text) > LONGEST or not PATTERN.fullmatch(text):
        raise ValueError(f"not a token that can be read again: {text!r}")
    return text


def answers(round_id: RoundId, letters: str) -> Sequence[str]:
    """What `write` makes of AnswerRound for each of the letters: thousands of questions are drawn at nine o'clock."""
    first = write(AnswerRound(round_id, letters[0]))
    return [first[:-1] + letter for letter in letters]


def read(text: str) -> Token | Unreadable:
    """What the button means. Anything we didn't write ourselves is Unreadable, never an error."""
    if len(text) > LONGEST:
        return Unreadable()
    return _meaning(text)


@lru_cache(maxsize=512)
def _meaning(text: str) -> Token | Unreadable:
    """Everybody who chooses the same presses the same button."""
    if not PATTERN.fullmatch(text):
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
        case ["q" | "g" | "f" | "s" | "x" | "m" as kind, number, *rest] if _NUMBER.fullmatch(number):
            return _of_attempt(kind, AttemptId(int(number)), rest)
        case _:
            return Unreadable()


def _of_attempt(kind: str, attempt: AttemptId, rest: list[str]) -> Token | Unreadable:
    match kind, rest:
        case "q", [place, letter] if _PLACE.fullmatch(place) and len(letter) == 1:
            return AnswerAttempt(attempt, int(place), letter)
        case "g", [place] if _PLACE.fullmatch(place):
            return Visit(attempt, int(place))
        case "f", [place] if _PLACE.fullmatch(place):
            return Flag(attempt, int(place))
        case "s", ["sure" | "ask" as which]:
            return Submit(attempt, sure=which == "sure")
        case "x", []:
            return Stop(attempt)
        case "m", [place] if _PLACE.fullmatch(place):
            return Miss(attempt, int(place))
        case _:
            return Unreadable()
