"""`trapwise data`: what its commands print, write, ask and exit with."""

import asyncio
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.cli.data import data
from storage import open_storage
from storage.backup import examine
from tests.support.builders import TODAY, Team, a_member, a_response, a_team, an_open_round


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trapwise.db"


def _team(tx: Tx) -> Team:
    team = a_team(tx, members=("Ana", "Ben"))
    round_ = an_open_round(tx, team)
    for member, option in zip(team.members.values(), "ba", strict=True):
        response = a_response(round_, member, option)
        tx.responses.add(team.workspace.id, response)
        count_in_round(tx, round_, member, response)
    return team


def write(file: Path, fn: Callable[[Tx], object] = _team) -> None:
    async def run() -> None:
        storage = await open_storage(str(file))
        await storage.write(fn)
        await storage.close()

    asyncio.run(run())


def run(file: Path, *arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(data, ["--database", str(file), *arguments], input=answer)


def test_a_backup_goes_beside_the_database_and_is_described(file: Path) -> None:
    write(file)
    result = run(file, "backup")
    assert result.exit_code == 0
    (made,) = (file.parent / "backups").iterdir()
    assert made.name.startswith("trapwise-20")
    assert f"Backed up to {made} and verified: 2 members, 1 round, 2 answers" in result.output


def test_a_backup_goes_where_it_is_told_and_overwrites_nothing(file: Path, tmp_path: Path) -> None:
    write(file)
    target = tmp_path / "mine.db"
    assert run(file, "backup", str(target)).exit_code == 0
    again = run(file, "backup", str(target))
    assert again.exit_code == 1
    assert "Choose another name" in again.output


def test_a_database_that_is_not_there_is_told_and_not_made(file: Path) -> None:
    for arguments in (
        ["backup"],
        ["check"],
        ["rebuild"],
        ["export", "--member", "Ana"],
        ["forget", "--member", "Ana", "--yes"],
    ):
        result = run(file, *arguments)
        assert result.exit_code == 1, arguments
        assert f"There is no database {file}" in result.output
    assert list(file.parent.iterdir()) == []


def test_a_restore_says_what_it_did(file: Path, tmp_path: Path) -> None:
    write(file)
    backup = tmp_path / "mine.db"
    run(file, "backup", str(backup))
    write(file, lambda tx: a_team(tx, "later"))
    result = run(file, "restore", str(backup))
    assert result.exit_code == 0
    assert f"Restored {file} from {backup}: 2 members, 1 round, 2 answers" in result.output
    assert "is kept as" in result.output
    assert examine(file).rows["workspaces"] == 1


def test_a_check_of_a_sound_database_passes_and_leaves_nothing_behind(file: Path) -> None:
    write(file)
    before = {path.name for path in file.parent.iterdir()}
    result = run(file, "check")
    assert result.exit_code == 0
    assert "The file is sound." in result.output
    assert "All counts are what the answers say." in result.output
    assert {path.name for path in file.parent.iterdir()} - before <= {"trapwise.db-wal", "trapwise.db-shm"}


def _wrong(tx: Tx) -> None:
    team = _team(tx)
    where = team.workspace.id, team.channel.id, team.members["Ana"].id
    before = tx.standings.get(*where)
    tx.standings.save(*where, before._replace(points=before.points + 5), day=TODAY, points=5, right=False)


def test_a_check_lists_every_difference_and_a_rebuild_mends_them(file: Path) -> None:
    write(file, _wrong)
    result = run(file, "check")
    assert result.exit_code == 1
    # All time's points, and those of a week and a month with the number of answers.
    assert result.output.count("differs  standings of workspace 1, channel 1") == 5
    assert "points is 15, but the answers say 10" in result.output
    assert "trapwise data rebuild" in result.output
    rebuilt = run(file, "rebuild")
    assert rebuilt.exit_code == 0
    assert "Rebuilt: 5 counts put right." in rebuilt.output
    assert run(file, "check").exit_code == 0
    assert "nothing changed" in run(file, "rebuild").output


def test_a_check_of_a_damaged_file_says_what_to_do(file: Path) -> None:
    write(file)
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 80_000)
    result = run(file, "check")
    assert result.exit_code == 1
    assert "trapwise data restore" in result.output


def test_answers_to_a_round_that_is_gone_are_listed(file: Path) -> None:
    def stray(tx: Tx) -> None:
        team = _team(tx)
        round_ = tx.rounds.all_open()[0]

        tx.responses.add(team.workspace.id, a_response(round_, team.members["Ana"])._replace(source_id=77))

    write(file, stray)
    result = run(file, "check")
    assert result.exit_code == 1
    assert "1 to round 77, which isn't there" in result.output
    assert "Restore a backup" in result.output


