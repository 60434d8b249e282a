"""The web space's requests, changed: raw bytes on a connection to the real server, with the whole product behind it."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from bot.adapters.web.server import WebServer
from bot.compose import running
from bot.config import Settings, Web
from tests.fuzz.looped import LoopedBench, looped
from tests.fuzz.target import Complaints, Target, Wrong
from tests.support.packs import write_pack
from tests.support.process import Browser

OUR_LOGS = ("bot.", "aiohttp", "asyncio")
WAITS = 0.05
"""Seconds without an answer after which the server is told that nothing more comes."""

STREAM = b"text/event-stream"

_HEAD = "HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nCookie: COOKIE\r\n"
_FORM = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
_PARTS = (
    '--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nCSRF\r\n--b\r\n'
    'Content-Disposition: form-data; name="token"\r\n\r\ntw1:a:1:B\r\n--b\r\n'
    'Content-Disposition: form-data; name="x"; filename="x"\r\n\r\nfile\r\n--b--\r\n'
)

# HOST, COOKIE and CSRF in an input stand for those of the server and the session at hand; LENGTH for what follows
# the head, so that most changes of a body are read to their end.


def _get(path: str) -> bytes:
    return f"GET {path} {_HEAD}\r\n".encode()


def _post(path: str, body: str) -> bytes:
    return f"POST {path} {_HEAD}{_FORM}Content-Length: LENGTH\r\n\r\ncsrf=CSRF&{body}".encode()


SEEDS = (
    *map(
        _get,
        ("/", "/c", "/c?before=1", "/c/posts", "/stats", "/settings", "/help", "/leaderboard", "/events", "/healthz"),
    ),
    *map(_get, ("/enter?key=abc", "/static/look.css?v=1", "/static/../server.py", "/press", "/nowhere", "/healthz")),
    _post("/press", "token=tw1:a:1:B&place=channel&before=&zone=Europe/Berlin"),
    _post("/press", "token=tw1:q:1:0:A&place=channel"),
    _post("/press", "token=tw1:c:leaderboard:month&place=leaderboard"),
    _post("/command", "line=/quiz+3&place=channel"),
    _post("/command", "line=/trapwise+schedule+10:00+mon-fri"),
    _post("/command", "line=/exam"),
    _post(
        "/form",
        "token=tw1:c:setup&f.pack=my-exam&f.time=09:00&f.zone=UTC&f.days=mon&f.days=tue&f.closes=8h&f.reveal=now",
    ),
    _post("/join", "name=Zo%C3%AB&code=guess"),
    _post("/enter", "key=abc"),
    _post("/leave", ""),
    f"POST /press {_HEAD}Origin: http://[::1]:80\r\nContent-Type: application/x-www-form-urlencoded; "
    "charset=unicode_escape\r\nContent-Length: LENGTH\r\n\r\ncsrf=\\ud800".encode(),
    f"POST /press {_HEAD}Sec-Fetch-Site: same-origin\r\nX-Trapwise-Panel: 1\r\nContent-Type: multipart/form-data; "
    f"boundary=b\r\nContent-Length: LENGTH\r\n\r\n{_PARTS}".encode(),
    f"POST /command {_HEAD}{_FORM}Transfer-Encoding: chunked\r\n\r\n"
    "1a\r\ncsrf=CSRF&line=/help&abcdef\r\n0\r\n\r\n".encode(),
)


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[LoopedBench]:
    write_pack(folder / "content")
    settings = Settings(
        database=str(folder / "trapwise.db"),
        content=folder / "content",
        pack="my-exam",
        zone="UTC",
        web=Web.ON,
        web_port=0,
    )
    async with running(settings) as parts:
        assert parts.web is not None
        # As if a second passed between two requests: the limits of how many may come have tests of their own.
        parts.web._site.seconds = partial(next, itertools.count(step=1.0))
        async with Browser.opened(parts.web.url) as person:
            await person.join("Ana")
            cookies = "; ".join(f"{c.key}={c.value}" for c in person._client.cookie_jar)
            with Complaints(OUR_LOGS).listening() as complaints:
                yield LoopedBench(check=partial(_asked, parts.web, complaints, cookies, person._csrf), seeds=SEEDS)


async def _asked(server: WebServer, complaints: Complaints, cookies: str, csrf: str, data: bytes) -> None:
    host = server.url.removeprefix("http://")
    head, gap, body = data.partition(b"\r\n\r\n")
    body = body.replace(b"CSRF", csrf.encode())
    for name, value in ((b"HOST", host), (b"COOKIE", cookies), (b"CSRF", csrf), (b"LENGTH", str(len(body)))):
        head = head.replace(name, value.encode())
    reader, writer = await asyncio.open_connection(*host.split(":"), limit=2**20)
    try:
        writer.write(head + gap + body)
        said = await _read(reader, writer)
    except ConnectionError:
        said = b""  # it may hang up on what is no HTTP, even before all of it was sent
    finally:
        writer.close()
    complaints.settle()
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", said)]
    if any(status >= 500 for status in statuses):
        raise Wrong(f"answered with {statuses}")
    for status, page in zip(statuses, re.split(rb"HTTP/1\.[01] \d{3} ", said)[1:], strict=True):
        # What the server refuses before it is a request never reaches us.
        if b"Content-Security-Policy" not in page and status not in (400, 100):
            raise Wrong(f"a {status} without the security headers")


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What comes until the end, or the head of a stream that has none."""
    said = b""
    while True:
        try:
            chunk = await asyncio.wait_for(reader.read(65536), WAITS)
        except TimeoutError:
            # It waits for more of the request. Its answer to half a one is to hang up.
            writer.write_eof()
            chunk = await reader.read(65536)
        if not chunk:
            break
        said += chunk
        if STREAM in said:
            break
    return said


TARGETS = (Target(name="web requests", share=60, opened=partial(looped, _opened)),)
