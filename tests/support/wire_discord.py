"""A local Discord: gateway and REST as the real discord.py needs them, and people who press.

It lists the routes it supports; any other fails the test. Every body the bot sends is checked against the
published description (where there is a copy) and the rules written by hand; `faults` collects what is wrong.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.support import wire_discord_rules as rules
from tests.support import wire_discord_world as world
from tests.support.wire_discord_gateway import Gateway
from tests.support.wire_discord_spec import spec
from tests.support.wire_discord_world import APPLICATION, Channel, Guild, Interaction, Person, bot_user

EPOCH = 1420070400000
DEADLINE = 3.0
OLD = 3600.0
PATIENCE = 15.0


@dataclass(slots=True, kw_only=True)
class Sent:
    """One request of the bot's and how it was answered."""

    method: str
    path: str
    body: Any
    files: dict[str, bytes]
    status: int = 0


@dataclass(slots=True, kw_only=True)
class Trouble:
    """What happens to the next requests of a route. `done` carries the request out before answering so."""

    method: str
    ending: str
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    done: bool = False
    cut: bool = False
    gate: asyncio.Event | None = None


class Refusal(Exception):
    """An error answer with Discord's own code."""

    def __init__(self, status: int, code: int, message: str = "refused") -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


class FakeDiscord:
    """Start it, make servers and people, point the bot at `settings`, and look at what arrived."""

    def __init__(self, *, shards: int = 1) -> None:
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, dict[str, Any]] = {}
        self.interactions: dict[int, Interaction] = {}
        self.commands: list[dict[str, Any]] = []
        self.syncs: list[str] = []
        self.sent: list[Sent] = []
        self.faults: list[str] = []
        self.troubles: list[Trouble] = []
        self.shards, self.remaining, self.reset_after = shards, 1000, 60_000
        self.age_messages_by = 0.0
        self.changed = asyncio.Condition()
        self.gateway = Gateway(self.guilds, world.TOKEN)
        self._nonces: dict[tuple[int, str], int] = {}
        self._old_edits: dict[int, int] = {}
        self._count = 0
        self._runner: web.AppRunner | None = None
        self.base = ""

    # Running

    async def start(self) -> "FakeDiscord":
        """Listen on a free port of the loopback."""
        app = web.Application(client_max_size=30 * 2**20)
        app.router.add_get("/gw", self.gateway.handle)
        app.router.add_get("/gw/", self.gateway.handle)
        app.router.add_route("*", "/api/v10/{tail:.*}", self._rest)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}/api/v10"
        self.gateway.url = f"ws://{host}:{port}/gw"
        return self

    async def stop(self) -> None:
        """Stop listening."""
        await self.gateway.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    def environment(self) -> dict[str, str]:
        """What a process needs to find this Discord."""
        return {
            "DISCORD_TOKEN": world.TOKEN,
            "DISCORD_API_BASE": self.base,
            "DISCORD_GATEWAY_URL": self.gateway.url,
        }

    # The world

    def snowflake(self) -> int:
        """A new id that carries the present time, as all of Discord's do."""
        self._count += 1
        return (int((time.time() - self.age_messages_by) * 1000) - EPOCH) << 22 | self._count

    def guild(self, name: str = "Night school", number: int = 0) -> Guild:
        """A new server. The bot is told of it when it connects, or by `announce`."""
        made = Guild(id=number or self.snowflake(), name=name)
        self.guilds[made.id] = made
        return made

    def channel(self, guild: Guild, **about: Any) -> Channel:
        """A new channel or thread in the server."""
        made = Channel(id=self.snowflake(), guild=guild.id, **about)
        guild.channels[made.id] = self.channels[made.id] = made
        return made

    def direct(self) -> Channel:
        """A direct message with the bot."""
        made = Channel(id=self.snowflake(), guild=None, kind=world.DM, name="")
        self.channels[made.id] = made
        return made

    def bot_may(self, channel: Channel) -> int:
        """The bot's permissions: a thread's are its parent's."""
        return self.channels[channel.parent].bot if channel.parent else channel.bot

    def trouble(self, method: str, ending: str, **what: Any) -> Trouble:
        """Let the next requests whose path ends so go wrong."""
        made = Trouble(method=method, ending=ending, **what)
        self.troubles.append(made)
        return made

    async def until(self, wanted: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
        """Wait until something is so, woken by each request; its value."""
        try:
            async with asyncio.timeout(seconds), self.changed:
                await self.changed.wait_for(lambda: bool(wanted()))
        except TimeoutError:
            told = [f"{found.method} {found.path} {found.status}" for found in self.sent[-12:]]
            raise AssertionError(f"waited in vain; the last requests: {told}") from None
        return wanted()

    async def connected(self, times: int = 1) -> None:
        """Wait until the bot has logged in so often."""
        async with asyncio.timeout(PATIENCE), self.gateway.changed:
            await self.gateway.changed.wait_for(lambda: len(self.gateway.sessions) >= times)

    def posts(self, channel: Channel) -> list[dict[str, Any]]:
        """The messages of a channel, oldest first, those still there."""
        return [self.messages[number] for number in channel.messages if number in self.messages]

    def requests(self, method: str, ending: str) -> list[Sent]:
        """What the bot asked for so far."""
        return [found for found in self.sent if found.method == method and found.path.endswith(ending)]

    # People

    async def press(self, person: Person, message: dict[str, Any], custom_id: str, **more: Any) -> Interaction:
        """Press a button, or with `values` choose from a menu; returns at once."""
        kind = 3 if "values" in more else 2
        data = {"custom_id": custom_id, "component_type": kind} | more
        return await self._interact(person, self.channels[int(message["channel_id"])], 3, data, message)

    async def command(self, person: Person, channel: Channel, line: str, **options: Any) -> Interaction:
        """Give a command: its name, or a group's and its own."""
        name, _, sub = line.partition(" ")
        given: list[dict[str, Any]] = [
            {"name": key, "type": 4 if isinstance(value, int) else 3, "value": value} for key, value in options.items()
        ]
        if sub:
            given = [{"name": sub, "type": 1, "options": given}]
        data = {"id": "7", "name": name, "type": 1, "options": given}
        return await self._interact(person, channel, 2, data, None)

    async def complete(self, person: Person, channel: Channel, line: str, argument: str, typed: str) -> list[str]:
        """Type into an argument; the values offered."""
        name, _, sub = line.partition(" ")
        given: list[dict[str, Any]] = [{"name": argument, "type": 3, "value": typed, "focused": True}]
        if sub:
            given = [{"name": sub, "type": 1, "options": given}]
        data = {"id": "7", "name": name, "type": 1, "options": given}
        interaction = await self._interact(person, channel, 4, data, None)
        await asyncio.wait_for(interaction.answered.wait(), PATIENCE)
        assert interaction.callback is not None
        return [choice["value"] for choice in interaction.callback["data"]["choices"]]

    async def submit(self, opened: Interaction, **values: Any) -> Interaction:
        """Send the modal that an interaction opened, with some fields changed."""
        assert opened.callback is not None
        assert opened.callback["type"] == 9, opened.callback
        modal = opened.callback["data"]
        filled = []
        for top in modal["components"]:
            if top["type"] != 18:
                continue
            part = top["component"]
            chosen = [option["value"] for option in part.get("options") or () if option.get("default")]
            value = values.get(part["custom_id"], part.get("value", "") if part["type"] == 4 else chosen)
            answer: dict[str, Any] = {"type": part["type"], "custom_id": part["custom_id"], "id": 1}
            if part["type"] in (4, 21):
                answer["value"] = value if isinstance(value, str) else (value[0] if value else None)
            else:
                answer["values"] = [value] if isinstance(value, str) else list(value)
            filled.append({"type": 18, "id": 2, "component": answer})
        data = {"custom_id": modal["custom_id"], "components": filled}
        source = self.messages.get(opened.source) if opened.source else None
        return await self._interact(opened.person, opened.channel, 5, data, source)

    async def answer(self, interaction: Interaction) -> dict[str, Any]:
        """Wait for what the presser sees at last: the answer, or what came after a deferral."""
        try:
            await asyncio.wait_for(interaction.finished.wait(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"no answer: {interaction.callback}, faults {self.faults}") from None
        return interaction.shown

    async def _interact(
        self, person: Person, channel: Channel, kind: int, data: dict[str, Any], message: dict[str, Any] | None
    ) -> Interaction:
        number = self.snowflake()
        made = Interaction(
            id=number,
            token=f"secret-{number}",
            kind=kind,
            person=person,
            channel=channel,
            source=int(message["id"]) if message else None,
        )
        self.interactions[number] = made
        user_install = channel.guild is not None and channel.guild not in self.guilds
        event: dict[str, Any] = {
            "id": str(number),
            "application_id": str(APPLICATION),
            "type": kind,
            "token": made.token,
            "version": 1,
            "attachment_size_limit": 10 * 2**20,
            "entitlements": [],
            "locale": "en-US",
            "data": data,
            "channel": channel.payload(),
            "channel_id": str(channel.id),
            "app_permissions": str(self.bot_may(channel)),
            "authorizing_integration_owners": (
                {"1": str(person.id)} if channel.guild is None or user_install else {"0": str(channel.guild)}
            ),
            "context": 0 if channel.guild is not None else 1,
        }
        if message is not None:
            event["message"] = message
        if channel.guild is None:
            event["user"] = person.user()
        else:
            event |= {
                "guild_id": str(channel.guild),
                "guild": {"id": str(channel.guild), "features": [], "locale": "en-US"},
                "member": {
                    "user": person.user(),
                    "roles": [],
                    "permissions": str(person.permissions),
                    "joined_at": "2026-11-01T00:00:00+00:00",
                    "nick": None,
                    "deaf": False,
                    "mute": False,
                    "flags": 0,
                },
            }
        await self.gateway.dispatch("INTERACTION_CREATE", event, guild=channel.guild)
        return made

    # REST

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["tail"]
        body, files = await _read(request)
        sent = Sent(method=request.method, path=path, body=body, files=files)
        self.sent.append(sent)
        trouble = next(
            (t for t in self.troubles if t.times and t.method == request.method and path.endswith(t.ending)), None
        )
        try:
            if trouble is not None:
                trouble.times -= 1
                if trouble.gate is not None:
                    await trouble.gate.wait()
                if trouble.done:
                    await self._carry_out(request, sent)
                if trouble.cut:
                    assert request.transport is not None
                    request.transport.abort()
                    sent.status = -1
                    return web.Response()
                if trouble.gate is None:
                    sent.status = trouble.status
                    return _json(trouble.body or {"message": "trouble", "code": 0}, trouble.status, trouble.headers)
            answer = await self._carry_out(request, sent)
            sent.status = 200 if answer is not None else 204
            return _json(answer) if answer is not None else web.Response(status=204)
        except Refusal as refused:
            sent.status = refused.status
            return _json({"message": refused.message, "code": refused.code}, refused.status)
        finally:
            async with self.changed:
                self.changed.notify_all()

    async def _carry_out(self, request: web.Request, sent: Sent) -> Any:
        interaction = sent.path.startswith(("/interactions/", "/webhooks/"))
        if not interaction and request.headers.get("Authorization") != f"Bot {world.TOKEN}":
            raise Refusal(401, 0, "401: Unauthorized")
        self._check(sent)
        parts = tuple(sent.path.strip("/").split("/"))
        handler = self._route(sent.method, parts)
        if handler is None:
            self.faults.append(f"{sent.method} {sent.path} is no route of this fake")
            raise Refusal(404, 0, "404: Not Found")
        return await handler(sent, request)

    def _check(self, sent: Sent) -> None:
        described = spec()
        wrong = described.faults(sent.method, sent.path, sent.body) if described is not None else []
        last = sent.path.rsplit("/", 1)[-1]
        if isinstance(sent.body, list) and last == "commands":
            wrong += rules.command_faults(sent.body)
        elif isinstance(sent.body, dict):
            body, edit = sent.body, sent.method == "PATCH"
            if last == "callback":
                body, edit = sent.body.get("data") or {}, sent.body["type"] == 7
                if sent.body["type"] == 9:
                    wrong += rules.modal_faults(body)
                elif sent.body["type"] in (4, 7):
                    wrong += rules.message_faults(body, files=sent.files, edit=edit)
            elif "messages" in sent.path or sent.path.startswith("/webhooks/"):
                wrong += rules.message_faults(body, files=sent.files, edit=edit)
        if wrong:
            self.faults += [f"{sent.method} {sent.path}: {line}" for line in wrong]
            raise Refusal(400, 50035, f"Invalid Form Body {wrong}")

    def _route(self, method: str, parts: tuple[str, ...]) -> Callable[[Sent, web.Request], Awaitable[Any]] | None:
        async def constant(value: Any) -> Any:
            return value

        match method, parts:
            case "GET", ("gateway", "bot"):
                limit = {
                    "total": 1000,
                    "remaining": self.remaining,
                    "reset_after": self.reset_after,
                    "max_concurrency": 1,
                }
                found = {"url": self.gateway.url, "shards": self.shards, "session_start_limit": limit}
                return lambda *_: constant(found)
            case "GET", ("users", "@me"):
                return lambda *_: constant(bot_user())
            case "GET", ("oauth2", "applications", "@me"):
                return lambda *_: constant(_application())
            case "PUT", ("applications", _, "commands") | ("applications", _, "guilds", _, "commands"):
                return self._put_commands
            case "POST", ("users", "@me", "channels"):
                return self._open_direct
            case "GET" | "PATCH", ("channels", number):
                return lambda sent, _: self._one_channel(int(number), sent)
            case "POST", ("channels", number, "messages"):
                return lambda sent, _: self._post(int(number), sent)
            case "GET", ("channels", number, "messages"):
                return lambda _, request: self._history(int(number), request)
            case "PATCH", ("channels", _, "messages", number):
                return lambda sent, _: self._edit(int(number), sent)
            case "POST", ("interactions", number, token, "callback"):
                return lambda sent, _: self._callback(int(number), token, sent)
            case "POST", ("webhooks", _, token):
                return lambda sent, _: self._followup(token, sent)
            case "PATCH" | "DELETE", ("webhooks", _, token, "messages", "@original"):
                return lambda sent, _: self._original(token, sent)
            case _:
                return None

    async def _put_commands(self, sent: Sent, _: web.Request) -> list[dict[str, Any]]:
        self.commands = list(sent.body)
        self.syncs.append(sent.path)
        return [
            command | {"id": str(number), "application_id": str(APPLICATION), "version": "1"}
            for number, command in enumerate(self.commands, start=1)
        ]

    async def _open_direct(self, sent: Sent, _: web.Request) -> dict[str, Any]:
        return self.direct().payload()

    async def _one_channel(self, number: int, sent: Sent) -> dict[str, Any]:
        channel = self._there(number)
        if sent.method == "PATCH":
            if channel.locked:
                raise Refusal(403, 50013, "Missing Permissions")
            channel.archived = bool(sent.body["archived"])
        return channel.payload()

    async def _post(self, number: int, sent: Sent) -> dict[str, Any]:
        channel = self._there(number)
        self._may_send(channel)
        nonce = sent.body.get("nonce")
        known = self._nonces.get((number, str(nonce))) if nonce and sent.body.get("enforce_nonce") else None
        if known is not None and known in self.messages:
            return self.messages[known]
        channel.archived = False
        made = self._message(channel, sent.body, sent.files)
        channel.messages.append(int(made["id"]))
        if nonce:
            self._nonces[(number, str(nonce))] = int(made["id"])
        return made

    async def _history(self, number: int, request: web.Request) -> list[dict[str, Any]]:
        channel = self._there(number)
        if not self.bot_may(channel) & world.HISTORY:
            return []
        limit = int(request.query.get("limit", "50"))
        after, before = int(request.query.get("after", "0")), int(request.query.get("before", str(1 << 63)))
        found = [m for m in self.posts(channel) if after < int(m["id"]) < before]
        return list(reversed(found))[:limit]

    async def _edit(self, number: int, sent: Sent) -> dict[str, Any]:
        message = self.messages.get(number)
        if message is None:
            raise Refusal(404, 10008, "Unknown Message")
        channel = self._there(int(message["channel_id"]))
        if channel.archived:
            raise Refusal(400, 50083, "Thread is archived")
        if time.time() - ((number >> 22) + EPOCH) / 1000 > OLD:
            self._old_edits[number] = self._old_edits.get(number, 0) + 1
            if self._old_edits[number] > 3:
                raise Refusal(429 if False else 400, 30046, "Maximum number of edits to messages older than 1 hour")
        self._change(message, sent)
        return message

    async def _callback(self, number: int, token: str, sent: Sent) -> dict[str, Any]:
        interaction = self.interactions.get(number)
        if interaction is None or interaction.token != token:
            raise Refusal(404, 10062, "Unknown interaction")
        if interaction.callback is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        after = time.monotonic() - interaction.made
        if after > DEADLINE:
            raise Refusal(404, 10062, "Unknown interaction")
        kind, data = sent.body["type"], sent.body.get("data") or {}
        allowed = {2: (4, 5, 9), 3: (4, 5, 6, 7, 9), 4: (8,), 5: (4, 5, 6, 7)}[interaction.kind]
        if kind not in allowed or (interaction.kind == 5 and kind in (6, 7) and interaction.source is None):
            self.faults.append(f"callback type {kind} to an interaction of type {interaction.kind}")
            raise Refusal(400, 50035, "Invalid Form Body")
        interaction.callback, interaction.callback_after = sent.body, after
        described: dict[str, Any] = {"id": str(number), "type": interaction.kind}
        resource: dict[str, Any] = {"type": kind}
        if kind in (4, 5):
            flags = data.get("flags", 0)
            interaction.original = self._message(interaction.channel, data, sent.files, flags=flags)
            interaction.original["files"] = sent.files
            if not flags & rules.EPHEMERAL and kind == 4:
                interaction.channel.messages.append(int(interaction.original["id"]))
            described |= {"response_message_id": interaction.original["id"]}
            resource["message"] = {k: v for k, v in interaction.original.items() if k != "files"}
        if kind == 7:
            assert interaction.source is not None
            interaction.original = self.messages[interaction.source]
            self._change(interaction.original, sent, data)
            resource["message"] = {k: v for k, v in interaction.original.items() if k != "files"}
        interaction.answered.set()
        if kind not in (5, 6):
            interaction.finished.set()
        return {"interaction": described, "resource": resource}

    async def _followup(self, token: str, sent: Sent) -> dict[str, Any]:
        interaction = self._by_token(token)
        body = dict(sent.body)
        thinking = interaction.callback is not None and interaction.callback["type"] == 5
        if thinking and interaction.original is not None and not interaction.followups:
            # The first follow-up of a deferral keeps the deferral's visibility.
            body["flags"] = body.get("flags", 0) | (interaction.original["flags"] & rules.EPHEMERAL)
        made = self._message(interaction.channel, body, sent.files, flags=body.get("flags", 0))
        interaction.followups.append(made | {"files": sent.files})
        interaction.finished.set()
        return made

    async def _original(self, token: str, sent: Sent) -> dict[str, Any] | None:
        interaction = self._by_token(token)
        if sent.method == "DELETE":
            interaction.original = None
            return None
        if interaction.original is None and interaction.source is not None:
            interaction.original = self.messages[interaction.source]
        if interaction.original is None:
            raise Refusal(404, 10008, "Unknown Message")
        self._change(interaction.original, sent)
        interaction.original["files"] = sent.files
        interaction.finished.set()
        return {k: v for k, v in interaction.original.items() if k != "files"}

    def _by_token(self, token: str) -> Interaction:
        found = next((i for i in self.interactions.values() if i.token == token), None)
        if found is None or found.callback is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        if found.expired:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return found

    def _there(self, number: int) -> Channel:
        channel = self.channels.get(number)
        if channel is None or channel.gone:
            raise Refusal(404, 10003, "Unknown Channel")
        if channel.guild is not None and not self.bot_may(channel) & world.VIEW:
            raise Refusal(403, 50001, "Missing Access")
        return channel

    def _may_send(self, channel: Channel) -> None:
        if channel.guild is None:
            return
        needed = world.SEND_IN_THREADS if channel.kind in world.THREADS else world.SEND
        if not self.bot_may(channel) & needed:
            raise Refusal(403, 50013, "Missing Permissions")
        if channel.locked:
            raise Refusal(403, 160005, "Thread is locked")
        if channel.kind == world.FORUM:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")

    def _message(
        self, channel: Channel, body: dict[str, Any], files: dict[str, bytes], *, flags: int | None = None
    ) -> dict[str, Any]:
        number = self.snowflake()
        made: dict[str, Any] = {
            "id": str(number),
            "channel_id": str(channel.id),
            "type": 0,
            "author": bot_user(),
            "content": body.get("content") or "",
            "timestamp": "2026-11-23T09:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": body.get("embeds") or [],
            "pinned": False,
            "flags": body.get("flags", 0) if flags is None else flags,
            "components": _numbered(body.get("components") or []),
        }
        if body.get("nonce"):
            made["nonce"] = body["nonce"]
        self.messages[number] = made
        return made

    @staticmethod
    def _change(message: dict[str, Any], sent: Sent, data: dict[str, Any] | None = None) -> None:
        body = sent.body if data is None else data
        if message["flags"] & rules.V2 and "flags" in body and not body["flags"] & rules.V2:
            raise Refusal(400, 50035, "the layout flag can't be removed")
        if "components" in body:
            message["components"] = _numbered(body["components"])
        if "content" in body:
            message["content"] = body["content"] or ""
        message["flags"] |= body.get("flags", 0)
        message["edited_timestamp"] = "2026-11-23T09:01:00+00:00"


def _application() -> dict[str, Any]:
    return {
        "id": str(APPLICATION),
        "name": "Trapwise",
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "",
        "owner": Person(id=1, name="Host").user(),
        "team": None,
        "flags": 0,
    }


def _numbered(components: Any) -> list[dict[str, Any]]:
    """Components as Discord gives them back: each with a number."""
    copied: list[dict[str, Any]] = json.loads(json.dumps(components))
    for number, part in enumerate(rules.walk(copied), start=1):
        part.setdefault("id", number)
    return copied


async def _read(request: web.Request) -> tuple[Any, dict[str, bytes]]:
    if request.content_type == "multipart/form-data":
        body: Any = None
        files: dict[str, bytes] = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            if part.name == "payload_json":
                body = json.loads(await part.text())
            else:
                files[str(part.filename)] = bytes(await part.read())
        return body, files
    raw = await request.read()
    return (json.loads(raw) if raw else None), {}


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py reads JSON only if the type is exactly this.
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )
