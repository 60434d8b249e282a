"""The terminal as a place to post: what is posted waits here until the conversation has room to show it."""

from dataclasses import dataclass

from bot.app.live import Live
from bot.core.refs import ChannelRef, MemberRef, MessageRef
from bot.view.card import Card


@dataclass(frozen=True, slots=True)
class Posted:
    """A new message in the channel."""

    card: Card


@dataclass(frozen=True, slots=True)
class Edited:
    """A message of the channel shows something else now."""

    card: Card


@dataclass(frozen=True, slots=True)
class Told:
    """A private notice."""

    member: MemberRef
    card: Card


News = Posted | Edited | Told


class TerminalMessenger:
    """Implements the Messenger port. Nothing it does can fail, be lost or happen twice.

    News that nobody has seen when the process ends isn't lost either: the next start shows the open question
    from storage.
    """

    def __init__(self, live: Live, channel: ChannelRef) -> None:
        self._live, self._channel = live, channel
        self._news: list[News] = []

    def take(self) -> tuple[News, ...]:
        """What is new since this was last asked, oldest first."""
        news, self._news = tuple(self._news), []
        return news

    async def post(self, channel: ChannelRef, card: Card, *, key: str) -> MessageRef:
        """Keep the message until it is shown."""
        self._add(Posted(card))
        return MessageRef(channel, key)

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Keep the change until it is shown."""
        self._add(Edited(card))

    async def find(self, channel: ChannelRef, *, key: str) -> MessageRef | None:
        """Always there: what is in storage can be shown."""
        return MessageRef(channel, key)

    async def tell(self, member: MemberRef, card: Card) -> None:
        """Keep the notice until it is shown."""
        self._add(Told(member, card))

    def _add(self, news: News) -> None:
        self._news.append(news)
        self._live.changed(self._channel)
