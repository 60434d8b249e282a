"""The one table of commands. Every adapter makes its own form of them from this; dispatch carries them out."""

from dataclasses import dataclass
from enum import StrEnum


class Takes(StrEnum):
    """What an argument may be. The parser recognises a bare word by it, so order doesn't matter."""

    CHOICE = "choice"
    DOMAIN = "domain"
    TRAP = "trap"
    PACK = "pack"
    COUNT = "count"
    MINUTES = "minutes"
    TIME = "time"
    ZONE = "zone"
    WEEKDAYS = "weekdays"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument. It can be given as a bare word that fits `takes`, or as `name=value`."""

    name: str
    takes: Takes
    summary: str
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One command. Grouped ones are given as `/trapwise <name>`; the others also as `/<name>`.

    `managers` are commands for those who manage the channel; `in_channel` ones make no sense without one.
    """

    name: str
    summary: str
    arguments: tuple[Argument, ...] = ()
    grouped: bool = False
    managers: bool = False
    in_channel: bool = False
    example: str = ""

    @property
    def typed(self) -> str:
        """How the command begins when typed."""
        return f"/trapwise {self.name}" if self.grouped else f"/{self.name}"


_SPAN = Argument(name="window", takes=Takes.CHOICE, summary="Which rounds count", choices=("week", "month", "all"))
_SCOPE = Argument(
    name="scope", takes=Takes.CHOICE, summary="This channel or everywhere", choices=("channel", "workspace")
)
_ZONE = Argument(name="zone", takes=Takes.ZONE, summary="The time zone, such as Europe/Berlin")
_TIMING = (
    Argument(name="time", takes=Takes.TIME, summary="When the question is posted, such as 09:00"),
    _ZONE,
    Argument(name="days", takes=Takes.WEEKDAYS, summary="The weekdays, such as mon-fri or mon,wed,fri"),
    Argument(name="closes", takes=Takes.MINUTES, summary="How long it stays open, such as 8h or 90m"),
    Argument(
        name="reveal",
        takes=Takes.CHOICE,
        summary="When members learn whether they were right",
        choices=("now", "at_close"),
    ),
    Argument(name="pack", takes=Takes.PACK, summary="Which pack the questions come from"),
)

NEW = Argument(
    name="start",
    takes=Takes.CHOICE,
    summary="Give up the one that is open and begin anew",
    choices=("new",),
)

SETUP = Spec(
    name="setup",
    summary="Choose what is posted here, and when",
    # Zones are too many for a form's list, and where commands are completed while they are typed, this one helps.
    arguments=(_ZONE,),
    grouped=True,
    managers=True,
    in_channel=True,
)

COMMANDS: tuple[Spec, ...] = (
    Spec(
        name="leaderboard",
        summary="Who is ahead, and your own place",
        arguments=(
            _SPAN,
            _SCOPE,
            Argument(name="domain", takes=Takes.DOMAIN, summary="Right answers in one exam domain, in this channel"),
        ),
        example="/leaderboard month",
    ),
    Spec(
        name="quiz",
        summary="Practise in private, one question at a time",
        arguments=(
            Argument(
                name="what",
                takes=Takes.CHOICE,
                summary="Only what you got wrong, or a question for the whole channel",
                choices=("missed", "here"),
            ),
            Argument(name="domain", takes=Takes.DOMAIN, summary="Only one exam domain"),
            Argument(name="count", takes=Takes.COUNT, summary="How many questions"),
            Argument(name="closes", takes=Takes.MINUTES, summary="How long a question for the channel stays open"),
            Argument(name="trap", takes=Takes.TRAP, summary="Only questions that set this trap"),
            NEW,
        ),
        example="/quiz deployment 5",
    ),
    Spec(
        name="review",
        summary="Meet again what you are about to forget",
        arguments=(Argument(name="count", takes=Takes.COUNT, summary="How many questions"), NEW),
    ),
    Spec(name="exam", summary="A timed mock exam over all domains", arguments=(NEW,)),
    Spec(
        name="stats",
        summary="Where you stand in each exam domain",
        arguments=(
            Argument(name="who", takes=Takes.CHOICE, summary="Yourself or the channel", choices=("me", "team")),
        ),
    ),
    Spec(name="traps", summary="The misconceptions you fall for"),
    Spec(
        name="cram",
        summary="Last-minute facts",
        arguments=(Argument(name="domain", takes=Takes.DOMAIN, summary="Only one exam domain"),),
    ),
    Spec(name="tip", summary="One exam tip"),
    Spec(name="help", summary="What you can do here", grouped=True),
    Spec(
        name="settings",
        summary="Hide from boards, reminders, more time in exams",
        arguments=(
            Argument(
                name="change",
                takes=Takes.CHOICE,
                summary="What to change",
                choices=("hide", "show", "reminders-on", "reminders-off", "extended-time", "usual-time"),
            ),
        ),
        grouped=True,
    ),
    Spec(name="privacy", summary="What is kept about you, and for how long", grouped=True),
    Spec(name="export-me", summary="Get everything that is kept about you", grouped=True),
    Spec(name="forget-me", summary="Delete everything that is kept about you", grouped=True),
    SETUP,
    Spec(
        name="schedule",
        summary="Show or change when questions are posted",
        arguments=_TIMING,
        grouped=True,
        managers=True,
        in_channel=True,
        example="/trapwise schedule 09:00 Europe/Berlin mon-fri 8h",
    ),
    Spec(name="pause", summary="Stop posting until resumed", grouped=True, managers=True, in_channel=True),
    Spec(name="resume", summary="Post again", grouped=True, managers=True, in_channel=True),
    Spec(
        name="skip",
        summary="Post nothing on a date; without one, on the next",
        arguments=(Argument(name="date", takes=Takes.DATE, summary="The date, such as 2026-12-24"),),
        grouped=True,
        managers=True,
        in_channel=True,
        example="/trapwise skip 2026-12-24",
    ),
    Spec(
        name="post-now",
        summary="Post today's question now",
        grouped=True,
        managers=True,
        in_channel=True,
    ),
    Spec(
        name="status",
        summary="What is posted here, what comes next, and whether all is well",
        grouped=True,
        managers=True,
        in_channel=True,
    ),
)


def find(name: str) -> Spec | None:
    """The command of this name."""
    return next((spec for spec in COMMANDS if spec.name == name), None)
