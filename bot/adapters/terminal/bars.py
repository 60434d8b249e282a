"""A share as a bar of characters."""

from bot.view.card import Bar

FULL, LIKELY, EMPTY, LINE = "█", "▒", "·", "|"


def bar(of: Bar, width: int, *, line: float | None = None) -> str:
    """`width` cells: full up to the share, shaded as far as it may well reach, and a mark where the line lies.

    Empty where not enough is known for a share.
    """
    if of.share is None:
        return ""
    high = of.high if of.high is not None else of.share
    cells = [
        FULL if _reached(n, width, of.share) else LIKELY if _reached(n, width, high) else EMPTY for n in range(width)
    ]
    if line is not None:
        cells[min(width - 1, int(line * width))] = LINE
    return "".join(cells)


def share_bar(percent: int, width: int) -> str:
    """`width` cells, full up to `percent` of a hundred."""
    return "".join(FULL if _reached(n, width, percent / 100) else EMPTY for n in range(width))


def _reached(cell: int, width: int, share: float) -> bool:
    return (cell + 0.5) / width <= share
