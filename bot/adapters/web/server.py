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
from bot.listener import Listener

LARGEST_FORM = 32 * 1024
"""Bytes of a request's body. Our longest form has five short fields."""


class WebServer:
    """The local web space. `app` takes further routes until it is started.

    A route of `app` itself gets the checks and headers of the pages; an application that is added to it has its own.
    """

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
        self.app.on_response_prepare.append(add_headers(self._site))
        self._route()
        self._listener = Listener(self.app, host=settings.host, port=settings.port)

    @property
    def port(self) -> int:
        """The real port, once started."""
        return self._site.port

    @property
    def url(self) -> str:
        """Where the pages are, with the real port once started."""
        return self._site.url

    async def start(self) -> None:
        """Listen. Raises SettingsError if the address is taken or isn't ours."""
        await self._listener.start()
        self._site.port = self._listener.port

    async def stop(self) -> None:
        """Let requests in flight finish, end the event streams, and stop listening."""
        self._site.stopping.set()
        await self._listener.stop()

    def _route(self) -> None:
        joining, pages = Joining(self._site), ChannelPages(self._site)
        commands, sending = CommandPages(self._site), Sending(self._site)
        add = self.app.router
        add.add_get("/", joining.start)
        add.add_post("/join", joining.join)
        add.add_get("/enter", joining.ask)
        add.add_post("/enter", joining.enter)
        add.add_post("/leave", joining.leave)
        add.add_post("/elsewhere", joining.elsewhere)
        add.add_get("/c", pages.channel)
        add.add_get("/c/posts", pages.posts)
        for name in HEADINGS:
            add.add_get(f"/{name}", commands.show)
        add.add_post("/press", sending.press)
        add.add_post("/command", sending.command)
        add.add_post("/form", sending.form)
        for address in ("/press", "/command", "/form", "/join", "/leave", "/elsewhere"):
            add.add_get(address, sending.again)
        add.add_get("/events", Events(self._site).stream)
        add.add_get("/static/{name}", self._assets.serve)
