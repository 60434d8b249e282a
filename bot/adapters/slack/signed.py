"""Signed requests of Slack's, checked and read without Bolt, so that a press costs a third of what it would.

Bolt builds a request, a context and a response for each, and has its form decoded byte by byte, which for the message
that comes with every press is the largest part of all. Only what is surely a press, and surely signed, is read here;
whatever else goes Bolt's way, refusals included.
Signatures: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import binascii
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.adapters.slack.inbound import Body

OLDEST = 5 * 60
"""Seconds that a request may be old, or ahead of our clock; one that is caught and sent again later is refused."""

_FIELD = b"payload="
_AS_QUOTED = bytes.maketrans(b"+%", b" =")


def press(body: bytes, headers: Mapping[str, str], secret: str, *, now: Callable[[], float] = time.time) -> Body | None:
    """The payload of a signed press; None for anything else, which nothing is said of here."""
    if not body.startswith(_FIELD) or not is_signed(body, headers, secret, now=now):
        return None
    text = form_value(body[len(_FIELD) :])
    try:
        found: Any = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("type") == "block_actions" else None


def is_signed(body: bytes, headers: Mapping[str, str], secret: str, *, now: Callable[[], float] = time.time) -> bool:
    """Whether the body is Slack's, and sent just now."""
    stamp, given = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    if not (secret and stamp.isascii() and stamp.isdecimal() and len(stamp) < 20 and given.isascii()):
        return False
    if abs(now() - int(stamp)) > OLDEST:
        return False
    wanted = hmac.digest(secret.encode(), b"v0:%b:%b" % (stamp.encode(), body), "sha256").hex()
    return hmac.compare_digest(f"v0={wanted}", given)


def form_value(encoded: bytes) -> str | None:
    """The text of a form's only field, or None if it isn't written as Slack writes it.

    Quoted-printable marks bytes by `=` and two digits where forms have `%`, and Python reads it in C, nine times as
    fast as forms. A value has neither `=`, nor `&`, nor line ends of its own.
    """
    if any(sign in encoded for sign in (b"=", b"&", b"\n", b"\r")):
        return None
    found = binascii.a2b_qp(encoded.translate(_AS_QUOTED))
    # Each sign that is written with three becomes one; what is badly written doesn't.
    if len(found) != len(encoded) - 2 * encoded.count(b"%"):
        return None
    try:
        return found.decode()
    except UnicodeDecodeError:
        return None
