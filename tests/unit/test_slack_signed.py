"""Presses that are read without Bolt: the same text as forms have, and only what Slack has signed just now."""

import json
import time
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.adapters.slack.signed import OLDEST, form_value, is_signed, press
from tests.support.wire_slack import SIGNING_SECRET, signature

PRESS = {"type": "block_actions", "actions": [{"value": "tw1:a:1:B"}], "message": {"text": "50 % <b> ü 漢 🎓 = & +"}}


def form(payload: object) -> bytes:
    return urllib.parse.urlencode({"payload": json.dumps(payload)}).encode()


def test_a_signed_press_is_read() -> None:
    body = form(PRESS)
    assert press(body, signature(body.decode()), SIGNING_SECRET) == PRESS


@given(st.text())
def test_a_value_is_read_as_forms_are(text: str) -> None:
    try:
        encoded = urllib.parse.quote_plus(text)
    except UnicodeEncodeError:
        return
    assert form_value(encoded.encode()) == text
    assert form_value(encoded.lower().encode()) == urllib.parse.unquote_plus(encoded.lower())


@given(st.binary() | st.lists(st.sampled_from([b"%", b"4", b"f", b"g", b"+", b" ", b"%41", b"\t"])).map(b"".join))
def test_what_is_badly_written_is_left_or_read_as_forms_are(raw: bytes) -> None:
    found = form_value(raw)
    if found is not None:
        assert found == urllib.parse.unquote_to_bytes(raw.replace(b"+", b" ")).decode()


@pytest.mark.parametrize(
    "body",
    [
        form(PRESS | {"type": "view_submission"}),
        form([PRESS]),
        b"payload=%7B",
        b"payload=" + b"%5B" * 200_000,
        form(PRESS) + b"&payload=1",
        json.dumps(PRESS).encode(),
        b"",
    ],
    ids=["a form", "a list", "half of it", "too deep", "a second field", "no form", "nothing"],
)
def test_anything_else_is_left_to_bolt(body: bytes) -> None:
    headers = signature(body.decode())
    assert is_signed(body, headers, SIGNING_SECRET)
    assert press(body, headers, SIGNING_SECRET) is None


def test_signatures_are_judged_as_by_the_sdk() -> None:
    body, now = form(PRESS), time.time()
    good = signature(body.decode(), at=now)
    stamp, sign = good["X-Slack-Request-Timestamp"], good["X-Slack-Signature"]
    cases = [
        good,
        {**good, "X-Slack-Signature": sign[:-1] + ("0" if sign[-1] != "0" else "1")},
        {**good, "X-Slack-Signature": sign.upper()},
        {**good, "X-Slack-Signature": sign.removeprefix("v0=")},
        {**good, "X-Slack-Request-Timestamp": str(int(stamp) + 1)},
        signature(body.decode(), at=now - OLDEST - 2),
        signature(body.decode(), at=now + OLDEST + 2),
        signature(body.decode(), secret="another"),
        signature(body.decode() + " "),
    ]
    verifier = SignatureVerifier(SIGNING_SECRET)
    judged = [is_signed(body, headers, SIGNING_SECRET) for headers in cases]
    assert judged == [verifier.is_valid_request(body, headers) for headers in cases]
    assert judged == [True] + [False] * 8


@pytest.mark.parametrize("stamp", ["", "abc", "²", "-1", "1e9", "9" * 400, "１２３"])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    body = form(PRESS)
    headers = {**signature(body.decode()), "X-Slack-Request-Timestamp": stamp}
    assert not is_signed(body, headers, SIGNING_SECRET)


def test_nothing_is_signed_without_a_secret_or_a_signature() -> None:
    body = form(PRESS)
    assert not is_signed(body, signature(body.decode(), secret=""), "")
    assert not is_signed(body, {}, SIGNING_SECRET)
    assert not is_signed(body, {**signature(body.decode()), "X-Slack-Signature": "ü"}, SIGNING_SECRET)
