"""Slack as one thing to start and stop, for the composition root."""

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.adapters.slack import settings as slack_settings
from bot.adapters.slack.answers import Answers
from bot.adapters.slack.app import build
from bot.adapters.slack.desk import Desk
from bot.adapters.slack.home import Homes
from bot.adapters.slack.messenger import Sightings, SlackMessenger
from bot.adapters.slack.people import People
from bot.adapters.slack.settings import SlackSettings, Transport
from bot.adapters.slack.tasks import Tasks
from bot.adapters.slack.transports import Http, Socket
from bot.adapters.slack.workspaces import Api, Connected, OneWorkspace, own_grant
from bot.app import leaving
from bot.app.dispatch import Trapwise
from bot.app.services import Services
from bot.core.errors import PlatformDown, StorageError
from bot.core.refs import Platform, WorkspaceRef

if TYPE_CHECKING:
    from aiohttp import web
    from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

    from bot.adapters.slack.tenants import ManyWorkspaces

_log = logging.getLogger(__name__)

FIRST_ANSWER = 5.0
"""Seconds that a start waits for Slack to say who we are. If it is away, the rest of the bot starts without it."""

ASKS_EVERY = 15.0
"""Seconds between questions who we are, as long as Slack doesn't answer."""

LAST_WORDS = 5.0
"""Seconds at the end in which replies that are under way may still be sent."""


class SlackConnection:
    """Made first, as the outbox needs its messenger; then `connect`, `prepare`, `start`; at the end `stop`, `close`."""

    prefix = slack_settings.PREFIX

    def __init__(self, settings: SlackSettings) -> None:
        """Raises SettingsError if Slack can't be connected like this."""
        slack_settings.check(settings)
        self._settings, self._api, self._workspaces = settings, Api(settings.api_base_url), Connected()
        self._sightings, self._tasks = Sightings(), Tasks()
        self._transport: Socket | Http | None = None
        self._tenants: ManyWorkspaces | None = None
        self._clearing: asyncio.Task[None] | None = None
        self._introducing: asyncio.Task[None] | None = None
        self.messenger = SlackMessenger(self._api, self._workspaces, self._sightings)

    async def connect(self, services: Services) -> None:
        """Find out whose token the host has set, or open the vault. From now on there can be posts.

        Raises SettingsError.
        """
        settings = self._settings
        self._sightings.share(services.neighbours)
        if not settings.many:
            try:
                async with asyncio.timeout(FIRST_ANSWER):
                    await self._introduce(services, tries=3)
            except (PlatformDown, TimeoutError) as error:
                _log.warning("%s; trying on", str(error) or "Slack doesn't answer")
                self._introducing = asyncio.create_task(self._go_on_introducing(services), name="slack token")
            return
        # Its library is slow to load, and only needed here.
        from bot.adapters.slack.tenants import ManyWorkspaces
        from bot.adapters.slack.vault import Vault

        vault = Vault(services.storage, services.clock, settings.encryption_key)
        self._tenants = ManyWorkspaces(settings, self._api, vault, services)
        self._workspaces.to = self._tenants

    async def _introduce(self, services: Services, *, tries: int) -> None:
        grant = await own_grant(self._api, self._settings.bot_token, tries=tries)
        self._workspaces.to = OneWorkspace(grant, services)
        await leaving.came_back(services, WorkspaceRef(Platform.SLACK, grant.team))

    async def _go_on_introducing(self, services: Services) -> None:
        while True:
            try:
                await self._introduce(services, tries=1)
            except (PlatformDown, StorageError) as error:
                _log.warning("%s; trying on", error)
                await asyncio.sleep(ASKS_EVERY)
            else:
                return

    def prepare(self, services: Services, trapwise: Trapwise) -> "web.Application | None":
        """Get ready for requests; over HTTP, the routes that the process's server has to put below `prefix`."""
        settings = self._settings
        answers = Answers(self._api, self._workspaces)
        homes = Homes(
            trapwise, answers, self._tasks, support_url=settings.support_url, privacy_url=settings.privacy_url
        )
        self.messenger.on_change = homes.stirred
        desk = Desk(
            trapwise,
            people=People(self._api, self._workspaces, settings.managers),
            answers=answers,
            homes=homes,
            sightings=self._sightings,
            tasks=self._tasks,
            guests_see_boards=settings.guests_see_boards,
        )
        app = build(
            settings,
            desk,
            api=self._api,
            workspaces=self._workspaces,
            tasks=self._tasks,
            oauth=self._oauth(services),
        )
        if settings.transport is Transport.SOCKET:
            self._transport = Socket(app, settings, self._api)
            return None
        self._transport = Http(app, desk, settings.signing_secret)
        return self._transport.routes()

    async def start(self, services: Services) -> None:
        """Take requests from now on. Raises SettingsError."""
        if self._transport is None:
            raise RuntimeError("prepare comes first")
        await self._transport.start()
        self._clearing = asyncio.create_task(_clear_out(services), name="slack clearing out")

    def _oauth(self, services: Services) -> "AsyncOAuthFlow | None":
        if self._tenants is None:
            return None
        from bot.adapters.slack.installing import flow

        return flow(self._settings, self._api, self._tenants, services.storage, services.clock)

    async def state(self) -> str:
        """`ready`, or what it is doing instead; for reports on health."""
        if self._workspaces.to is None:
            return "unreachable"
        return await self._transport.state() if self._transport is not None else "connecting"

    async def watch(self) -> None:
        """Run for ever; raises SettingsError if Slack refuses a token of the host's."""
        tasks = [self._introducing] if self._introducing is not None else []
        if self._transport is not None:
            await asyncio.gather(self._transport.watch(), *tasks)

    async def stop(self) -> None:
        """Take no more requests, and send the replies that are under way."""
        self.messenger.on_change = _nobody
        if self._transport is not None:
            await self._transport.stop()
        for task in (self._clearing, self._introducing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._tasks.finish(LAST_WORDS)

    async def close(self) -> None:
        """Close the connections; nothing can be posted any more."""
        await self._api.close()


def _nobody(_: str) -> None:
    """Nobody looks at Home tabs any more."""


async def _clear_out(services: Services) -> None:
    """Once a day, delete what workspaces that removed us have left behind."""
    while True:
        try:
            await leaving.erase_long_gone(services)
        except StorageError as error:
            _log.warning("nothing was cleared out: %s", error)
        await asyncio.sleep(24 * 60 * 60)
