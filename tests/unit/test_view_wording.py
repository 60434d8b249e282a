"""Words for numbers, times and refusals."""

import inspect
from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from bot.core.item import Difficulty, Kind
from bot.core.outcomes import AlreadyAnswered, Misspelt
from bot.core.schedule import Pause, Reveal
from bot.core.standings import Span
from bot.core.weakness import Level
from bot.view import wording
from bot.view.wording import Refusal, refusal

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 answers"), (1, "1 answer"), (2, "2 answers"), (1_234, "1,234 answers")]
)
def test_count(number: int, expected: str) -> None:
    assert wording.count(number, "answer") == expected
    assert wording.count(number, "person", "people").endswith("person" if number == 1 else "people")


def test_days_and_instants() -> None:
    assert wording.day(date(2026, 11, 23)) == "Mon 23 Nov"
    assert wording.day(date(2027, 1, 3)) == "Sun 3 Jan"
    assert wording.clock(AT, BERLIN) == "17:00 CET"
    assert wording.clock(AT, ZoneInfo("Asia/Kolkata")) == "21:30 IST"
    assert wording.moment(AT, ZoneInfo("Pacific/Auckland")) == "Tue 24 Nov, 05:00 NZDT"


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(seconds=-5), "in a moment"),
        (timedelta(seconds=29), "in a moment"),
        (timedelta(seconds=61), "in 1 minute"),
        (timedelta(minutes=89), "in 89 minutes"),
        (timedelta(minutes=90), "in 2 hours"),
        (timedelta(hours=35), "in 35 hours"),
        (timedelta(hours=36), "in 2 days"),
        (timedelta(days=10), "in 10 days"),
    ],
)
def test_ahead(span: timedelta, expected: str) -> None:
    assert wording.ahead(span) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (90, "1 hour 30 minutes"), (1440, "24 hours")],
)
def test_lasting(minutes: int, expected: str) -> None:
    assert wording.lasting(minutes) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [({0, 1, 2, 3, 4}, "Mon to Fri"), (set(range(7)), "every day"), ({6, 0}, "Mon, Sun"), ({2}, "Wed")],
)
def test_weekdays(days: set[int], expected: str) -> None:
    assert wording.weekdays(frozenset(days)) == expected


def test_streak_and_points() -> None:
    assert wording.streak(1) == "Streak 1 day"
    assert wording.streak(6, 2) == "Streak 6 days (2 freezes)"
    assert wording.points(10, 0) == "+10 points"
    assert wording.points(11, 1) == "+11 points (10, and 1 because the day before was right too)"
    assert wording.points(15, 8) == "+15 points (10, and 5 because 8 right days in a row before it)"


def test_either() -> None:
    assert [wording.either(words) for words in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == [
        "",
        "a",
        "a or b",
        "a, b or c",
    ]


def test_every_value_has_its_words() -> None:
    assert set(wording.KINDS) == set(Kind)
    assert set(wording.DIFFICULTIES) == set(Difficulty)
    assert set(wording.LEVELS) == set(Level)
    assert set(wording.WINDOWS) == set(Span)
    assert set(wording.REVEALS) == set(Reveal)
    assert set(wording.PAUSES) == set(Pause)


@pytest.mark.parametrize("kind", get_args(Refusal), ids=lambda kind: kind.__name__)
def test_every_refusal_is_a_sentence(kind: type) -> None:
    given = {"letter": "B", "at": AT, "what": "a time", "text": "noon", "accepted": ("09:00",)}
    outcome = kind(**{name: given[name] for name in inspect.signature(kind).parameters})
    said = refusal(outcome, zone=BERLIN, when=AT)
    assert said[0].isupper()
    assert said.endswith((".", "!", "?"))
    assert len(said) < 250


def test_refusals_name_the_instant_in_the_zone() -> None:
    assert refusal(AlreadyAnswered("B", AT), zone=BERLIN) == (
        "You already chose B at 17:00 CET; the first answer counts."
    )


def test_what_cant_be_understood_is_said_back_short() -> None:
    assert wording.misspelt(Misspelt("a time", "noon", ("09:00", "17:30"))) == (
        "I don't understand “noon” as a time. Try 09:00 or 17:30."
    )
    assert wording.misspelt(Misspelt("a date", "")) == "Something is missing: a date."
    assert len(wording.misspelt(Misspelt("a time zone", "x" * 5_000, ("UTC",)))) < 200


def test_a_failure_says_whether_anything_was_saved() -> None:
    assert "NOT saved" in wording.failed(saved_nothing=True, ref="k3f9")
    assert "NOT saved" not in wording.failed(saved_nothing=False, ref="k3f9")
    assert "(ref k3f9)" in wording.failed(saved_nothing=False, ref="k3f9")
