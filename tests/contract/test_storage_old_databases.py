"""Databases that earlier versions of the schema left, as they were kept: opened, brought forward, nothing lost."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.app.ports import Tx
from bot.app.rebuild import rebuild
from bot.core.refs import ChannelId, MemberId, WorkspaceId
from storage import open_storage
from storage.backup import back_up, examine, restore
from storage.rows import to_ms
from storage.version import LATEST
from tests.support.builders import NOW
from tests.support.old_databases import (
    BY_CHANNEL,
    WITH_BOARDS,
    WITHOUT_ANSWERS,
    of_version,
    path_of,
    restored,
    schema_of,
)

VERSIONS = range(1, LATEST + 1)
FACTS = ("workspaces", "channels", "members", "schedules", "rounds", "revisions", "responses", "reports", "keyring")


def _rows(file: Path, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(file)) as db:
        found = db.execute(f"SELECT * FROM {table}")  # noqa: S608  our own names
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trapwise.db"


def test_there_is_one_of_every_version() -> None:
    missing = [schema for schema in VERSIONS if not path_of(schema).is_file()]
    assert missing == [], "write them with: python -m tests.support.old_databases"


@pytest.mark.parametrize("schema", VERSIONS)
def test_no_migration_was_changed_since_its_database_was_kept(file: Path, schema: int) -> None:
    restored(schema, file)
    with closing(sqlite3.connect(file)) as kept, closing(of_version(schema)) as now:
        assert schema_of(kept) == schema_of(now)


@pytest.mark.parametrize("schema", VERSIONS)
async def test_a_kept_database_is_brought_forward_with_all_it_holds(file: Path, schema: int) -> None:
    restored(schema, file)
    before = {table: _rows(file, table) for table in FACTS}
    assert len(before["responses"]) == (0 if schema <= WITHOUT_ANSWERS else 15)
    assert len(before["rounds"]) == 4
    storage = await open_storage(str(file))
    assert await storage.maintain(rebuild) == (), "and every count agrees"
    await storage.close()
    found = examine(file)
    assert (found.schema, found.faults) == (LATEST, ())
    for table, rows in before.items():
        after = _rows(file, table)
        assert [{name: row[name] for name in old} for old, row in zip(rows, after, strict=True)] == rows


async def test_what_was_kept_of_old_answers_is_brought_forward_too(file: Path) -> None:
    restored(11, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        (member,) = db.execute("SELECT id FROM members WHERE name = 'Ana'").fetchone()
        kept = [dict(row) for row in db.execute("SELECT * FROM memories WHERE member = ?", (member,))]
        assert len(kept) == 2
        db.execute("DELETE FROM responses WHERE member = ?", (member,))
        db.execute("INSERT INTO condensed VALUES (1, ?, ?, 1)", (member, json.dumps({"memories": kept})))
    storage = await open_storage(str(file))
    assert "memories" not in {found.table for found in await storage.maintain(rebuild)}
    pack = kept[0]["pack"]
    found = await storage.read(lambda tx: tx.memories.all(WorkspaceId(1), MemberId(member), pack))
    await storage.close()
    assert [(m.subject, to_ms(m.due)) for m in found] == [(row["subject"], row["due_at"]) for row in kept]


async def test_boards_are_found_in_the_standings_again_also_of_deleted_answers(file: Path) -> None:
    restored(WITH_BOARDS, file)
    boards, standings = _rows(file, "boards"), _rows(file, "standings")
    kept = {"standings": [row for row in standings if row["member"] == 2]}
    kept["boards"] = [row for row in boards if row["member"] == 2]
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("INSERT INTO condensed VALUES (1, 2, ?, 0)", (json.dumps(kept),))
    await (await open_storage(str(file))).close()
    (ben,) = (row for row in _rows(file, "standings") if row["member"] == 2)
    assert [ben[name] for name in ("month1", "month1_points", "month1_correct", "month1_answered")] == [
        202611,
        10,
        1,
        3,
    ]
    assert [ben[name] for name in ("week0", "week0_points", "week0_correct", "week0_answered")] == [20261123, 10, 1, 3]
    assert ben["month0"] == ben["week1"] == 0
    (condensed,) = _rows(file, "condensed")
    (found,) = json.loads(condensed["counts"])["standings"]
    assert "boards" not in json.loads(condensed["counts"])
    assert found == {name: value for name, value in ben.items() if value or name in found}


async def test_what_is_known_by_domain_is_told_by_channel_also_of_deleted_answers(file: Path) -> None:
    restored(BY_CHANNEL - 1, file)
    own, shares = _rows(file, "domain_tallies"), _rows(file, "contributions")
    of_channel = [row for row in _rows(file, "channel_tallies") if row["answered"]]
    aged = 2
    with closing(sqlite3.connect(file)) as db, db:
        kept = {
            "domain_tallies": [row for row in own if row["member"] == aged],
            "contributions": [row for row in shares if row["member"] == aged],
        }
        assert kept["contributions"]
        db.execute("INSERT INTO condensed VALUES (1, ?, ?, 0)", (aged, json.dumps(kept)))
        db.execute("DELETE FROM responses WHERE member = ?", (aged,))
        for row in kept["domain_tallies"]:
            db.execute(
                """UPDATE channel_tallies SET forgotten_answered = ?, forgotten_correct = ?, forgotten_weight = ?,
                       forgotten_weight_correct = ? WHERE domain = ?""",
                (row["answered"], row["correct"], row["weight"], row["weight_correct"], row["domain"]),
            )
    storage = await open_storage(str(file))

    def look(tx: Tx) -> None:
        workspace, channel = WorkspaceId(1), ChannelId(1)
        for member in (1, 2, 3):
            found = {t.domain: t for t in tx.learning.tallies(workspace, MemberId(member), "my-exam")}
            for row in own:
                if row["member"] == member:
                    told = found[row["domain"]]
                    assert (told.answered, told.right) == (row["answered"], row["correct"])
                    assert told.fair_answered == row["fair_answered"]
                    assert told.weight == pytest.approx(row["weight"])
                    assert told.fair_weight_right == pytest.approx(row["fair_weight_correct"])
        for row in shares:
            found_own = tx.standings.own_in_domain(
                workspace, channel, "my-exam", row["domain"], MemberId(row["member"])
            )
            assert found_own is not None
            score = found_own[1]
            assert (score.answered, score.right) == (row["answered"], row["correct"])
        for tally in tx.learning.channel_tallies(workspace, channel, "my-exam"):
            (row,) = [row for row in of_channel if row["domain"] == tally.domain]
            assert (tally.answered, tally.right) == (row["answered"], row["correct"])
            assert tally.weight == pytest.approx(row["weight"])

    await storage.read(look)
    assert "domain_tallies" not in {found.table for found in await storage.maintain(rebuild)}
    await storage.read(look)
    await storage.write(lambda tx: tx.people.forget(WorkspaceId(1), MemberId(3)))
    found = await storage.read(lambda tx: tx.learning.channel_tallies(WorkspaceId(1), ChannelId(1), "my-exam"))
    assert [(t.domain, t.answered) for t in found] == [(row["domain"], row["answered"]) for row in of_channel]
    await storage.close()


@pytest.mark.parametrize("schema", VERSIONS)
def test_a_backup_of_any_version_can_be_restored(file: Path, schema: int, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    restored(schema, old)
    done = restore(old, file, NOW)
    assert (done.backup.schema, done.migrated) == (schema, schema < LATEST)
    assert examine(file).schema == LATEST
    back_up(file, tmp_path / "again.db")
