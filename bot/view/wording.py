"""Every sentence a member reads. Short, plain, saying what to do next; never cute at somebody's expense."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import assert_never
from zoneinfo import ZoneInfo

from bot.core.item import Difficulty, Kind
from bot.core.outcomes import (
    AlreadyAnswered,
    AnsweredAndForgotten,
    Misspelt,
    NoSuchOption,
    NoSuchRound,
    NotAllowed,
    NotSetUp,
    NotThisChannel,
    RoundClosed,
    StillOpen,
    Unreadable,
)
from bot.core.schedule import WORKDAYS, Pause, Reveal
from bot.core.standings import Span
from bot.core.trouble import Trouble
from bot.core.weakness import Level

Refusal = (
    AlreadyAnswered
    | AnsweredAndForgotten
    | RoundClosed
    | NotThisChannel
    | NoSuchOption
    | NoSuchRound
    | StillOpen
    | NotAllowed
    | NotSetUp
    | Unreadable
    | Misspelt
)

LONGEST_ECHO = 60
"""Characters of what somebody typed that are said back to them; a title or a field's error holds few."""

HELLO = "Hello, I'm Trapwise"
WHAT_I_DO = (
    "I post one exam question a day, built around a mistake that many people make. Press the letter of your answer: "
    "only you see how you did, and you learn at once why. There is practice, review and a mock exam too, in private."
)
HOW_TO_BEGIN = (
    "To begin, somebody who manages a channel types /trapwise setup in it. Nothing is posted anywhere before that."
)

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

KINDS = {
    Kind.FACT: "fact",
    Kind.TRAP: "trap",
    Kind.PAIR: "confusing pair",
    Kind.SCENARIO: "scenario",
    Kind.CALCULATION: "calculation",
}
DIFFICULTIES = {Difficulty.EASY: "easy", Difficulty.MEDIUM: "medium", Difficulty.HARD: "hard"}
LEVELS = {Level.UNKNOWN: "not enough yet", Level.WEAK: "weak", Level.FINE: "fine"}
WINDOWS = {Span.WEEK: "This week", Span.MONTH: "This month", Span.ALL: "All time"}
REVEALS = {
    Reveal.NOW: "right after answering, privately",
    Reveal.AT_CLOSE: "when the question closes",
}
PAUSES = {
    Pause.BY_ADMIN: "paused by somebody who manages this channel",
    Pause.CHANNEL_REFUSED: "paused, because I may not post here any more",
    Pause.PACK_MISSING: "paused, because its pack isn't installed any more",
    Pause.ZONE_MISSING: "paused, because its time zone isn't known here any more; choose another with /trapwise setup",
}


TROUBLES = {
    Trouble.BACKUP: "The last automatic backup failed. Tell whoever runs me; the reason is in my log.",
    Trouble.DAMAGED: "My database is damaged in part. Tell whoever runs me; a backup has to be restored.",
    Trouble.RETENTION: "Old data could not be deleted. Tell whoever runs me; the reason is in my log.",
}
"""What those who manage a channel read when something is amiss with the bot itself."""


def count(number: int, one: str, many: str = "") -> str:
    """`1 answer`, `2 answers`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def set_up_by(name: str) -> str:
    """What a channel reads when somebody has set it up."""
    return f"{name or 'Somebody'} set up the daily question here."


def day(on: date) -> str:
    """`Mon 23 Nov`. The year is said only where it matters, by the caller."""
    return f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"


@lru_cache(maxsize=1024)
def clock(at: datetime, zone: ZoneInfo) -> str:
    """`17:00 CET`: wall time with the zone's name, for readers whose own zone isn't known."""
    local = at.astimezone(zone)
    return f"{local:%H:%M} {local.tzname() or zone.key}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`Mon 23 Nov, 17:00 CET`."""
    return f"{day(at.astimezone(zone).date())}, {clock(at, zone)}"


