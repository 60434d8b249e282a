# ruff: noqa: ASYNC240  waiting for a small file of its own, a test keeps nobody from running
"""Backups of SQLite files: copied while the bot writes, verified, never overwritten, and put back."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.app.rebuild import rebuild
from bot.app.records import DeliveryKind, DeliveryState, NewDelivery
from bot.core.errors import StorageBroken, StorageInUse
from storage import open_storage
from storage.backup import KEYS_JUMP, back_up, examine, reading, restore
from storage.schema import migrations
from storage.version import LATEST
from tests.support.builders import NOW, TODAY, Team, a_member, a_response, a_team, an_open_round


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trapwise.db"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "copy.db"


def _answered(tx: Tx, members: int = 5) -> Team:
    team = a_team(tx, members=[f"member {n}" for n in range(members)])
    round_ = an_open_round(tx, team)
    for n, member in enumerate(team.members.values()):
        response = a_response(round_, member, "abcd"[n % 4])
        tx.responses.add(team.workspace.id, response)
        count_in_round(tx, round_, member, response)
    return team


def _large(tx: Tx) -> None:
    for n in range(3_000):
        tx.keyring.put(str(n), "x" * 4_000)


async def _fill(file: Path, fill: Callable[[Tx], object] = _answered) -> None:
    storage = await open_storage(str(file))
    await storage.write(fill)
    await storage.close()


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_backup_is_one_sound_private_file(file: Path, copy: Path) -> None:
    await _fill(file)
    made = back_up(file, copy)
    assert made.rows["responses"] == 5
    assert made.newest == NOW
    assert _files(copy.parent) == {"copy.db"}
    assert copy.stat().st_mode & 0o077 == 0
    assert examine(copy).faults == ()


async def test_a_backup_is_of_one_instant_though_the_bot_goes_on_writing(file: Path, copy: Path) -> None:
    storage = await open_storage(str(file))
    team = await storage.write(_answered)
    await storage.write(_large)
    wrote = 0
    seen: list[int] = []
    loop = asyncio.get_running_loop()

    def one_more(tx: Tx) -> None:
        a_member(tx, team.workspace, f"late {wrote}")
        tx.keyring.put(f"late {wrote}", "y")

    async def write_on(done: asyncio.Event) -> None:
        nonlocal wrote
        while not done.is_set():
            await storage.write(one_more)
            wrote += 1

    def progress(done: int, total: int) -> None:
        # Before each step the bot commits once more, so that the copy can't be quicker than the writes.
        seen.append(done)
        asyncio.run_coroutine_threadsafe(storage.write(lambda tx: tx.keyring.put("step", str(done))), loop).result(10)

    done = asyncio.Event()
    writing = asyncio.create_task(write_on(done))
    made = await asyncio.to_thread(back_up, file, copy, progress)
    done.set()
    await writing
    await storage.close()
    assert wrote > 0
    assert len(seen) > 1
    assert seen == sorted(seen), "the copy was never begun anew"
    late = made.rows["members"] - 5
    copied = await open_storage(str(copy))
    found = await copied.read(lambda tx: [tx.keyring.get(f"late {n}") for n in range(late + 1)])
    assert found == ["y"] * late + [None], "members and keyring are of the same instant"
    assert await copied.maintain(rebuild) == ()
    await copied.close()


async def test_a_backup_is_never_overwritten(file: Path, copy: Path) -> None:
    await _fill(file)
    copy.parent.mkdir()
    copy.write_bytes(b"precious")
    with pytest.raises(StorageBroken, match="exists already"):
        back_up(file, copy)
    assert copy.read_bytes() == b"precious"
    assert _files(copy.parent) == {"copy.db"}


async def test_a_backup_that_fails_bears_no_backups_name(file: Path, copy: Path) -> None:
    await _fill(file)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(file, copy, interrupt)
    assert _files(copy.parent) == set()


async def test_what_an_interrupted_backup_left_is_no_obstacle(file: Path, copy: Path) -> None:
    await _fill(file)
    copy.parent.mkdir()
    copy.with_name("copy.db.partial").write_bytes(b"half a page")
    back_up(file, copy)
    assert _files(copy.parent) == {"copy.db"}


def test_a_missing_or_foreign_database_is_told(file: Path, copy: Path) -> None:
    with pytest.raises(StorageBroken, match="There is no database"):
        back_up(file, copy)
    assert not file.exists()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    with pytest.raises(StorageBroken, match="no database of Trapwise"):
        back_up(file, copy)


async def test_a_damaged_database_is_not_passed_off_as_a_backup(file: Path, copy: Path) -> None:
    await _fill(file)
    _damage(file)
    with pytest.raises(StorageBroken):
        back_up(file, copy)
    assert not copy.exists()


def _damage(file: Path) -> None:
    """Make an index disagree with its table, as a torn page would."""
    with closing(sqlite3.connect(file)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'members'").fetchone()
    data = bytearray(file.read_bytes())
    page = data[4096 * (root - 1) : 4096 * root]
    data[4096 * (root - 1) : 4096 * root] = page.replace(b"member 3", b"mEmBeR 3").replace(b"\x00member", b"\x01member")
    data[4096 * (root - 1) + 3 : 4096 * (root - 1) + 5] = b"\x00\x01"  # one cell instead of five
    file.write_bytes(data)


async def test_looking_at_a_live_database_never_checkpoints_it(file: Path, copy: Path) -> None:
    storage = await open_storage(str(file))
    await storage.write(_answered)
    log = file.with_name("trapwise.db-wal")
    before = file.read_bytes(), log.stat().st_size
    assert before[1] > 0
    back_up(file, copy)
    assert examine(file).rows["responses"] == 5
    with reading(file) as tx:
        assert len(tx.schedules.active()) == 1
    assert (file.read_bytes(), log.stat().st_size) == before
    await storage.close()


async def test_a_restore_brings_back_what_was_and_keeps_what_is(file: Path, copy: Path) -> None:
    await _fill(file)
    back_up(file, copy)
    await _fill(file, lambda tx: a_team(tx, "later"))
    done = restore(copy, file, NOW)
    assert done.kept is not None
    assert done.kept.name == "trapwise.db.before-restore-20261123-090000"
    assert (examine(file).rows["workspaces"], examine(done.kept).rows["workspaces"]) == (1, 2)
    assert examine(file).faults == ()
    assert file.stat().st_mode & 0o077 == 0
    storage = await open_storage(str(file))
    assert await storage.maintain(rebuild) == ()
    await storage.close()
    assert _files(file.parent) == {"trapwise.db", "trapwise.db.lock", "backups", done.kept.name} | {
        # Read-only looks leave these behind, empty; the next start clears them away.
        name
        for name in _files(file.parent)
        if name.endswith(("-wal", "-shm")) and name.startswith(done.kept.name)
    }


def _killed(file: Path) -> bytes:
    """What a killed bot leaves: a log beside the file, with an answer that is only there. The log."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("INSERT INTO keyring (name, value) VALUES ('late', 'x')")
        left = {suffix: file.with_name(f"trapwise.db{suffix}").read_bytes() for suffix in ("", "-wal")}
    for suffix, content in left.items():
        file.with_name(f"trapwise.db{suffix}").write_bytes(content)
    return left["-wal"]


