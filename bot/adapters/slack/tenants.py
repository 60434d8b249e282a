"""The workspaces that have installed the app: their tokens, kept fresh, and their coming and going."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.adapters.slack.failures import code
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.vault import Vault
from bot.adapters.slack.workspaces import Api, Grant
from bot.app import leaving
from bot.app.services import Services
from bot.core.errors import PlatformDown
from bot.core.refs import Platform, WorkspaceRef

AHEAD = 2 * 60 * 60
"""Seconds before its end at which a token is replaced; it lasts twelve hours."""

_MOST = 10_000

TOPIC = "slack grants"

REFRESHING = 30.0
"""Seconds that refreshing a token may take."""

_log = logging.getLogger(__name__)


class ManyWorkspaces:
    """See workspaces.Workspaces. Grants are read once and then remembered, as every request asks for one."""

    def __init__(self, settings: SlackSettings, api: Api, vault: Vault, services: Services) -> None:
        self._settings, self._api, self._vault, self._services = settings, api, vault, services
        self._known: dict[str, Grant] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        services.neighbours.on(TOPIC, lambda _: self._known.clear())

    async def grant(self, workspace: str, enterprise: str = "") -> Grant | None:
        """The grant for the workspace, with a token that lasts for a while; for scheduled posts as for requests."""
        key = workspace or enterprise
        found = self._known.get(key)
        if found is None:
            found = await self._vault.find(workspace, enterprise)
            if found is None:
                return None
            if not found.team and workspace:
                await self._vault.join(workspace, found.enterprise)
            self._remember(key, found)
        if found.expires_at and found.expires_at - self._now() < AHEAD:
            return await self._refreshed(key, workspace, enterprise)
        return found

    async def arrived(self, grant: Grant) -> None:
        """A workspace or organisation has installed the app, perhaps once more."""
        await self._vault.save(grant)
        self._changed()
        if grant.team:
            await leaving.came_back(self._services, WorkspaceRef(Platform.SLACK, grant.team))
        _log.info("installed in %s", grant.owner)

    async def forget(self, workspace: str, enterprise: str = "") -> None:
        """The app was removed: delete the token now, stop posting, and everything else after the stated delay."""
        gone = await self._vault.delete(workspace, enterprise)
        self._changed()
        for team in gone:
            await leaving.left(self._services, WorkspaceRef(Platform.SLACK, team))
        _log.info("removed from %s; its token is deleted", workspace or enterprise)

    async def _refreshed(self, key: str, workspace: str, enterprise: str) -> Grant | None:
        """A refresh token is good for once, so only one of us may use it."""
        async with self._locks[key], self._only_us(key):
            found = await self._vault.find(workspace, enterprise)
            if found is None or found.expires_at - self._now() >= AHEAD:
                if found is not None:
                    self._remember(key, found)
                return found
            try:
                answer = await self._api.bare.oauth_v2_access(
                    client_id=self._settings.client_id,
                    client_secret=self._settings.client_secret,
                    grant_type="refresh_token",
                    refresh_token=found.refresh_token,
                )
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                _log.warning("the token of %s was not refreshed: %s", key, code(error) or type(error).__name__)
                if found.expires_at > self._now():
                    return found
                raise PlatformDown("the token has run out and could not be refreshed") from error
            fresh = replace(
                found,
                token=str(answer["access_token"]),
                refresh_token=str(answer.get("refresh_token") or ""),
                expires_at=int(self._now()) + int(answer.get("expires_in") or 0),
            )
            await self._vault.save(fresh)
            self._changed()
            self._remember(key, fresh)
            return fresh

    def _changed(self) -> None:
        """What we and the other processes remember is out of date."""
        self._known.clear()
        self._services.neighbours.tell(TOPIC)

    @asynccontextmanager
    async def _only_us(self, key: str) -> AsyncIterator[None]:
        """No other process refreshes the token meanwhile; one that died over it is waited for that long."""
        presence, storage = self._services.presence, self._services.storage
        if presence.alone:
            yield
            return
        name, holder = f"slack token/{key}", f"{presence.holder}/slack"
        # What is waited for happens in another process, so there is no event to wait for.
        while not await storage.write(lambda tx: tx.leases.take(name, holder, REFRESHING)):  # noqa: ASYNC110
            await asyncio.sleep(0.3)
        try:
            yield
        finally:
            await storage.write(lambda tx: tx.leases.give_up(name, holder))

    def _remember(self, key: str, grant: Grant) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = grant

    def _now(self) -> float:
        return self._services.clock.now().timestamp()
