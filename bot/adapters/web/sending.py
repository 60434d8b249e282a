"""What members send: presses, commands and forms. Each is answered with a page, or with a part for our script."""

from aiohttp import web

from bot.adapters.web import inbound
from bot.adapters.web.channel_page import before, channel_page, frame
from bot.adapters.web.command_pages import HEADINGS, reply_page
from bot.adapters.web.inbound import Sent
from bot.adapters.web.site import Site, Visit, sent, visit, wants_panel
from bot.view.card import Reply


class Sending:
    """The addresses that forms are sent to."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def press(self, request: web.Request) -> web.Response:
        """POST /press"""
        form, who = await self._read(request)
        reply = await self._site.trapwise.press(inbound.press(form, who.actor))
        return await self._answer(request, form, who, reply)

    async def command(self, request: web.Request) -> web.Response:
        """POST /command"""
        form, who = await self._read(request)
        reply = await self._site.trapwise.command(inbound.command(form.first("line"), who.actor))
        return await self._answer(request, form, who, reply)

    async def form(self, request: web.Request) -> web.Response:
        """POST /form"""
        form, who = await self._read(request)
        reply = await self._site.trapwise.submit(inbound.submission(form, who.actor))
        return await self._answer(request, form, who, reply)

    async def again(self, request: web.Request) -> web.Response:
        """GET of any of them, which is what a reload after signing in may ask for."""
        raise web.HTTPSeeOther("/c")

    async def _read(self, request: web.Request) -> tuple[Sent, Visit]:
        _, form = await sent(self._site, request)
        return form, await visit(self._site, request, zone=form.first("zone"))

    async def _answer(self, request: web.Request, form: Sent, who: Visit, reply: Reply) -> web.Response:
        place = form.first("place")
        on_page = place in HEADINGS
        if wants_panel(request):
            text = self._site.renderer.page(
                "reply.html",
                reply=reply,
                level=2 if on_page else 3,
                **frame(self._site, who, place=place if on_page else "channel"),
                before=form.first("before"),
            )
            return web.Response(text=text, content_type="text/html")
        if on_page:
            return reply_page(self._site, request, who, place, reply)
        return await channel_page(self._site, who, before(form.first("before")), reply)
