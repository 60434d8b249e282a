"""What people type is understood or refused with what is accepted; it never raises, and reads back the same."""

import zoneinfo
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.app import typed
from bot.app.commands import COMMANDS, Spec, Takes
from bot.app.typed import COUNT_MAX, Lexicon, parse, read_date, read_days, read_minutes, read_time, read_zone
from bot.core.outcomes import Misspelt
from bot.core.schedule import CLOSES_AFTER_MAX, CLOSES_AFTER_MIN
from tests.support.app_house import small_pack

TODAY = date(2026, 11, 23)
PACK = small_pack()
LEXICON = Lexicon(PACK, {PACK.id: PACK})

likely = st.text(alphabet="0123456789:.hmapfritue-,+/ sdyo²٣", max_size=12)
texts = st.one_of(st.text(max_size=60), likely)

PLACEHOLDERS = {"localtime", "Factory", "posixrules"}
"""Names that some systems list beside the zones; they mean nothing elsewhere."""


def on(text: str) -> date | Misspelt:
    return read_date(text, TODAY)


READERS: tuple[Callable[[str], object], ...] = (read_time, read_days, read_minutes, on)


@given(texts)
def test_no_text_is_an_error(text: str) -> None:
    for reader in READERS:
        found = reader(text)
        if isinstance(found, Misspelt):
            assert found.text == text
            assert found.accepted


@settings(deadline=None, max_examples=40)
@given(st.one_of(texts, st.sampled_from(["../../etc/passwd", "/etc/localtime", "\0", "Europe", "", "UTC\0"])))
def test_no_text_is_an_error_as_a_zone(text: str) -> None:
    found = read_zone(text)
    if isinstance(found, ZoneInfo):
        assert found.key in zoneinfo.available_timezones()
    else:
        assert found.accepted


@pytest.mark.parametrize("reader", [*READERS, read_zone], ids=["time", "days", "minutes", "date", "zone"])
def test_what_is_said_to_be_accepted_is(reader: Callable[[str], object]) -> None:
    refused = reader("no such thing")
    assert isinstance(refused, Misspelt)
    for words in refused.accepted:
        assert not isinstance(reader(words), Misspelt)


@given(st.times())
def test_times_read_back(wall: time) -> None:
    wall = wall.replace(second=0, microsecond=0)
    half = wall.strftime("%I:%M%p").lower().lstrip("0")
    for text in (f"{wall:%H:%M}", f"{wall.hour}:{wall:%M}", f"{wall:%H.%M}", f" {wall:%H}h{wall:%M} ", half):
        assert read_time(text) == wall


@pytest.mark.parametrize("text", ["24:00", "9:60", "0am", "13pm", "9", "12", "-1:00", "9:5", "009:00", "12:00:00"])
def test_times_that_are_none(text: str) -> None:
    assert isinstance(read_time(text), Misspelt)


@pytest.mark.parametrize(("text", "hour"), [("12am", 0), ("12pm", 12), ("1am", 1), ("11 PM", 23)])
def test_noon_and_midnight(text: str, hour: int) -> None:
    assert read_time(text) == time(hour)


@given(st.sampled_from(sorted(zoneinfo.available_timezones() - PLACEHOLDERS)), st.booleans())
@settings(deadline=None, max_examples=60)
def test_zones_read_back_in_any_case(key: str, upper: bool) -> None:
    found = read_zone(key.upper() if upper else key.lower().replace("_", " "))
    assert isinstance(found, ZoneInfo)
    assert found.key.casefold() == key.casefold()


@pytest.mark.parametrize("name", sorted(PLACEHOLDERS))
def test_placeholders_are_no_zones(name: str) -> None:
    assert isinstance(read_zone(name), Misspelt)


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@given(st.frozensets(st.integers(0, 6), min_size=1))
def test_days_read_back(days: frozenset[int]) -> None:
    for joint in (",", "+", "/", ", "):
        assert read_days(joint.join(DAYS[n] for n in days)) == days
        assert read_days(joint.join(DAYS[n].upper() for n in days)) == days


@given(st.integers(0, 6), st.integers(0, 6))
def test_ranges_of_days_go_round_the_week(first: int, last: int) -> None:
    expected, day = {first}, first
    while day != last:
        day = (day + 1) % 7
        expected.add(day)
    assert read_days(f"{DAYS[first]}-{DAYS[last]}") == frozenset(expected)


