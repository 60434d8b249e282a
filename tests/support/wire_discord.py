"""A local Discord: gateway and REST as the real discord.py needs them, and people who press.

It lists the routes it supports; any other fails the test. Every body the bot sends is checked against the
published description (where there is a copy) and the rules written by hand; `faults` collects what is wrong.
"""

import json
from typing import Any

from aiohttp import BodyPartReader, web

from tests.support import wire_discord_rules as rules
from tests.support import wire_discord_world as world
from tests.support.wire_discord_people import People
from tests.support.wire_discord_routes import Routes
from tests.support.wire_discord_spec import spec
from tests.support.wire_discord_state import Refusal, Sent


class FakeDiscord(Routes, People):
    """Start it, make servers and people, point the bot at `environment`, and look at what arrived."""

    def __init__(self, *, shards: int = 1) -> None:
        super().__init__(shards=shards)
        self._runner: web.AppRunner | None = None
        self.base = ""

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
        handler = self.route(sent.method, parts)
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
                    wrong += rules.message_faults(
                        body, files=sent.files, edit=edit, held=self.held(sent) if edit else None
                    )
            elif "messages" in sent.path or sent.path.startswith("/webhooks/"):
                wrong += rules.message_faults(body, files=sent.files, edit=edit, held=self.held(sent) if edit else None)
        if wrong:
            self.faults += [f"{sent.method} {sent.path}: {line}" for line in wrong]
            raise Refusal(400, 50035, f"Invalid Form Body {wrong}")


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
