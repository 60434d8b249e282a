"""Every expected refusal of what a member did, as values. The sentences are in view/wording."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AlreadyAnswered:
    """The first answer counts; this is what it was."""

    letter: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AnsweredAndForgotten:
    """The member answered before they asked to be forgotten; the first answer counts, though it is gone."""


@dataclass(frozen=True, slots=True)
class RoundClosed:
    """The round takes no more answers."""


@dataclass(frozen=True, slots=True)
class NotThisChannel:
    """The round belongs to another channel."""


@dataclass(frozen=True, slots=True)
class NoSuchOption:
    """The item has no option under that letter."""


@dataclass(frozen=True, slots=True)
class NoSuchRound:
    """This workspace has no such round."""


@dataclass(frozen=True, slots=True)
class StillOpen:
    """What was asked for is shown after closing; the member hasn't answered yet."""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Only members who manage the channel may do this."""


@dataclass(frozen=True, slots=True)
class NotSetUp:
    """The channel has no schedule yet."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A button from an older version, or one that we never made."""


@dataclass(frozen=True, slots=True)
class Misspelt:
    """What was typed can't be used: `what` it was about, the `text` given, and what is accepted instead."""

    what: str
    text: str
    accepted: tuple[str, ...] = ()
