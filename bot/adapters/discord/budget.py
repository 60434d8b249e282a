"""Sees to it that the bot never uses up its thousand gateway log-ins a day.

Past that limit Discord ends all sessions and makes the token void:
https://docs.discord.com/developers/events/gateway#session-start-limit
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from bot.adapters.discord.settings import DiscordSettings
from bot.core.errors import PlatformDown, SettingsError

A_HOUR = 25
"""Log-ins per shard within an hour that are surely no accident; 24 times as many are still below the limit."""

RESERVE = 20
"""Log-ins that are left to the host for looking into whatever used up the others."""

TIMEOUT = aiohttp.ClientTimeout(total=20)

BAD_TOKEN = "Discord refuses the token. Copy it anew from the developer portal, page Bot, into DISCORD_TOKEN."  # noqa: S105  a sentence about a token


class TooManyLogins(Exception):
    """Logging in so often again can only be a loop. Waiting is the remedy."""


class LoginBudget:
    """Counts this process's log-ins, in `used`. `check` comes before each."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._recent: deque[float] = deque()
        self.shards = 1
        self.used = 0

    def check(self) -> None:
        """Count one log-in; TooManyLogins if there were too many within the hour."""
        now = self._clock()
        while self._recent and now - self._recent[0] > 3600:
            self._recent.popleft()
        if len(self._recent) >= A_HOUR * self.shards:
            raise TooManyLogins(f"{len(self._recent)} log-ins within the hour")
        self._recent.append(now)
        self.used += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """What Discord says about connecting: how many shards it wants and how many log-ins are left today.

    `at_once` is how many may log in every five seconds.
    """

    shards: int
    remaining: int
    reset_after: float
    at_once: int = 1

    def wait(self, needed: int) -> float:
        """Seconds to wait before using `needed` log-ins."""
        return self.reset_after if self.remaining < needed + RESERVE else 0.0


async def ask_gateway(settings: DiscordSettings) -> Gateway:
    """Ask before each new client. SettingsError for a wrong token, PlatformDown if there is no answer."""
    headers = {"Authorization": f"Bot {settings.token}", "User-Agent": "DiscordBot (trapwise)"}
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT, headers=headers) as session,
            session.get(f"{settings.api_base.rstrip('/')}/gateway/bot") as response,
        ):
            if response.status == 401:
                raise SettingsError(BAD_TOKEN)
            if response.status != 200:
                raise PlatformDown(f"Discord answered {response.status}")
            found = await response.json(content_type=None)
            limit = found["session_start_limit"]
            return Gateway(
                shards=int(found["shards"]),
                remaining=int(limit["remaining"]),
                reset_after=float(limit["reset_after"]) / 1000,
                at_once=max(1, int(limit.get("max_concurrency", 1))),
            )
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise PlatformDown(f"Discord can't be reached: {type(error).__name__}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise PlatformDown("Discord's answer about its gateway can't be read") from error