def ahead(span: timedelta) -> str:
    """`in 3 hours`, rounded to what one would say."""
    minutes = max(0, round(span.total_seconds() / 60))
    if minutes < 1:
        return "in a moment"
    if minutes < 90:
        return f"in {count(minutes, 'minute')}"
    hours = round(minutes / 60)
    return f"in {count(hours, 'hour')}" if hours < 36 else f"in {count(round(hours / 24), 'day')}"


def ago(span: timedelta) -> str:
    """`today`, `yesterday`, `12 days ago`."""
    days = max(0, span.days)
    return "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"


def lasting(minutes: int) -> str:
    """`8 hours`, `90 minutes`, `1 hour 30 minutes`."""
    hours, rest = divmod(minutes, 60)
    parts = [count(hours, "hour")] if hours else []
    if rest or not hours:
        parts.append(count(rest, "minute"))
    return " ".join(parts)


def weekdays(days: frozenset[int]) -> str:
    """`Mon to Fri`, `every day`, or the days by name."""
    if days == WORKDAYS:
        return "Mon to Fri"
    if len(days) == 7:
        return "every day"
    return ", ".join(DAYS[number] for number in sorted(days))


def streak(days: int, freezes: int = 0) -> str:
    """`Streak 6 days (2 freezes)`."""
    held = f" ({count(freezes, 'freeze')})" if freezes else ""
    return f"Streak {count(days, 'day')}{held}"


def points(total: int, run_before: int) -> str:
    """How the points of a right answer came about."""
    bonus = total - 10
    if bonus <= 0:
        return f"+{total} points"
    days = "the day before was right too" if run_before == 1 else f"{run_before} right days in a row before it"
    return f"+{total} points (10, and {bonus} because {days})"


def refusal(outcome: Refusal, *, zone: ZoneInfo, when: datetime | None = None) -> str:
    """Why something was not done, and what to do instead. `when` is the instant that the sentence speaks of."""
    match outcome:
        case AlreadyAnswered(letter=letter, at=at):
            return f"You already chose {letter} at {clock(at, zone)}; the first answer counts."
        case AnsweredAndForgotten():
            return "You answered this one before you were forgotten, and the first answer counts. The next is yours."
        case RoundClosed():
            return "This question has closed, so this answer was not counted. You can still practise it."
        case NotThisChannel():
            return "That question belongs to another channel. Answer it there; nothing was saved."
        case NoSuchOption():
            return "That question has no such option. Choose one of its letters; nothing was saved."
        case NoSuchRound():
            return "I don't know that question any more. Look for the newest one in this channel; nothing was saved."
        case StillOpen():
            ends = f" at {clock(when, zone)}" if when else " soon"
            return f"This question is still open. Answer it first, or come back when it closes{ends}."
        case NotAllowed():
            return "Only people who manage this channel can do that. Ask one of them."
        case NotSetUp():
            return "Nothing is scheduled in this channel yet. Somebody who manages it can type /trapwise setup."
        case Unreadable():
            return "I can't read that button; it may be from an older version. Use the newest message, or a command."
        case Misspelt():
            return misspelt(outcome)
        case _:
            assert_never(outcome)


def misspelt(outcome: Misspelt) -> str:
    """What couldn't be understood, and what can be."""
    text = outcome.text if len(outcome.text) <= LONGEST_ECHO else f"{outcome.text[:LONGEST_ECHO]}…"
    said = f"I don't understand “{text}”" if text else "Something is missing"
    about = f" as {outcome.what}" if outcome.text else f": {outcome.what}"
    accepted = f" Try {either(outcome.accepted)}." if outcome.accepted else ""
    return f"{said}{about}.{accepted}"


