"""The web space against those who mean harm: guesses, stolen links, odd requests, and what gets into the log."""

import asyncio
import logging
import re

import aiohttp
import pytest
from aiohttp import CookieJar

from bot.adapters.web import security
from bot.adapters.web.session import COOKIE
from bot.app.actions import Press
from tests.contract.test_web_http import ANSWER, SAME_SITE, Place, Visitor, serving

CODE = "open sesame"


async def raw(place: Place, request: bytes) -> tuple[int, str]:
    """The status and answer to bytes on a connection of their own."""
    host = place.server.url.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(request.replace(b"HOST", host.encode()))
    said = (await reader.read()).decode()
    writer.close()
    return int(said.split(" ", 2)[1]), said


async def link_of(visitor: Visitor) -> str:
    """The address in a member's sign-in link."""
    _, page = await visitor.get("/settings")
    found = re.search(r'value="http://[^/]+(/enter\?key=[^"]+)"', page)
    assert found is not None
    return found[1]


async def enter(visitor: Visitor, link: str) -> int:
    """Open a sign-in link and go on."""
    await visitor.get(link)
    status, _ = await visitor.post("/enter", {"key": link.split("=", 1)[1]})
    return status


async def test_signing_out_everywhere_else_ends_other_sessions_and_all_links() -> None:
    async with serving() as place, place.visitor() as ana, place.visitor() as phone, place.visitor() as thief:
        await ana.join("Ana")
        link = await link_of(ana)
        assert await enter(phone, link) == 303
        assert (await phone.get("/c"))[0] == 200
        assert (await ana.post("/elsewhere"))[0] == 303
        assert (await ana.get("/c"))[0] == 200
        assert (await phone.get("/c"))[0] == 303
        assert (await phone.post("/press", ANSWER))[0] == 401
        assert (await thief.get(link))[0] == 403
        assert await enter(thief, await link_of(ana)) == 303
        assert (await thief.get("/c"))[0] == 200
    assert not any(isinstance(seen, Press) for seen in place.trapwise.seen)


async def test_signing_out_everywhere_needs_somebody_and_a_form_of_theirs() -> None:
    async with serving() as place, place.visitor() as ana, place.visitor() as stranger:
        await ana.join("Ana")
        await stranger.get("/")
        assert (await stranger.post("/elsewhere"))[0] == 401
        assert (await stranger.post("/elsewhere", {"csrf": ana.csrf}))[0] == 403
        assert (await ana.post("/elsewhere", headers={"Origin": "https://evil.example"}))[0] == 403
        assert (await ana.get("/c"))[0] == 200


async def test_a_session_prepared_by_somebody_else_is_worth_nothing_after_signing_in() -> None:
    async with serving() as place, place.visitor() as ana, place.visitor() as phone:
        await ana.join("Ana")
        await phone.get("/")
        prepared = next(cookie.value for cookie in phone.client.cookie_jar)
        assert await enter(phone, await link_of(ana)) == 303
        assert next(cookie.value for cookie in phone.client.cookie_jar) != prepared
        async with place.visitor() as thief:
            assert (await thief.get("/c", Cookie=f"{COOKIE}={prepared}"))[0] == 303


async def test_guesses_from_many_addresses_are_limited_together() -> None:
    async with serving(join_code=CODE) as place:
        statuses = []
        for number in range(2, 13):
            connector = aiohttp.TCPConnector(local_addr=(f"127.0.0.{number}", 0))
            async with aiohttp.ClientSession(connector=connector, cookie_jar=CookieJar(unsafe=True)) as client:
                thief = Visitor(client, place.server.url)
                statuses += [await thief.join("Eve", f"guess{n}") for n in range(10)]
                last = await thief.join("Eve", CODE)
        assert statuses == [403] * 100 + [429] * 10
        assert last == 429
        assert place.space.people == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("", None, True),
    ],
)
def test_one_network_of_ipv6_counts_as_one_place(one: str, other: str | None, same: bool) -> None:
    assert (security.whereabouts(one) == security.whereabouts(other)) is same


async def test_one_address_cannot_fill_the_space_with_members() -> None:
    async with serving() as place:
        place.server._site.seconds = lambda: 1.0
        for number in range(100):
            async with place.visitor() as somebody:
                assert await somebody.join(f"Name {number}") == 303
        async with place.visitor() as late:
            await late.get("/")
            status, page = await late.post("/join", {"name": "Late"})
            assert status == 429
            assert "Wait" in page
        assert len(place.space.people) == 100


