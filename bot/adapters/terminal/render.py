"""From neutral cards to rich renderables; a console without colour prints them as plain text."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import RenderableType
from rich.rule import Rule
from rich.text import Text as Rich

from bot.adapters.terminal import blocks, wording
from bot.adapters.terminal.keys import Key, Keys, is_numbered, keys_of, letter_of
from bot.adapters.terminal.safetext import closed
from bot.adapters.terminal.spans import address, addresses, line, words
from bot.view.card import Button, Card, Paragraph

GAP = "   "
LONGEST_MENU = 8
"""Entries listed below a card; of a longer menu it is only said that it is there."""

_TITLES = {"right": "bold green", "wrong": "bold yellow", "refused": "bold yellow", "done": "bold green"}


def card(of: Card, *, width: int, plain: bool, post: bool = False) -> tuple[RenderableType, ...]:
    """A card from title to keys; as a `post` it is set off from the conversation by a line above."""
    return tuple(_card(of, width=width, plain=plain, post=post))


def _card(of: Card, *, width: int, plain: bool, post: bool) -> Iterator[RenderableType]:
    yield ""
    if post:
        yield Rule(style="dim")
    yield words(of.title, _TITLES.get(of.tone, "bold"))
    if of.context:
        yield words(" · ".join(of.context), "dim")
    for n, each in enumerate(of.blocks):
        # A first sentence belongs to its title, unless the small facts stand between them.
        if n or of.context or not isinstance(each, Paragraph):
            yield ""
        yield blocks.block(each, width=width, plain=plain)
    if of.footer:
        yield ""
        yield line(of.footer, plain=plain, style="dim")
        yield from addresses(of.footer)
    offered = tuple(keys(of, width=width))
    if offered:
        yield ""
        yield from offered


def keys(of: Card, *, width: int) -> Iterator[RenderableType]:
    """What can be pressed, with the key that presses it, and links with their addresses."""
    offered = keys_of(of)
    if offered.letters:
        yield flow([Rich(f"{wording.ANSWER}:", style="bold"), *(_letter(key) for key in offered.letters)], width, "  ")
    rest = iter(offered.numbers)
    for row in of.rows:
        shown = [_button(button, rest) for button in row if not button.url and not _is_letter(button)]
        if shown:
            yield flow(shown, width)
        for button in row:
            if button.url:
                yield words(button.label)
                yield address(button.url)
    if of.menu and len(offered.menu) > LONGEST_MENU:
        yield words(wording.long_menu(of.menu.label, offered.menu[0].typed, offered.menu[-1].typed))
    elif of.menu:
        yield words(wording.short_menu(of.menu.label), "bold")
        yield menu(offered, width=width)


def menu(offered: Keys, *, width: int) -> RenderableType:
    """The entries of a menu with their numbers."""
    return flow([_numbered(key) for key in offered.menu], width)


def notice(sentence: str, style: str = "") -> tuple[RenderableType, ...]:
    """One sentence of the conversation."""
    return ("", words(sentence, style))


def flow(parts: list[Rich], width: int, gap: str = GAP) -> Rich:
    """Parts side by side; lines are broken between them, and within one only if it's wider than the line."""
    text, used = Rich(overflow="fold"), 0
    for part in parts:
        needed = cell_len(part.plain)
        if used and used + len(gap) + needed > width:
            text.append("\n")
            used = 0
        elif used:
            text.append(gap)
            used += len(gap)
        text.append_text(part)
        used += needed
    return text


def numbered(number: int, label: str, *, chosen: bool = False) -> Rich:
    """`[1] label`."""
    return _numbered(Key(typed=str(number), label=label, token="", chosen=chosen))


def _is_letter(button: Button) -> bool:
    return bool(letter_of(button)) and not button.disabled


def _letter(key: Key) -> Rich:
    said = closed(key.label) + (f" ({wording.CHOSEN})" if key.chosen else "")
    return Rich(said, style="bold cyan")


def _button(button: Button, rest: Iterator[Key]) -> Rich:
    if button.disabled or not is_numbered(button):
        return words(f"{button.label} ({wording.NOT_NOW})", "dim")
    return _numbered(next(rest))


def _numbered(key: Key) -> Rich:
    said = f"{key.label} ({wording.CHOSEN})" if key.chosen else key.label
    return Rich.assemble((f"[{key.typed}]", "bold red" if key.danger else "bold cyan"), " ", closed(said))
