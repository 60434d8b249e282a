"""A local Slack: Web API, Socket Mode, response_urls and OAuth, spoken to by the real SDK over real sockets.

It lists what it supports (`Web.METHODS` and the routes below) and notes everything else in `problems`, as it does with
payloads that Slack would refuse, calls without the scope for them, and acknowledgements later than 3 s.
"""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from bot.connections import Newest
from tests.support import wire_slack_checks as checks

Json = dict[str, Any]

MANIFEST = Path(__file__).parents[2] / "slack-manifest.yaml"
APP_TOKEN = "xapp-1-A1-test"
SIGNING_SECRET = "signing-secret-of-the-tests"
CLIENT_ID, CLIENT_SECRET = "1.2", "client-secret-of-the-tests"
TEAM, BOT_TOKEN = "T1", "xoxb-1-test"

LATEST = 3.0
"""Seconds within which an action has to be acknowledged."""

USES, LASTS = 5, 1800.0
"""How often, and for how many seconds, a response_url works."""


@dataclass
class User:
    """Somebody in a workspace. `sees` are the messages that only they saw, in order."""

    id: str
    name: str
    team: str = TEAM
    admin: bool = False
    tz: str = "Europe/Berlin"
    stranger: bool = False
    sees: list[Json] = field(default_factory=list)
    views: list[Json] = field(default_factory=list)
    home: Json | None = None
    files: list[bytes] = field(default_factory=list)


@dataclass
class Channel:
    """A conversation. `refuses` is the error that every post gets, such as not_in_channel."""

    id: str
    name: str
    team: str = TEAM
    messages: dict[str, Json] = field(default_factory=dict)
    edits: list[Json] = field(default_factory=list)
    refuses: str = ""

    @property
    def newest(self) -> Json:
        """The message posted last."""
        return next(reversed(self.messages.values()))


@dataclass
class Grant:
    """A token that works."""

    team: str
    bot_user: str
    scopes: frozenset[str]
    enterprise: str = ""
    revoked: str = ""


@dataclass
class Failure:
    """What the next calls of a method get. `drop` cuts the connection, after the work was done if `done`.

    With `hold` they wait until it is set, and are then answered as if nothing were wrong.
    """

    error: str = ""
    status: int = 200
    retry_after: int | None = None
    drop: bool = False
    done: bool = False
    hold: asyncio.Event | None = None
    times: int = 1


@dataclass
class Ack:
    """How an action was acknowledged."""

    seconds: float
    status: int
    payload: Json