async def test_a_restore_does_not_lose_what_the_replaced_file_had_only_in_its_log(file: Path, copy: Path) -> None:
    await _fill(file)
    back_up(file, copy)
    _killed(file)
    main = file.read_bytes()
    done = restore(copy, file, NOW)
    assert done.kept is not None
    assert done.kept.read_bytes() != main, "the log was folded in"
    assert not done.kept.with_name(f"{done.kept.name}-wal").exists(), "the kept database is one file"
    for path, expected in ((file, None), (done.kept, "x")):
        with reading(path) as tx:
            assert tx.keyring.get("late") == expected


async def test_a_damaged_database_keeps_its_log_and_the_restored_one_does_not_get_it(file: Path, copy: Path) -> None:
    await _fill(file)
    back_up(file, copy)
    log = _killed(file)
    file.write_bytes(b"\xff" * 40_000)
    done = restore(copy, file, NOW)
    assert done.kept is not None
    assert done.kept.with_name(f"{done.kept.name}-wal").read_bytes() == log
    with reading(file) as tx:
        assert tx.keyring.get("late") is None


async def test_looking_at_what_a_killed_bot_left_changes_nothing(file: Path, copy: Path) -> None:
    await _fill(file)
    log = _killed(file)
    before = file.read_bytes()
    assert examine(file).faults == ()
    back_up(file, copy)
    with reading(file) as tx:
        assert tx.keyring.get("late") == "x"
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            tx.keyring.put("not", "mine")
    assert (file.read_bytes(), file.with_name("trapwise.db-wal").read_bytes()) == (before, log)


async def test_a_restore_while_the_bot_runs_is_refused(file: Path, copy: Path) -> None:
    await _fill(file)
    back_up(file, copy)
    storage = await open_storage(str(file))
    with pytest.raises(StorageInUse, match="Stop that one first"):
        restore(copy, file, NOW)
    await storage.write(lambda tx: tx.keyring.put("still", "mine"))
    await storage.close()
    assert not any("before-restore" in name or "restoring" in name for name in _files(file.parent))


async def test_an_unsound_backup_is_refused_and_nothing_changes(file: Path, copy: Path) -> None:
    await _fill(file)
    back_up(file, copy)
    before = file.read_bytes()
    _damage(copy)
    with pytest.raises(StorageBroken, match="is not sound, so nothing was restored"):
        restore(copy, file, NOW)
    copy.write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageBroken, match="is no database"):
        restore(copy, file, NOW)
    with pytest.raises(StorageBroken, match="There is no database"):
        restore(copy.with_name("misspelt.db"), file, NOW)
    assert file.read_bytes() == before


