"""What must hold after a kill, read from the database, the fake Discord and what members were told."""

import json
import re
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.app.ports import Tx, Upkeep
from bot.app.rebuild import Difference, rebuild
from storage import is_postgres, open_storage
from storage.backup import copy, examine
from storage.deliveries import LONGEST_WAIT
from storage.dialect import Connection
from storage.postgres_connection import PgConnection, connect
from tests.support.crash_load import Load, said
from tests.support.wire_discord_house import buttons

OPENS, CLOSES_AFTER = time(9, 0), timedelta(hours=8)

_ROUND = re.compile(r"tw1:[aw]:(\d+):")

Rows = dict[int, dict[str, Any]]


async def check_dead(database: str, load: Load) -> None:
    """Right after the kill, before anything has been put right: what was confirmed is there, once, and counted."""
    if is_postgres(database):
        await _check(database, load)
        presume_dead(database)
        return
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "copy.db"
        copy(Path(database), copied)
        assert examine(copied).faults == ()
        await _check(str(copied), load)


async def _check(database: str, load: Load) -> None:
    assert await differences(database) == ()
    with _read(database) as db:
        _confirmed_answers(db, load)
        _attempts(db, load)
        _nothing_twice(db, load)


def check_recovered(database: str, load: Load, now: datetime, *, latest: datetime, since: date) -> None:
    """When the next life has settled: every due round was posted, and adopted, or recorded as skipped."""
    with _read(database) as db:
        _nothing_twice(db, load)
        rounds = db.execute(
            """SELECT c.ref, o.local_date, o.id, o.state, o.message, o.closes_at
               FROM rounds o JOIN channels c ON c.id = o.channel WHERE o.schedule IS NOT NULL"""
        ).fetchall()
        posted = _posted(load)
        per_date = Counter((ref, day) for ref, day, *_ in rounds)
        assert [key for key, count in per_date.items() if count > 1] == []
        for channel in load.channels:
            missing = [day for day in due(since, now) if (str(channel.id), day.isoformat()) not in per_date]
            assert missing == [], f"neither posted nor recorded as skipped: {missing}"
        for _, day, number, state, message, closes in rounds:
            if state == "skipped":
                assert posted.get(number, []) == [], f"round {number} is recorded as skipped, but it was posted"
                continue
            assert [message] == posted.get(number), f"round {number} of {day}: {message}, posted {posted.get(number)}"
            # What was closed before the clock was set back stays so.
            possible = {"closed" if closes <= moment.timestamp() * 1000 else "open" for moment in (now, latest)}
            assert state in possible, f"round {number} of {day} is {state}"
            shown = load.discord.messages[int(message)]
            answerable = any(part["custom_id"].startswith("tw1:a:") for part in buttons(shown))
            assert answerable == (state == "open"), f"round {number} is {state}, and its message isn't"


def unfinished(database: str, now: datetime) -> list[datetime]:
    """When the deliveries that aren't done will be tried, those that should be by now."""
    with _read(database) as db:
        rows = db.execute(
            "SELECT try_at FROM deliveries WHERE state IN ('waiting', 'trying') AND kind <> 'notice' AND try_at <= ?",
            # A clock that was set back may have put something off by as much.
            ((now + LONGEST_WAIT).timestamp() * 1000,),
        )
        return sorted(datetime.fromtimestamp(ms / 1000, UTC) for (ms,) in rows)


def summary(database: str, load: Load) -> Counter[str]:
    """How much there was to lose."""
    with _read(database) as db:
        answers = db.execute("SELECT count(*) FROM responses").fetchone()[0]
        states = dict(db.execute("SELECT 'rounds ' || state, count(*) FROM rounds GROUP BY state"))
        exams = db.execute("SELECT count(*) FROM attempts WHERE sitting = 'exam' AND progress = 'submitted'").fetchone()
    confirmed = sum(press.told is not None or press.on_page for press in load.presses)
    return Counter({"answers confirmed": confirmed, "answers saved": answers, "exams handed in": exams[0], **states})


def due(since: date, now: datetime) -> list[date]:
    """The weekdays whose opening has come."""
    days = [since + timedelta(days=n) for n in range((now.date() - since).days + 1)]
    return [day for day in days if day.weekday() < 5 and datetime.combine(day, OPENS, now.tzinfo) <= now]


@contextmanager
def _read(database: str) -> Iterator[Connection]:
    if is_postgres(database):
        with closing(connect(database)) as raw:
            yield PgConnection(raw)
    else:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as db:
            yield db