@given(st.integers(0, 3000))
def test_minutes_read_back_within_their_bounds(minutes: int) -> None:
    hours, rest = divmod(minutes, 60)
    for text in (str(minutes), f"{minutes}m", f"{minutes} min", f"{hours}h{rest}m", f"{hours}h {rest}"):
        found = read_minutes(text)
        if CLOSES_AFTER_MIN <= minutes <= CLOSES_AFTER_MAX:
            assert found == minutes
        else:
            assert isinstance(found, Misspelt)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_dates_read_back_unless_past(day: date) -> None:
    found = on(day.isoformat())
    if day >= TODAY:
        assert found == day
    else:
        assert isinstance(found, Misspelt)


def test_today_and_tomorrow() -> None:
    assert (on("Today"), on(" tomorrow ")) == (TODAY, TODAY + timedelta(days=1))


every_command = pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)

PIECES = ["week", "all", "=", "time", "time=", "mon-fri", "9am", "Europe/Berlin", "basics", "trap", "all-is-red", "5"]
PIECES += ["0000501", "99999999999999999999", "²", "٣", "hide", "here", "new", "2026-12-24", "my-exam", "90m", "count="]


@every_command
@settings(deadline=None, max_examples=60)
@example("ALL-IS-R 1")
@given(st.one_of(st.text(max_size=320), st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)))
def test_a_command_takes_any_text(spec: Spec, text: str) -> None:
    given_ = parse(spec, text, LEXICON)
    if isinstance(given_, Misspelt):
        assert given_.what
        return
    arguments = {argument.name: argument for argument in spec.arguments}
    for name, value in given_.items():
        takes = arguments[name].takes
        match takes:
            case Takes.CHOICE:
                assert value in arguments[name].choices
            case Takes.COUNT:
                assert 1 <= int(value) <= COUNT_MAX
            case Takes.MINUTES:
                assert CLOSES_AFTER_MIN <= int(value) <= CLOSES_AFTER_MAX
            case Takes.TIME:
                assert isinstance(read_time(value), time)
            case Takes.ZONE:
                assert isinstance(read_zone(value), ZoneInfo)
            case Takes.WEEKDAYS:
                assert isinstance(read_days(value), frozenset)
            case Takes.DATE:
                assert value in ("today", "tomorrow") or date.fromisoformat(value).isoformat() == value
            case Takes.DOMAIN:
                assert value in {domain.id for domain in PACK.blueprint.domains}
            case Takes.TRAP:
                assert PACK.trap(value) is not None
            case Takes.PACK:
                assert value == PACK.id
    again = parse(spec, " ".join(f"{name}={value}" for name, value in given_.items()), LEXICON)
    assert again == given_


SCHEDULE = next(spec for spec in COMMANDS if spec.name == "schedule")


@given(st.permutations(["17:30", "Asia/Tokyo", "mon,wed", "90m", "at_close", "my-exam"]))
@settings(deadline=None, max_examples=40)
def test_bare_words_come_in_any_order(words: list[str]) -> None:
    assert parse(SCHEDULE, " ".join(words), LEXICON) == {
        "time": "17:30",
        "zone": "Asia/Tokyo",
        "days": "mon,wed",
        "closes": "90",
        "reveal": "at_close",
        "pack": "my-exam",
    }


def test_a_traps_name_takes_no_more_words_than_it_has() -> None:
    quiz = next(spec for spec in COMMANDS if spec.name == "quiz")
    for line in ("trap all is red 5", "trap=all-is-red 5", "trap “all is red” 5", "5 trap all is red"):
        assert parse(quiz, line, LEXICON) == {"trap": "all-is-red", "count": "5"}
    refused = parse(quiz, "trap all is green 5", LEXICON)
    assert isinstance(refused, Misspelt)
    assert refused.text == "all is green 5"


def test_a_line_that_is_too_long_is_said_back_shortened() -> None:
    refused = parse(SCHEDULE, "x" * (typed.LONGEST + 1), LEXICON)
    assert isinstance(refused, Misspelt)
    assert len(refused.text) < 60


def test_counts_have_a_limit_however_they_are_written() -> None:
    quiz = next(spec for spec in COMMANDS if spec.name == "quiz")
    for text in (str(COUNT_MAX + 1), "0", "-3", "0000501", "1" * 200):
        refused = parse(quiz, f"count={text}", LEXICON)
        assert isinstance(refused, Misspelt), text
    found = parse(quiz, f"count={COUNT_MAX}", LEXICON)
    assert isinstance(found, Mapping)
    assert found == {"count": str(COUNT_MAX)}
