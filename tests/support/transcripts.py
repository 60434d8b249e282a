"""Transcripts of the terminal: text files of what is typed and what must come back.

# What the transcript is about; lines of this sort stand at the top only.
@ 2026-11-23 09:00         the clock is set, in UTC
> b                        what is typed
everything else            what is printed
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bot import compose
from bot.adapters.terminal.screen import Screen
from bot.adapters.terminal.seat import Seat
from bot.config import Settings
from tests.support.builders import SettableClock
from tests.support.tea_pack import write_tea_pack

FOLDER = Path(__file__).parent / "transcripts"
WIDTH = 80


@dataclass(frozen=True, slots=True)
class Transcript:
    """`about` are its comment lines; `steps` its clock settings and typed lines, with the sign before them."""

    about: tuple[str, ...]
    steps: tuple[str, ...]
    text: str


def read(path: Path) -> Transcript:
    """The transcript in a file."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    about = tuple(line for line in lines if line.startswith("# "))
    return Transcript(about, tuple(line for line in lines if line.startswith(("@ ", ">"))), text)


async def replay(transcript: Transcript, folder: Path) -> str:
    """What the real Trapwise makes of the steps, on a new database in `folder`, as the text of a transcript."""
    write_tea_pack(folder / "content")
    held = io.StringIO()
    clock = SettableClock()
    steps = iter(transcript.steps)
    first = next(steps)
    _set(clock, first)

    async def type_next() -> str | None:
        return _next_line(steps, clock, held)

    seat = Seat(
        name="Ana",
        screen=Screen(Console(file=held, force_terminal=False, no_color=True, width=WIDTH)),
        read=type_next,
        folder=folder,
        watched=False,
    )
    settings = Settings(
        database=f"sqlite:///{folder / 'play.db'}", content=folder / "content", pack="my-exam", zone="Europe/Berlin"
    )
    await compose.play(settings, seat, clock=clock)
    return "\n".join((*transcript.about, first, held.getvalue()))


def _next_line(steps: Iterator[str], clock: SettableClock, held: io.StringIO) -> str | None:
    for step in steps:
        if step.startswith(">"):
            return step.removeprefix(">").removeprefix(" ")
        _set(clock, step)
        held.write(f"\n{step}\n")
    return None


def _set(clock: SettableClock, step: str) -> None:
    clock.set(datetime.strptime(step, "@ %Y-%m-%d %H:%M").replace(tzinfo=UTC))
