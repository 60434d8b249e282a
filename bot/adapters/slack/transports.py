"""How Slack's requests reach the app: through a socket that we open, or over HTTP."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.adapters.slack import wording
from bot.adapters.slack.settings import EVENTS, INSTALL, REDIRECT, SlackSettings
from bot.adapters.slack.workspaces import Api
from bot.core.errors import SettingsError, TrapwiseError

LARGEST_REQUEST = 512 * 1024
"""Bytes. A press carries the whole message it was on, each sign as three."""

GIVES_UP = 600
"""Seconds without a connection after which the process ends, so that whoever supervises it starts it anew."""

LOOKS = 5.0
"""Seconds between looks at the connection."""

_log = logging.getLogger(__name__)


class SlackCut(TrapwiseError):
    """Slack couldn't be reached for so long that a restart is the better remedy."""


class Transport(Protocol):
    """Brings Slack's requests in."""

    async def start(self) -> None:
        """Begin; returns when requests can come in."""
        ...

    async def watch(self) -> None:
        """Run for ever; raises when no more requests can come in."""
        ...

    async def stop(self) -> None:
        """Take no more."""
        ...


class Socket:
    """Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode."""

    def __init__(self, app: AsyncApp, settings: SlackSettings, api: Api) -> None:
        self._app, self._settings, self._api = app, settings, api
        self._handler: AsyncSocketModeHandler | None = None

    async def start(self) -> None:
        """Connect; raises SettingsError if Slack refuses the token. An outage is waited out."""
        await self._check_token()
        self._handler = AsyncSocketModeHandler(
            self._app, self._settings.app_token, logger=self._api.log, web_client=self._api.bare, ping_interval=LOOKS
        )
        await self._handler.connect_async()  # type: ignore[no-untyped-call]  # untyped in Bolt

    async def watch(self) -> None:
        """Reconnecting is the SDK's work; this sees to it that it doesn't fail for ever in silence."""
        connected = time.monotonic()
        while True:
            await asyncio.sleep(LOOKS)
            if self._handler is not None and await self._handler.client.is_connected():
                connected = time.monotonic()
            elif time.monotonic() - connected > GIVES_UP:
                raise SlackCut(f"There has been no connection to Slack for {GIVES_UP} s.")

    async def stop(self) -> None:
        """Close the socket."""
        if self._handler is not None:
            await self._handler.close_async()  # type: ignore[no-untyped-call]  # untyped in Bolt

    async def _check_token(self) -> None:
        # The SDK would try a wrong token for ever.
        from slack_sdk.errors import SlackApiError

        from bot.adapters.slack.failures import GONE, code

        try:
            await self._api.bare.apps_connections_open(app_token=self._settings.app_token)
        except SlackApiError as error:
            if code(error) in GONE | {"not_allowed_token_type", "missing_scope"}:
                raise SettingsError(
                    f"SLACK_APP_TOKEN: Slack says {code(error)}. Make an app-level token with connections:write, "
                    "and switch Socket Mode on."
                ) from None
            _log.warning("Slack refused a connection (%s); trying on", code(error))
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.warning("Slack can't be reached yet (%s); trying on", type(error).__name__)


class Http:
    """Signed requests: https://docs.slack.dev/authentication/verifying-requests-from-slack."""

    def __init__(self, app: AsyncApp, settings: SlackSettings, health: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._app, self._settings, self._health = app, settings, health
        self._runner: web.AppRunner | None = None
        self.port = settings.port

    async def start(self) -> None:
        """Listen; raises SettingsError if the address is taken."""
        server = web.Application(client_max_size=LARGEST_REQUEST)
        server.router.add_post(EVENTS, self._event)
        server.router.add_get("/healthz", self._healthz)
        if self._app.oauth_flow is not None:
            server.router.add_get(INSTALL, self._install)
            server.router.add_get(REDIRECT, self._redirect)
        # No access log: the redirect's address holds a code that can be exchanged for a token.
        self._runner = web.AppRunner(server, access_log=None, handle_signals=False, shutdown_timeout=5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._settings.host, self._settings.port).start()
        except OSError as error:
            await self.stop()
            raise SettingsError(
                f"Slack's requests can't be taken on {self._settings.host}, port {self._settings.port}: "
                f"{error.strerror}. Set SLACK_HTTP_PORT to another port, or stop what uses this one."
            ) from error
        self.port = self._runner.addresses[0][1]

    async def watch(self) -> None:
        """A listening server has nothing that dies by itself."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Let requests in flight finish, and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _event(self, request: web.Request) -> web.Response:
        if not request.headers.get("X-Slack-Request-Timestamp", "").isdecimal():
            # The SDK's check of the signature would stumble over it and fill the log.
            return web.Response(status=401)
        return await to_aiohttp_response(await self._app.async_dispatch(await to_bolt_request(request)))

    async def _install(self, request: web.Request) -> web.Response:
        flow = self._app.oauth_flow
        if flow is None:
            raise web.HTTPNotFound
        return await to_aiohttp_response(await flow.handle_installation(await to_bolt_request(request)))

    async def _redirect(self, request: web.Request) -> web.Response:
        flow = self._app.oauth_flow
        if flow is None:
            raise web.HTTPNotFound
        try:
            return await to_aiohttp_response(await flow.handle_callback(await to_bolt_request(request)))
        except Exception:
            _log.exception("an installation failed")
            return web.Response(status=500, text=wording.INSTALL_FAILED)

    async def _healthz(self, _: web.Request) -> web.Response:
        report = await self._health()
        return web.json_response(report, status=200 if report["ok"] else 503)
