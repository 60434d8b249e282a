"""Installation by OAuth, with Bolt's flow over our own stores.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import hashlib
import logging
import secrets
from datetime import timedelta

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.adapters.slack.manifest import SCOPES
from bot.adapters.slack.settings import INSTALL, REDIRECT, SlackSettings
from bot.adapters.slack.tenants import ManyWorkspaces
from bot.adapters.slack.workspaces import Api, Grant
from bot.app.ports import Clock, Storage

STATE_LASTS = timedelta(minutes=10)

_log = logging.getLogger(__name__)


class States(AsyncOAuthStateStore):
    """What ties the return from Slack to the browser that set out. Only its hash is kept, and it is good for once."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage, self._clock = storage, clock

    @property
    def logger(self) -> logging.Logger:
        """For Bolt."""
        return _log

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        """A new one."""
        state, now = secrets.token_urlsafe(32), self._clock.now()
        await self._storage.write(lambda tx: tx.installations.issue(_hash(state), now + STATE_LASTS, now))
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether it was issued, hasn't run out and comes for the first time."""
        now = self._clock.now()
        return await self._storage.write(lambda tx: tx.installations.consume(_hash(state), now))


class Arrivals(AsyncInstallationStore):
    """Takes finished installations from Bolt's flow. Everything else about them is asked of the tenants."""

    def __init__(self, tenants: ManyWorkspaces) -> None:
        self._tenants = tenants

    @property
    def logger(self) -> logging.Logger:
        """For Bolt."""
        return _log

    async def async_save(self, installation: Installation) -> None:
        """Keep what was granted, and nothing of the installer but their id."""
        await self._tenants.arrived(
            Grant(
                token=installation.bot_token or "",
                bot_user=installation.bot_user_id or "",
                bot_id=installation.bot_id or "",
                team="" if installation.is_enterprise_install else installation.team_id or "",
                team_name=installation.team_name or installation.enterprise_name or "",
                enterprise=installation.enterprise_id or "",
                app=installation.app_id or "",
                scopes=frozenset(installation.bot_scopes or ()),
                installer=installation.user_id or "",
                refresh_token=installation.bot_refresh_token or "",
                expires_at=int(installation.bot_token_expires_at or 0),
            )
        )


def flow(settings: SlackSettings, api: Api, tenants: ManyWorkspaces, storage: Storage, clock: Clock) -> AsyncOAuthFlow:
    """The pages /slack/install and /slack/oauth_redirect."""
    address = settings.public_url.rstrip("/")
    return AsyncOAuthFlow(
        client=api.bare,
        logger=api.log,
        settings=AsyncOAuthSettings(
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            scopes=[*SCOPES],
            user_scopes=[],
            redirect_uri=f"{address}{REDIRECT}" if address else None,
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            installation_store=Arrivals(tenants),
            installation_store_bot_only=True,
            state_store=States(storage, clock),
            state_expiration_seconds=int(STATE_LASTS.total_seconds()),
            logger=api.log,
        ),
    )


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
