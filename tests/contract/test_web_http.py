"""The web server's manners: who may do what, which headers go out, and what people see when something fails."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from http.cookies import SimpleCookie

import aiohttp
import pytest
from aiohttp import CookieJar

from bot.adapters.web import session
from bot.adapters.web.limits import Limit
from bot.adapters.web.server import WebServer
from bot.adapters.web.session import Session, Sessions
from bot.adapters.web.settings import WebSettings
from bot.app.actions import Press
from bot.app.live import Live
from bot.core.errors import SettingsError, StorageBroken, StorageBusy
from tests.support.fake_trapwise import CHANNEL, FakeSpace, FakeTrapwise

SETTINGS = WebSettings(port=0, secret=b"s" * 32, channel=CHANNEL, channel_name="exam-prep")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


class Visitor:
    """One browser: keeps cookies, and the form token of the latest page."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self.client, self.url, self.csrf = client, url, ""

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """The status and the page."""
        async with self.client.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            text = await answer.text()
            if found := re.search(r'name="csrf" value="([^"]+)"', text):
                self.csrf = found.group(1)
            return answer.status, text

    async def post(
        self, path: str, fields: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """As a browser would send a form of ours, unless told otherwise."""
        sent = {"csrf": self.csrf} | (fields or {})
        headers = SAME_SITE if headers is None else headers
        async with self.client.post(self.url + path, data=sent, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def join(self, name: str = "Ana", code: str = "") -> int:
        """Join, and look at the channel."""
        await self.get("/")
        status, _ = await self.post("/join", {"name": name, "code": code})
        await self.get("/c")
        return status


class Place:
    """A running server with scripted parts behind it."""

    def __init__(self, settings: WebSettings) -> None:
        self.live = Live()
        self.trapwise, self.space = FakeTrapwise(self.live), FakeSpace()
        self.server = WebServer(self.trapwise, self.space, self.live, settings)

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[Visitor]:
        """A browser without cookies."""
        async with aiohttp.ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
            yield Visitor(client, self.server.url)


@asynccontextmanager
async def serving(**changes: object) -> AsyncIterator[Place]:
    """A server that is stopped afterwards."""
    place = Place(replace(SETTINGS, **changes))  # type: ignore[arg-type]  # the caller names real settings
    await place.server.start()
    try:
        yield place
    finally:
        await place.server.stop()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with serving() as running:
        yield running


@pytest.fixture
async def ana(place: Place) -> AsyncIterator[Visitor]:
    async with place.visitor() as visitor:
        assert await visitor.join() == 303
        yield visitor


ANSWER = {"token": "tw1:a:3:B", "place": "channel"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "quiz.example.org"])  # noqa: S104  refused, not bound
def test_open_to_others_without_a_join_code_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="Set a join code"):
        WebServer(FakeTrapwise(Live()), FakeSpace(), Live(), replace(SETTINGS, host=host))
    WebServer(FakeTrapwise(Live()), FakeSpace(), Live(), replace(SETTINGS, host=host, join_code="long enough"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])
def test_loopback_needs_no_join_code(host: str) -> None:
    WebServer(FakeTrapwise(Live()), FakeSpace(), Live(), replace(SETTINGS, host=host))


def test_every_unsafe_setting_is_named_at_once() -> None:
    unsafe = replace(SETTINGS, secret=b"short", join_code="abc", public_url="quiz.example.org/path")
    with pytest.raises(SettingsError) as refusal:
        WebServer(FakeTrapwise(Live()), FakeSpace(), Live(), unsafe)
    assert len(str(refusal.value).splitlines()) == 3
    assert "short" not in repr(unsafe)
    assert "abc" not in repr(unsafe)


async def test_a_taken_port_is_explained(place: Place) -> None:
    port = int(place.server.url.rsplit(":", 1)[1])
    second = WebServer(place.trapwise, place.space, place.live, replace(SETTINGS, port=port))
    with pytest.raises(SettingsError, match=f"can't listen on 127.0.0.1, port {port}"):
        await second.start()