def either(words: tuple[str, ...]) -> str:
    """`a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


NOT_SAVED = "I couldn't reach my database, so this was NOT saved. Try again in a minute."
FAILED = "Something went wrong on my side. Check whether it was done before you try again."


def failed(*, saved_nothing: bool, ref: str) -> str:
    """What a member is told when we fail, with the reference code that is in the log."""
    return f"{NOT_SAVED if saved_nothing else FAILED} (ref {ref})"


ONLY_YOU = "only you see how you did"
REPORTED = "Thank you. Whoever keeps the questions will look at this one."
REPORTED_BEFORE = "You reported this one already; thank you. Whoever keeps the questions will look at it."
POOL_USED_UP = "Every question of the pack has been here once; from now on they come again, oldest first."
NOTHING_POSTED = "No question here yet."
NO_SCORES = "Nobody has answered in this window yet. Answer today's question and you are on the board."
FAIR_SOURCES = "daily questions and mock exams"
NO_DOMAIN_SCORES = "Nobody has answered a daily question of this domain here yet."
HIDDEN_ROW = "You are hidden: only you see your row. /trapwise settings shows you again."
NO_STATS = "You haven't answered anything yet. Answer today's question, and see here where you stand."
PRACTICE_DOES_NOT_RANK = "practice doesn't rank"
NOTHING_MISSED = "Nothing to make good: you have no wrong answer that you haven't put right since."
ALL_ASKED_BEFORE = "you have met all of these before"
NOTHING_TO_PRACTISE = "There are no questions of that kind. Try /quiz alone."
NO_SUCH_OPTION = "That question has no such option. Choose one of its letters; nothing was saved."
NO_SUCH_ATTEMPT = "I don't know that practice or exam any more, or it isn't yours. Begin a new one with /quiz or /exam."
EXAM_GIVEN_UP = "That exam was given up, so it isn't scored. Begin a new one with /exam."
EXTRA_IS_OPEN = "A question is open in this channel. Answer that one first; the next can come when it has closed."
NO_TRAPS = "No trap has caught you yet. They are collected here when one does."
NO_TEAM = "Not enough yet: a domain is shown once at least 4 people have answered questions of it here."
NO_TIPS = "This pack has no tips."
NOT_HERE = "Use that in a channel, so that I know which one you mean."
UNKNOWN_COMMAND = "I don't know that command. Here is what I can do."


def reminder(channel: str, closes: datetime, zone: ZoneInfo) -> str:
    """The reminder of an open question; `channel` by name, empty if unknown."""
    where = f" in #{channel.lstrip('#')}" if channel else ""
    return f"Today's question{where} closes at {clock(closes, zone)}, and you haven't answered it yet."


def exam_ends_in(minutes: int) -> str:
    """The reminder before an exam's deadline."""
    return f"Your mock exam ends in {count(minutes, 'minute')}. It is handed in by itself with what you have answered."


def exam_handed_in(right: int, questions: int) -> str:
    """What a member is told when time was up."""
    return (
        f"Time is up: your mock exam was handed in with {right} of {questions} right. "
        "/stats leads to the result and your misses."
    )


def readiness(low: int, high: int, questions: int, chance: float, pass_percent: int) -> str:
    """`64-78 % expected, pass line 70 %: about even`."""
    odds = (
        (0.9, "very likely to pass"),
        (0.7, "likely to pass"),
        (0.4, "about even"),
        (0.15, "not yet likely to pass"),
        (0.0, "far from passing yet"),
    )
    words = next(said for least, said in odds if chance >= least)
    ends = f"{round(100 * low / questions)} to {round(100 * high / questions)} %"
    odds_said = f"{words} ({round(100 * chance)} in 100)"
    return f"{ends} expected, pass line {pass_percent} %: {odds_said}, from {FAIR_SOURCES}"


def not_ready(missing: tuple[tuple[str, int], ...], enough: int) -> str:
    """What is missing before a forecast can be made; domains by name."""
    parts = ", ".join(f"{answers} of {enough} in {name}" for name, answers in missing)
    return f"not enough data yet from {FAIR_SOURCES} ({parts})"


def newest(count: int) -> str:
    """What a list was made from, where there is more."""
    return f"from your last {count:,} answers"