async def test_a_member_has_one_limit_however_many_sessions() -> None:
    async with serving() as place, place.visitor() as ana, place.visitor() as phone:
        await ana.join("Ana")
        assert await enter(phone, await link_of(ana)) == 303
        await phone.get("/c")
        place.server._site.seconds = lambda: 1000.0
        both = [(await visitor.post("/command", {"line": "/tip"}))[0] for _ in range(31) for visitor in (ana, phone)]
    assert both == [200] * 60 + [429] * 2


async def test_https_only_is_asked_for_where_the_address_is_https() -> None:
    for public_url, wanted in (("https://quiz.example.org", True), ("http://quiz.example.org", False), ("", False)):
        async with (
            serving(public_url=public_url) as place,
            place.visitor() as visitor,
            visitor.client.get(visitor.url) as answer,
        ):
            assert ("Strict-Transport-Security" in answer.headers) is wanted


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx\r\n--b--\r\n',
        ),
        ("multipart/form-data", b""),
        ("application/json", b"{}"),
        ("text/plain", b"csrf=x"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"csrf=x"),
        ("application/x-www-form-urlencoded; charset=unicode_escape", b"csrf=\\ud800"),
        ("application/x-www-form-urlencoded; charset=none-such", b"csrf=x"),
        ("application/x-www-form-urlencoded", b"csrf=\xff"),
    ],
)
async def test_what_our_forms_dont_send_is_refused(
    content_type: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as place, place.visitor() as ana:
        await ana.join("Ana")
        headers = {"Content-Type": content_type, **SAME_SITE}
        async with ana.client.post(f"{ana.url}/press", data=body, headers=headers) as answer:
            assert answer.status == 400
            assert "Nothing was saved" in await answer.text()
    assert caplog.text == ""


async def test_a_cookie_or_origin_that_is_no_text_is_refused_like_any_other() -> None:
    async with serving() as place, place.visitor() as ana:
        status, _ = await raw(
            place, b"GET /c HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nCookie: trapwise=\xff\r\n\r\n"
        )
        assert status == 303
        await ana.join("Ana")
        assert (await ana.post("/press", ANSWER, {"Origin": "http://[::"}))[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/static/../server.py",
            "/static/..%2f..%2fserver.py",
            "/static/%2e%2e/%2e%2e/site.py",
            "/static/..\\site.py",
        ),
        *("/static//look.css", "/static/look.css/", "/static/", "/static/%00", "/static/look.css%00.html"),
        *(
            "//c",
            "/c//posts",
            "/./c/x",
            "/%2fc",
            "/c%2fposts",
            "/\xe4",
            "/c;x=1",
            "/.env",
            "/.git/config",
            "/trapwise.db",
        ),
    ],
)
async def test_no_path_leads_anywhere_else(path: str) -> None:
    async with serving() as place:
        sent = f"GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n".encode("latin-1")
        status, said = await raw(place, sent)
        assert status in (303, 400, 404), said
        assert "import" not in said
        assert status == 400 or "Content-Security-Policy" in said


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "MADE-UP"])
async def test_other_methods_are_refused(method: str) -> None:
    async with serving() as place:
        for path in ("/", "/c", "/press"):
            request = f"{method} {path} HTTP/1.1\r\nHost: HOST\r\nCookie: a=b\r\nConnection: close\r\n\r\n"
            status, said = await raw(place, request.encode())
            assert status in (400, 405), said
            assert "a=b" not in said


HEAD = b"Host: HOST\r\nConnection: close\r\nCookie: trapwise=secret-of-the-cookie\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"GET / HTTP/9.9\r\n" + HEAD + b"\r\n", id="version"),
        pytest.param(b"GET /\x01 HTTP/1.1\r\n" + HEAD + b"\r\n", id="path"),
        pytest.param(b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n", id="a long path"),
        pytest.param(b"GET / HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * 10_000 + b"\r\n\r\n", id="a long header"),
        pytest.param(b"GET / HTTP/1.1\r\n" + HEAD + b"No colon\r\n\r\n", id="a broken header"),
        pytest.param(b"GET / HTTP/1.1\r\n" + HEAD[:-2] + b"\r\xe3", id="a broken line"),
        pytest.param(
            b"POST /press HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="two lengths",
        ),
        pytest.param(b"POST /press HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n\r\n", id="a wrong length"),
        pytest.param(b"POST /press HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\n" * 2 + b"\r\nabcde", id="twice"),
    ],
)
async def test_what_is_no_sound_request_is_refused_and_not_quoted_in_the_log(
    request_: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving() as place:
        status, said = await raw(place, request_)
    # The answer may quote it: it goes to whoever sent it, as plain text.
    assert status in (400, 403), said
    assert caplog.text == ""
