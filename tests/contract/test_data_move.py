"""`trapwise data move`: everything from SQLite to PostgreSQL and back, also when it is killed on the way."""

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.app.ports import Tx
from bot.cli.data import data
from bot.core.errors import SettingsError, StorageBroken, StorageInUse
from bot.core.refs import ChannelId, WorkspaceId
from bot.core.standings import Score
from storage import moving, open_storage
from storage.backup import examine
from storage.connection import connect as connect_file
from storage.connection import hold
from storage.moving_ends import Progress, beyond
from storage.moving_plan import LEFT_BEHIND, plan
from storage.postgres_connection import connect
from storage.postgres_schema import tables
from tests.support.builders import NOW, a_team, best
from tests.support.full_database import make_full
from tests.support.pg_server import PgServer

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with some thousand answers and something in every table, closed."""
    path = tmp_path_factory.mktemp("full") / "full.db"
    assert make_full(path) > 5_000
    return path


@pytest.fixture
def file(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(kept, tmp_path / "trapwise.db"))


@pytest.fixture
def url(pg_server: PgServer) -> str:
    """A database without any tables."""
    return pg_server.fresh()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 500)


def _run(source: str, *arguments: str) -> Result:
    return CliRunner().invoke(data, ["--database", source, "move", *arguments])


def _boards(url: str) -> Sequence[Sequence[Score]]:
    """The leaderboards of all time, of every channel and workspace."""

    def read(tx: Tx) -> Sequence[Sequence[Score]]:
        places = [(1, None), (2, None), *((1 + channel // 3, channel) for channel in range(1, 5))]
        return [
            best(tx, WorkspaceId(where), ChannelId(channel) if channel else None, 0, 1_000) for where, channel in places
        ]

    async def run() -> Sequence[Sequence[Score]]:
        storage = await open_storage(url)
        try:
            return await storage.read(read)
        finally:
            await storage.close()

    return asyncio.run(run())


def test_every_table_is_planned_and_filled_here(kept: Path) -> None:
    rows = {name: count for name, count in examine(kept).rows.items() if not name.startswith("_")}
    assert {table.name for table in plan()} | set(LEFT_BEHIND) == set(rows)
    assert [name for name, count in rows.items() if not count] == []


def test_there_and_back_is_the_same(file: Path, url: str, tmp_path: Path, small: None) -> None:
    before, rows, back = hashlib.sha256(file.read_bytes()).digest(), examine(file).rows, tmp_path / "back.db"
    there = _run(str(file), "--to", url)
    assert there.exit_code == 0, there.output
    assert "answers. All are the same in both." in there.output
    assert "All counts are what the answers say." in there.output
    assert hashlib.sha256(file.read_bytes()).digest() == before, "the source is only read"
    again = _run(url, "--to", f"sqlite:///{back}", "--unchecked")
    assert again.exit_code == 0, again.output
    assert {**examine(back).rows, "leases": 0} == {**rows, "leases": 0}
    assert examine(back).faults == ()
    assert list(tmp_path.glob("back.db*")) == [back, *tmp_path.glob("back.db.lock")]
    boards = _boards(str(file))
    assert all(boards)
    assert _boards(url) == boards
    assert _boards(str(back)) == boards


def test_keys_that_were_given_out_are_never_given_out_again(file: Path, url: str, tmp_path: Path) -> None:
    with closing(connect_file(str(file))) as db:
        db.execute("UPDATE sqlite_sequence SET seq = 5000 WHERE name = 'rounds'")
        db.execute("UPDATE sqlite_sequence SET seq = 77 WHERE name = 'workspaces'")
    moving.move(str(file), url)
    with closing(connect(url)) as db:
        add = b"INSERT INTO workspaces (platform, ref, name, made_at) VALUES ('web', 'new', '', 0) RETURNING id"
        assert db.execute(add).fetchone() == (78,)
    moving.move(url, str(tmp_path / "back.db"))
    with closing(connect_file(str(tmp_path / "back.db"))) as back:
        found = dict(back.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    assert (found["rounds"], found["workspaces"]) == (5000, 78)


def test_the_bot_goes_on_where_it_was(file: Path, url: str) -> None:
    moving.move(str(file), url)

    async def go_on() -> None:
        storage = await open_storage(url)
        team = await storage.write(lambda tx: a_team(tx, "acme-0", members=("Zoe",)))
        assert team.workspace.id == 1
        assert team.members["Zoe"].id > 48, "a new member gets a new number"
        assert await storage.read(lambda tx: tx.keyring.get("web secret")) == "abc"
        await storage.close()

    asyncio.run(go_on())


def _assert_no_bot_uses(target: str) -> None:
    if target.endswith(".db"):
        assert not Path(target).exists(), "a file gets its name at the end"
        return
    with pytest.raises(StorageBroken, match="data move"):
        _boards(target)


@pytest.mark.parametrize("way", ["there", "back"])
def test_a_move_that_is_killed_goes_on_where_it_was(file: Path, url: str, tmp_path: Path, way: str) -> None:
    source, target = str(file), url
    if way == "back":
        moving.move(source, url)
        source, target = url, str(tmp_path / "back.db")
    command = [sys.executable, "-m", "bot", "data", "--database", source, "move", "--unchecked", "--to", target]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRAPWISE_")}
    died = []
    for fault in ("during_move:3", "during_move:9", ""):
        # The third batch, then the ninth of what is left, and then to the end.
        env = {**kept, "PYTHONPATH": str(ROOT), **({"TRAPWISE_FAULT": fault} if fault else {})}
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True)
        died.append(done.returncode)
        if fault:
            _assert_no_bot_uses(target)
    assert died == [-signal.SIGKILL, -signal.SIGKILL, 0], done.stderr
    assert "Went on with a move that had been broken off." in done.stdout
    assert _boards(target) == _boards(str(file))


def test_a_half_finished_move_of_something_else_is_refused(
    file: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(point: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(moving, "reached", die)
        with pytest.raises(KeyboardInterrupt):
            moving.move(str(file), url)
    with closing(connect_file(str(file))) as db:
        db.execute("INSERT INTO workspaces (platform, ref, name, made_at) VALUES ('web', 'new', '', 0)")
    with pytest.raises(StorageBroken, match="not of .* as it is now"):
        moving.move(str(file), url)


def test_what_isnt_empty_is_left_alone(file: Path, url: str, tmp_path: Path) -> None:
    async def fill() -> None:
        storage = await open_storage(url)
        await storage.write(lambda tx: tx.people.workspace(a_team(tx).workspace.ref, "Acme", NOW))
        await storage.close()

    asyncio.run(fill())
    refused = _run(str(file), "--to", url)
    assert refused.exit_code == 1
    assert "isn't empty" in refused.output
    there = tmp_path / "there.db"
    there.write_text("somebody's")
    with pytest.raises(StorageBroken, match="overwrites nothing"):
        moving.move(url, str(there))
    assert there.read_text() == "somebody's"


def test_nobody_may_be_at_work_on_the_source(file: Path, url: str, pg_url: str, tmp_path: Path) -> None:
    lock = hold(file)
    with pytest.raises(StorageInUse, match="Stop that one first"):
        moving.move(str(file), url)
    lock.release()
    with closing(connect(pg_url)) as db:
        db.execute("INSERT INTO leases VALUES ('process/x', 'x', extract(epoch FROM now()) * 1000 + 60000)")
    with pytest.raises(StorageInUse, match="1 process of the bot"):
        moving.move(pg_url, str(tmp_path / "back.db"))


def test_a_difference_is_found(file: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = moving._copy

    def and_spoil(*given: object) -> None:
        before(*given)  # type: ignore[arg-type]  # handed on as they came
        with closing(connect(url)) as db:
            db.execute("UPDATE standings SET points = points + 1 WHERE member = 1 AND channel = 1")
            db.execute("DELETE FROM reports WHERE workspace = 2")

    monkeypatch.setattr(moving, "_copy", and_spoil)
    with pytest.raises(StorageBroken) as found:
        moving.move(str(file), url)
    assert "standings: the rows aren't the same" in str(found.value)
    assert "reports: 2 rows in the one, 1 in the other" in str(found.value)
    with pytest.raises(StorageBroken, match="data move"):
        _boards(url)


def test_what_postgresql_cant_keep_is_replaced_and_told(file: Path, url: str) -> None:
    with closing(connect_file(str(file))) as db:
        db.execute("UPDATE members SET name = 'A' || char(0) || 'na' WHERE id = 1")
    result = _run(str(file), "--unchecked", "--to", url)
    assert result.exit_code == 0, result.output
    assert "In 1 a character that PostgreSQL can't keep" in result.output
    with closing(connect(url)) as db:
        assert db.execute("SELECT name FROM members WHERE id = 1").fetchone() == ("A\ufffdna",)


def test_the_same_engine_twice_and_memory_are_refused(file: Path, url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="from SQLite to PostgreSQL or back"):
        moving.move(str(file), str(tmp_path / "other.db"))
    with pytest.raises(SettingsError, match="memory"):
        moving.move("sqlite://:memory:", url)
    with pytest.raises(StorageBroken, match="There is no database"):
        moving.move(str(tmp_path / "misspelt.db"), url)


def test_a_password_is_never_said(file: Path, unused_tcp_port: int) -> None:
    for address in (f"127.0.0.1:{unused_tcp_port}", "[broken"):
        refused = _run(str(file), "--to", f"postgresql://ana:s3cret-word@{address}/x")
        assert refused.exit_code == 1
        assert "s3cret" not in refused.output


def test_progress_is_told_for_all_rows(file: Path, url: str, small: None) -> None:
    told: list[tuple[str, int, int]] = []
    moved = moving.move(str(file), url, lambda what, done, total: told.append((what, done, total)))
    total = sum(moved.rows.values())
    assert [entry for entry in told if entry[1] == total] == [("copied", total, total), ("compared", total, total)]
    with closing(connect(url)) as db:
        assert "responses" in tables(db)


def test_progress_is_read_as_it_was_written() -> None:
    progress = Progress(7, (1, "ü", 3))
    assert Progress.read(progress.written()) == progress
    (skips,) = (table for table in plan() if table.name == "skips")
    assert skips.key == ("schedule", "local_date")
    assert beyond(skips, (1, "x"), "?").endswith(
        'WHERE ("schedule", "local_date") > (?, ?) ORDER BY "schedule", "local_date" LIMIT ?'
    )
