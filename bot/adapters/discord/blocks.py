"""Neutral blocks as Discord's markdown. Reading order is the order of the text: there is no layout to look at."""

import unicodedata
from typing import assert_never

from bot.adapters.discord import markdown, wording
from bot.view.card import (
    Bar,
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

BAR_CELLS = 12


def text(block: Block) -> str:
    """The block, without space around it."""
    match block:
        case Paragraph(line=spans):
            return markdown.line(spans)
        case CodeBlock():
            return markdown.code_block(block)
        case Options(options=options):
            return "\n".join(_option(option) for option in options)
        case Heading(text=words):
            return f"**{markdown.escape(words)}**"
        case Bullets(lines=lines):
            return "\n".join(f"- {markdown.line(spans)}" for spans in lines)
        case Bars():
            return _bars(block)
        case Table():
            return _table(block)
        case Fields(pairs=pairs):
            return "\n".join(f"**{markdown.escape(name)}:** {markdown.line(value)}" for name, value in pairs)
        case _:
            assert_never(block)


_SIGNS = {Mark.NONE: "", Mark.KEY: "✔ ", Mark.CHOSEN: "▸ ", Mark.CHOSEN_KEY: "✔ ", Mark.CAUGHT: "✘ "}


def _option(option: OptionLine) -> str:
    """The letter and the text, then in small type what is said of it, then why as a quotation."""
    parts = [_body(option)]
    said = [markdown.escape(option.note)] if option.note else []
    if option.count is not None:
        said.append(wording.chosen(option.count, option.percent))
    if said:
        parts.append(f"-# {' · '.join(said)}")
    parts += [_quoted(text(block)) for block in option.why]
    return "\n".join(parts)


def _body(option: OptionLine) -> str:
    letter = f"{_SIGNS[option.mark]}**{markdown.escape(option.letter)}**"
    lines = [text(block) for block in option.body]
    if not lines:
        return letter
    starts_with_code = isinstance(option.body[0], CodeBlock)
    return "\n".join([f"{letter}\n{lines[0]}" if starts_with_code else f"{letter}  {lines[0]}", *lines[1:]])


def _quoted(words: str) -> str:
    return "\n".join(f"> {row}" for row in words.split("\n"))


def _bars(bars: Bars) -> str:
    rows = [f"**{markdown.escape(bars.caption)}**"]
    rows += [_bar(bar) for bar in bars.bars]
    if bars.line is not None and bars.line_label:
        rows.append(f"-# {markdown.escape(bars.line_label)}")
    return "\n".join(rows)


def _bar(bar: Bar) -> str:
    said = f"{markdown.escape(bar.label)}: {markdown.escape(bar.text)}"
    said = f"{said} · {markdown.escape(bar.note)}" if bar.note else said
    return f"`{drawn(bar.share)}` {said}" if bar.share is not None else said


def drawn(share: float) -> str:
    """A share as filled and empty cells."""
    filled = max(0, min(BAR_CELLS, round(share * BAR_CELLS)))
    return "█" * filled + "░" * (BAR_CELLS - filled)


def _table(table: Table) -> str:
    """Aligned columns in code type, the only ones that line up in Discord. The reader's row is set off by a sign."""
    rows = (table.head, *table.rows)
    columns = len(table.head)
    widths = [max(_width(row[n]) for row in rows if n < len(row)) for n in range(columns)]
    lines = [_row(table.head, widths, table.numeric, own=False)]
    lines += [_row(row, widths, table.numeric, own=number == table.own) for number, row in enumerate(table.rows)]
    drawn_ = f"```\n{markdown.fenced(chr(10).join(lines))}\n```"
    return f"**{markdown.escape(table.caption)}**\n{drawn_}" if table.caption else drawn_


def _row(cells: tuple[str, ...], widths: list[int], numeric: frozenset[int], *, own: bool) -> str:
    padded = []
    for number, cell in enumerate(cells):
        flat = " ".join(cell.split())
        space = " " * max(0, widths[number] - _width(flat))
        padded.append(space + flat if number in numeric else flat + space)
    return (("▸ " if own else "  ") + "  ".join(padded)).rstrip()


def _width(text_: str) -> int:
    """Cells in code type; Chinese, Japanese and Korean signs and emoji take two."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in " ".join(text_.split())
    )
