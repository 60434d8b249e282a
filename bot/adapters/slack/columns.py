"""Tables and bars in plain signs, for type in which every sign is equally wide."""

from collections.abc import Sequence

_WIDEST = 28
"""Columns that one cell may take; more would wrap on a phone."""

_STEPS = 12


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: frozenset[int], own: int | None) -> str:
    """The table as lines of aligned cells; the reader's own row begins with a sign."""
    table = [tuple(_short(cell) for cell in row) for row in (head, *rows)]
    widths = [max(len(row[n]) if n < len(row) else 0 for row in table) for n in range(len(head))]
    lines = []
    for number, row in enumerate(table):
        cells = (
            cell.rjust(width) if n in numeric else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=False))
        )
        sign = "> " if own is not None and number == own + 1 else "  "
        lines.append((sign + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def gauge(share: float, line: float | None) -> str:
    """A share from 0 to 1 as a bar of signs; `|` stands at the line it is measured against."""
    filled = round(min(1.0, max(0.0, share)) * _STEPS)
    signs = ["█" if n < filled else "░" for n in range(_STEPS)]
    if line is not None:
        signs.insert(round(min(1.0, max(0.0, line)) * _STEPS), "|")
    return "".join(signs)


def _short(cell: str) -> str:
    one_line = " ".join(cell.split())
    return one_line if len(one_line) <= _WIDEST else one_line[: _WIDEST - 1] + "…"