def test_an_export_has_everything_in_a_private_zip(file: Path, tmp_path: Path) -> None:
    write(file)
    out = tmp_path / "ana.zip"
    result = run(file, "export", "--member", "ANA", "--out", str(out))
    assert result.exit_code == 0
    assert "Ana (number 1, web Acme)" in result.output
    assert out.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(out) as bundle:
        found = json.loads(bundle.read("trapwise.json"))
    assert found["member"][0]["name"] == "Ana"
    assert len(found["responses"]) == 1
    again = run(file, "export", "--member", "ANA", "--out", str(out))
    assert again.exit_code == 1
    assert "--out" in again.output


def test_forgetting_asks_and_then_deletes(file: Path) -> None:
    write(file)
    declined = run(file, "forget", "--member", "Ana", answer="n\n")
    assert declined.exit_code == 1
    assert "Delete Ana (number 1, web Acme) with 1 answer? It can't be undone." in declined.output
    assert examine(file).rows["members"] == 2
    done = run(file, "forget", "--member", "Ana", answer="y\n")
    assert done.exit_code == 0
    assert "Deleted Ana (number 1, web Acme) with 1 answer." in done.output
    assert examine(file).rows["members"] == 1
    assert run(file, "check").exit_code == 0
    gone = run(file, "forget", "--member", "Ana", "--yes")
    assert gone.exit_code == 1
    assert "There is no member Ana" in gone.output


def test_yes_deletes_without_asking(file: Path) -> None:
    write(file)
    result = run(file, "forget", "--member", "2", "--yes")
    assert result.exit_code == 0
    assert "Deleted Ben" in result.output


def test_a_name_that_several_have_is_not_guessed(file: Path) -> None:
    write(file, lambda tx: [a_team(tx, name, members=("Ana",)) for name in ("acme", "bolt")])
    result = run(file, "forget", "--member", "ana", "--yes")
    assert result.exit_code == 1
    assert "2 members go by ana. Give one's number" in result.output
    assert "Ana (number 2, web Bolt)" in result.output
    assert run(file, "forget", "--member", "2", "--yes").exit_code == 0


def test_a_number_is_a_members_own_before_it_is_anybodys_name(file: Path) -> None:
    write(file, lambda tx: a_team(tx, members=("Ana", "1")))
    result = run(file, "forget", "--member", "1", "--yes")
    assert "Deleted Ana" in result.output


def test_a_name_can_not_steer_the_terminal(file: Path) -> None:
    write(file, lambda tx: a_member(tx, a_team(tx).workspace, "Eve\x1b[2J\u202e"))
    result = run(file, "forget", "--member", "eve\x1b[2J\u202e", "--yes")
    assert result.exit_code == 0
    assert "Deleted Eve?[2J? (number" in result.output
    assert "\x1b" not in result.output


@pytest.mark.parametrize("command", ["restore", "rebuild", "forget"])
async def test_what_writes_is_refused_while_the_bot_runs(file: Path, tmp_path: Path, command: str) -> None:
    storage = await open_storage(str(file))
    await storage.write(_team)
    await asyncio.to_thread(run, file, "backup", str(tmp_path / "b.db"))
    arguments = {"restore": [str(tmp_path / "b.db")], "rebuild": [], "forget": ["--member", "Ana", "--yes"]}
    result = await asyncio.to_thread(run, file, command, *arguments[command])
    assert result.exit_code == 1
    assert "in use by another Trapwise. Stop that one first" in result.output
    await storage.close()
    assert examine(file).rows["members"] == 2


async def test_what_only_reads_works_while_the_bot_runs(file: Path, tmp_path: Path) -> None:
    storage = await open_storage(str(file))
    await storage.write(_team)
    for arguments in (
        ["backup", str(tmp_path / "b.db")],
        ["check"],
        ["export", "--member", "Ana", "--out", str(tmp_path / "a.zip")],
    ):
        result = await asyncio.to_thread(run, file, *arguments)
        assert result.exit_code == 0, result.output
    await storage.close()


def test_a_database_in_memory_is_nothing_to_work_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRAPWISE_DATABASE", "sqlite://:memory:")
    result = CliRunner().invoke(data, ["backup"])
    assert result.exit_code == 1
    assert "in memory" in result.output


def test_the_database_of_the_settings_is_used(monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path) -> None:
    write(file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRAPWISE_DATABASE", f"sqlite:///{file}")
    assert CliRunner().invoke(data, ["check"]).exit_code == 0


@pytest.mark.parametrize("command", ["backup", "restore", "check", "rebuild", "export", "forget"])
def test_help_says_whether_the_bot_may_run(command: str) -> None:
    said = " ".join(CliRunner().invoke(data, [command, "--help"]).output.split())
    assert ("The bot has to be stopped" in said) != ("while the bot runs" in said.split("Members can do")[0])
