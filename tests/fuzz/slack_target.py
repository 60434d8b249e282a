"""Slack's requests, changed: signed ones over HTTP through the real Bolt to our desk and the whole product."""

import asyncio
import json
import urllib.parse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from bot.adapters.slack.transports import LARGEST_REQUEST
from tests.fuzz.looped import LoopedBench, looped
from tests.fuzz.mutation import mutated_bytes, mutated_json
from tests.fuzz.target import Complaints, Target, Wrong
from tests.support.wire_slack import FakeSlack, signature
from tests.support.wire_slack_house import HTTP, house
from tests.support.wire_slack_house import House as SlackHouse

FORM = "application/x-www-form-urlencoded"
TYPES = (FORM, "application/json", "text/plain", "", f"{FORM}; charset=utf-16", "multipart/x")

# Inputs are a line that says how to send the rest: "<kind>" with JSON, or "raw <content type>" with a body as it is.

OUR_LOGS = ("bot.", "slack_bolt.", "slack_sdk.", "asyncio")


class Recorder(FakeSlack):
    """Also keeps what is sent to the bot, as seeds."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[bytes] = []

    async def send(self, kind: str, payload: dict[str, Any], *, headers: Any = None) -> Any:
        """Send, and keep."""
        self.kept.append(f"{kind}\n{json.dumps(payload)}".encode())
        return await super().send(kind, payload, headers=headers)


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[LoopedBench]:
    slack = Recorder()
    await slack.start()
    try:
        async with house(folder, settings=HTTP, slack=slack) as home:
            await _usual_day(home)
            slack.problems.clear()
            with Complaints(OUR_LOGS).listening() as complaints:
                yield LoopedBench(check=partial(_sent, home, complaints), seeds=tuple(slack.kept))
                # What a changed request made us ask for is the request's fault.
                slack.problems.clear()
    finally:
        await slack.stop()


async def _usual_day(home: SlackHouse) -> None:
    """What people do, so that there is one seed of each kind."""
    slack, hands = home.slack, home.hands
    ben = slack.user("U1", "Ben")
    await home.set_up()
    await hands.command(home.admin, home.channel, "/trapwise schedule 10:00 UTC")
    await slack.until(lambda: "Schedule" in str(home.admin.sees))
    home.clock.advance(hours=1)
    await home.tick()
    post = home.channel.newest
    await hands.press(ben, post, "B")
    await slack.until(lambda: ben.sees)
    for line in ("/quiz 3", "/stats", "/leaderboard month", "/trapwise settings hide", "/cram", "/exam", "/trapwise x"):
        await hands.command(ben, home.channel, line)
    for line in ("/trapwise post-now", "/trapwise skip tomorrow", "/trapwise status"):
        await hands.command(home.admin, home.channel, line)
    await slack.until(lambda: slack.direct(ben).messages)
    own = next(iter(slack.direct(ben).messages.values()))
    await hands.press(ben, own, "A", channel=slack.direct(ben))
    await hands.open_home(ben)
    await slack.until(lambda: ben.home)
    await hands.event(ben.team, {"type": "tokens_revoked", "tokens": {"oauth": ["U9"]}})
    slack.events |= {"channel_id_changed"}
    await hands.event(ben.team, {"type": "channel_id_changed", "old_channel_id": "C8", "new_channel_id": "C9"})
    who = {"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1", "domain": "test"}, "trigger_id": "x"}
    view = {"id": "V1", "type": "modal", "callback_id": "old", "blocks": [], "private_metadata": ""}
    for kind in ("view_closed", "shortcut", "message_action", "block_suggestion"):
        await slack.send("interactive", {"type": kind, "callback_id": "none", "action_id": "a", "view": view, **who})
    await _quiet(home)


async def _sent(home: SlackHouse, complaints: Complaints, data: bytes) -> None:
    slack = home.slack
    head, _, rest = data.partition(b"\n")
    kind = head.decode(errors="replace")
    if kind.startswith("raw "):
        body, content = rest, kind.removeprefix("raw ")
    else:
        body, content = encoded(kind, json.loads(rest), slack.base)
    signed = signature(body.decode("latin-1")) if body.isascii() else _signed(body)
    headers = {**signed, "Content-Type": content if content.isprintable() and content.isascii() else FORM}
    assert slack.session is not None
    async with slack.session.post(slack.http, data=body, headers=headers) as answer:
        status = answer.status
    await _quiet(home)
    complaints.settle()
    if status >= 500 or (status == 413) != (len(body) > LARGEST_REQUEST):
        raise Wrong(f"answered with {status}")
    _tidy(slack)


def encoded(kind: str, payload: Any, base: str) -> tuple[bytes, str]:
    """A request as Slack sends it: the body and its type. Answers go nowhere but to the local Slack."""
    if isinstance(payload, dict) and not str(payload.get("response_url", "")).startswith(f"{base}/respond/"):
        payload = payload | {"response_url": "" if payload.get("response_url") is None else "http://127.0.0.1:9/gone"}
    if kind == "events_api" or not isinstance(payload, dict):
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    pairs = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in fields.items()]
    return urllib.parse.urlencode(pairs, errors="surrogatepass").encode(), FORM


def _signed(body: bytes) -> dict[str, str]:
    """Bolt checks the signature over the text that it reads, and refuses what is no text before that."""
    return signature(body.decode(errors="replace"))


async def _quiet(home: SlackHouse) -> None:
    """Wait until everything that followed is done, but not for Home tabs, which take their time."""
    assert home.parts.slack is not None
    running = home.parts.slack._tasks._running
    while waiting := [task for task in running if task.get_name() != "slack home"]:
        await asyncio.wait(waiting)


def _tidy(slack: FakeSlack) -> None:
    """Forget what was sent, or the memory fills."""
    if len(slack.calls) > 500:
        slack.calls.clear()
        slack.problems.clear()
        for user in slack.users.values():
            user.sees.clear()
            user.views.clear()


def mutated(random: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    """Mostly a change of the JSON, now and then of the bytes that are sent, or of their type."""
    head, _, rest = seed.partition(b"\n")
    if head.startswith(b"raw "):
        return head + b"\n" + mutated_bytes(random, rest, ())
    if random.random() < 0.1:
        body, content = encoded(head.decode(), json.loads(rest), "")
        if random.random() < 0.2:
            content = random.choice(
                (FORM, "application/json", "text/plain", "", f"{FORM}; charset=utf-16", "multipart/x")
            )
        return f"raw {content}\n".encode() + mutated_bytes(random, body, ())
    pieces = [other.partition(b"\n")[2] for other in others if not other.startswith(b"raw ")]
    return head + b"\n" + mutated_json(random, rest, pieces)


TARGETS = (Target(name="Slack requests", share=70, opened=partial(looped, _opened), mutate=mutated),)
