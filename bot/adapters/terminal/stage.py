"""What is on the screen right now, and what the keys press there."""

from enum import Enum, auto

from rich.console import RenderableType

from bot.adapters.terminal import render, wording
from bot.adapters.terminal.keys import Keys, keys_of
from bot.adapters.terminal.screen import Screen
from bot.adapters.terminal.spans import line, words
from bot.view.card import Card


class Waiting(Enum):
    """Which question the letters answer that is still unanswered: none, the channel's, or the player's own."""

    NONE = auto()
    CHANNEL = auto()
    PRIVATE = auto()


class Stage:
    """Shows cards and remembers their keys. The newest card's letters and numbers count, with one exception.

    A question that comes by itself doesn't take the letters from one that waits for an answer: somebody who is
    about to type B means the one they have read.
    """

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.keys = Keys()
        self.waiting = Waiting.NONE

    def reply(self, card: Card) -> None:
        """A card that the player asked for."""
        self._draw(card, post=False)
        self._take(keys_of(card), Waiting.PRIVATE)

    def question(self, card: Card, *, answered: str) -> None:
        """The channel's newest question, as the player asked for; `answered` is the letter they chose, if any."""
        self._draw(card, post=True)
        self._take(keys_of(card), Waiting.CHANNEL)
        if answered:
            self.waiting = Waiting.NONE
            self.say(wording.already_chose(answered))

    def posted(self, card: Card, *, to_all: bool = True) -> None:
        """A card that came by itself: a message in the channel, or one for the player alone."""
        self._draw(card, post=to_all)
        offered = keys_of(card)
        if offered.letters and self.waiting is not Waiting.NONE:
            self.keys = self.keys.then(Keys(numbers=offered.numbers, menu=offered.menu))
            self.say(wording.LATER)
            return
        self._take(offered, Waiting.CHANNEL)

    def edited(self, card: Card, *, watched: bool) -> None:
        """A post that shows something else now: in full once it's closed, else only how things stand."""
        if not keys_of(card).letters:
            if self.waiting is Waiting.CHANNEL:
                self.waiting = Waiting.NONE
            self.posted(card)
        elif watched:
            self.show("", line(card.footer, plain=self.screen.plain, style="dim"))

    def pressed(self, token: str) -> None:
        """A key was pressed; if it was a letter, its question has its answer."""
        if any(key.token == token for key in self.keys.letters):
            self.waiting = Waiting.NONE

    def no_such_key(self, typed: str) -> None:
        """Nothing is pressed by what was typed: say what can be."""
        self.say(wording.no_such_key(typed, tuple(key.typed for key in (*self.keys.letters, *self.keys.numbers))))

    def menu(self) -> None:
        """List the entries of the newest card's menu."""
        if self.keys.menu:
            self.show("", render.menu(self.keys, width=self.screen.width))
        else:
            self.say(wording.NO_MENU)

    def say(self, sentence: str) -> None:
        """One sentence of our own."""
        self.show("", words(sentence))

    def show(self, *parts: RenderableType) -> None:
        """Anything else."""
        self.screen.show(*parts)

    def _draw(self, card: Card, *, post: bool) -> None:
        self.show(*render.card(card, width=self.screen.width, plain=self.screen.plain, post=post))

    def _take(self, offered: Keys, waiting: Waiting) -> None:
        self.keys = self.keys.then(offered)
        if offered.letters:
            self.waiting = waiting
