"""The web server: puts the pages together, starts listening and stops."""

from aiohttp import web

from bot.adapters.web.assets import Assets
from bot.adapters.web.boundary import add_headers, boundary
from bot.adapters.web.channel_page import ChannelPages
from bot.adapters.web.command_pages import HEADINGS, CommandPages
from bot.adapters.web.events import Events
from bot.adapters.web.joining import Joining
from bot.adapters.web.render import Renderer
from bot.adapters.web.sending import Sending
from bot.adapters.web.session import Sessions
from bot.adapters.web.settings import WebSettings, check
from bot.adapters.web.site import Site
from bot.app.dispatch import Trapwise
from bot.app.live import Live
from bot.app.space import Space
from bot.core.errors import SettingsError

LARGEST_FORM = 32 * 1024
"""Bytes of a request's body. Our longest form has five short fields."""


class WebServer:
    """The local web space. `app` takes further routes until it is started."""

    def __init__(self, trapwise: Trapwise, space: Space, live: Live, settings: WebSettings) -> None:
        """Raises SettingsError if it would be open to strangers."""
        check(settings)
        self._assets = Assets()
        self._site = Site(
            trapwise=trapwise,
            space=space,
            live=live,
            settings=settings,
            sessions=Sessions(settings.secret, secure=settings.secure),
            renderer=Renderer(
                asset=self._assets.address,
                channel_name=settings.channel_name,
                workspace_name=settings.workspace_name,
                support_url=settings.support_url,
            ),
        )
        self.app = web.Application(middlewares=[boundary(self._site)], client_max_size=LARGEST_FORM)
        self.app.on_response_prepare.append(add_headers)
        self._route()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where the pages are, with the real port once started."""
        return self._site.url

    async def start(self) -> None:
        """Listen. Raises SettingsError if the address is taken or isn't ours."""
        settings = self._site.settings
        # An access log would hold sign-in links.
        runner = web.AppRunner(self.app, access_log=None, handle_signals=False, shutdown_timeout=5)
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
        except OSError as error:
            await self.stop()
            raise SettingsError(
                f"The web space can't listen on {settings.host}, port {settings.port}: {error.strerror}. "
                "Choose another port, or stop what uses it."
            ) from error
        self._site.port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Let requests in flight finish, end the event streams, and stop listening."""
        self._site.stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _route(self) -> None:
        joining, pages = Joining(self._site), ChannelPages(self._site)
        commands, sending = CommandPages(self._site), Sending(self._site)
        add = self.app.router
        add.add_get("/", joining.start)
        add.add_post("/join", joining.join)
        add.add_get("/enter", joining.ask)
        add.add_post("/enter", joining.enter)
        add.add_post("/leave", joining.leave)
        add.add_get("/c", pages.channel)
        add.add_get("/c/posts", pages.posts)
        for name in HEADINGS:
            add.add_get(f"/{name}", commands.show)
        add.add_post("/press", sending.press)
        add.add_post("/command", sending.command)
        add.add_post("/form", sending.form)
        for address in ("/press", "/command", "/form", "/join", "/leave"):
            add.add_get(address, sending.again)
        add.add_get("/events", Events(self._site).stream)
        add.add_get("/static/{name}", self._assets.serve)
