"""Pages that are a command's reply: leaderboard, stats, settings and help."""

from aiohttp import web

from bot.adapters.web.channel_page import PAGES, frame
from bot.adapters.web.site import Site, Visit, page_visit
from bot.app.actions import Command
from bot.view.card import Reply

HEADINGS = {name: label for _, name, label in PAGES if name != "channel"}


def reply_page(site: Site, request: web.Request, who: Visit, place: str, reply: Reply) -> web.Response:
    """The whole page of a place, with a reply as its content."""
    context = {**frame(site, who, place=place), "before": ""}
    address = site.settings.public_url.rstrip("/") or f"{request.scheme}://{request.host}"
    link = f"{address}/enter?key={site.sessions.link_key(who.joined.member.id, who.joined.epoch)}"
    text = site.renderer.page(
        "reply-page.html",
        heading=HEADINGS[place],
        reply=site.renderer.part("reply.html", reply=reply, level=2, **context),
        sign_in_link=link if place == "settings" else "",
        **context,
    )
    return web.Response(text=text, content_type="text/html")


class CommandPages:
    """One address for each of the commands that have a page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def show(self, request: web.Request) -> web.Response:
        """GET /leaderboard, /stats, /settings and /help"""
        who = await page_visit(self._site, request)
        name = request.path.strip("/")
        reply = await self._site.trapwise.command(Command(actor=who.actor, name=name))
        return reply_page(self._site, request, who, name, reply)
