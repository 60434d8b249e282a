"""Reads what people type: times, zones, weekdays, durations, dates, and a command's arguments in any order."""

import difflib
import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from bot.app.commands import Argument, Spec, Takes
from bot.core.outcomes import Misspelt
from bot.core.pack import Pack
from bot.core.schedule import CLOSES_AFTER_MAX, CLOSES_AFTER_MIN

LONGEST = 300
"""More than this is no command that anybody meant to type."""

COUNT_MAX = 50

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_LASTING = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,4})(?:m|min)?)?", re.IGNORECASE)


def read_time(text: str) -> time | Misspelt:
    """`09:00`, `9:00`, `9am`, `17.30` as wall time."""
    found = _TIME.fullmatch(text.strip())
    if found and (found[2] or found[3]):
        hour, minute = int(found[1]), int(found[2] or 0)
        half = (found[3] or "").lower()
        if half and not 1 <= hour <= 12:
            hour = 99
        elif half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        if hour < 24 and minute < 60:
            return time(hour, minute)
    return Misspelt("a time", text, ("09:00", "17:30"))


def read_zone(text: str) -> ZoneInfo | Misspelt:
    """An IANA time zone by its name, upper and lower case being the same; near misses are suggested."""
    wanted = text.strip().replace(" ", "_").casefold()
    # Some systems list the machine's own zone and placeholders among the names; they mean nothing elsewhere.
    named = zoneinfo.available_timezones() - {"localtime", "Factory", "posixrules"}
    zones = {zone.casefold(): zone for zone in named}
    if wanted in zones:
        return ZoneInfo(zones[wanted])
    cities = {zone.rsplit("/", 1)[-1]: zones[zone] for zone in sorted(zones) if "/" in zone}
    if wanted in cities:
        return ZoneInfo(cities[wanted])
    near = difflib.get_close_matches(wanted, [*zones, *cities], n=3, cutoff=0.7)
    names = dict.fromkeys(zones.get(name) or cities[name] for name in near)
    return Misspelt("a time zone", text, tuple(names) or ("Europe/Berlin", "America/New_York", "UTC"))


def read_days(text: str) -> frozenset[int] | Misspelt:
    """`mon-fri`, `mon,wed,fri`, `workdays` or `daily` as weekday numbers, Monday being 0."""
    wrong = Misspelt("weekdays", text, ("mon-fri", "mon,wed,fri", "daily"))
    words = text.strip().lower()
    named = {"daily": range(7), "every": range(7), "workdays": range(5), "weekdays": range(5)}
    if words in named:
        return frozenset(named[words])
    days: set[int] = set()
    for part in re.split(r"[,+/]", words):
        ends = [_day(end) for end in part.split("-")]
        if not 1 <= len(ends) <= 2 or None in ends:
            return wrong
        first, last = ends[0] or 0, ends[-1] or 0
        days.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return frozenset(days)


def _day(word: str) -> int | None:
    short = word.strip()[:3]
    return _DAYS.index(short) if short in _DAYS else None


def read_minutes(text: str) -> int | Misspelt:
    """`8h`, `90m`, `1h30` or plain minutes, within what a round may stay open."""
    accepted = ("8h", "90m", "24h")
    found = _LASTING.fullmatch(text.strip().lower().replace(" ", ""))
    if not found or not (found[1] or found[2]):
        return Misspelt("a length of time", text, accepted)
    minutes = int(found[1] or 0) * 60 + int(found[2] or 0)
    if not CLOSES_AFTER_MIN <= minutes <= CLOSES_AFTER_MAX:
        return Misspelt("a length of time from 10 minutes to 24 hours", text, accepted)
    return minutes


