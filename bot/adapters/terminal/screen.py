"""Writes to the terminal, or to whatever stands in for one."""

from collections.abc import Callable

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType

from bot.adapters.terminal.safetext import safe

WIDEST = 96
"""Columns used at most; longer lines are hard to read."""

NARROWEST = 20
PROMPT = "> "

_CLEAR_LINE = "\r\x1b[2K"
_UP_AND_CLEAR = "\x1b[1A\x1b[2K"


class Screen:
    """Prints renderables. `plain` tells that neither colour nor weight can be relied on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.plain = console.no_color or not console.is_terminal

    @property
    def width(self) -> int:
        """Columns to fill; it changes when the window does."""
        return max(NARROWEST, min(self._console.width, WIDEST))

    def show(self, *parts: RenderableType) -> None:
        """Print the parts under one another."""
        with self._console.capture() as held:
            # As a group, since texts given one by one are joined, and forget which of them may not be wrapped.
            self._console.print(Group(*parts), width=self.width, highlight=False, markup=False, emoji=False, crop=False)
        text = held.get()
        if not self._console.is_terminal:
            # Layout pads lines with spaces, which would be noise in a file.
            text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        self._write(text)

    def echo(self, line: str) -> None:
        """Print what was read, where nobody saw it being typed."""
        self._write(f"{PROMPT}{safe(line)}".rstrip() + "\n")

    def above_prompt(self, draw: Callable[[], None], *, typed: str) -> None:
        """Print while somebody is typing: above their line, which is put back as far as it is `typed`.

        Above the prompt there has to be an empty line, which is put back too.
        """
        if self._console.is_terminal:
            rows = 1 + cell_len(PROMPT + typed) // max(1, self._console.width)
            self._write(_CLEAR_LINE + _UP_AND_CLEAR * rows)
        draw()
        self._write(f"\n{PROMPT}{typed}")

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()
