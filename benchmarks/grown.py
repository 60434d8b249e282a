"""Databases with many answers: five thousand members in fifty channels, a round a day, everybody answers each.

How they are made, since that takes a while even so: one channel of a hundred members lives through all its days by the
product's own functions (rounds are opened and closed, every answer is judged, saved and counted as a press is, a
hundred to a transaction), and is then copied forty-nine times with other keys and names, in SQL. So all channels have
the same questions and their members the same history, and the rows lie somewhat closer together than in a file that
grew day by day. The file is kept between runs.
"""

import asyncio
import json
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from benchmarks.crowd import Crowd, crowd
from bot.app import answering
from bot.app.ports import Tx
from bot.app.retention import Retention
from bot.app.services import enter
from bot.core.item import LETTERS
from bot.core.round import Round
from storage.workspaces import WORKSPACE_TABLES

CHANNELS, EACH = 50, 100
PER_DAY = CHANNELS * EACH


async def deep(cache: Path) -> Path:
    """A million answers of a thousand members to a thousand rounds each."""
    kept = cache / "deep-1000000.db"
    if not await asyncio.to_thread(kept.exists):
        await make(kept, 1_000, channels=10)
    return kept


async def wide(cache: Path) -> Path:
    """A million answers of five thousand members to two hundred rounds each."""
    kept = cache / "1000000.db"
    if not await asyncio.to_thread(kept.exists):
        await make(kept, 200)
    return kept


@asynccontextmanager
async def grown(answers: int, *, folder: Path, cache: Path) -> AsyncIterator[Crowd]:
    """The product on a database with that many answers, a multiple of 5,000; changes to it are not kept."""
    kept, used = cache / f"{answers}.db", folder / f"grown-{answers}.db"
    if not await asyncio.to_thread(kept.exists):
        await make(kept, answers // PER_DAY)
    await asyncio.to_thread(shutil.copyfile, kept, used)
    async with crowd(used, channels=CHANNELS, each=EACH) as team:
        yield team


async def make(path: Path, days: int, *, channels: int = CHANNELS) -> None:
    """Make the file, of so many channels; one that was begun and not finished is made anew."""
    partial = path.with_suffix(".partial")
    await asyncio.to_thread(_clear, partial)
    began = time.perf_counter()
    async with crowd(partial, channels=1, each=EACH) as team:
        for day in range(days):
            await answer_all(team, await team.open(day), seed=day)
            if day % 100 == 99:
                print(f"    day {day + 1} of {days}, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        # A bot deletes each day what of the outbox was finished a month ago.
        await Retention(team.parts.services, pause=lambda: asyncio.sleep(0)).enforce()
    with closing(sqlite3.connect(partial, isolation_level=None)) as db:
        copy_channel(db, days, channels)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    facts = {"answers": days * channels * EACH, "bytes": partial.stat().st_size, "seconds": time.perf_counter() - began}
    path.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
    partial.rename(path)


def _clear(partial: Path) -> None:
    partial.parent.mkdir(parents=True, exist_ok=True)
    for leftover in partial.parent.glob(f"{partial.name}*"):
        leftover.unlink()


async def answer_all(team: Crowd, rounds: list[Round], *, seed: int) -> None:
    """Everybody answers, in one transaction."""
    chance = random.Random(seed)
    people = list(range(team.channels * team.each))
    chance.shuffle(people)
    chosen = []
    for person in people:
        round_ = rounds[person // team.each]
        right = round_.letter(round_.item.key)
        letter = right if chance.random() < 0.5 else LETTERS[chance.randrange(len(round_.order))]
        chosen.append((team.actor(person), round_.id, letter))

    def answer(tx: Tx) -> None:
        services = team.parts.services
        for actor, round_id, letter in chosen:
            taken = answering.answer(tx, services, enter(tx, actor, services.clock.now()), round_id, letter)
            assert taken.changed is not None

    await team.parts.storage.write(answer)


def copy_channel(db: sqlite3.Connection, days: int, channels: int) -> None:
    """Copy the one channel, its rounds, members and all that hangs on them, until there are so many.

    Copied members have the review dates of their originals, which vary by the member's key: `data check` notices that.
    """
    (deliveries,) = db.execute("SELECT coalesce(max(id), 0) FROM deliveries").fetchone()
    keys = {"channels": 1, "schedules": 1, "members": EACH, "rounds": days, "deliveries": deliveries}
    # Of each column that holds a key: how far the next channel's is.
    steps = {"channel": 1, "schedule": 1, "member": EACH, "round": days, "source_id": days}
    db.execute("PRAGMA synchronous = OFF")  # a crash leaves only a partial file, which is made anew
    db.execute("BEGIN")
    for table in reversed(WORKSPACE_TABLES):
        if db.execute(f"SELECT 1 FROM {table}").fetchone() is None:  # noqa: S608  names from the storage's own list
            continue
        columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]  # noqa: S608
        wanted = []
        for column in columns:
            if column == "id":
                wanted.append(f"id + {keys[table]} * :turn")
            elif column in steps:
                wanted.append(f"{column} + {steps[column]} * :turn")
            elif column == "ref":
                pattern = ("C%05d", "0") if table == "channels" else ("U%07d", "id - 1")
                wanted.append(f"printf('{pattern[0]}', {pattern[1]} + {keys[table]} * :turn)")
            elif column == "name":
                word = "channel-" if table == "channels" else "Member "
                number = "0" if table == "channels" else "id - 1"
                wanted.append(f"printf('{word}%d', {number} + {keys[table]} * :turn)")
            elif column == "key":
                wanted.append("printf('%d-', :turn) || key")
            else:
                wanted.append(column)
        bound = _first(table, columns, keys, steps)
        statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(wanted)} FROM {table} WHERE {bound}"  # noqa: S608
        for turn in range(1, channels):
            db.execute(statement, {"turn": turn})

    db.execute("COMMIT")


def _first(table: str, columns: list[str], keys: dict[str, int], steps: dict[str, int]) -> str:
    """Which rows of a table are those of the first channel."""
    if table in keys:
        return f"id <= {keys[table]}"
    column = next(name for name in ("member", "round", "schedule", "channel") if name in columns)
    return f"{column} <= {steps[column]}"


def size_of(path: Path) -> int:
    """Bytes in the database, whether its log has been folded into the file yet or not."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        (pages,), (page,) = db.execute("PRAGMA page_count").fetchone(), db.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(page)
