"""Posts on Discord: implements the Messenger port.

A message is sent with the delivery's key as its nonce, so that Discord itself answers a repeated request with the
first message for a few minutes. For later, the key is also hidden in the message as a component's number, which no
client shows: after a crash the bot looks for it among its own recent messages.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import discord
from discord import ui

from bot.adapters.discord import faults, permissions
from bot.adapters.discord.render import draw, marker
from bot.core.errors import ChannelRefused, PlatformDown, PostUncertain, RateLimited
from bot.core.refs import ChannelRef, MemberRef, MessageRef
from bot.view.card import Card

OLD = timedelta(hours=1)
"""From this age on Discord counts a message's edits, and refuses more than a few (error 30046)."""

BETWEEN_OLD_EDITS = timedelta(seconds=20)
LOOK_BACK = timedelta(hours=26)
"""A round is open for a day at most, so nobody asks for a post that is older."""

MOST_MESSAGES = 1000

ANSWERS_WITHIN = 40.0
"""Seconds that Discord may take over one of our requests: discord.py itself would wait for minutes, five times."""

NO_PINGS = discord.AllowedMentions.none()
"""Said with each edit: the client's own default covers what is sent anew only."""

_log = logging.getLogger(__name__)
T = TypeVar("T")


class DiscordMessenger:
    """Posts through whichever client is connected at the time. `client` gives it, or None while there is none.

    `closest` gives the one that is told what happens in a server, None if that is another process's.
    """

    def __init__(
        self,
        client: Callable[[], discord.Client | None],
        *,
        closest: Callable[[str], discord.Client | None] | None = None,
    ) -> None:
        self._client, self._closest = client, closest or (lambda _: client())
        self._edited: dict[int, datetime] = {}
        self.silent = False
        """Whether the last request got no answer that could be used."""

    async def post(self, channel: ChannelRef, card: Card, *, key: str) -> MessageRef:
        """Post; `key` is at most 25 characters, what a nonce may have."""
        client = self._connected(channel)
        target = self._channel(client, channel)
        permissions.check(_known(client, channel))
        drawn = draw(card, key=key)
        async with self._asking(posting=True):
            # Silent: a routine post is seen in the channel and needs to ring nobody's phone.
            message = await target.send(view=drawn.view, nonce=key, silent=True)
        return MessageRef(channel, str(message.id))

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Redraw the message. One that somebody deleted stays deleted."""
        client = self._connected(message.channel)
        number = _number(message.id)
        self._spare_old(number)
        found, view = self._channel(client, message.channel).get_partial_message(number), draw(card).view
        async with self._asking():
            try:
                await self._edit(client, found, view)
            except discord.NotFound as error:
                if error.code != faults.UNKNOWN_MESSAGE:
                    raise
                _log.info("message %s was deleted by somebody; there is nothing to edit", number)

    async def find(self, channel: ChannelRef, *, key: str) -> MessageRef | None:
        """Look through the channel's messages of the last day for the one marked with `key`."""
        client = self._connected(channel)
        wanted, me = marker(key), client.user
        target = self._channel(client, channel)
        since, seen = datetime.now(UTC) - LOOK_BACK, 0
        async with self._asking():
            try:
                async for message in target.history(limit=MOST_MESSAGES, after=since, oldest_first=False):
                    seen += 1
                    ours = me is not None and message.author.id == me.id
                    if ours and any(getattr(component, "id", None) == wanted for component in message.components):
                        return MessageRef(channel, str(message.id))
            except discord.Forbidden as error:
                raise PostUncertain("I may not read the channel's history") from error
        if seen >= MOST_MESSAGES:
            raise PostUncertain("too many messages since")
        if not seen and not _may_read_history(_known(client, channel)):
            # Without the permission Discord answers with an empty list rather than with an error.
            raise PostUncertain("I may not read the channel's history")
        return None

    def sees(self, channel: ChannelRef) -> bool:
        """Whether this process knows what it may do in the channel; without, a post can't be looked for surely."""
        return self._closest(channel.workspace.id) is not None

    async def tell(self, member: MemberRef, card: Card) -> None:
        """Send a direct message."""
        client = self._connected()
        person, view = discord.Object(_number(member.id)), draw(card).view
        async with self._asking():
            direct = await client.create_dm(person)
            await direct.send(view=view)

    @asynccontextmanager
    async def _asking(self, *, posting: bool = False) -> AsyncIterator[None]:
        """Ask Discord for something: for so long, noting whether it answers, and failing in neutral words."""
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                yield
        except Exception as error:
            failure = faults.translated(error, posting=posting)
            self.silent = failure is not error and isinstance(failure, PlatformDown | PostUncertain)
            if str(failure) == faults.UNREADABLE:
                _log.warning("Discord's answer can't be read: %r", error)
            raise failure from error
        else:
            self.silent = False

    async def _edit(self, client: discord.Client, message: discord.PartialMessage, view: ui.LayoutView) -> None:
        try:
            await message.edit(view=view, allowed_mentions=NO_PINGS)
        except discord.HTTPException as error:
            if error.code != faults.THREAD_ARCHIVED:
                raise
            # Sending wakes a thread that went to sleep; editing doesn't.
            thread = await client.fetch_channel(message.channel.id)
            if not isinstance(thread, discord.Thread):
                raise
            await thread.edit(archived=False)
            await message.edit(view=view, allowed_mentions=NO_PINGS)

    def _spare_old(self, number: int) -> None:
        """Keep edits of an old message apart. Whoever is refused comes back, or has nothing lasting to say."""
        now = datetime.now(UTC)
        if now - discord.utils.snowflake_time(number) < OLD:
            return
        free = self._edited.get(number, now) + BETWEEN_OLD_EDITS
        if number in self._edited and now < free:
            raise RateLimited((free - now).total_seconds())
        self._edited = {old: at for old, at in self._edited.items() if now - at < BETWEEN_OLD_EDITS}
        self._edited[number] = now

    def _connected(self, channel: ChannelRef | None = None) -> discord.Client:
        client = (self._closest(channel.workspace.id) if channel is not None else None) or self._client()
        if client is None:
            raise PlatformDown("there is no connection to Discord")
        return client

    @staticmethod
    def _channel(client: discord.Client, channel: ChannelRef) -> discord.PartialMessageable:
        guild = channel.workspace.id
        return client.get_partial_messageable(_number(channel.id), guild_id=int(guild) if guild.isdigit() else None)


def _known(client: discord.Client, channel: ChannelRef) -> object:
    """The channel or thread as the server announced it; None for a sleeping thread or a server that is away."""
    guild = client.get_guild(int(channel.workspace.id)) if channel.workspace.id.isdigit() else None
    return guild.get_channel_or_thread(int(channel.id)) if guild is not None and not guild.unavailable else None


def _may_read_history(channel: object) -> bool:
    if not isinstance(channel, discord.Thread | discord.abc.GuildChannel) or channel.guild.me is None:
        return False
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return False
    return channel.permissions_for(channel.guild.me).read_message_history


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ChannelRefused(f"{text[:30]!r} is no id of Discord's")
    return int(text)
