"""The routes of the fake's REST side, each as Discord answers it."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.support import wire_discord_rules as rules
from tests.support import wire_discord_world as world
from tests.support.wire_discord_state import EPOCH, Refusal, Sent, State
from tests.support.wire_discord_world import APPLICATION, Channel, Interaction, Person, bot_user

OLD = 3600.0

Handler = Callable[[Sent, web.Request], Awaitable[Any]]


class Routes(State):
    """Finds the handler of a route; a route that isn't here is a failure of the test."""

    def route(self, method: str, parts: tuple[str, ...]) -> Handler | None:
        async def constant(value: Any) -> Any:
            return value

        match method, parts:
            case "GET", ("gateway", "bot"):
                limit = {
                    "total": 1000,
                    "remaining": self.remaining,
                    "reset_after": self.reset_after,
                    "max_concurrency": self.max_concurrency,
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
                raise Refusal(400, 30046, "Maximum number of edits to messages older than 1 hour")
        self._change(message, sent)
        return message

    async def _callback(self, number: int, token: str, sent: Sent) -> dict[str, Any]:
        interaction = self.interactions.get(number)
        if interaction is None or interaction.token != token:
            raise Refusal(404, 10062, "Unknown interaction")
        if interaction.callback is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        after = time.monotonic() - interaction.made
        if after > self.deadline:
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
            if not flags & rules.EPHEMERAL and kind == 4:
                interaction.channel.messages.append(int(interaction.original["id"]))
            described |= {"response_message_id": interaction.original["id"]}
            resource["message"] = interaction.original
        if kind == 7:
            assert interaction.source is not None
            interaction.original = self.messages[interaction.source]
            self._change(interaction.original, sent, data)
            resource["message"] = interaction.original
        interaction.answered.set()
        if kind not in (5, 6):
            interaction.finished.set()
        return {"interaction": described, "resource": resource}

    async def _followup(self, token: str, sent: Sent) -> dict[str, Any]:
        interaction = self._by_token(token)
        body = dict(sent.body)
        thinking = interaction.callback is not None and interaction.callback["type"] == 5
        if thinking and interaction.original is not None and not interaction.finished.is_set():
            # A follow-up that is what a deferral was waiting for keeps the deferral's visibility.
            body["flags"] = body.get("flags", 0) | (interaction.original["flags"] & rules.EPHEMERAL)
        made = self._message(interaction.channel, body, sent.files, flags=body.get("flags", 0))
        interaction.followups.append(made)
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
        interaction.finished.set()
        return interaction.original

    def held(self, sent: Sent) -> dict[str, str]:
        """The files of the message that a request is about to edit, names by id."""
        match sent.path.strip("/").split("/"):
            case ["channels", _, "messages", number]:
                message = self.messages.get(int(number))
            case ["interactions", number, _, "callback"]:
                interaction = self.interactions.get(int(number))
                message = self.messages.get(interaction.source or 0) if interaction else None
            case [_, _, token, *_]:
                by_token = next((i for i in self.interactions.values() if i.token == token), None)
                message = by_token.original or self.messages.get(by_token.source or 0) if by_token else None
            case _:
                message = None
        return {found["id"]: found["filename"] for found in message["attachments"]} if message else {}

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
            "attachments": self._uploaded(files),
            "embeds": body.get("embeds") or [],
            "pinned": False,
            "flags": body.get("flags", 0) if flags is None else flags,
        }
        made["components"] = _resolved(body.get("components") or [], made["attachments"])
        if body.get("nonce"):
            made["nonce"] = body["nonce"]
        self.messages[number] = made
        return made

    def _uploaded(self, files: dict[str, bytes]) -> list[dict[str, Any]]:
        """New attachments, each at an address of its own."""
        made = []
        for name, content in files.items():
            number = self.snowflake()
            self.uploads[number] = content
            url = f"https://cdn.discordapp.example/attachments/{number}/{name}"
            made.append({"id": str(number), "filename": name, "size": len(content), "url": url, "proxy_url": url})
        return made

    def _change(self, message: dict[str, Any], sent: Sent, data: dict[str, Any] | None = None) -> None:
        body = sent.body if data is None else data
        if message["flags"] & rules.V2 and "flags" in body and not body["flags"] & rules.V2:
            raise Refusal(400, 50035, "the layout flag can't be removed")
        left = rules.kept(body, {found["id"]: found["filename"] for found in message["attachments"]})
        message["attachments"] = [found for found in message["attachments"] if found["id"] in left]
        message["attachments"] += self._uploaded(sent.files)
        if "components" in body:
            message["components"] = _resolved(body["components"], message["attachments"])
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


def _resolved(components: Any, attachments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Components as Discord gives them back: each with a number, and each file with its address."""
    copied: list[dict[str, Any]] = json.loads(json.dumps(components))
    urls = {f"attachment://{found['filename']}": found for found in attachments}
    for number, part in enumerate(rules.walk(copied), start=1):
        part.setdefault("id", number)
        media = [item["media"] for item in part["items"]] if part["type"] == 12 else []
        media += [part["file"]] if part["type"] == 13 else []
        for found in media:
            file = urls[found["url"]]
            found |= {"url": file["url"], "proxy_url": file["url"], "attachment_id": file["id"]}
    return copied
