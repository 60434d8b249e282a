"""Which token serves a workspace, and clients that use it."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.failures import GONE, code
from bot.adapters.slack.wirelog import wire_log
from bot.app import leaving
from bot.app.services import Services
from bot.connections import Newest
from bot.core.errors import ChannelRefused, PlatformDown, SettingsError
from bot.core.refs import Platform, WorkspaceRef

TIMEOUT = aiohttp.ClientTimeout(total=20, connect=5)
"""Seconds. A post whose answer takes longer counts as one of unknown outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a workspace, or an organisation for all of its workspaces, has granted us.

    `expires_at` is in seconds since 1970, 0 for tokens that don't expire. `installer` may manage.
    """

    token: str = field(repr=False)
    bot_user: str = ""
    bot_id: str = ""
    team: str = ""
    team_name: str = ""
    enterprise: str = ""
    app: str = ""
    scopes: frozenset[str] = frozenset()
    installer: str = ""
    refresh_token: str = field(default="", repr=False)
    expires_at: int = 0

    @property
    def owner(self) -> str:
        """Who granted it: the workspace, or the organisation for all of its workspaces."""
        return self.team or self.enterprise


class Workspaces(Protocol):
    """Finds the grant for a workspace."""

    async def grant(self, workspace: str, enterprise: str = "") -> Grant | None:
        """The grant by which we act there, None if we aren't installed."""
        ...

    async def forget(self, workspace: str, enterprise: str = "") -> None:
        """Drop what was granted: the workspace has removed us."""
        ...


class OneWorkspace:
    """The workspace whose token the host has set."""

    def __init__(self, grant: Grant, services: Services) -> None:
        self._grant, self._services = grant, services

    async def grant(self, workspace: str, enterprise: str = "") -> Grant | None:
        """The host's own grant, whatever the workspace is called: in an organisation it has several ids."""
        return self._grant

    async def forget(self, workspace: str, enterprise: str = "") -> None:
        """Stop posting. The token is the host's to replace; with a new one of the same workspace all goes on."""
        await leaving.left(self._services, WorkspaceRef(Platform.SLACK, workspace or self._grant.team))


class Connected:
    """Stands in for the workspaces until it is known which they are."""

    to: Workspaces | None = None

    async def grant(self, workspace: str, enterprise: str = "") -> Grant | None:
        """See Workspaces. Raises PlatformDown as long as nobody knows: none must not be taken for a removal."""
        if self.to is None:
            raise PlatformDown("Slack could not be reached yet")
        return await self.to.grant(workspace, enterprise)

    async def forget(self, workspace: str, enterprise: str = "") -> None:
        """See Workspaces."""
        if self.to is not None:
            await self.to.forget(workspace, enterprise)


class Api:
    """Clients for each workspace, over one pool of connections.

    There are two kinds. The one for answers waits when Slack asks to slow down. The one for the outbox repeats
    nothing by itself: a repeated post would be a second message, and the outbox keeps the time better than we do.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url if base_url.endswith("/") else f"{base_url}/"
        self.session = aiohttp.ClientSession(connector=Newest(), timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        self.log = wire_log()
        self.bare = AsyncWebClient(base_url=self._base_url, session=self.session, retry_handlers=[], logger=self.log)

    async def close(self) -> None:
        """Close the connections."""
        await self.session.close()

    def patient(self, grant: Grant) -> AsyncWebClient:
        """For answers to somebody who waits."""
        handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=2)]
        return self._client(grant, handlers)

    def exact(self, grant: Grant) -> AsyncWebClient:
        """For the outbox: one call, one try."""
        return self._client(grant, [])

    def _client(self, grant: Grant, handlers: list[AsyncRateLimitErrorRetryHandler]) -> AsyncWebClient:
        return AsyncWebClient(
            token=grant.token,
            base_url=self._base_url,
            session=self.session,
            retry_handlers=list(handlers),
            logger=self.log,
        )


async def own_grant(api: Api, token: str, *, tries: int = 4) -> Grant:
    """Ask Slack who the host's token is; raises SettingsError if it is nobody's, PlatformDown if there is no answer."""
    client = api.exact(Grant(token=token))
    for attempt in range(tries):
        try:
            found = await client.auth_test()
        except SlackApiError as error:
            if code(error) in GONE:
                raise SettingsError(
                    f"SLACK_BOT_TOKEN: Slack says {code(error)}. Copy the bot token anew from OAuth & Permissions."
                ) from None
            last = code(error)
        except (aiohttp.ClientError, TimeoutError) as error:
            last = type(error).__name__
        else:
            granted = found.headers.get("x-oauth-scopes") or found.headers.get("X-OAuth-Scopes") or ""
            return Grant(
                token=token,
                bot_user=str(found.get("user_id") or ""),
                bot_id=str(found.get("bot_id") or ""),
                team=str(found.get("team_id") or ""),
                team_name=str(found.get("team") or ""),
                enterprise=str(found.get("enterprise_id") or ""),
                scopes=frozenset(scope.strip() for scope in granted.split(",") if scope.strip()),
            )
        await asyncio.sleep(2**attempt / 2)
    raise PlatformDown(f"Slack can't be reached at {api.bare.base_url} ({last})")


async def require(workspaces: Workspaces, workspace: str) -> Grant:
    """The workspace's grant; ChannelRefused if it has removed us."""
    found = await workspaces.grant(workspace)
    if found is None:
        raise ChannelRefused("this workspace has removed the app")
    return found
