"""`trapwise data`: backs up, restores, checks and rebuilds the database, and exports or forgets a member."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.failures import sentences
from bot.cli.move import move
from bot.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app.ports import Tx, Upkeep
    from bot.app.rebuild import Difference
    from bot.app.records import Member, Workspace
    from storage.backup import Examined
    from storage.tx import SqlTx

# Storage and what counts are imported inside the commands, so that `--help` stays quick.

_MEMBER_HELP = "The member's number, platform id or name."


@click.group()
@click.option("--database", metavar="FILE", help="The database, if not the one that TRAPWISE_DATABASE names.")
@click.pass_context
def data(context: click.Context, database: str | None) -> None:
    """Back up, restore, move, check, rebuild, export or forget data.

    `backup`, `check` and `export` may be used while the bot runs, never `move`. `restore`, `rebuild` and `forget` need
    it stopped, but on PostgreSQL, where backups are made by pg_dump and pg_restore, members only wait for them.
    """
    context.obj = database


data.add_command(move)


@data.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(database: str | None, file: Path | None) -> None:
    """Copy the database to FILE and verify the copy, also while the bot runs.

    Without FILE the copy goes to the folder backups beside the database, named after the time in UTC. An existing
    file is never overwritten. The copy is a single file; keep it where only you can read it, since it holds the
    members' names and answers.
    """
    with sentences():
        path = _path(database)
        target = file or path.parent / "backups" / f"trapwise-{_now():%Y%m%d-%H%M%S}.db"
        from storage.backup import back_up

        made = back_up(path, target, _progress())
        click.echo(f"Backed up to {target} and verified: {_holds(made)}.")


@data.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def restore(database: str | None, file: Path) -> None:
    """Put the backup FILE in the database's place. The bot has to be stopped.

    The backup is verified first, and brought to this version's schema if it is older. The replaced database is
    kept beside it. Answers given since the backup are not in it, and members forgotten since are: forget them
    again.
    """
    with sentences():
        from storage.backup import restore as put_back
        from storage.version import LATEST

        path = _path(database)
        done = put_back(file, path, _now())
        click.echo(f"Restored {path} from {file}: {_holds(done.backup)}.")
        if done.migrated:
            click.echo(f"Brought it from schema {done.backup.schema} to {LATEST}.")
        if done.kept is not None:
            click.echo(f"The replaced database is kept as {done.kept}. Delete it when you no longer need it.")
        click.echo("Start the bot again. Forget those again who asked for it since the backup: trapwise data forget.")


@data.command()
@click.pass_obj
def check(database: str | None) -> None:
    """Compare the database with itself, also while the bot runs. Exits with 1 if anything is wrong.

    Reads every page, looks for rows that name rows which aren't there, and counts points, streaks, leaderboards
    and domain figures anew from the answers. That is done on a temporary copy: it takes as much disk space as the
    database.
    """
    with sentences(), _as_a_file(_address(database)) as path:
        from storage.backup import examine
        from storage.version import LATEST

        found = examine(path)
        click.echo(f"{path}: schema {found.schema}, {_holds(found)}.")
        if found.schema > LATEST:
            raise click.ClickException(f"It was written by a newer Trapwise. This one knows schema {LATEST}; use that.")
        if found.schema < LATEST:
            click.echo(f"It will be brought to schema {LATEST} when the bot starts.")
        for fault in found.faults:
            click.echo(f"fault    {fault}")
        if found.faults:
            raise click.ClickException("The file is damaged. Stop the bot and restore a backup: trapwise data restore")
        click.echo("ok       The file is sound.")
        strays, differences = _recounted(path)
        _echo_differences(differences)
        for stray in strays:
            click.echo(f"fault    {stray}")
        if differences:
            raise click.ClickException("Stop the bot and run: trapwise data rebuild")
        if strays:
            raise click.ClickException("These answers can't be counted. Restore a backup that has the rounds.")
        click.echo("ok       All counts are what the answers say.")


@data.command()
@click.pass_obj
def rebuild(database: str | None) -> None:
    """Count points, streaks, leaderboards and domain figures anew from the answers. The bot has to be stopped.

    Everything changes together or not at all. Each change is printed. Take a backup before: trapwise data backup
    """
    with sentences():
        from bot.app.rebuild import rebuild as count_anew

        address = _existing(database)

        async def run() -> "tuple[Difference, ...]":
            from storage import open_storage

            storage = await open_storage(address)
            try:
                return await storage.maintain(count_anew)
            finally:
                await storage.close()

        differences = asyncio.run(run())
        _echo_differences(differences)
        count = len(differences)
        click.echo(
            f"Rebuilt: {count} {'count' if count == 1 else 'counts'} put right."
            if count
            else "Rebuilt: nothing changed, all counts were what the answers say."
        )


@data.command()
@click.option("--member", "wanted", required=True, help=_MEMBER_HELP)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write; a zip file.")
@click.pass_obj
def export(database: str | None, wanted: str, out: Path | None) -> None:
    """Write everything kept about a member to a zip file, also while the bot runs.

    Members can do this themselves: /trapwise export-me
    """
    with sentences():
        from bot.app.privacy import archive

        with _reading(_address(database)) as tx:
            workspace, member = _the_one(tx.upkeep.find(wanted), wanted)
            content = archive(tx.people.export(workspace.id, member.id)).content
        target = out or Path(f"trapwise-export-{member.id}.zip")
        _write_private(target, content)
        click.echo(f"Wrote everything kept about {_named(workspace, member)} to {target}.")


@data.command()
@click.option("--member", "wanted", required=True, help=_MEMBER_HELP)
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def forget(database: str | None, wanted: str, yes: bool) -> None:
    """Delete a member and everything kept about them. The bot has to be stopped. It can't be undone.

    Counts that name nobody, such as how many chose B, keep their numbers. Members can do this themselves while
    the bot runs: /trapwise forget-me
    """
    with sentences():
        address = _existing(database)

        async def run() -> None:
            from storage import open_storage

            storage = await open_storage(address)
            try:
                workspace, member, answers = await storage.maintain(lambda tx, upkeep: _look_up(tx, upkeep, wanted))
                who = _named(workspace, member)
                if not yes:
                    click.confirm(f"Delete {who} with {_some(answers, 'answer')}? It can't be undone.", abort=True)
                gone = await storage.write(lambda tx: tx.people.forget(workspace.id, member.id))
            finally:
                await storage.close()
            click.echo(f"Deleted {who} with {_some(gone, 'answer')}.")
            click.echo("Backups made before still hold them. Delete those you no longer need.")

        asyncio.run(run())


def _address(database: str | None) -> str:
    if database is None:
        from bot import config

        database = config.load().database
    return database


def _path(database: str | None) -> Path:
    from storage import is_postgres, sqlite_path

    address = _address(database)
    if is_postgres(address):
        raise StorageError(
            "The database is on PostgreSQL, which has tools of its own: pg_dump copies it while the bot runs, and "
            "pg_restore puts the copy back. See docs/operations.md."
        )
    path = sqlite_path(address)
    if path is None:
        raise StorageError("TRAPWISE_DATABASE is a database in memory, which holds nothing to work on. Name a file.")
    return path


def _existing(database: str | None) -> str:
    """The database's address. Opening a misspelt name would make an empty file there."""
    from storage import is_postgres

    address = _address(database)
    if is_postgres(address):
        return address
    path = _path(address)
    if not path.is_file():
        raise StorageError(f"There is no database {path}. Check the name.")
    return str(path)


