"""What Discord's refusals mean for whoever wanted to post.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes
"""

import aiohttp
import discord

from bot.core.errors import ChannelRefused, MessengerError, PlatformDown, PostUncertain, RateLimited

UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE = 10003, 10004, 10008
UNKNOWN_INTERACTION, ALREADY_ANSWERED, UNKNOWN_WEBHOOK = 10062, 40060, 10015
EDITED_TOO_OFTEN, THREAD_ARCHIVED, THREAD_LOCKED = 30046, 50083, 160005

REFUSED = {
    UNKNOWN_CHANNEL: "the channel is gone",
    UNKNOWN_GUILD: "the server is gone",
    40333: "Discord blocked the request",
    50001: "I have no access to the channel",
    50007: "they take no direct messages from me",
    50008: "the channel takes no messages",
    50013: "I lack a permission there",
    50024: "the channel takes no messages",
    50278: "we share no server",
    THREAD_LOCKED: "the thread is locked",
    200000: "the server's AutoMod refused the message",
    200001: "the server's AutoMod refused the message",
}

WAIT_AFTER_TOO_MANY_EDITS = 60.0

UNREADABLE = "Discord's answer can't be read"


def translated(error: Exception, *, posting: bool) -> MessengerError:
    """The failure in neutral words. While `posting`, a lost connection leaves open whether the message arrived."""
    match error:
        case MessengerError():
            return error
        case discord.RateLimited(retry_after=seconds):
            return RateLimited(seconds)
        case discord.HTTPException(code=code) if code in REFUSED:
            return ChannelRefused(REFUSED[code])
        case discord.HTTPException(code=code) if code == EDITED_TOO_OFTEN:
            return RateLimited(WAIT_AFTER_TOO_MANY_EDITS)
        case discord.HTTPException(status=429):
            # Without the header that discord.py looks for: the proxy in front of Discord has had enough of us.
            return RateLimited(300.0)
        case discord.HTTPException(status=401):
            return PlatformDown("Discord doesn't take the token any more")
        case discord.HTTPException(status=403):
            return ChannelRefused(f"not allowed ({error.code})")
        case discord.HTTPException(status=status) if status >= 500:
            # It may have been carried out before something behind it failed.
            return (
                PostUncertain(f"Discord answered {status}") if posting else PlatformDown(f"Discord answered {status}")
            )
        case discord.HTTPException(status=status):
            return PlatformDown(f"Discord answered {status} ({error.code})")
        case aiohttp.ClientConnectorError():
            return PlatformDown("Discord can't be reached")
        case aiohttp.ClientError() | OSError() | TimeoutError():
            return PostUncertain("the connection broke") if posting else PlatformDown("the connection broke")
        case ValueError() | TypeError() | LookupError() | AttributeError():
            # discord.py takes what it gets for what it expects: a page of HTML, half an answer or none end like this.
            return PostUncertain(UNREADABLE) if posting else PlatformDown(UNREADABLE)
        case _:
            raise error
