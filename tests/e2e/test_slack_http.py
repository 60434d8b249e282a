"""Slack's requests over HTTP: only Slack's own, only fresh ones, each counted once, and none too large."""

import json
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from bot.adapters.slack.transports import LARGEST_REQUEST
from tests.e2e.test_slack_faults import open_question, responses
from tests.support.wire_slack import signature
from tests.support.wire_slack_house import HTTP, House, house

FORM = "application/x-www-form-urlencoded"
COMMAND = urllib.parse.urlencode({"command": "/stats", "team_id": "T1", "user_id": "U0", "channel_id": "C1"})


async def sent(home: House, body: str | bytes, headers: dict[str, str], *, content: str = FORM) -> int:
    """The status of a request that is made by hand."""
    async with (
        aiohttp.ClientSession() as client,
        client.post(home.slack.http, data=body, headers={"Content-Type": content, **headers}) as answer,
    ):
        return answer.status


def in_milliseconds(body: str) -> dict[str, str]:
    stamp = str(int(time.time() * 1000))
    return {**signature(body, at=int(stamp)), "X-Slack-Request-Timestamp": stamp}


FORGED: tuple[Callable[[str], dict[str, str]], ...] = (
    lambda body: signature(body, secret="another"),
    lambda body: signature(f"{body}&text=x"),
    lambda body: {**signature(body), "X-Slack-Signature": ""},
    lambda body: {**signature(body), "X-Slack-Signature": "v0="},
    lambda body: {**signature(body), "X-Slack-Request-Timestamp": ""},
    lambda body: {**signature(body), "X-Slack-Request-Timestamp": "\u0665"},
    lambda body: {**signature(body), "X-Slack-Request-Timestamp": "9" * 400},
    lambda body: {},
    lambda body: signature(body, at=time.time() - 301),
    lambda body: signature(body, at=time.time() + 310),
    in_milliseconds,
)


async def test_only_fresh_requests_that_slack_has_signed_are_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path, settings=HTTP) as home:
        caplog.clear()
        for number, headers in enumerate(FORGED):
            assert await sent(home, COMMAND, headers(COMMAND)) == 401, number
        assert "Traceback" not in caplog.text
        assert home.slack.calls[1:] == []
        assert await sent(home, COMMAND, signature(COMMAND)) == 200


UNREADABLE: tuple[tuple[str | bytes, str], ...] = (
    ("{", "application/json"),
    ("[]", "application/json"),
    ('"text"', "application/json"),
    ("{" * 5_000, "application/json"),
    ("[" * 200_000, "application/json"),
    ("payload=%7B", FORM),
    ("payload=3", FORM),
    ("payload=%ED%A0%80", FORM),
    (b"command=\xff", FORM),
    (b"\xff\xfe", "text/plain; charset=utf-16"),
    (b"command=x", "text/plain; charset=none-such"),
)


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
async def test_what_cant_be_read_is_refused_without_a_trace(
    tmp_path: Path, signed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path, settings=HTTP) as home:
        caplog.clear()
        for body, content in UNREADABLE:
            text = body if isinstance(body, str) else body.decode("latin-1")
            headers = signature(text) if signed else signature(text, secret="another")
            assert await sent(home, body, headers, content=content) in (400, 401), body[:20]
        assert "Traceback" not in caplog.text
        assert home.slack.calls[1:] == []


async def test_a_request_that_slack_repeats_is_saved_once(tmp_path: Path) -> None:
    async with house(tmp_path, settings=HTTP) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        payload = json.dumps(home.hands.press_payload(ben, post, "C"))
        body = urllib.parse.urlencode({"payload": payload})
        for number in range(4):
            again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"} if number else {}
            assert await sent(home, body, {**signature(body), **again}) == 200
        await home.slack.until(lambda: len(ben.sees) == 4)
        assert responses(tmp_path) == 1
        assert ["You already chose C" in seen["text"] for seen in ben.sees] == [False, True, True, True]


async def test_a_request_that_is_too_large_is_refused_and_one_of_the_size_of_slacks_is_not(tmp_path: Path) -> None:
    async with house(tmp_path, settings=HTTP) as home:
        for room, status in ((200_000, 200), (LARGEST_REQUEST, 413)):
            body = f"{COMMAND}&text={'x' * room}"
            assert await sent(home, body, signature(body)) == status
