"""`trapwise data` on PostgreSQL: what works as on SQLite, and what is refused with what to use instead."""

import asyncio
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import config
from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.cli.check import check
from bot.cli.data import data
from storage import open_storage
from storage.backup import examine
from storage.postgres_connection import connect
from storage.postgres_schema import tables
from storage.transfer import copy_to_file
from storage.version import LATEST
from tests.support.builders import a_response, a_team, an_open_round
from tests.support.pg_server import PgServer


@pytest.fixture
def filled(pg_url: str) -> str:
    def fill(tx: Tx) -> None:
        team = a_team(tx, members=("Ana", "Ben"))
        round_ = an_open_round(tx, team)
        for member, option in zip(team.members.values(), "ba", strict=True):
            response = a_response(round_, member, option)
            tx.responses.add(team.workspace.id, response)
            count_in_round(tx, round_, member, response)

    async def run() -> None:
        storage = await open_storage(pg_url)
        await storage.write(fill)
        await storage.close()

    asyncio.run(run())
    return pg_url


def _run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(data, ["--database", url, *arguments])


def test_a_sound_database_is_said_to_be_so_and_a_wrong_count_is_found_and_put_right(filled: str) -> None:
    sound = _run(filled, "check")
    assert sound.exit_code == 0, sound.output
    assert "2 members, 1 round, 2 answers" in sound.output
    assert "All counts are what the answers say" in sound.output
    with closing(connect(filled)) as db:
        db.execute("UPDATE standings SET points = points + 5 WHERE member = 1")
    wrong = _run(filled, "check")
    assert wrong.exit_code == 1
    assert "differs  standings" in wrong.output
    assert "1 count put right" in _run(filled, "rebuild").output
    assert _run(filled, "check").exit_code == 0


def test_a_member_is_exported_and_forgotten(filled: str, tmp_path: Path) -> None:
    target = tmp_path / "ana.zip"
    exported = _run(filled, "export", "--member", "Ana", "--out", str(target))
    assert exported.exit_code == 0, exported.output
    with zipfile.ZipFile(target) as archive:
        assert any("responses" in name for name in archive.namelist())
    assert "Deleted Ana" in _run(filled, "forget", "--member", "Ana", "--yes").output
    assert "There is no member Ana" in _run(filled, "export", "--member", "Ana").output


@pytest.mark.parametrize("command", [["backup"], ["restore", "x.db"]])
def test_backups_are_left_to_the_servers_own_tools(filled: str, command: list[str]) -> None:
    refused = _run(filled, *command)
    assert refused.exit_code == 1
    assert "pg_dump" in refused.output


def test_a_copy_in_a_file_is_sound_and_whole(filled: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    rows = copy_to_file(filled, tmp_path / "copy.db", lambda done, total: seen.append((done, total)))
    found = examine(tmp_path / "copy.db")
    assert found.faults == ()
    assert {table: count for table, count in found.rows.items() if not table.startswith("_")} == dict(rows)
    assert seen[-1] == (sum(rows.values()), sum(rows.values()))


def test_the_password_is_a_secret_of_the_settings() -> None:
    settings = config.Settings(database="postgresql://ana:p%40ssw0rd@db.internal/trapwise")
    assert {"p%40ssw0rd", "p@ssw0rd"} <= set(settings.secrets)
    assert "ssw0rd" not in repr(settings)
    assert config.Settings(database="sqlite:///x.db").secrets == ()


def _checked(monkeypatch: pytest.MonkeyPatch, folder: Path, url: str) -> Result:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TRAPWISE_DATABASE", url)
    monkeypatch.setenv("TRAPWISE_WEB_PORT", "0")
    return CliRunner().invoke(check)


def test_the_check_before_a_start_looks_at_the_server_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pg_server: PgServer, pg_url: str
) -> None:
    fresh = pg_server.fresh()
    assert "has no tables yet" in _checked(monkeypatch, tmp_path, fresh).output
    with closing(connect(fresh)) as db:
        assert tables(db) == []
    assert f"has schema {LATEST}." in _checked(monkeypatch, tmp_path, pg_url).output
    with closing(connect(pg_url)) as db:
        db.execute("DELETE FROM trapwise_migrations WHERE name >= '010'")
    assert f"has schema 9, and is brought to {LATEST}" in _checked(monkeypatch, tmp_path, pg_url).output
    nowhere = _checked(monkeypatch, tmp_path, pg_server.url("nowhere").replace("trapwise@", "trapwise:s3cret@"))
    assert nowhere.exit_code == 1
    assert "nowhere" in nowhere.output
    assert "s3cret" not in nowhere.output
    assert "can't be read" in _checked(monkeypatch, tmp_path, "postgresql://[x").output
