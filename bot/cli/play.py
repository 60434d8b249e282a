"""`trapwise play`: the quiz in this terminal, or from a script."""

import codecs
import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from bot.core.errors import SettingsError, StorageInUse, TrapwiseError

if TYPE_CHECKING:
    from bot.adapters.terminal.screen import Screen

IN_USE = (
    "{database} is in use, probably by a bot that is running. Stop it, or play on a file of your own:\n"
    "  trapwise play --database sqlite:///play.db"
)
SCRIPT_WIDTH = 80

_LOOKALIKES = str.maketrans(
    {
        "✓": "*", "•": "*", "█": "#", "▒": "=", "·": "-", "─": "-", "↪": ">", "…": "...", "—": "-", "–": "-",
        "“": '"', "”": '"', "’": "'", "\u200e": "",
    }
)  # fmt: skip


@click.command()
@click.option("--name", help="The name to play under; your login name if not given.")
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Read the lines from a file (- is standard input); lines beginning with # are passed over.",
)
@click.option("--database", help="The database to play on, in place of TRAPWISE_DATABASE.")
def play(name: str | None, script: Path | None, database: str | None) -> None:
    """Play in this terminal.

    Today's question is posted if there is none; type the letter of your answer, or help. Lines can also come from
    a pipe or a script: then everything is printed as plain text, the lines read included.
    """
    from bot import compose, config, logs
    from bot.adapters.terminal.keyboard import Keyboard, half_typed
    from bot.adapters.terminal.seat import Seat
    from bot.app.space import NameRefused, tidy

    watched = script is None and sys.stdin.isatty()
    _speak_any_encoding()
    try:
        settings = config.load()
        if database is not None:
            settings = replace(settings, database=database)
        # The player reads what is printed here; what an operator would want to know stays out of it.
        logs.set_up("error")
        kept = tidy(name or _login_name())
        if isinstance(kept, NameRefused):
            raise SettingsError(f"--name: {kept.sentence}")
        keyboard = Keyboard(_by_hand() if watched else _from(script))
        seat = Seat(
            name=kept,
            screen=_screen(watched=watched),
            read=keyboard.read,
            folder=Path.cwd(),
            watched=watched,
            half_typed=half_typed,
        )
        keyboard.serve(lambda: compose.play(settings, seat))
    except StorageInUse:
        click.echo(IN_USE.format(database=settings.database), err=True)
        sys.exit(1)
    except TrapwiseError as error:
        click.echo(f"{error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has gone, as `| head` does; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _login_name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run us as a user that has no name
        return "Player"


def _screen(*, watched: bool) -> "Screen":
    from rich.console import Console

    from bot.adapters.terminal.screen import Screen

    if watched:
        return Screen(Console())
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdigit() and int(columns) > 0 else SCRIPT_WIDTH
    return Screen(Console(force_terminal=False, no_color=True, width=width))


def _by_hand() -> Callable[[], str]:
    from bot.adapters.terminal.screen import PROMPT

    with contextlib.suppress(ImportError):  # not there on Windows
        import readline  # noqa: F401  gives input() line editing and a history

    def ask() -> str:
        try:
            return input(PROMPT)
        except (EOFError, KeyboardInterrupt):
            click.echo()  # so that what comes next doesn't stand behind the prompt
            raise

    return ask


def _from(script: Path | None) -> Callable[[], str]:
    piped = script is None or str(script) == "-"
    file: TextIO = sys.stdin if piped or script is None else script.open(encoding="utf-8-sig", errors="replace")

    def ask() -> str:
        while line := file.readline():
            if not line.startswith("#"):
                return line.rstrip("\r\n")
        raise EOFError

    return ask


def _speak_any_encoding() -> None:
    """A terminal that isn't UTF-8 gets signs that look alike, in place of an error."""

    def lookalike(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        wanted = error.object[error.start : error.end]
        plain = wanted.translate(_LOOKALIKES)
        return "".join(c if c.isascii() else "?" for c in plain), error.end

    codecs.register_error("trapwise-lookalike", lookalike)
    for stream, errors in ((sys.stdout, "trapwise-lookalike"), (sys.stdin, "replace")):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)
