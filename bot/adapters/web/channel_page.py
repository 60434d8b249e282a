"""The channel as a page: posts newest first, the reader's private panel, and the command box."""

import re

from aiohttp import web
from markupsafe import Markup

from bot.adapters.web import inbound, problems
from bot.adapters.web.problems import Refused
from bot.adapters.web.site import Site, Visit, page_visit, visit
from bot.app.channelview import ChannelView, Post
from bot.core.refs import RoundId
from bot.view.card import Reply

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")

PAGES = (
    ("/c", "channel", "Channel"),
    ("/leaderboard", "leaderboard", "Leaderboard"),
    ("/stats", "stats", "My stats"),
    ("/settings", "settings", "Settings"),
    ("/help", "help", "Help"),
)
"""Address, name of place and icon, and label."""


def before(text: str) -> RoundId | None:
    """The round that older ones are asked for; None for the newest. Raises Refused if it is no round's number."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise Refused(problems.MISSING)
    return RoundId(int(text))


def frame(site: Site, who: Visit, *, place: str) -> dict[str, object]:
    """What the templates of all pages inside need."""
    return {
        "place": place,
        "pages": PAGES,
        "me": who.joined.name,
        "manages": who.joined.manages,
        "csrf": site.sessions.form_token(who.session),
    }


async def channel_page(site: Site, who: Visit, older_than: RoundId | None, reply: Reply | None) -> web.Response:
    """The whole page, with a reply in the private panel if there is one."""
    view = await _view(site, who, older_than)
    context = {**frame(site, who, place="channel"), "before": older_than or ""}
    text = site.renderer.page(
        "channel.html",
        view=view,
        reply=site.renderer.part("reply.html", reply=reply, level=3, **context) if reply else None,
        command_buttons=inbound.buttons(manages=who.joined.manages, paged=[name for _, name, _ in PAGES]),
        completions=inbound.completions(manages=who.joined.manages),
        **_posts(site, view, context),
        **context,
    )
    return web.Response(text=text, content_type="text/html")


async def posts_part(site: Site, who: Visit) -> web.Response:
    """Only the posts, for a page that is open."""
    view = await _view(site, who, None)
    context = {**frame(site, who, place="channel"), "before": ""}
    text = site.renderer.page("posts.html", view=view, **_posts(site, view, context), **context)
    return web.Response(text=text, content_type="text/html")


async def _view(site: Site, who: Visit, older_than: RoundId | None) -> ChannelView:
    return await site.trapwise.channel(site.settings.channel, viewer=who.joined.member, before=older_than)


def _posts(site: Site, view: ChannelView, context: dict[str, object]) -> dict[str, list[Markup]]:
    """Open posts stand above the panel, or the newest if none is open; on the pages of older posts none does."""
    top = [post for post in view.posts if post.open] or list(view.posts[:1])
    if context["before"]:
        top = []
    below = [post for post in view.posts if post not in top]

    def drawn(post: Post, level: int) -> Markup:
        csrf, place, older = (str(context[name]) for name in ("csrf", "place", "before"))
        return site.renderer.post(post, level, csrf=csrf, place=place, before=older)

    return {"today": [drawn(post, 2) for post in top], "earlier": [drawn(post, 3) for post in below]}


class ChannelPages:
    """The addresses of the channel."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def channel(self, request: web.Request) -> web.Response:
        """GET /c"""
        who = await page_visit(self._site, request)
        return await channel_page(self._site, who, before(request.query.get("before", "")), None)

    async def posts(self, request: web.Request) -> web.Response:
        """GET /c/posts"""
        return await posts_part(self._site, await visit(self._site, request))