class FakeSlack:
    """One Slack with any number of workspaces."""

    METHODS: dict[str, str] = {
        "auth.test": "",
        "apps.connections.open": "",
        "oauth.v2.access": "",
        "chat.postMessage": "chat:write",
        "chat.postEphemeral": "chat:write",
        "chat.update": "chat:write",
        "users.info": "users:read",
        "views.open": "",
        "views.update": "",
        "views.publish": "",
        "files.getUploadURLExternal": "files:write",
        "files.completeUploadExternal": "files:write",
    }

    def __init__(self) -> None:
        manifest = yaml.safe_load(MANIFEST.read_text())
        self.scopes = frozenset(manifest["oauth_config"]["scopes"]["bot"])
        self.commands = frozenset(c["command"] for c in manifest["features"]["slash_commands"])
        self.events = frozenset(manifest["settings"]["event_subscriptions"]["bot_events"])
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.grants: dict[str, Grant] = {BOT_TOKEN: Grant(TEAM, "UBOT", self.scopes)}
        self.codes: dict[str, Json] = {}
        self.calls: list[tuple[str, Json]] = []
        self.problems: list[str] = []
        self.failures: dict[str, list[Failure]] = defaultdict(list)
        self.sockets: list[web.WebSocketResponse] = []
        self.urls: dict[str, Json] = {}
        self.triggers: dict[str, float] = {}
        self.trigger_owners: dict[str, str] = {}
        self.uploads: dict[str, bytes] = {}
        self.ready: set[str] = set()
        self.http = ""
        self.offset = 0.0
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._count = itertools.count(1)
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self.session: aiohttp.ClientSession | None = None
        self.base = ""
        self._last: tuple[bytes, Json] = (b"", {})

    async def start(self) -> "FakeSlack":
        """Listen on a free port."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/{number}", self._link)
        app.router.add_post("/respond/{number}", self._respond)
        app.router.add_post("/upload/{number}", self._upload)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        # So that the bot, whose memory is measured, has no more connections than it takes.
        self.session = aiohttp.ClientSession(connector=Newest())
        return self

    async def stop(self) -> None:
        """Close everything."""
        for socket in self.sockets:
            await socket.close()
        if self.session is not None:
            await self.session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api(self) -> str:
        """What SLACK_API_BASE_URL has to be."""
        return f"{self.base}/api/"

    def user(self, user_id: str, name: str, **rest: Any) -> User:
        """Somebody new."""
        self.users[user_id] = User(user_id, name, **rest)
        return self.users[user_id]

    def channel(self, channel_id: str, name: str, **rest: Any) -> Channel:
        """A new channel, with the app in it."""
        self.channels[channel_id] = Channel(channel_id, name, **rest)
        return self.channels[channel_id]

    def direct(self, user: User) -> Channel:
        """The direct messages of the app with somebody."""
        return self.channels.setdefault(f"D{user.id}", Channel(f"D{user.id}", "directmessage", user.team))

    def fail(self, method: str, **how: Any) -> None:
        """Let the next calls of a method fail."""
        self.failures[method].append(Failure(**how))

    def called(self, method: str) -> list[Json]:
        """The arguments of all calls of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    async def until(self, true: Callable[[], Any], *, seconds: float = 15) -> Any:
        """Wait until something holds, which is looked at whenever anything happens here; what it then is."""
        async with asyncio.timeout(seconds):
            async with self._changed:
                await self._changed.wait_for(lambda: bool(true()))
        return true()

    async def happened(self) -> None:
        """Let waiters look again."""
        async with self._changed:
            self._changed.notify_all()

    def now(self) -> float:
        """Seconds, on a clock that tests may set forward by `offset`."""
        return time.monotonic() + self.offset

    def stamp(self) -> str:
        """A new message time stamp."""
        return f"{1_700_000_000 + next(self._count)}.000100"

    def trigger(self, user: User) -> str:
        """A trigger_id for an action of this member: works once, for 3 s."""
        name = f"trigger.{next(self._count)}"
        self.triggers[name] = self.now()
        self.trigger_owners[name] = user.id
        return name

    def response_url(self, user: User, channel: str, message: str = "", *, ephemeral: bool = False) -> str:
        """A response_url for an action of this member."""
        number = str(next(self._count))
        self.urls[number] = {
            "user": user.id,
            "channel": channel,
            "message": message,
            "ephemeral": ephemeral,
            "uses": 0,
            "since": self.now(),
        }
        return f"{self.base}/respond/{number}"

    async def send(self, kind: str, payload: Json, *, headers: Json | None = None) -> Ack:
        """Bring an action to the bot over the socket, or over signed HTTP if `http` is set; how it acknowledged."""
        started = time.monotonic()
        if self.http:
            status, answer = await self._send_http(kind, payload, headers or {})
        else:
            status, answer = await self._send_socket(kind, payload)
        ack = Ack(time.monotonic() - started, status, answer)
        if ack.seconds > LATEST:
            self.problems.append(f"{kind} was acknowledged after {ack.seconds:.1f} s")
        if ack.status != 200 and headers is None:
            self.problems.append(f"{kind} was answered with {ack.status}")
        return ack

    async def _send_socket(self, kind: str, payload: Json) -> tuple[int, Json]:
        envelope = f"e{next(self._count)}"
        self._acks[envelope] = asyncio.get_running_loop().create_future()
        await self.until(lambda: self.sockets)
        await self.sockets[-1].send_json(
            {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        )
        async with asyncio.timeout(10):
            answer = await self._acks[envelope]
        return 200, answer.get("payload") or {}

    async def _send_http(self, kind: str, payload: Json, headers: Json) -> tuple[int, Json]:
        if kind == "slash_commands":
            body, content = urllib.parse.urlencode(payload), "application/x-www-form-urlencoded"
        elif kind == "interactive":
            body, content = (
                urllib.parse.urlencode({"payload": json.dumps(payload)}),
                "application/x-www-form-urlencoded",
            )
        else:
            body, content = json.dumps(payload), "application/json"
        signed = {"Content-Type": content, **signature(body), **headers}
        self._last = (body.encode(), signed)
        return await self.replay()

    async def replay(self) -> tuple[int, Json]:
        """Send the last signed request once more, byte for byte; the status and what was answered."""
        assert self.session is not None
        body, signed = self._last
        async with self.session.post(self.http, data=body, headers=signed) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text.startswith("{") else {}

    async def _unknown(self, request: web.Request) -> web.Response:
        self.problems.append(f"a route that isn't there: {request.method} {request.path}")
        return web.Response(status=404)

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self.sockets.append(socket)
        await self.happened()
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                answer = json.loads(message.data)
                waiting = self._acks.pop(answer.get("envelope_id", ""), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        if socket in self.sockets:
            self.sockets.remove(socket)
        await self.happened()
        return socket

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        url = self.urls.get(request.match_info["number"])
        if url is None or url["uses"] >= USES or self.now() - url["since"] > LASTS:
            return web.json_response({"ok": False, "error": "expired_url" if url else "used_url"}, status=404)
        failure = self._failure("response_url")
        if failure is not None:
            return await self._failed(request, failure)
        url["uses"] += 1
        self.calls.append(("response_url", body))
        self.problems += [f"response_url: {fault}" for fault in checks.faults_of_message(body)]
        user = self.users[url["user"]]
        shown = {**body, "channel": url["channel"], "ts": self.stamp(), "url": request.match_info["number"]}
        if body.get("replace_original"):
            if url["ephemeral"]:
                user.sees[:] = [shown if old["ts"] == url["message"] else old for old in user.sees]
            else:
                self.problems.append("a public message was replaced by a response")
        elif body.get("response_type") == "in_channel":
            self.channels[url["channel"]].messages[shown["ts"]] = shown
        else:
            user.sees.append(shown)
        await self.happened()
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        self.uploads[request.match_info["number"]] = await request.read()
        return web.Response(text="OK - uploaded")

    async def _api(self, request: web.Request) -> web.StreamResponse:
        from tests.support.wire_slack_methods import answer  # it needs this class

        method = request.match_info["method"]
        arguments = await _arguments(request)
        given = request.headers.get("Authorization", "")
        if given.startswith("Basic "):
            name, _, secret = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")
            arguments |= {"client_id": name, "client_secret": secret}
        token = given.removeprefix("Bearer ") or arguments.pop("token", "")
        failure = self._failure(method)
        if failure is not None and failure.hold is not None:
            await failure.hold.wait()
            failure = None
        if failure is not None and not failure.done:
            self.calls.append((method, arguments))
            return await self._failed(request, failure)
        if method not in self.METHODS:
            self.problems.append(f"a method that isn't there: {method}")
            return web.json_response({"ok": False, "error": "unknown_method"})
        self.calls.append((method, arguments))
        found = answer(self, method, arguments, token)
        await self.happened()
        if failure is not None:
            return await self._failed(request, failure)
        grant = self.grants.get(token)
        headers = {"x-oauth-scopes": ",".join(sorted(grant.scopes))} if grant else {}
        return web.json_response(found, headers=headers)

    def _failure(self, method: str) -> Failure | None:
        waiting = self.failures.get(method)
        if not waiting:
            return None
        waiting[0].times -= 1
        return waiting.pop(0) if waiting[0].times <= 0 else waiting[0]

    async def _failed(self, request: web.Request, failure: Failure) -> web.StreamResponse:
        await self.happened()
        if failure.drop:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if failure.retry_after is not None:
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(failure.retry_after)}
            )
        return web.json_response({"ok": False, "error": failure.error}, status=failure.status)


def signature(body: str, *, at: float | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers that prove a request to be Slack's."""
    stamp = str(int(at if at is not None else time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


async def _arguments(request: web.Request) -> Json:
    """Arguments from query, form or JSON: the SDK uses all three. Nested ones come as JSON text in forms."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    elif request.method == "POST":
        found |= dict(await request.post())
    for name in ("blocks", "metadata", "view", "files"):
        if isinstance(found.get(name), str):
            found[name] = json.loads(found[name])
    return found
