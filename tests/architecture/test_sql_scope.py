"""Every SQL statement says whose rows it means. tests/contract/test_storage_isolation.py shows that it works."""

from pathlib import Path

import pytest
from sqlite_utils import Database

from storage.schema import migrations
from tests.support.crash_sql import Statement, statements, unread

STORAGE = Path(__file__).resolve().parents[2] / "storage"
FILES = sorted(path for path in STORAGE.rglob("*.py") if path.name != "schema.py")

DUE = "what is due, for all at once: the alarm has no workspace, and acts on each row within its own"
WHOLE = "the file as a whole, by the host's own command"

FOR_ALL: dict[str, str] = {
    "attempts.expired": DUE,
    "attempts.earliest_deadline": DUE,
    "deliveries.ready": DUE,
    "deliveries.earliest": DUE,
    "deliveries.backlog": DUE,
    "deliveries.reclaim": DUE,
    "rounds.closing": DUE,
    "rounds.earliest_closing": DUE,
    "rounds.all_open": "counters of open rounds, taken up again at a start",
    "rounds.unskip": "when the clock was set back, which it was for all",
    "schedules.due": DUE,
    "schedules.active": "when the clock was set back, which it was for all",
    "schedules.earliest": DUE,
    "backup.examine": WHOLE,
    "by_channel.count_by_channel": "a migration, which goes through the whole file",
    "backup._is_mistaken": WHOLE,
    "backup._rows": WHOLE,
    "backup._prepare": WHOLE,
    **{f"moving_postgres.{name}": WHOLE for name in ("finish", "given_out")},
    **{f"moving_sqlite.{name}": WHOLE for name in ("_note", "begun", "count", "put")},
    "postgres_schema.count_of": WHOLE,
    "postgres_schema.restart_keys": WHOLE,
    "transfer.copy_to_file": WHOLE,
    "transfer.read_rows": WHOLE,
    "upkeep.answers": WHOLE,
    "upkeep._in_form_order": WHOLE,
    "upkeep.strays": WHOLE,
    "upkeep.clear": WHOLE,
    "upkeep.counts": WHOLE,
    "upkeep.put_back": WHOLE,
    "condensed._written": "tables in memory, which hold one member only",
    "retention.members": "those whose data may have grown old, asked by the bot itself; each is then acted on alone",
    "retention.drop_deliveries": "what is finished, of all, after the days that the host has set",
    "upkeep.find": "the host looks for a member by name, and is shown the workspace",
}
"""Functions with statements that mean all workspaces, each with its reason. One that is gone has to leave this list."""


READ_ELSEWHERE = {
    "learning._tallies": "what its callers hand to it",
    **{f"postgres_connection.{name}": "what the queries hand to it" for name in ("execute", "executemany", "plain")},
    "postgres_connection.connect": "settings of the connection, a constant",
    **{
        f"moving_{name}": "composed of the schema's own names"
        for name in (
            "postgres._note",
            "postgres.begun",
            "postgres.finish",
            "postgres.given_out",
            "postgres.rows",
            "postgres.target",
            "sqlite.rows",
        )
    },
    "postgres_schema.count_of": "composed of the schema's own names",
    "postgres_schema.execute": "a migration's statement, translated",
    "postgres_schema.restart_keys": "composed of the schema's own names",
    "transfer.read_rows": "composed of the schema's own names",
    "transfer.batches": "composed of the schema's own names",
    **{f"standings.{name}": "made for some columns by a function beside it" for name in ("ranking", "save")},
    "people.export": "a list, and its own constant",
    "sqlite._run": "BEGIN, of one kind or the other",
}
"""Where SQL is run that isn't written there; it is looked at where it is written."""


@pytest.fixture(scope="module")
def scoped() -> frozenset[str]:
    """The tables that carry their workspace."""
    db = Database(memory=True)
    migrations.apply(db)
    return frozenset(table.name for table in db.tables if "workspace" in table.columns_dict)


def test_there_is_something_to_look_at(scoped: frozenset[str]) -> None:
    assert len(scoped) > 10
    assert sum(1 for path in FILES for _ in statements(path)) > 100


def test_no_statement_lacks_its_workspace(scoped: frozenset[str]) -> None:
    found = [statement for path in FILES for statement in statements(path) if statement.is_open(scoped)]
    assert [f"{one.where}: {one.text}" for one in found if one.where not in FOR_ALL] == []
    assert {one.where for one in found} == set(FOR_ALL)


def test_every_statement_can_be_read() -> None:
    assert {where for path in FILES for where in unread(path)} == set(READ_ELSEWHERE)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM rounds WHERE id = ?",
        "SELECT id FROM rounds",
        "WHERE id = ? ORDER BY id",
        "UPDATE members SET name = ? WHERE id = ?",
        "DELETE FROM responses WHERE member = ?",
        "INSERT INTO responses (member, choice) VALUES (?, ?)",
        "SELECT 1 FROM rounds o JOIN members m ON m.name = o.reason WHERE o.workspace = ?",
        "SELECT 1 FROM rounds WHERE workspace = ? AND EXISTS (SELECT 1 FROM tallies t WHERE t.count > 1)",
        "SELECT * FROM {}",
    ],
)
def test_what_lacks_it_is_noticed(text: str, scoped: frozenset[str]) -> None:
    assert Statement("x", text).is_open(scoped)
