"""The web space as a place to post: pages are drawn from storage, so posting is telling the open pages to look."""

import logging

from bot.app.live import Live
from bot.core.refs import ChannelRef, MemberRef, MessageRef
from bot.view.card import Card

_log = logging.getLogger(__name__)


class WebMessenger:
    """Implements the Messenger port. Nothing it does can fail, be lost or happen twice."""

    def __init__(self, live: Live) -> None:
        self._live = live

    async def post(self, channel: ChannelRef, card: Card, *, key: str) -> MessageRef:
        """Let open pages show the new post."""
        self._live.changed(channel)
        return MessageRef(channel, key)

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Let open pages show the changed post."""
        self._live.changed(message.channel)

    async def find(self, channel: ChannelRef, *, key: str) -> MessageRef | None:
        """Always there: what is in storage is on the page."""
        return MessageRef(channel, key)

    async def tell(self, member: MemberRef, card: Card) -> None:
        """Nothing to send: members see notices when they look at the status."""
        _log.debug("notice for a member of the web space: %s", card.title)
