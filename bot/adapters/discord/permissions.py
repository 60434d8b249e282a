"""Whether the bot may post in a channel, from what it knows of the server: asked before each post.

A refused request is one of the ten thousand a ten minutes after which Discord bars an address, so a missing
permission is found here where it can be. https://docs.discord.com/developers/topics/rate-limits
"""

import discord

from bot.adapters.discord import wording
from bot.core.errors import ChannelRefused

NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
}

INVITE = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,
)
"""What the invitation asks for: to post, to post in threads, charts, and to find a post after a crash."""


def missing(permissions: discord.Permissions, *, thread: bool) -> tuple[str, ...]:
    """The names of permissions that posting needs and the bot lacks. In threads Send Messages has no effect."""
    if permissions.administrator:
        return ()
    send = "send_messages_in_threads" if thread else "send_messages"
    return tuple(NEEDED[name] for name in ("view_channel", send) if not getattr(permissions, name))


def check(channel: object) -> None:
    """Raise ChannelRefused if it is certain that the bot may not post there. Not knowing raises nothing."""
    if isinstance(channel, discord.ForumChannel | discord.CategoryChannel):
        raise ChannelRefused(wording.CANT_POST_IN_FORUM)
    if not isinstance(channel, discord.Thread | discord.abc.GuildChannel):
        return
    me = channel.guild.me
    if me is None or (isinstance(channel, discord.Thread) and channel.parent is None):
        return
    lacking = missing(channel.permissions_for(me), thread=isinstance(channel, discord.Thread))
    if lacking:
        raise ChannelRefused(f"I lack {' and '.join(lacking)} there")
    if isinstance(channel, discord.Thread) and channel.locked and not channel.permissions_for(me).manage_threads:
        raise ChannelRefused("the thread is locked")
