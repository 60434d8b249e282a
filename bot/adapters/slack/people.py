"""Who members are: the name they go by, their time zone, and whether they manage the workspace.

All of it comes from users.info (scope users:read). Without that scope names are those that payloads carry, and only
those whom the host or the installation names may manage.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.adapters.slack.failures import code
from bot.adapters.slack.inbound import Origin
from bot.adapters.slack.workspaces import Api, Workspaces
from bot.core.errors import MessengerError, PlatformDown

PATIENCE = 2.0
"""Seconds to wait for Slack's word on a member: a window has to be opened within three of the command."""

_KEPT = 20_000
_AT_ONCE = 4

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What Slack says of a member just now."""

    name: str
    zone: str | None
    manages: bool


class People:
    """Asks Slack about members. Names and zones are remembered; who manages is asked each time."""

    def __init__(self, api: Api, workspaces: Workspaces, managers: frozenset[str]) -> None:
        self._api, self._workspaces, self._managers = api, workspaces, managers
        self._known: OrderedDict[tuple[str, str], Profile] = OrderedDict()
        self._asking: set[tuple[str, str]] = set()
        self._gate = asyncio.Semaphore(_AT_ONCE)

    def known(self, origin: Origin) -> Profile | None:
        """What was learnt earlier; never to be used for whether they manage."""
        return self._known.get((origin.workspace, origin.member))

    def forget(self, origin: Origin) -> None:
        """Drop what was learnt of somebody who asked to be forgotten."""
        self._known.pop((origin.workspace, origin.member), None)

    async def ask(self, origin: Origin) -> Profile:
        """What Slack says now; raises MessengerError if it doesn't say."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask(origin)
        except TimeoutError:
            raise PlatformDown("users.info took too long") from None

    async def learn(self, origin: Origin, then: Callable[[Profile], Awaitable[None]]) -> None:
        """Ask about somebody unknown, without anybody waiting for it, and hand on what was learnt."""
        key = (origin.workspace, origin.member)
        if key in self._known or key in self._asking or len(self._asking) >= _KEPT:
            return
        self._asking.add(key)
        try:
            async with self._gate:
                await then(await self._ask(origin))
        except MessengerError as error:
            _log.info("nothing learnt about a member of %s: %s", origin.workspace, error)
        finally:
            self._asking.discard(key)

    async def _ask(self, origin: Origin) -> Profile:
        grant = await self._workspaces.grant(origin.workspace, origin.enterprise)
        if grant is None:
            raise PlatformDown("not installed there")
        trusted = not origin.guest and (origin.user in self._managers or origin.user == grant.installer != "")
        try:
            answer = await self._api.patient(grant).users_info(user=origin.user, include_locale=False)
        except SlackApiError as error:
            if code(error) == "missing_scope" or trusted:
                return self._keep(origin, Profile(name=origin.name, zone=None, manages=trusted))
            raise PlatformDown(f"users.info: {code(error)}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformDown(f"users.info: {type(error).__name__}") from error
        user: dict[str, Any] = answer.get("user") or {}
        return self._keep(origin, _profile(origin, user, trusted=trusted))

    def _keep(self, origin: Origin, profile: Profile) -> Profile:
        self._known[origin.workspace, origin.member] = profile
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return profile


def _profile(origin: Origin, user: dict[str, Any], *, trusted: bool) -> Profile:
    shown = user.get("profile") or {}
    names = (shown.get("display_name"), shown.get("real_name"), user.get("real_name"), user.get("name"), origin.name)
    rank = bool(user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner"))
    # A guest, single-channel or from elsewhere, manages nothing whatever else is said of them.
    outsider = bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger"))
    return Profile(
        name=next((str(name).strip() for name in names if name and str(name).strip()), ""),
        zone=str(user["tz"]) if user.get("tz") else None,
        manages=(rank or trusted) and not origin.guest and not outsider and not user.get("deleted"),
    )
