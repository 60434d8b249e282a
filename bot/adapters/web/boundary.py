"""Around every request: the checks that come first, and what people see when something fails."""

import logging
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.adapters.web import problems, security
from bot.adapters.web.problems import Problem, Refused
from bot.adapters.web.site import Site, wants_panel
from bot.core.errors import StorageError, StorageUncertain
from bot.view import tokens

_log = logging.getLogger(__name__)

_BY_STATUS = {404: problems.MISSING, 405: problems.METHOD, 413: problems.LARGE}


def add_headers(site: Site) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Puts the security headers on an answer. Pages are never kept by the browser: they are for one person only."""
    headers = {**security.HEADERS, **(security.HTTPS_HEADERS if site.settings.secure else {})}

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        if _is_ours(request):
            response.headers.update(headers)
            response.headers.setdefault("Cache-Control", "no-store")

    return add


def boundary(site: Site) -> Middleware:
    """The middleware that turns every failure into a page with the fitting status."""

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _is_ours(request):
            return await handler(request)
        try:
            _check_host(site, request)
            return await handler(request)
        except Refused as refused:
            return _draw(site, request, refused.problem)
        except StorageError as error:
            code = _code()
            _log.exception("storage failed [%s] %s", code, request.path)
            if isinstance(error, StorageUncertain):
                return _draw(site, request, problems.failed(code=code, sending=request.method == "POST"))
            return _draw(
                site,
                request,
                problems.storage_failed(code=code, sending=request.method == "POST", answer=await _is_answer(request)),
            )
        except web.HTTPException as ending:
            if ending.status not in _BY_STATUS:
                raise
            return _draw(site, request, _BY_STATUS[ending.status])
        except Exception:
            code = _code()
            _log.exception("request failed [%s] %s", code, request.path)
            return _draw(site, request, problems.failed(code=code, sending=request.method == "POST"))

    return around


def _is_ours(request: web.Request) -> bool:
    """Whether the request is for the pages, and not for an application that was added and makes its own checks."""
    return len(request.match_info.apps) == 1


def _check_host(site: Site, request: web.Request) -> None:
    settings = site.settings
    if settings.loopback and not security.known_host(request.host, port=site.port, public_url=settings.public_url):
        raise Refused(problems.wrong_host(site.url))


async def _is_answer(request: web.Request) -> bool:
    """Whether the request was an answer to a question. The form was read before anything could be saved."""
    if request.path != "/press":
        return False
    token = (await request.post()).get("token")
    return isinstance(token, str) and isinstance(tokens.read(token), tokens.AnswerRound)


def _code() -> str:
    return secrets.token_hex(2).upper()


def _draw(site: Site, request: web.Request, problem: Problem) -> web.Response:
    template = "problem-panel.html" if wants_panel(request) else "problem.html"
    return web.Response(
        text=site.renderer.page(template, problem=problem),
        status=problem.status,
        content_type="text/html",
    )
