"""How Slack's requests reach the app: through a socket that we open, or over HTTP."""

import asyncio
import logging
import re
import time
from typing import Protocol

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.adapters.slack import envelope, inbound, signed, wording
from bot.adapters.slack.desk import Desk
from bot.adapters.slack.settings import EVENTS, INSTALL, PREFIX, REDIRECT, SlackSettings
from bot.adapters.slack.workspaces import Api
from bot.core.errors import SettingsError

LARGEST_REQUEST = 512 * 1024
"""Bytes. A press carries the whole message it was on, each sign as three."""

RENEWS = 60.0
"""Seconds without a connection after which a new client takes over: the SDK keeps to an address that has expired."""

LOOKS = 5.0
"""Seconds between looks at the connection."""

FIRST_CONNECTION = 5.0
"""Seconds that a start waits for the connection. If Slack is away, the rest of the bot starts without it."""

CLOSES_WITHIN = 2.0
"""Seconds. Whoever no longer answers doesn't answer a farewell either."""

_SECONDS = re.compile(r"[0-9]{1,12}")

_log = logging.getLogger(__name__)


class Transport(Protocol):
    """Brings Slack's requests in."""

    async def start(self) -> None:
        """Begin; returns when requests can come in."""
        ...

    async def state(self) -> str:
        """`ready`, or what it is doing instead."""
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
        self._dialling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect; raises SettingsError if Slack refuses the token. An outage is waited out in the background."""
        try:
            async with asyncio.timeout(FIRST_CONNECTION):
                await self._check_token()
        except TimeoutError:
            self._dial()
        else:
            await asyncio.wait({self._dial()}, timeout=FIRST_CONNECTION)

    async def state(self) -> str:
        """Whether the socket is there."""
        connected = self._handler is not None and await self._handler.client.is_connected()
        return "ready" if connected else "connecting"

    async def watch(self) -> None:
        """Reconnecting is the SDK's work; this sees to it that it doesn't fail for ever. Raises SettingsError."""
        connected = time.monotonic()
        while True:
            await asyncio.sleep(LOOKS)
            if self._handler is not None and await self._handler.client.is_connected():
                connected = time.monotonic()
            elif time.monotonic() - connected > RENEWS:
                _log.warning("there has been no connection to Slack for %.0f s; connecting anew", RENEWS)
                await self._hang_up()
                await self._check_token()
                self._dial()
                connected = time.monotonic()

    async def stop(self) -> None:
        """Close the socket."""
        await self._hang_up()

    def _dial(self) -> "asyncio.Task[None]":
        """Make a new client, which tries until it is connected."""
        self._handler = AsyncSocketModeHandler(
            self._app, self._settings.app_token, logger=self._api.log, web_client=self._api.bare, ping_interval=LOOKS
        )
        self._dialling = asyncio.create_task(self._handler.connect_async(), name="slack connecting")  # type: ignore[no-untyped-call]  # untyped in Bolt
        return self._dialling

    async def _hang_up(self) -> None:
        if self._dialling is not None:
            self._dialling.cancel()
            await asyncio.gather(self._dialling, return_exceptions=True)
        if self._handler is not None:
            ending = asyncio.ensure_future(self._handler.close_async())  # type: ignore[no-untyped-call]  # untyped in Bolt
            await asyncio.wait({ending}, timeout=CLOSES_WITHIN)
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)

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
    """Signed requests: https://docs.slack.dev/authentication/verifying-requests-from-slack.

    It doesn't listen by itself: `routes` are added to the server that all parts of the process share.
    """

    def __init__(self, app: AsyncApp, desk: Desk, secret: str) -> None:
        self._app, self._desk, self._secret = app, desk, secret

    def routes(self) -> web.Application:
        """What is reached below `settings.PREFIX`."""
        found = web.Application()
        found.on_response_prepare.append(_add_headers_to_pages)
        found.router.add_post(EVENTS.removeprefix(PREFIX), self._event)
        if self._app.oauth_flow is not None:
            found.router.add_get(INSTALL.removeprefix(PREFIX), self._install)
            found.router.add_get(REDIRECT.removeprefix(PREFIX), self._redirect)
        return found

    async def start(self) -> None:
        """Whoever has the routes begins to listen."""

    async def state(self) -> str:
        """Requests come whenever Slack sends them."""
        return "ready"

    async def watch(self) -> None:
        """A listening server has nothing that dies by itself."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Whoever has the routes ends it."""

    async def _event(self, request: web.Request) -> web.Response:
        if not _SECONDS.fullmatch(request.headers.get("X-Slack-Request-Timestamp", "")):
            # The SDK's check of the signature would stumble over it and fill the log.
            return web.Response(status=401)
        whole, length = request, request.content_length
        if length is None or length > min(LARGEST_REQUEST, request.client_max_size):
            # The server's own limit is for whatever else it serves, and may be smaller or larger.
            whole = request.clone(client_max_size=LARGEST_REQUEST)
        body = signed.press(await whole.read(), request.headers, self._secret)
        if body is not None and envelope.sound(body):
            pressed = inbound.pressed(body)
            if pressed is not None:
                await self._desk.press(pressed)
            return web.Response()
        try:
            sent = await to_bolt_request(whole)
        except web.HTTPException:
            raise
        except Exception:
            # Bolt reads the body before it looks at the signature, and trips over what isn't built as Slack's are.
            return web.Response(status=400)
        return await to_aiohttp_response(await self._app.async_dispatch(sent))

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


async def _add_headers_to_pages(request: web.Request, response: web.StreamResponse) -> None:
    """No page elsewhere may frame the installation, and none learns the address, which holds a code, from it."""
    if request.method == "POST":  # Slack itself, which frames nothing
        return
    response.headers.update(
        {
            "Content-Security-Policy": "frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
    )