async def test_pages_lead_whoever_is_not_signed_in_to_the_way_in(place: Place) -> None:
    async with place.visitor() as stranger:
        for path in ("/c", "/leaderboard", "/stats", "/settings", "/help", "/c?before=2"):
            async with stranger.client.get(stranger.url + path, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert (await stranger.get("/c/posts"))[0] == 401
        assert (await stranger.get("/events"))[0] == 401


async def test_every_answer_carries_the_security_headers(place: Place, ana: Visitor) -> None:
    for path in ("/", "/c", "/settings", "/nowhere", "/static/look.css"):
        async with ana.client.get(ana.url + path, allow_redirects=False) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert "Permissions-Policy" in answer.headers
            if not path.startswith("/static"):
                assert answer.headers["Cache-Control"] == "no-store"


async def test_the_cookie_is_signed_and_out_of_reach_of_scripts_and_other_sites(place: Place) -> None:
    async with place.visitor() as visitor, visitor.client.get(visitor.url) as answer:
        cookie = SimpleCookie(answer.headers["Set-Cookie"])[session.COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["secure"]


async def test_behind_https_the_cookie_is_for_https_only() -> None:
    async with (
        serving(public_url="https://quiz.example.org") as place,
        place.visitor() as visitor,
        visitor.client.get(visitor.url) as answer,
    ):
        assert SimpleCookie(answer.headers["Set-Cookie"])[session.COOKIE]["secure"]


async def test_behind_a_proxy_the_public_address_is_ours_and_links_name_it() -> None:
    public = {"Host": "quiz.example.org", "Origin": "https://quiz.example.org"}
    async with serving(public_url="https://quiz.example.org") as place, place.visitor() as visitor:
        ana = await place.space.join("Ana")
        sessions = Sessions(SETTINGS.secret, secure=True)
        held = Session("nonce", getattr(ana, "member").id)  # noqa: B009  joined, as the first always is
        cookie = sessions._signed(sessions._cookies, [held.nonce, held.member])
        headers = public | {"Cookie": f"{session.COOKIE}={cookie}"}
        async with visitor.client.get(visitor.url + "/settings", headers=headers) as answer:
            assert 'value="https://quiz.example.org/enter?key=' in await answer.text()
        visitor.csrf = sessions.form_token(held)
        assert (await visitor.post("/press", ANSWER, headers))[0] == 200


@pytest.mark.parametrize("forged", ["", "garbage", "WyJub25jZSIsIm0xIl0.aaaa.bbbb"])
async def test_a_forged_cookie_is_nobody(place: Place, ana: Visitor, forged: str) -> None:
    async with place.visitor() as other:
        assert (await other.get("/c", Cookie=f"{session.COOKIE}={forged}"))[0] == 303


async def test_a_cookie_signed_with_another_secret_or_for_another_purpose_is_nobody(place: Place, ana: Visitor) -> None:
    foreign = Sessions(b"t" * 32, secure=False)
    own = Sessions(SETTINGS.secret, secure=False)
    async with place.visitor() as other:
        for cookie in (foreign._signed(foreign._cookies, ["n", "m1"]), own.link_key("m1")):
            assert (await other.get("/c", Cookie=f"{session.COOKIE}={cookie}"))[0] == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(place: Place, ana: Visitor, headers: dict[str, str]) -> None:
    status, page = await ana.post("/press", ANSWER, headers)
    assert status == 403
    assert "Go back, reload the page and try again." in page
    assert place.trapwise.seen == []


async def test_an_old_browser_that_names_only_the_origin_is_let_in(place: Place, ana: Visitor) -> None:
    assert (await ana.post("/press", ANSWER, {"Origin": place.server.url}))[0] == 200


@pytest.mark.parametrize("path", ["/press", "/command", "/form", "/leave", "/join", "/enter"])
async def test_a_form_without_its_token_or_with_somebody_elses_is_refused(
    place: Place, ana: Visitor, path: str
) -> None:
    async with place.visitor() as other:
        await other.join("Ben")
        for token in ("", "wrong", "ü", other.csrf):
            assert (await ana.post(path, ANSWER | {"csrf": token}))[0] == 403
    assert place.trapwise.seen == []


async def test_joining_starts_a_new_session(place: Place) -> None:
    async with place.visitor() as visitor:
        await visitor.get("/")
        before = visitor.csrf
        await visitor.join("Ana")
        assert visitor.csrf != before
        assert (await visitor.post("/press", ANSWER | {"csrf": before}))[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1.evil.example:{port}"]
)
async def test_a_name_that_merely_resolves_to_loopback_is_refused(place: Place, ana: Visitor, host: str) -> None:
    port = place.server.url.rsplit(":", 1)[1]
    status, page = await ana.get("/c", Host=host.format(port=port))
    assert status == 421
    assert place.server.url in page
    assert "Trap question" not in page


async def test_the_loopback_names_are_all_good(place: Place, ana: Visitor) -> None:
    port = place.server.url.rsplit(":", 1)[1]
    for name in ("localhost", "127.0.0.1", "[::1]", "LOCALHOST"):
        assert (await ana.get("/static/look.css", Host=f"{name}:{port}"))[0] == 200


async def test_an_answer_reaches_the_product_as_the_member_who_sent_it(place: Place, ana: Visitor) -> None:
    status, page = await ana.post("/press", ANSWER | {"zone": "Europe/Berlin", "member": "m2", "name": "Eve"})
    assert status == 200
    assert "Right: B." in page
    (press,) = place.trapwise.seen
    assert isinstance(press, Press)
    assert (press.actor.member.id, press.actor.name, press.actor.zone) == ("m1", "Ana", "Europe/Berlin")
    assert press.token == "tw1:a:3:B"


async def test_our_script_gets_the_inside_of_the_panel_only(place: Place, ana: Visitor) -> None:
    status, part = await ana.post("/press", ANSWER, SAME_SITE | {"X-Trapwise-Panel": "1"})
    assert status == 200
    assert "Right: B." in part
    assert "<html" not in part


async def test_a_page_of_replies_stays_that_page(place: Place, ana: Visitor) -> None:
    status, page = await ana.post("/press", {"token": "tw1:c:leaderboard:month", "place": "leaderboard"})
    assert status == 200
    assert "<h1>Leaderboard</h1>" in page
    _, page = await ana.post("/press", {"token": "tw1:c:leaderboard:month", "place": "//evil.example"})
    assert "evil" not in page


@pytest.mark.parametrize("panel", [{}, {"X-Trapwise-Panel": "1"}], ids=["page", "panel"])
async def test_when_the_database_is_away_the_member_learns_that_the_answer_was_not_saved(
    place: Place, ana: Visitor, panel: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    place.trapwise.broken = StorageBusy("the database is locked")
    status, page = await ana.post("/press", ANSWER, SAME_SITE | panel)
    assert status == 503
    assert "this answer was NOT saved. Try again in a minute." in page.replace("&#39;", "'")
    code = re.search(r"<code>(\w+)</code>", page)
    assert code is not None
    assert f"[{code.group(1)}]" in caplog.text
    assert "locked" not in page


async def test_when_a_page_can_not_be_read_nothing_is_said_of_saving(place: Place, ana: Visitor) -> None:
    place.space.broken = StorageBroken("gone")
    for path in ("/", "/c", "/stats"):
        status, page = await ana.get(path)
        assert status == 503
        assert "Nothing is lost." in page
        assert "saved" not in page


async def test_our_own_mistake_shows_a_code_and_no_trace(
    place: Place, ana: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    place.trapwise.broken = RuntimeError("secret detail")
    status, page = await ana.post("/command", {"line": "/stats"})
    assert status == 500
    assert "secret detail" not in page
    assert "Traceback" not in page
    code = re.search(r"<code>(\w+)</code>", page)
    assert code is not None
    assert f"[{code.group(1)}]" in caplog.text
    assert "secret detail" in caplog.text


async def test_pages_that_do_not_exist_and_ways_that_do_not_work(place: Place, ana: Visitor) -> None:
    assert (await ana.get("/nowhere"))[0] == 404
    assert (await ana.get("/static/../server.py"))[0] == 404
    assert (await ana.get("/static/%2e%2e%2fserver.py"))[0] == 404
    assert (await ana.get("/c?before=-1"))[0] == 404
    assert (await ana.get("/c?before=9999999999999999999999"))[0] == 404
    assert (await ana.post("/c"))[0] == 405
    assert (await ana.get("/press"))[0] == 303


async def test_too_much_at_once_is_refused(place: Place, ana: Visitor) -> None:
    status, page = await ana.post("/command", {"line": "x" * 40_000})
    assert status == 413
    assert "Nothing was saved." in page
    assert place.trapwise.seen == []


async def test_too_many_requests_are_refused_for_that_session_only(place: Place, ana: Visitor) -> None:
    statuses = [(await ana.post("/command", {"line": "/tip"}))[0] for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert "Wait" in (await ana.post("/command", {"line": "/tip"}))[1]
    async with place.visitor() as ben:
        await ben.join("Ben")
        assert (await ben.post("/command", {"line": "/tip"}))[0] == 200


async def test_the_join_code_opens_the_door_and_guessing_shuts_it() -> None:
    async with serving(join_code="open sesame") as place:
        async with place.visitor() as friend:
            assert await friend.join("Ana", "open sesame") == 303
        async with place.visitor() as thief:
            assert await thief.join("Eve", "") == 403
            for n in range(9):
                assert await thief.join("Eve", f"guess{n}") == 403
            assert await thief.join("Eve", "open sesame") == 429
        assert [joined.name for joined in place.space.people.values()] == ["Ana"]


async def test_a_name_that_is_taken_is_said_so_and_kept_in_the_field(place: Place, ana: Visitor) -> None:
    async with place.visitor() as ben:
        await ben.get("/")
        status, page = await ben.post("/join", {"name": "  ana "})
        assert status == 422
        assert "is called ana already" in page
        assert 'value="ana"' in page


async def test_a_sign_in_link_asks_before_it_signs_in(place: Place, ana: Visitor) -> None:
    _, page = await ana.get("/settings")
    link = re.search(r'value="http://[^/]+(/enter\?key=[^"]+)"', page)
    assert link is not None
    async with place.visitor() as phone:
        status, page = await phone.get(link.group(1))
        assert status == 200
        assert "Sign in as" in page
        assert (await phone.get("/c"))[0] == 303
        assert (await phone.post("/enter", {"key": link.group(1).split("=", 1)[1]}))[0] == 303
        assert (await phone.get("/c"))[0] == 200


async def test_an_old_broken_or_forgotten_sign_in_link_is_explained(
    place: Place, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(SETTINGS.secret, secure=False)
    good = sessions.link_key("m1")
    async with place.visitor() as phone:
        for key in ("", "x", good[:-2], sessions.link_key("m99"), sessions._signed(sessions._cookies, ["n", "m1"])):
            status, page = await phone.get(f"/enter?key={key}")
            assert status == 403
            assert "Make a new one under Settings" in page
        monkeypatch.setattr(session, "LINK_SECONDS", -1)
        assert (await phone.get(f"/enter?key={good}"))[0] == 403


async def test_whoever_was_forgotten_is_signed_out_everywhere(place: Place, ana: Visitor) -> None:
    place.space.people.clear()
    assert (await ana.get("/c"))[0] == 303
    status, page = await ana.post("/press", ANSWER)
    assert status == 401
    assert "Nothing was saved" in page
    assert (await ana.get("/"))[0] == 200


async def test_leaving_drops_the_cookie(place: Place, ana: Visitor) -> None:
    assert (await ana.post("/leave"))[0] == 303
    assert (await ana.get("/c"))[0] == 303


async def test_an_open_page_hears_of_changes_and_stopping_lets_it_go() -> None:
    async with serving() as place, place.visitor() as ana:
        await ana.join()
        async with ana.client.get(ana.url + "/events") as stream:
            assert stream.headers["Content-Type"] == "text/event-stream"
            assert await stream.content.readuntil(b"\n\n") == b"retry: 3000\n\n"
            for _ in range(2):
                place.live.changed(CHANNEL)
                assert await stream.content.readuntil(b"\n\n") == b"event: changed\ndata: posts\n\n"
            await place.server.stop()
            assert await stream.content.read() == b""


async def test_a_static_file_is_kept_by_the_browser_under_its_version_only(place: Place, ana: Visitor) -> None:
    _, page = await ana.get("/c")
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) == 5
    for address in addresses:
        async with ana.client.get(ana.url + address) as answer:
            assert answer.status == 200
            assert "immutable" in answer.headers["Cache-Control"]
            tag = answer.headers["ETag"]
        async with ana.client.get(ana.url + address.partition("?")[0], headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
            assert answer.headers["Cache-Control"] == "no-cache"


async def test_nothing_private_is_logged(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with place.visitor() as ana:
        await ana.join("Ana")
        _, page = await ana.get("/settings")
        key = re.findall(r"enter\?key=([^\"]+)", page)[0]
        await ana.get(f"/enter?key={key}")
        await ana.post("/press", ANSWER)
    assert key not in caplog.text
    assert ana.csrf not in caplog.text
    assert "tw1:a:3:B" not in caplog.text


def test_a_limit_opens_again_when_the_window_has_passed() -> None:
    limit = Limit(2, 10)
    assert [limit.take("a", at) for at in (0, 1, 2, 9.9)] == [True, True, False, False]
    assert limit.wait("a", 2) == 8
    assert limit.take("a", 10.0)
    assert not limit.take("a", 10.5)
    assert limit.take("b", 10.5)


def test_a_limit_remembers_a_bounded_number_of_keys() -> None:
    limit = Limit(1, 10, keys=3)
    assert all(limit.take(str(n), 0) for n in range(50))
    assert len(limit._seen) <= 3
