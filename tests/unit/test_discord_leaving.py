"""A workspace that removed the bot is deleted after a while, and nothing of it is left."""

from datetime import timedelta
from pathlib import Path

from bot.app.ports import Tx
from bot.core.refs import Platform, WorkspaceRef
from storage import open_storage
from storage.workspaces import WORKSPACE_TABLES
from tests.support.builders import NOW, a_response, a_team, an_open_round

KEPT = {"workspaces", "revisions", "subjects", "keyring"}


def _columns(tx: Tx) -> dict[str, set[str]]:
    db = tx.workspaces._db  # type: ignore[attr-defined]  # looks at the schema, which no port shows
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: {row[1] for row in db.execute(f"PRAGMA table_info({name})")} for name in names}


async def test_the_list_of_tables_is_complete(tmp_path: Path) -> None:
    storage = await open_storage(f"sqlite:///{tmp_path / 'a.db'}")
    try:
        columns = await storage.read(_columns)
    finally:
        await storage.close()
    assert {name for name, found in columns.items() if "workspace" in found} == set(WORKSPACE_TABLES)


async def test_one_workspace_is_deleted_and_the_other_is_untouched(tmp_path: Path) -> None:
    storage = await open_storage(f"sqlite:///{tmp_path / 'a.db'}")

    def fill(tx: Tx) -> None:
        for name in ("gone", "here"):
            team = a_team(tx, name)
            round_ = an_open_round(tx, team)
            tx.responses.add(team.workspace.id, a_response(round_, next(iter(team.members.values()))))

    def rows(tx: Tx) -> dict[str, int]:
        db = tx.workspaces._db  # type: ignore[attr-defined]  # counts rows, which no port shows
        tables = ("workspaces", *WORKSPACE_TABLES)
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608  constants

    try:
        await storage.write(fill)
        before = await storage.read(rows)
        ref = next(ref for ref in await storage.read(lambda tx: tx.workspaces.all(Platform.WEB)) if ref.id == "gone")
        left = await storage.write(lambda tx: tx.workspaces.leave(ref, NOW))
        assert left is not None
        assert await storage.write(lambda tx: tx.workspaces.leave(ref, NOW + timedelta(days=1))) is None
        assert await storage.read(lambda tx: tx.workspaces.left_before(NOW - timedelta(seconds=1))) == []
        assert await storage.read(lambda tx: tx.workspaces.left_before(NOW)) == [left]
        await storage.write(lambda tx: tx.workspaces.erase(left))
        after = await storage.read(rows)
        assert after == {name: count // 2 for name, count in before.items()}
        assert after["responses"] == 1
    finally:
        await storage.close()


async def test_coming_back_in_time_keeps_everything(tmp_path: Path) -> None:
    storage = await open_storage(f"sqlite:///{tmp_path / 'a.db'}")
    try:
        await storage.write(lambda tx: a_team(tx, "gone"))
        ref = WorkspaceRef(Platform.WEB, "gone")
        await storage.write(lambda tx: tx.workspaces.leave(ref, NOW))
        await storage.write(lambda tx: tx.workspaces.stay(ref))
        assert await storage.read(lambda tx: tx.workspaces.left_before(NOW + timedelta(days=99))) == []
    finally:
        await storage.close()
