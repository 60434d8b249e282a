"""`trapwise data move`: everything from SQLite to PostgreSQL, or back."""

import time
from collections.abc import Callable

import click

from bot.cli.failures import sentences

SAID_EVERY = 2.0
"""Seconds between two lines of progress."""


@click.command()
@click.option("--to", "target", metavar="URL", required=True, help="Where to: an empty database, or a new file.")
@click.option("--from", "source", metavar="URL", help="Where from, if not what TRAPWISE_DATABASE names.")
@click.option("--unchecked", is_flag=True, help="Leave out the last step, counting everything anew.")
@click.pass_context
def move(context: click.Context, target: str, source: str | None, unchecked: bool) -> None:
    """Move everything to a PostgreSQL database, or from one to a file. The bot has to be stopped.

    The source is only read. If the move is broken off, give the same command once more: it goes on where it was. At
    the end every row of both is compared, and points, streaks and leaderboards are counted anew from the answers.
    Then set TRAPWISE_DATABASE to the new address and start the bot.

    A password in the address can be seen by others on this machine while the command runs. The server's client reads
    it from the file .pgpass or from PGPASSWORD if the address has none.
    """
    with sentences():
        from storage.moving import move as move_all

        began = time.monotonic()
        moved = move_all(source or _configured(context), target, _progress())
        if moved.went_on:
            click.echo("Went on with a move that had been broken off.")
        click.echo(
            f"Moved {sum(moved.rows.values()):,} rows of {sum(map(bool, moved.rows.values()))} tables in "
            f"{time.monotonic() - began:.0f} s, {moved.rows['responses']:,} of them answers. All are the same in both."
        )
        if moved.changed:
            click.echo(f"In {moved.changed:,} a character that PostgreSQL can't keep, U+0000, was replaced.")
    if not unchecked:
        from bot.cli.data import check

        click.echo("Counting everything anew from the answers, which takes a while.")
        context.obj = target
        context.invoke(check)
    click.echo("Set TRAPWISE_DATABASE to the new address and start the bot. The source is as it was; keep it a while.")


def _configured(context: click.Context) -> str:
    from bot import config

    return str(context.obj) if context.obj else config.load().database


def _progress() -> Callable[[str, int, int], None]:
    """Prints how far it is every other second, so that small databases print nothing."""
    said = time.monotonic()

    def say(what: str, done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= SAID_EVERY and total:
            said = time.monotonic()
            click.echo(f"{what}: {done:,} of {total:,} rows, {100 * done // total} %", err=True)

    return say
