"""Databases as every version of the schema made them, kept as SQL: what a user who updates brings along.

python -m tests.support.old_databases   writes those that aren't there yet; never change one that was released.
"""

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlite_utils import Database

from bot.app import exams
from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.app.records import DeliveryKind, NewAttempt, NewDelivery
from bot.core.attempt import Sitting
from bot.core.form import Place
from storage import open_storage
from storage.schema import migrations
from storage.standings import WINDOWS
from storage.version import LATEST
from tests.support.builders import NOW, TODAY, a_pack, a_response, a_team, an_open_round

FOLDER = Path(__file__).parent / "schemas"

DAY = timedelta(days=1)

WITHOUT_ANSWERS = 1
"""What the first schema kept of answers can't be counted as it is now: it had neither memories nor attempts."""


WITH_BOARDS = 12
"""The last schema with a table of boards."""

_SLOTS = " UNION ALL ".join(
    f"""SELECT workspace, channel, {slot} AS slot, {period} AS period, member, {before}points AS points,
               {before}correct AS correct, {before}answered AS answered FROM standings WHERE {before}answered > 0"""  # noqa: S608  constants only
    for slot, period, before in (
        (0, "0", ""),
        *((slot, window, f"{window}_") for slot, window in WINDOWS.items()),
    )
)
_BOARDS = f"""
CREATE TEMP VIEW boards AS
SELECT f.*, m.hidden FROM (
    SELECT * FROM ({_SLOTS})
    UNION ALL
    SELECT workspace, 0, slot, period, member, sum(points), sum(correct), sum(answered) FROM ({_SLOTS})
    GROUP BY workspace, slot, period, member
) f JOIN members m ON m.id = f.member
"""  # noqa: S608  constants only
"""That table as it would be, made of what is counted now."""


def path_of(schema: int) -> Path:
    """Where that version's database is kept."""
    return FOLDER / f"{schema:03}.sql"


def restored(schema: int, file: Path) -> None:
    """Make that version's database at `file`."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.executescript(path_of(schema).read_text(encoding="utf-8"))
        db.execute(f"PRAGMA user_version = {schema}")


def schema_of(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """All tables and indexes, without differences of layout alone."""
    rows = db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
    return [(name, " ".join(sql.split())) for name, sql in rows if not name.startswith("sqlite_")]


def of_version(schema: int) -> sqlite3.Connection:
    """An empty database of that version."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    names = [migration.name for migration in migrations.pending(Database(memory=True))]
    migrations.apply(Database(db), stop_before=names[schema] if schema < len(names) else None)
    return db


def _fill(tx: Tx) -> None:
    pack, team = a_pack(12), a_team(tx, members=("Ana", "Ben", "Cleo"))
    workspace, ana = team.workspace.id, team.members["Ana"]
    for day in range(4):
        round_ = an_open_round(tx, team, TODAY + DAY * day, item=pack.items[day])
        tx.rounds.set_message(workspace, round_.id, f"message-{day}")
        for n, member in enumerate(team.members.values()):
            if (n + day) % 4:
                response = a_response(round_, member, "abcd"[(n * day) % 4], at=round_.opens + timedelta(minutes=n))
                tx.responses.add(workspace, response)
                count_in_round(tx, round_, member, response)
        if day < 3:
            tx.rounds.close(workspace, round_.id)
        post = NewDelivery(
            workspace=workspace, kind=DeliveryKind.POST, key=f"k{day}", channel=team.channel.id, round=round_.id
        )
        tx.deliveries.add(post, NOW)
    attempt = tx.attempts.start(
        NewAttempt(
            workspace=workspace,
            member=ana.id,
            sitting=Sitting.EXAM,
            pack=pack.id,
            label="",
            places=tuple(Place(item, "abcd") for item in pack.items[4:10]),
            started=NOW + DAY * 4,
            deadline=NOW + DAY * 4 + timedelta(minutes=90),
        )
    )
    exams.submit_at_deadline(tx, replace(attempt, answers={n: "abcd"[n % 4] for n in range(6)}))
    tx.people.set_hidden(workspace, team.members["Ben"].id, True)
    tx.responses.report(workspace, ana.id, tx.keep_revision(pack.items[0]), NOW)
    tx.keyring.put("web secret", "abc")


