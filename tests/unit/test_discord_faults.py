"""What Discord's refusals, silences and nonsense mean for a post."""

import json
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import pytest

from bot.adapters.discord import faults
from bot.core.errors import ChannelRefused, MessengerError, PlatformDown, PostUncertain, RateLimited


class Response:
    """As much of an answer as discord.py's errors look at."""

    def __init__(self, status: int) -> None:
        self.status, self.reason = status, ""


def refusal(status: int, code: int = 0) -> discord.HTTPException:
    response: Any = Response(status)
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    return kind(response, {"code": code, "message": ""})


def raised(broken: Callable[[], object]) -> Exception:
    """What comes of taking an answer for what it isn't."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  whatever it is
        broken()
    return caught.value


NOTHING: Any = ""
EMPTY: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refusal(404, faults.UNKNOWN_CHANNEL), ChannelRefused),
        (refusal(403, 50013), ChannelRefused),
        (refusal(403), ChannelRefused),
        (refusal(400, faults.EDITED_TOO_OFTEN), RateLimited),
        (refusal(429), RateLimited),
        (discord.RateLimited(120.0), RateLimited),
        (refusal(401), PlatformDown),
        (refusal(400, 50035), PlatformDown),
        (PlatformDown("no client"), PlatformDown),
    ],
    ids=repr,
)
def test_what_discord_says_means_the_same_for_posts_and_edits(error: Exception, kind: type[MessengerError]) -> None:
    for posting in (True, False):
        assert type(faults.translated(error, posting=posting)) is kind


@pytest.mark.parametrize(
    "error",
    [
        refusal(500),
        refusal(503),
        TimeoutError(),
        ConnectionResetError(),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError(),
        raised(lambda: json.loads("<h1>Back soon</h1>")),
        raised(lambda: NOTHING["id"]),
        raised(lambda: NOTHING.get("id")),
        raised(lambda: EMPTY["id"]),
        raised(lambda: int("x")),
    ],
    ids=repr,
)
def test_what_says_nothing_leaves_open_whether_a_post_arrived(error: Exception) -> None:
    assert type(faults.translated(error, posting=True)) is PostUncertain
    assert type(faults.translated(error, posting=False)) is PlatformDown


def test_a_connection_that_was_never_made_posted_nothing() -> None:
    key: Any = None
    error = aiohttp.ClientConnectorError(key, OSError("refused"))
    assert type(faults.translated(error, posting=True)) is PlatformDown


def test_our_own_mistakes_are_not_discords() -> None:
    with pytest.raises(ZeroDivisionError):
        faults.translated(ZeroDivisionError(), posting=True)
