"""From the blocks of a card to rich renderables."""

from collections.abc import Iterator
from typing import assert_never

from rich.cells import chop_cells
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text as Rich

from bot.adapters.terminal import wording
from bot.adapters.terminal.bars import LINE, bar, share_bar
from bot.adapters.terminal.safetext import closed, safe_code
from bot.adapters.terminal.spans import addresses, line, words
from bot.view.card import (
    Bars,
    Block,
    Bullets,
    CodeBlock,
    Fields,
    Heading,
    Mark,
    OptionLine,
    Options,
    Paragraph,
    Table,
)

WIDE = 60
"""From this many columns on, things stand side by side; below, under one another."""

SIGNS = {Mark.NONE: " ", Mark.KEY: "✓", Mark.CHOSEN: "•", Mark.CHOSEN_KEY: "✓", Mark.CAUGHT: "!"}
_STYLES = {Mark.KEY: "green", Mark.CHOSEN_KEY: "green", Mark.CHOSEN: "yellow", Mark.CAUGHT: "yellow", Mark.NONE: ""}


def block(of: Block, *, width: int, plain: bool) -> RenderableType:
    """One block, to be shown in `width` columns."""
    match of:
        case Paragraph():
            return Group(line(of.line, plain=plain), *addresses(of.line))
        case CodeBlock():
            return _code(of, width)
        case Options():
            return _options(of, width, plain)
        case Heading(text=text):
            return words(text, "bold")
        case Bullets(lines=lines):
            return _hanging([("•", line(each, plain=plain)) for each in lines])
        case Bars():
            return _bars(of, width)
        case Table():
            return _table(of)
        case Fields():
            return _fields(of, width, plain)
        case _:
            assert_never(of)


def _code(of: CodeBlock, width: int) -> RenderableType:
    indent = 4 if width >= WIDE else 2
    room = width - indent
    lines = [piece for each in safe_code(of.code.rstrip()) for piece in _folded(each, room)]
    return Padding(Rich("\n".join(lines), style="cyan", no_wrap=True, overflow="ignore"), (0, 0, 0, indent))


def _folded(code: str, room: int) -> Iterator[str]:
    """A line of code in pieces that fit; those after the first say that they go on."""
    pieces = chop_cells(code, room)
    if len(pieces) <= 1:
        yield code
        return
    yield from pieces[:1]
    for piece in chop_cells(code[len(pieces[0]) :], max(1, room - 2)):
        yield f"{wording.GOES_ON} {piece}"


def _hanging(pairs: list[tuple[str, RenderableType]]) -> Grid:
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for sign, rest in pairs:
        grid.add_row(sign, rest)
    return grid


def _options(of: Options, width: int, plain: bool) -> RenderableType:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    room = max(1, width - 5)
    for n, option in enumerate(of.options):
        if n and option.why:
            grid.add_row()
        style = _STYLES[option.mark]
        sign = Rich.assemble((SIGNS[option.mark], style), " ", (option.letter, f"bold {style}"))
        grid.add_row(sign, Group(*_option(option, room, plain)))
    return grid


def _option(option: OptionLine, room: int, plain: bool) -> Iterator[RenderableType]:
    for part in option.body:
        yield block(part, width=room, plain=plain)
    said = option.note or wording.MARKS[option.mark]
    counted = wording.chosen_by(option.count, option.percent) if option.count is not None else ""
    facts = " · ".join(part for part in (said, counted) if part)
    if option.percent is not None and option.count is not None:
        cells = min(20, max(8, room - 30))
        facts = f"{share_bar(option.percent, cells)} {facts}"
    if facts:
        yield words(facts, _STYLES[option.mark] or "dim")
    for part in option.why:
        yield block(part, width=room, plain=plain)


def _bars(of: Bars, width: int) -> RenderableType:
    rows: list[RenderableType] = [words(of.caption, "bold")]
    if of.line is not None and of.line_label:
        rows.append(words(f"{LINE} {of.line_label}", "dim"))
    cells = min(30, width - 2)
    for each in of.bars:
        note = f" · {each.note}" if each.note else ""
        drawn = bar(each, cells, line=of.line)
        said = f"{closed(each.text)}{closed(note)}"
        rows.append(words(each.label))
        if not drawn:
            rows.append(Padding(Rich(said, style="dim"), (0, 0, 0, 2)))
        elif width >= WIDE + 20:
            grid = Grid.grid(padding=(0, 1, 0, 0))
            grid.add_column(no_wrap=True)
            grid.add_column(overflow="fold")
            grid.add_row(Rich(drawn, style="cyan"), Rich(said))
            rows.append(Padding(grid, (0, 0, 0, 2)))
        else:
            rows += [Padding(Rich(drawn, style="cyan"), (0, 0, 0, 2)), Padding(Rich(said), (0, 0, 0, 2))]
    return Group(*rows)


def _table(of: Table) -> RenderableType:
    """The caption is left out: cards say the same in their title."""
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for n, head in enumerate(of.head):
        number = n in of.numeric
        grid.add_column(closed(head), justify="right" if number else "left", no_wrap=number, overflow="fold")
    for n, row in enumerate(of.rows):
        grid.add_row(*(words(cell) for cell in row), style="bold" if n == of.own else "")
    return grid


def _fields(of: Fields, width: int, plain: bool) -> RenderableType:
    if width < WIDE:
        return Group(
            *(Rich.assemble((f"{closed(name)}: ", "bold"), line(value, plain=plain)) for name, value in of.pairs)
        )
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in of.pairs:
        grid.add_row(closed(name), line(value, plain=plain))
    return grid
