"""One port for everything: Slack's requests, the local web space and the report on health don't disturb one another."""

import re
import urllib.parse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.core.errors import SettingsError
from tests.support.wire_slack import FakeSlack, signature
from tests.support.wire_slack_house import HTTP, MANY, SOCKET, House, house
from tests.support.wire_slack_oauth import install, offer

CODE = "a code of the tests"
WITH_WEB = {"TRAPWISE_WEB": "on", "TRAPWISE_WEB_JOIN_CODE": CODE}

FORM = "application/x-www-form-urlencoded"


@asynccontextmanager
async def served(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[tuple[House, aiohttp.ClientSession, str]]:
    """The product, somebody with cookies of their own, and where it listens."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with house(folder, settings=settings) as home, aiohttp.ClientSession(cookie_jar=jar) as client:
        yield home, client, home.slack.http.removesuffix("/slack/events")


def signed(body: str) -> dict[str, str]:
    """The headers of a request of Slack's."""
    return {"Content-Type": FORM, **signature(body)}


def command(text: str) -> str:
    """The body of a command that needs no reply over the network."""
    return urllib.parse.urlencode(
        {"command": "/tip", "text": text, "team_id": "T1", "user_id": "U1", "channel_id": "C1", "channel_name": "x"}
    )


async def test_a_question_answered_on_both_sides(tmp_path: Path) -> None:
    async with served(tmp_path, {**HTTP, **WITH_WEB}) as (home, client, base):
        await home.set_up(time="10:00", zone="UTC")
        home.clock.advance(hours=1)
        await home.tick()
        ben = home.slack.user("U1", "Ben")
        await home.hands.press(ben, home.channel.newest, "A")
        await home.slack.until(lambda: ben.sees)
        async with client.get(base + "/") as page:
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            token = re.search(r'name="csrf" value="([^"]+)"', await page.text())
        assert token is not None
        same = {"Sec-Fetch-Site": "same-origin"}
        fields = {"csrf": token[1], "name": "Zoe", "code": CODE}
        async with client.post(base + "/join", data=fields, headers=same) as page:
            assert page.url.path == "/c"
            assert "tw1:a:" in await page.text()


@pytest.mark.parametrize("settings", [{**HTTP, **WITH_WEB}, HTTP], ids=["web-on", "web-off"])
async def test_health_and_signatures(tmp_path: Path, settings: dict[str, str]) -> None:
    async with served(tmp_path, settings) as (_, client, base):
        async with client.get(base + "/healthz") as answer:
            assert (answer.status, (await answer.json())["ok"]) == (200, True)
        async with client.post(base + "/slack/events", data=command(""), headers=signed(command(""))) as answer:
            assert answer.status == 200
        wrong = {**signed(command("")), "X-Slack-Signature": "v0=" + "0" * 64}
        async with client.post(base + "/slack/events", data=command(""), headers=wrong) as answer:
            assert answer.status == 401
        async with client.post(base + "/slack/events", data=command("")) as answer:
            assert answer.status == 401
        async with client.get(base + "/slack/install") as answer:
            assert answer.status == 404, "one workspace's token is set, so nobody else can install"
        async with client.get(base + "/") as answer:
            assert answer.status == (200 if "TRAPWISE_WEB" in settings else 404)


async def test_each_part_has_its_own_limit(tmp_path: Path) -> None:
    async with served(tmp_path, {**HTTP, **WITH_WEB}) as (_, client, base):
        for size, status in ((100_000, 200), (600_000, 413)):
            body = command("x" * size)
            async with client.post(base + "/slack/events", data=body, headers=signed(body)) as answer:
                assert answer.status == status
        async with client.get(base + "/") as page:
            await page.read()
        same = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin"}
        async with client.post(base + "/join", data="name=" + "x" * 100_000, headers=same) as answer:
            assert answer.status == 413


async def test_the_pages_keep_their_checks(tmp_path: Path) -> None:
    async with served(tmp_path, {**HTTP, **WITH_WEB}) as (_, client, base):
        async with client.get(base + "/") as page:
            assert "trapwise" in page.cookies
        elsewhere = {"Host": "quiz.example.org"}
        async with client.get(base + "/", headers=elsewhere) as answer:
            assert answer.status == 421
        async with client.get(base + "/healthz", headers=elsewhere) as answer:
            assert answer.status == 421
        async with client.post(base + "/press", data={"token": "tw1:a:1:A"}) as answer:
            assert answer.status == 403
        body = command("")
        async with client.post(base + "/slack/events", data=body, headers={**signed(body), **elsewhere}) as answer:
            assert answer.status == 200
            assert "Set-Cookie" not in answer.headers
        # A signature of Slack's opens nothing but Slack's own door, and no path leads around the checks.
        for path in ("/press", "/command", "/slack/../press"):
            async with client.post(base + path, data=body, headers=signed(body)) as answer:
                assert answer.status == 403, path
        for path in ("/slack", "/slack/", "/slack/press", "/slack/c"):
            async with client.get(base + path) as answer:
                assert answer.status == 404, path


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_installing_beside_the_pages(tmp_path: Path) -> None:
    async with served(tmp_path, {**MANY, **WITH_WEB}) as (home, client, base):
        offer(home.slack, "code", "T1")
        assert (await install(home.slack, "code"))[0] == 200
        async with client.get(base + "/slack/install") as page:
            assert page.headers["Content-Security-Policy"] == "frame-ancestors 'none'", (
                "Slack's button is an image of theirs"
            )
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert page.headers["Cache-Control"] == "no-store"
            assert "trapwise" not in page.cookies


async def test_pages_on_a_port_that_slack_reaches_need_a_join_code(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TRAPWISE_WEB_JOIN_CODE"):
        async with house(tmp_path, settings={**HTTP, "TRAPWISE_WEB": "on"}):
            pass


async def test_in_socket_mode_the_pages_stay_as_they_are(tmp_path: Path) -> None:
    slack = await FakeSlack().start()
    try:
        async with house(
            tmp_path, settings={**SOCKET, "TRAPWISE_WEB": "on", "TRAPWISE_WEB_PORT": "0"}, slack=slack
        ) as home:
            assert home.parts.web is not None
            async with aiohttp.ClientSession() as client, client.post(home.parts.web.url + "/slack/events") as answer:
                assert answer.status == 404
    finally:
        await slack.stop()


async def test_a_taken_port_is_said(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with served(tmp_path, HTTP) as (home, _, base):
        port = base.rpartition(":")[2]
        with pytest.raises(SettingsError, match=f"can't listen on .*{port}"):
            async with house(tmp_path / "other", settings={**HTTP, "TRAPWISE_WEB_PORT": port}, slack=home.slack):
                pass
