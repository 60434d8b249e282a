"""A card as words in reading order: a message's `text`, which screen readers and notifications use."""

from collections.abc import Iterable
from typing import assert_never

from bot.adapters.slack.spans import plain
from bot.view.card import (
    Bars,
    Block,
    Bullets,
    Card,
    CodeBlock,
    Fields,
    Heading,
    OptionLine,
    Options,
    Paragraph,
    Table,
)


def lines(card: Card) -> list[str]:
    """The whole card, one line for each thing it says. Buttons are left out: readers come to them by themselves."""
    found = [card.title]
    if card.context:
        found.append(" · ".join(card.context))
    for block in card.blocks:
        found += _block(block)
    if card.footer:
        found.append(plain(card.footer))
    return found


def _block(block: Block) -> list[str]:
    match block:
        case Paragraph() | CodeBlock():
            return [_body((block,))]
        case Options(options=options):
            return [line for option in options for line in _option(option)]
        case Heading(text=words):
            return [words]
        case Bullets(lines=bullets):
            return [f"• {plain(line)}" for line in bullets]
        case Bars(caption=caption, bars=bars):
            return [caption, *(f"{bar.label}: {bar.text}{f', {bar.note}' if bar.note else ''}" for bar in bars)]
        case Table(caption=caption, head=head, rows=rows):
            cells = (", ".join(f"{name} {cell}" for name, cell in zip(head, row, strict=False)) for row in rows)
            return [caption, *cells]
        case Fields(pairs=pairs):
            return [f"{name}: {plain(value)}" for name, value in pairs]
        case _:
            assert_never(block)


def _option(option: OptionLine) -> Iterable[str]:
    said = f"{option.letter}. {_body(option.body)}"
    if option.note:
        said += f" ({option.note})"
    if option.count is not None:
        said += f", {option.count} chose it, {option.percent or 0} %"
    yield said
    if option.why:
        yield _body(option.why)


def _body(blocks: Iterable[Paragraph | CodeBlock]) -> str:
    return " ".join(block.code if isinstance(block, CodeBlock) else plain(block.line) for block in blocks)
