"""What all pages share, and who is visiting: the session, the member behind it, and the checks on what they send."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import ClientPayloadError, web
from aiohttp.http import HttpProcessingError

from bot.adapters.web import problems, security
from bot.adapters.web.inbound import Sent, actor
from bot.adapters.web.limits import Limit
from bot.adapters.web.problems import Refused
from bot.adapters.web.render import Renderer
from bot.adapters.web.session import COOKIE, Session, Sessions, fresh
from bot.adapters.web.settings import WebSettings
from bot.app.actions import Actor
from bot.app.dispatch import Trapwise
from bot.app.live import Live
from bot.app.space import Joined, Space
from bot.core.refs import MemberRef

FORM = "application/x-www-form-urlencoded"

PANEL_HEADER = "X-Trapwise-Panel"
"""Set by our script, which wants the inside of the private panel and not a whole page."""


@dataclass(slots=True, kw_only=True)
class Site:
    """The parts that the pages are made with. `port` is known once the server listens."""

    trapwise: Trapwise
    space: Space
    live: Live
    settings: WebSettings
    sessions: Sessions
    renderer: Renderer
    port: int = 0
    seconds: Callable[[], float] = time.monotonic
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    sending: Limit = field(default_factory=lambda: Limit(60, 10))
    joining: Limit = field(default_factory=lambda: Limit(100, 600))
    wrong_codes: Limit = field(default_factory=lambda: Limit(10, 300))
    all_wrong_codes: Limit = field(default_factory=lambda: Limit(100, 300))

    @property
    def url(self) -> str:
        """Where the pages are, as seen from this machine."""
        host = self.settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One member looking at the pages."""

    session: Session
    joined: Joined
    actor: Actor


def session_of(site: Site, request: web.Request) -> Session | None:
    """The browser's session, joined or not."""
    return site.sessions.read(request.cookies.get(COOKIE))


async def joined_of(site: Site, session: Session | None) -> Joined | None:
    """The member behind a session."""
    if session is None or session.member is None:
        return None
    joined = await site.space.known(MemberRef(site.space.workspace, session.member))
    return joined if joined is not None and joined.epoch == session.epoch else None


async def visit(site: Site, request: web.Request, *, zone: str = "") -> Visit:
    """Who is visiting. Raises Refused if nobody is signed in."""
    session = session_of(site, request)
    joined = await joined_of(site, session)
    if session is None or joined is None:
        raise Refused(problems.SIGNED_OUT)
    return Visit(session=session, joined=joined, actor=actor(joined, site.settings, zone=zone))


async def page_visit(site: Site, request: web.Request) -> Visit:
    """Who opens a page. Whoever isn't signed in is led to the way in."""
    try:
        return await visit(site, request)
    except Refused:
        raise web.HTTPSeeOther("/") from None


async def sent(site: Site, request: web.Request) -> tuple[Session, Sent]:
    """A form of ours as sent. Raises Refused if another site may have sent it, or too many came."""
    session = session_of(site, request)
    if session is None or not security.from_our_pages(
        request.headers, host=request.host, public_url=site.settings.public_url
    ):
        raise Refused(problems.FORGED)
    # A member is one, however many sessions they have.
    who, now = session.member or session.nonce, site.seconds()
    if not site.sending.take(who, now):
        raise Refused(problems.hurry(site.sending.wait(who, now)))
    form = await _form(request)
    if not site.sessions.is_form_token(session, form.first("csrf")):
        raise Refused(problems.FORGED)
    return session, form


async def _form(request: web.Request) -> Sent:
    """The fields, as our pages send them: no files, no other coding. Raises Refused if they can't be read."""
    if request.content_type != FORM or (request.charset or "utf-8").lower() != "utf-8":
        raise Refused(problems.UNREADABLE)
    try:
        fields = await request.post()
    except (ValueError, HttpProcessingError, ClientPayloadError):
        # Bytes that are no text, or a broken transfer.
        raise Refused(problems.UNREADABLE) from None
    return Sent(tuple((key, value) for key, value in fields.items() if isinstance(value, str)))


def wants_panel(request: web.Request) -> bool:
    """Whether our script asks, which puts the answer into the page it has."""
    return PANEL_HEADER in request.headers


def fresh_or(session: Session | None) -> Session:
    """The browser's session, or a new one for a browser that has none."""
    return session or fresh()
