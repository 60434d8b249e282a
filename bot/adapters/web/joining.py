"""The way in and out: joining with a name, personal sign-in links, leaving."""

from aiohttp import web

from bot.adapters.web import problems, security, wording
from bot.adapters.web.inbound import Sent
from bot.adapters.web.problems import Refused
from bot.adapters.web.session import Session, fresh
from bot.adapters.web.site import Site, fresh_or, joined_of, sent, session_of
from bot.app.space import Joined, NameRefused
from bot.core.refs import MemberRef


class Joining:
    """The addresses for people who aren't signed in, and for leaving."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def start(self, request: web.Request) -> web.Response:
        """GET /"""
        session = session_of(self._site, request)
        if await joined_of(self._site, session):
            raise web.HTTPSeeOther("/c")
        # A session whose member was forgotten must not carry that identity on.
        return self._form(fresh() if session and session.member else fresh_or(session))

    async def join(self, request: web.Request) -> web.Response:
        """POST /join"""
        session, form = await sent(self._site, request)
        if await joined_of(self._site, session):
            raise web.HTTPSeeOther("/c")
        name = form.first("name").strip()
        if (refused := self._wrong_code(request, session, form, name)) is not None:
            return refused
        limit, where, now = self._site.joining, security.whereabouts(request.remote), self._site.seconds()
        if limit.full(where, now):
            raise Refused(problems.hurry(limit.wait(where, now)))
        match await self._site.space.join(name):
            case NameRefused(sentence=sentence):
                return self._form(session, name=name, name_error=sentence, status=422)
            case Joined(member=member):
                limit.take(where, now)
                return self._signed_in(member.id, "")

    async def ask(self, request: web.Request) -> web.Response:
        """GET /enter: asks first, because somebody may have sent their own link to sign others in with."""
        key = request.query.get("key", "")
        joined = await self._of_key(key)
        session = fresh_or(session_of(self._site, request))
        response = self._page("enter.html", name=joined.name, key=key, csrf=self._site.sessions.form_token(session))
        self._site.sessions.keep(response, session)
        return response

    async def enter(self, request: web.Request) -> web.Response:
        """POST /enter"""
        _, form = await sent(self._site, request)
        joined = await self._of_key(form.first("key"))
        return self._signed_in(joined.member.id, joined.epoch)

    async def leave(self, request: web.Request) -> web.Response:
        """POST /leave"""
        await sent(self._site, request)
        response = web.HTTPSeeOther("/")
        self._site.sessions.forget(response)
        raise response

    async def elsewhere(self, request: web.Request) -> web.Response:
        """POST /elsewhere: sign out everywhere else; this browser gets the only session there is."""
        session, _ = await sent(self._site, request)
        joined = await joined_of(self._site, session)
        if joined is None:
            raise Refused(problems.SIGNED_OUT)
        await self._site.space.sign_out_everywhere(joined.member)
        joined = await self._site.space.known(joined.member)
        if joined is None:
            raise Refused(problems.SIGNED_OUT)
        return self._signed_in(joined.member.id, joined.epoch, to="/settings")

    async def _of_key(self, key: str) -> Joined:
        link = self._site.sessions.from_link_key(key)
        joined = await self._site.space.known(MemberRef(self._site.space.workspace, link.member)) if link else None
        if joined is None or link is None or joined.epoch != link.epoch:
            raise Refused(problems.BAD_LINK)
        return joined

    def _wrong_code(self, request: web.Request, session: Session, form: Sent, name: str) -> web.Response | None:
        """The form again if the join code is wrong, or was wrong too often from there; None if it is right."""
        wanted = self._site.settings.join_code
        if wanted is None:
            return None
        now, where = self._site.seconds(), security.whereabouts(request.remote)
        # Besides each address, all together: whoever has many addresses still has few tries.
        limits = ((self._site.wrong_codes, where), (self._site.all_wrong_codes, "all"))
        waits = [limit.wait(key, now) for limit, key in limits if limit.full(key, now)]
        if waits:
            error = wording.CODE_WAIT.format(seconds=max(waits))
            return self._form(session, name=name, code_error=error, status=429)
        if security.same_code(form.first("code"), wanted):
            return None
        for limit, key in limits:
            limit.take(key, now)
        return self._form(session, name=name, code_error=wording.CODE_WRONG, status=403)

    def _signed_in(self, member: str, epoch: str, *, to: str = "/c") -> web.Response:
        # A new session, so that one prepared by somebody else before is worth nothing now.
        response = web.Response(status=303, headers={"Location": to})
        self._site.sessions.keep(response, fresh(member, epoch))
        return response

    def _form(
        self, session: Session, *, name: str = "", name_error: str = "", code_error: str = "", status: int = 200
    ) -> web.Response:
        response = self._page(
            "join.html",
            status=status,
            name=name,
            name_error=name_error,
            code_error=code_error,
            needs_code=self._site.settings.join_code is not None,
            csrf=self._site.sessions.form_token(session),
        )
        self._site.sessions.keep(response, session)
        return response

    def _page(self, template: str, *, status: int = 200, **context: object) -> web.Response:
        return web.Response(text=self._site.renderer.page(template, **context), status=status, content_type="text/html")