async def test_a_backup_of_a_newer_version_is_refused(file: Path, copy: Path) -> None:
    await _fill(copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(StorageBroken, match="newer Trapwise"):
        restore(copy, file, NOW)
    assert not file.exists()


def test_an_older_backup_is_migrated(file: Path, copy: Path) -> None:
    from sqlite_utils import Database

    from storage.connection import connect

    copy.parent.mkdir()
    with closing(connect(str(copy))) as db:
        migrations.apply(Database(db), stop_before="002_learning")
        db.execute("PRAGMA user_version = 1")
    done = restore(copy, file, NOW)
    assert (done.migrated, done.backup.schema, examine(file).schema) == (True, 1, LATEST)
    assert examine(copy).schema == 1, "the backup itself is left as it is"


async def test_restoring_a_database_onto_itself_is_refused(file: Path) -> None:
    await _fill(file)
    with pytest.raises(StorageBroken, match="the database itself"):
        restore(file, file, NOW)


async def test_a_damaged_database_can_be_replaced_and_is_kept(file: Path, copy: Path) -> None:
    await _fill(file)
    back_up(file, copy)
    file.write_bytes(b"\xff" * 40_000)
    done = restore(copy, file, NOW)
    assert done.kept is not None
    assert done.kept.read_bytes() == b"\xff" * 40_000
    assert examine(file).rows["responses"] == 5


async def test_two_restores_within_a_second_keep_both_replaced_files(file: Path, copy: Path) -> None:
    await _fill(file)
    back_up(file, copy)
    first, second = restore(copy, file, NOW), restore(copy, file, NOW)
    assert first.kept is not None
    assert second.kept is not None
    assert first.kept != second.kept
    assert first.kept.exists()


def _round_keys(tx: Tx) -> int:
    return an_open_round(tx, a_team(tx), TODAY + timedelta(days=1)).id


@pytest.mark.parametrize("damaged", [False, True])
async def test_keys_given_out_since_the_backup_are_not_given_out_again(file: Path, copy: Path, damaged: bool) -> None:
    await _fill(file)
    back_up(file, copy)
    storage = await open_storage(str(file))
    lost = await storage.write(_round_keys)
    await storage.close()
    if damaged:
        file.write_bytes(b"\xff" * 40_000)
    restore(copy, file, NOW)
    storage = await open_storage(str(file))
    fresh = await storage.write(_round_keys)
    await storage.close()
    # A button under the lost round's message must not answer the new one.
    assert fresh > (KEYS_JUMP if damaged else lost)


async def test_a_post_that_waited_when_the_backup_was_made_is_looked_for_first(file: Path, copy: Path) -> None:
    def post(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        for kind in (DeliveryKind.POST, DeliveryKind.NOTICE):
            tx.deliveries.add(
                NewDelivery(
                    workspace=team.workspace.id,
                    kind=kind,
                    key=f"tw-{kind}",
                    channel=team.channel.id,
                    round=round_.id,
                ),
                NOW,
            )

    await _fill(file, post)
    back_up(file, copy)
    restore(copy, file, NOW)
    with reading(file) as tx:
        states = {d.kind: (d.state, d.tries) for d in tx.deliveries.ready(NOW, 9)}
    assert states == {
        DeliveryKind.POST: (DeliveryState.TRYING, 1),
        DeliveryKind.NOTICE: (DeliveryState.WAITING, 0),
    }


async def test_rows_that_name_missing_rows_are_faults(file: Path) -> None:
    await _fill(file)
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("UPDATE reports SET member = member")
        db.execute("INSERT INTO reports (workspace, member, revision, at) VALUES (1, 999, 1, 0)")
        db.commit()
    assert examine(file).faults == ("reports: 1 rows name a row of members that isn't there",)


async def test_an_older_database_is_not_read_as_if_it_were_current(file: Path) -> None:
    await _fill(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 1")
    with pytest.raises(StorageBroken, match="Start this version once"), reading(file):
        pass


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_told(tmp_path: Path, copy: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StorageBroken, match="There is no database"):
        back_up(pipe, copy)


async def test_a_date_to_skip_isnt_taken_for_damage(file: Path) -> None:
    # SQLite 3.40 reports "NULL value in skips.workspace" of every such row.
    def skip(tx: Tx) -> None:
        team = a_team(tx)
        tx.schedules.save(replace(team.schedule, skips=frozenset({TODAY})), next_at=None, by=None, now=NOW)

    await _fill(file, skip)
    assert examine(file).faults == ()
    assert examine(file, thorough=False).faults == ()


async def test_a_null_where_none_may_be_is_damage(file: Path) -> None:
    await _fill(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        for before, after, row in (
            ("ref TEXT NOT NULL", "ref TEXT", None),
            ("ref TEXT", "ref TEXT NOT NULL", "UPDATE workspaces SET ref = NULL"),
        ):
            if row is not None:
                db.execute(row)
            db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'workspaces'", (before, after))
            (version,) = db.execute("PRAGMA schema_version").fetchone()
            db.execute(f"PRAGMA schema_version = {version + 1}")
    assert any("NULL value in workspaces.ref" in fault for fault in examine(file).faults)
