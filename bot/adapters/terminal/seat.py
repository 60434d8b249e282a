"""Where somebody sits and plays."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.terminal.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A player, what they read and how they type.

    `read` gives the next line, None at the end. `folder` takes the files they ask for. `watched` tells that a
    person sits there: news then appears by itself, while a script gets it only between two lines. `half_typed` is
    what stands behind the prompt while `read` waits.
    """

    name: str
    screen: Screen
    read: Callable[[], Awaitable[str | None]]
    folder: Path
    watched: bool
    half_typed: Callable[[], str] = lambda: ""