def _made(file: Path) -> None:
    async def make() -> None:
        storage = await open_storage(str(file))
        await storage.write(_fill)
        await storage.close()

    asyncio.run(make())


NUMBERED_SUBJECTS = 12
"""The first schema that keeps memories by number."""

_NAMED_MEMORIES = """(
    SELECT m.workspace, m.member, s.pack, s.name AS subject, m.stability, m.difficulty,
           m.last_at + m.days * 86400000 AS due_at, m.last_at, m.times, 0 AS lapses
    FROM memories m JOIN subjects s ON s.id = m.subject
)"""


BY_CHANNEL = 14
"""The first schema that counts what members know by channel, and of channels only what is no member's any more."""

_BEFORE_CHANNELS = {
    "domain_tallies": """(
        SELECT workspace, member, pack, domain, sum(answered) AS answered, sum(correct) AS correct,
               sum(weight) AS weight, sum(weight_correct) AS weight_correct, sum(fair_answered) AS fair_answered,
               sum(fair_weight) AS fair_weight, sum(fair_weight_correct) AS fair_weight_correct
        FROM domain_tallies GROUP BY workspace, member, pack, domain
    )""",
    "contributions": """(
        SELECT workspace, channel, pack, domain, member, fair_answered AS answered, fair_correct AS correct
        FROM domain_tallies WHERE channel > 0
    )""",
    "channel_tallies": """(
        SELECT workspace, channel, pack, domain, sum(answered) AS answered, sum(correct) AS correct,
               sum(weight) AS weight, sum(weight_correct) AS weight_correct,
               sum(answered * gone) AS forgotten_answered, sum(correct * gone) AS forgotten_correct,
               sum(weight * gone) AS forgotten_weight, sum(weight_correct * gone) AS forgotten_weight_correct
        FROM (
            SELECT workspace, channel, pack, domain, answered, correct, weight, weight_correct, 0 AS gone
            FROM domain_tallies WHERE channel > 0
            UNION ALL
            SELECT workspace, channel, pack, domain, answered, correct, weight, weight_correct, 1 FROM channel_tallies
        ) GROUP BY workspace, channel, pack, domain
    )""",
}


def _taken_back(new: sqlite3.Connection, schema: int) -> sqlite3.Connection:
    """The rows of a present database in an older one, as far as it has a place for them."""
    old = of_version(schema)
    old.execute("PRAGMA foreign_keys = OFF")
    if schema <= WITH_BOARDS:
        new.execute(_BOARDS)
    answers = {"responses", "reports", "tallies", "standings", "boards", "domain_tallies", "channel_tallies"}
    for (table,) in old.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        if table.startswith(("sqlite_", "_sqlite")) or (schema <= WITHOUT_ANSWERS and table in answers):
            continue
        columns = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
        held = _NAMED_MEMORIES if table == "memories" and schema < NUMBERED_SUBJECTS else table
        held = _BEFORE_CHANNELS.get(table, held) if schema < BY_CHANNEL else held
        rows = new.execute(f"SELECT {', '.join(columns)} FROM {held}").fetchall()  # noqa: S608  our own names
        holes = ", ".join("?" * len(columns))
        old.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({holes})", rows)  # noqa: S608
    return old


def take_back(file: Path, schema: int) -> None:
    """Make a present database one of that version, with all its rows."""
    old_file = file.with_name(f"{file.name}.old")
    with (
        closing(sqlite3.connect(file)) as new,
        closing(_taken_back(new, schema)) as old,
        closing(sqlite3.connect(old_file)) as kept,
    ):
        old.backup(kept)
        kept.execute(f"PRAGMA user_version = {schema}")
    for suffix in ("-wal", "-shm"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
    old_file.replace(file)


def main() -> None:
    """Write what isn't there yet."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.db"
        _made(file)
        with closing(sqlite3.connect(file)) as new:
            for schema in range(1, LATEST + 1):
                if not path_of(schema).exists():
                    with closing(_taken_back(new, schema)) as old:
                        path_of(schema).write_text("\n".join(old.iterdump()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