def presume_dead(database: str) -> None:
    """As if so much time had passed that what the dead had for themselves has run out."""
    if is_postgres(database):
        with closing(connect(database)) as db:
            db.execute("UPDATE leases SET until = 0")


class _Looked(Exception):
    """Carries what a rebuild would change out of a transaction that is not to be kept."""

    def __init__(self, found: tuple[Difference, ...]) -> None:
        self.found = found


async def differences(database: str) -> tuple[Difference, ...]:
    """What a rebuild would change."""

    def look(tx: Tx, upkeep: Upkeep) -> None:
        raise _Looked(rebuild(tx, upkeep))

    storage = await open_storage(database)
    try:
        await storage.maintain(look)
    except _Looked as looked:
        return looked.found
    finally:
        await storage.close()
    raise AssertionError("nobody looked")


def _confirmed_answers(db: Connection, load: Load) -> None:
    shown = dict(db.execute("SELECT id, shown FROM rounds"))
    saved = {
        (number, int(ref)): choice
        for number, ref, choice in db.execute(
            """SELECT r.source_id, m.ref, r.choice FROM responses r
               JOIN members m ON m.id = r.member AND m.workspace = r.workspace WHERE r.source = 0"""
        )
    }
    (rows,) = db.execute("SELECT count(*) FROM responses WHERE source = 0").fetchone()
    assert rows == len(saved), "somebody answered a round twice"
    pressed = defaultdict(set)
    for press in load.presses:
        if press.source == 0:
            pressed[press.number, press.person].add(press.letter)
            if press.told is not None:
                choice = saved.get((press.number, press.person))
                assert choice is not None, f"{press} was confirmed and is lost"
                assert shown[press.number]["ABCDE".index(press.told)] == choice, f"{press}, but {choice} is saved"
    for (number, person), choice in saved.items():
        letter = "ABCDE"[shown[number].index(choice)]
        assert letter in pressed[number, person], f"{person} never chose {letter} in round {number}"


def _attempts(db: Connection, load: Load) -> None:
    attempts: Rows = {
        number: {"sitting": sitting, "form": json.loads(form), "answers": json.loads(answers), "progress": progress}
        for number, sitting, form, answers, progress in db.execute(
            "SELECT id, sitting, form, answers, progress FROM attempts"
        )
    }
    responses: dict[int, dict[int, str]] = defaultdict(dict)
    for number, revision, choice in db.execute("SELECT source_id, revision, choice FROM responses WHERE source = 1"):
        responses[number][revision] = choice
    possible: dict[tuple[int, int], set[str]] = defaultdict(set)
    for press in load.presses:
        if press.source == 0:
            continue
        key = (press.number, press.place)
        option = attempts[press.number]["form"][press.place][1]["ABCDE".index(press.letter)]
        if attempts[press.number]["sitting"] == "exam":
            possible[key] = {option} if press.on_page else possible[key] | {option, ""}
        elif press.told is not None:
            possible[key] = {attempts[press.number]["form"][press.place][1]["ABCDE".index(press.told)]}
        else:
            possible[key] |= {option, ""}
    for (number, place), options in possible.items():
        kept = attempts[number]["answers"].get(str(place), "")
        assert kept in options or ("" in options and not kept), (
            f"attempt {number}, place {place}: {kept}, not {options}"
        )
    for number, attempt in attempts.items():
        chosen = {attempt["form"][int(place)][0]: option for place, option in attempt["answers"].items()}
        counted = attempt["sitting"] != "exam" or attempt["progress"] == "submitted"
        assert responses[number] == (chosen if counted else {}), f"attempt {number} is {attempt['progress']}"
    for number, submits in load.submits.items():
        if any(re.search(r"\d+ ?%", said(one)) for one in submits):
            assert attempts[number]["progress"] == "submitted", f"exam {number} was confirmed as handed in"


def _posted(load: Load) -> dict[int, list[str]]:
    """The messages of each round, on Discord."""
    found: dict[int, list[str]] = defaultdict(list)
    for channel in load.channels:
        for message in load.discord.posts(channel):
            numbers = {int(m[1]) for part in buttons(message) if (m := _ROUND.match(part.get("custom_id", "")))}
            for number in numbers:
                found[number].append(message["id"])
    return dict(found)


def _nothing_twice(db: Connection, load: Load) -> None:
    twice = {number: messages for number, messages in _posted(load).items() if len(messages) > 1}
    assert twice == {}, f"rounds that are in their channel twice: {twice}"
    known = {number for (number,) in db.execute("SELECT id FROM rounds")}
    assert set(_posted(load)) <= known, "a message was posted for a round that isn't recorded"
