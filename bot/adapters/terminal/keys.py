"""Which key presses which button: letters for the answers, numbers for everything else. Pure."""

from dataclasses import dataclass

from bot.core.item import LETTERS
from bot.view.card import Button, Card, Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What one types, what it is called, and the token it sends."""

    typed: str
    label: str
    token: str
    chosen: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """What can be pressed on a card, or on the cards shown last. `menu` is numbered on from `numbers`."""

    letters: tuple[Key, ...] = ()
    numbers: tuple[Key, ...] = ()
    menu: tuple[Key, ...] = ()

    @property
    def every(self) -> tuple[Key, ...]:
        """All of them."""
        return (*self.letters, *self.numbers, *self.menu)

    def find(self, typed: str) -> Key | None:
        """The key of this letter, in upper case, or number."""
        return next((key for key in self.every if key.typed == typed), None)

    def then(self, newer: "Keys") -> "Keys":
        """What can be pressed once a newer card is shown below: its keys take the place of the same kind."""
        numbered = newer if newer.numbers or newer.menu else self
        return Keys(newer.letters or self.letters, numbered.numbers, numbered.menu)


def keys_of(card: Card) -> Keys:
    """The card's keys: buttons from left to right, row by row, then the entries of its menu."""
    buttons = tuple(button for row in card.rows for button in row)
    letters = tuple(
        Key(typed=letter, label=button.label, token=button.token, chosen=button.pressed)
        for button in buttons
        if (letter := letter_of(button)) and not button.disabled
    )
    numbers = tuple(
        Key(
            typed=str(n),
            label=button.label,
            token=button.token,
            chosen=button.pressed,
            danger=button.style is Style.DANGER,
        )
        for n, button in enumerate(filter(is_numbered, buttons), 1)
    )
    entries = card.menu.entries if card.menu else ()
    menu = tuple(
        Key(typed=str(n), label=label, token=token) for n, (label, token) in enumerate(entries, len(numbers) + 1)
    )
    return Keys(letters, numbers, menu)


def letter_of(button: Button) -> str:
    """The answer that a button stands for, empty if it is no letter button; a chosen one may carry a sign too."""
    first = button.label.split(maxsplit=1)[0] if button.label.strip() else ""
    return first if button.token and len(first) == 1 and first in LETTERS else ""


def is_numbered(button: Button) -> bool:
    """Whether the button is pressed by a number."""
    return bool(button.token) and not button.disabled and not letter_of(button)