def read_date(text: str, today: date) -> date | Misspelt:
    """`2026-12-24`, `today` or `tomorrow`, not in the past."""
    word = text.strip().lower()
    accepted = ((today + timedelta(days=1)).isoformat(), "tomorrow")
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    try:
        found = date.fromisoformat(word)
    except ValueError:
        return Misspelt("a date", text, accepted)
    return found if found >= today else Misspelt("a date that is still to come", text, accepted)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the words of a command may mean where it is given."""

    pack: Pack
    packs: Mapping[str, Pack]


def parse(spec: Spec, text: str, lexicon: Lexicon) -> Mapping[str, str] | Misspelt:
    """The arguments by name, each in its plain form, from bare words in any order or `name=value`."""
    given: dict[str, str] = {}
    if len(text) > LONGEST:
        return Misspelt("a command; it is too long", text[:40] + "…", (spec.example or spec.typed,))
    words = text.split()
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name.lower() == "trap" and any(a.takes is Takes.TRAP for a in spec.arguments):
            value, words = _trap_and_rest(value, words, lexicon)
            equals = "="
        argument = next((a for a in spec.arguments if a.name == name.lower()), None)
        if argument is not None and not equals and argument.name not in given:
            if words and argument.takes is not Takes.CHOICE:  # `trap encoder-before-indexer`, `zone Europe/Berlin`
                value, equals = words.pop(0), "="
            elif argument.takes is not Takes.CHOICE:
                return Misspelt(f"a value after “{argument.name}”", "", _accepted(argument, lexicon))
        if argument is not None and equals:
            plain = _plain(argument, value, lexicon)
            if plain is None:
                return Misspelt(argument.summary[0].lower() + argument.summary[1:], value, _accepted(argument, lexicon))
            given[argument.name] = plain
            continue
        # Fixed words before names that a word may merely begin: `new` is no trap's name.
        for argument in sorted(spec.arguments, key=lambda a: a.takes is not Takes.CHOICE):
            if argument.name not in given and (plain := _plain(argument, word, lexicon)) is not None:
                given[argument.name] = plain
                break
        else:
            return Misspelt(f"part of {spec.typed}", word, _all_accepted(spec, lexicon))
    missing = next((a for a in spec.arguments if a.required and a.name not in given), None)
    if missing is not None:
        return Misspelt(missing.summary[0].lower() + missing.summary[1:], "", _accepted(missing, lexicon))
    return given


def _trap_and_rest(value: str, words: list[str], lexicon: Lexicon) -> tuple[str, list[str]]:
    """A trap's name, which has several words: as many as name one, and what follows. All of them where none do."""
    line = [value, *words] if value else words
    for count in range(len(line), 0, -1):
        name = " ".join(line[:count])
        if _trap(name, lexicon) is not None:
            return name, line[count:]
    return " ".join(line), []


def _trap(word: str, lexicon: Lexicon) -> str | None:
    return _unique([(t.id, t.name) for t in lexicon.pack.traps], word.lower().strip("“”\"'"))


def _plain(argument: Argument, word: str, lexicon: Lexicon) -> str | None:
    """The word in the argument's plain form; None if it doesn't fit."""
    lower = word.lower()
    match argument.takes:
        case Takes.CHOICE:
            return lower if lower in argument.choices else None
        case Takes.DOMAIN:
            return _unique([(d.id, d.name) for d in lexicon.pack.blueprint.domains], lower)
        case Takes.TRAP:
            return _trap(word, lexicon)
        case Takes.PACK:
            return _unique([(p.id, p.title) for p in lexicon.packs.values()], lower)
        case Takes.COUNT:
            return str(int(word)) if re.fullmatch("[0-9]{1,4}", word) and 1 <= int(word) <= COUNT_MAX else None
        case Takes.MINUTES:
            minutes = read_minutes(word)
            return str(minutes) if isinstance(minutes, int) else None
        case Takes.TIME:
            wall = read_time(word)
            return f"{wall:%H:%M}" if isinstance(wall, time) else None
        case Takes.ZONE:
            zone = read_zone(word)
            return zone.key if isinstance(zone, ZoneInfo) else None
        case Takes.WEEKDAYS:
            days = read_days(word)
            return ",".join(_DAYS[n] for n in sorted(days)) if isinstance(days, frozenset) else None
        case Takes.DATE:
            try:
                return lower if lower in ("today", "tomorrow") else date.fromisoformat(lower).isoformat()
            except ValueError:
                return None


def _unique(entries: list[tuple[str, str]], word: str) -> str | None:
    """The id that the word names, or alone begins with, or whose title alone has a word beginning with it."""
    for known, title in entries:
        # Where one word is all there is room for, a title comes with hyphens.
        if word in (known, title.lower(), "-".join(title.lower().split())):
            return known
    if len(word) < 3:
        return None
    begins = [known for known, _ in entries if known.startswith(word)]
    if len(begins) == 1:
        return begins[0]
    titled = [known for known, title in entries if any(part.startswith(word) for part in title.lower().split())]
    return titled[0] if len(titled) == 1 else None


def _accepted(argument: Argument, lexicon: Lexicon) -> tuple[str, ...]:
    match argument.takes:
        case Takes.CHOICE:
            return argument.choices
        case Takes.DOMAIN:
            return tuple(domain.id for domain in lexicon.pack.blueprint.domains)
        case Takes.TRAP:
            return tuple(trap.id for trap in lexicon.pack.traps[:3])
        case Takes.PACK:
            return tuple(lexicon.packs)
        case Takes.COUNT:
            return ("5", "10", str(COUNT_MAX))
        case Takes.MINUTES:
            return ("8h", "90m")
        case Takes.TIME:
            return ("09:00", "17:30")
        case Takes.ZONE:
            return ("Europe/Berlin", "America/New_York")
        case Takes.WEEKDAYS:
            return ("mon-fri", "mon,wed,fri")
        case Takes.DATE:
            return ("tomorrow", "2026-12-24")


def _all_accepted(spec: Spec, lexicon: Lexicon) -> tuple[str, ...]:
    """A few words that would fit, not every one: the sentence has to stay readable."""
    words = [word for argument in spec.arguments for word in _accepted(argument, lexicon)[:5]]
    return tuple(dict.fromkeys(words))[:8] or (f"{spec.typed} alone",)