@contextmanager
def _as_a_file(address: str) -> Iterator[Path]:
    """The database's file; of one on PostgreSQL a temporary copy, as it is at one instant."""
    from storage import is_postgres

    if not is_postgres(address):
        yield _path(address)
        return
    from storage.transfer import copy_to_file

    with tempfile.TemporaryDirectory(prefix="trapwise-check-") as folder:
        path = Path(folder) / "copy.db"
        copy_to_file(address, path, _progress())
        yield path


@contextmanager
def _reading(address: str) -> "Iterator[SqlTx]":
    from storage import is_postgres

    if is_postgres(address):
        from storage.transfer import reading
    else:
        from storage.backup import reading as reading_file

        with reading_file(_path(address)) as tx:
            yield tx
        return
    with reading(address) as tx:
        yield tx


def _now() -> datetime:
    return datetime.now(UTC)


def _progress() -> Callable[[int, int], None]:
    """Prints the percentage every other second, so that small databases print nothing."""
    said = time.monotonic()

    def say(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= 2 and total:
            said = time.monotonic()
            click.echo(f"{100 * done // total} % copied", err=True)

    return say


def _holds(found: "Examined") -> str:
    rows = found.rows
    newest = f", the newest from {found.newest:%Y-%m-%d %H:%M} UTC" if found.newest else ""
    return (
        f"{_some(rows.get('members', 0), 'member')}, {_some(rows.get('rounds', 0), 'round')}, "
        f"{_some(rows.get('responses', 0), 'answer')}{newest}"
    )


def _some(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _recounted(path: Path) -> "tuple[Sequence[str], tuple[Difference, ...]]":
    """What a rebuild would change, found out on a copy; the live file is only read."""
    from bot.app.rebuild import rebuild as count_anew
    from storage import open_storage
    from storage.backup import copy

    with tempfile.TemporaryDirectory(prefix=".trapwise-check-", dir=path.parent) as folder:
        copied = Path(folder) / "copy.db"
        copy(path, copied, _progress())

        async def run() -> "tuple[Sequence[str], tuple[Difference, ...]]":
            storage = await open_storage(str(copied))
            try:
                return await storage.maintain(lambda tx, upkeep: (upkeep.strays(), count_anew(tx, upkeep)))
            finally:
                await storage.close()

        return asyncio.run(run())


def _echo_differences(differences: "tuple[Difference, ...]") -> None:
    from storage.upkeep import COUNTED

    keys = {table: key for table, key, _ in COUNTED}
    for found in differences:
        where = ", ".join(f"{name} {value}" for name, value in zip(keys[found.table], found.key, strict=True))
        if found.counted is None:
            said = "is there, but no answer accounts for it"
        elif found.kept is None:
            said = "is missing"
        else:
            said = f"{found.column} is {found.kept}, but the answers say {found.counted}"
        click.echo(f"differs  {found.table} of {where}: {said}")


def _look_up(tx: "Tx", upkeep: "Upkeep", wanted: str) -> "tuple[Workspace, Member, int]":
    workspace, member = _the_one(upkeep.find(wanted), wanted)
    return workspace, member, tx.responses.count_of(workspace.id, member.id)


def _the_one(found: "Sequence[tuple[Workspace, Member]]", wanted: str) -> "tuple[Workspace, Member]":
    # A number is the member's own before it is anybody's name.
    found = [pair for pair in found if str(pair[1].id) == wanted.strip()] or found
    if not found:
        raise click.ClickException(f"There is no member {wanted}. Give a number, a platform id or a name.")
    if len(found) > 1:
        those = "\n".join(f"  {_named(*pair)}" for pair in found)
        raise click.ClickException(f"{len(found)} members go by {wanted}. Give one's number:\n{those}")
    return found[0]


def _named(workspace: "Workspace", member: "Member") -> str:
    where = f"{workspace.ref.platform} {workspace.name or workspace.ref.id}"
    said = f"{member.name} (number {member.id}, {where})"
    # Names come from people; a control character in one must not reach the host's terminal.
    return "".join(letter if letter.isprintable() else "?" for letter in said)


def _write_private(target: Path, content: bytes) -> None:
    from storage.connection import make_private

    if target.exists():
        raise click.ClickException(f"{target} exists already. Choose another name with --out.")
    make_private(target)
    target.write_bytes(content)
