"""Rounds: one item given to one channel on one local date, and how an answer to it is judged."""

import random
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.core.item import LETTERS, Item, Option
from bot.core.outcomes import AlreadyAnswered, NoSuchOption, NotThisChannel, RoundClosed
from bot.core.refs import ChannelId, RevisionId, RoundId, ScheduleId, WorkspaceId
from bot.core.response import Response
from bot.core.schedule import Reveal


class State(StrEnum):
    """Where a round is in its life. A skipped one was due but never posted."""

    OPEN = "open"
    CLOSED = "closed"
    SKIPPED = "skipped"


def shown_order(item: Item, seed: str) -> str:
    """The item's option ids in the order they are shown, one letter each: a function of item and `seed`.

    It is stored with the round or form, so that a redisplay never reshuffles.
    """
    ids = list(item.option_ids)
    # Not for secrecy: the order is public the moment it is posted. It has to be repeatable.
    random.Random(f"{item.pack}/{item.id}/{seed}").shuffle(ids)  # noqa: S311
    return "".join(ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """`number` counts the channel's daily rounds from 1; it is None for extra rounds, which don't rank.

    `order` lists option ids as shown: the letter A stands for `order[0]`.
    """

    id: RoundId
    workspace: WorkspaceId
    channel: ChannelId
    schedule: ScheduleId | None
    number: int | None
    local_date: date
    revision: RevisionId
    item: Item
    order: str
    opens: datetime
    closes: datetime
    reveal: Reveal
    state: State
    message: str | None = None

    @property
    def ranks(self) -> bool:
        """Whether answers count for points and streaks."""
        return self.number is not None

    def is_open(self, now: datetime) -> bool:
        """Whether an answer given at `now` counts, also when the closing hasn't been carried out yet."""
        return self.state is State.OPEN and now < self.closes

    @property
    def shown(self) -> tuple[Option, ...]:
        """The options in the order shown."""
        return tuple(self.item.option(option_id) for option_id in self.order)

    def letter(self, option_id: str) -> str:
        """The letter that this option is shown under."""
        return LETTERS[self.order.index(option_id)]

    def judge(
        self, letter: str, *, channel: ChannelId | None, prior: Response | None, now: datetime
    ) -> "Option | AlreadyAnswered | RoundClosed | NotThisChannel | NoSuchOption":
        """The option that an answer chooses, or why it can't be taken. `prior` is the member's earlier answer."""
        if channel != self.channel:
            return NotThisChannel()
        if prior is not None:
            return AlreadyAnswered(letter=self.letter(prior.option), at=prior.at)
        if not self.is_open(now):
            return RoundClosed()
        place = LETTERS.find(letter)
        if len(letter) != 1 or not 0 <= place < len(self.order):
            return NoSuchOption()
        return self.item.option(self.order[place])
