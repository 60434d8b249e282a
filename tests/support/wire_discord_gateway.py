"""The fake's gateway: sessions, events in order, resuming with replay, and the ways in which it breaks."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.support.wire_discord_world import APPLICATION, Guild, bot_user


@dataclass(slots=True, kw_only=True)
class Session:
    """One log-in. Its events are kept, so that a resumed connection gets those it missed."""

    id: str
    shard: tuple[int, int]
    events: list[dict[str, Any]] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


SPOILT = '{"op": 0, "t": "GUILD_CREATE", "s": 99, "d": {"id": "not a number"}}'
"""An event that lacks what it must have."""


class Gateway:
    """Speaks the gateway's protocol. https://docs.discord.com/developers/events/gateway"""

    def __init__(self, guilds: dict[int, Guild], token: str) -> None:
        self._guilds, self._token = guilds, token
        self.url = ""
        self.sessions: list[Session] = []
        self.identifies: list[dict[str, Any]] = []
        self.resumes = 0
        self.heartbeats = 0
        self.refuse_upgrades = 0
        self.refuse_identify: int | None = None
        self.spoil_sessions = False
        self.refuse_resume = False
        self.heartbeat = 41_250
        self.changed = asyncio.Condition()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection."""
        if self.refuse_upgrades:
            self.refuse_upgrades -= 1
            await self._told()
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": self.heartbeat}, "s": None, "t": None})
        session: Session | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            match frame["op"]:
                case 1:
                    self.heartbeats += 1
                    await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
                case 2:
                    session = await self._identify(socket, frame["d"])
                case 6:
                    session = await self._resume(socket, frame["d"])
                case 3 | 4 | 8:
                    pass
                case other:
                    raise AssertionError(f"the client sent op {other}")
        if session is not None and session.socket is socket:
            session.socket = None
        await self._told()
        return socket

    async def _identify(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> Session | None:
        self.identifies.append(data)
        await self._told()
        if data["token"] != self._token:
            await socket.close(code=4004)
            return None
        if self.refuse_identify is not None:
            code, self.refuse_identify = self.refuse_identify, None
            await socket.close(code=code)
            return None
        shard = tuple(data.get("shard") or (0, 1))
        session = Session(id=f"session-{len(self.sessions) + 1}", shard=(shard[0], shard[1]), socket=socket)
        self.sessions.append(session)
        guilds = [guild for guild in self._guilds.values() if (guild.id >> 22) % session.shard[1] == session.shard[0]]
        await self._send(
            session,
            "READY",
            {
                "v": 10,
                "user": bot_user(),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": list(session.shard),
                "application": {"id": str(APPLICATION), "flags": 0},
            },
        )
        for guild in guilds:
            await self._send(session, "GUILD_CREATE", guild.payload())
        if self.spoil_sessions:
            await socket.send_str(SPOILT)
        await self._told()
        return session

    async def _resume(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> Session | None:
        self.resumes += 1
        session = next((found for found in self.sessions if found.id == data["session_id"]), None)
        if session is None or self.refuse_resume:
            self.refuse_resume = False
            await socket.send_json({"op": 9, "d": False, "s": None, "t": None})
            return None
        session.socket = socket
        for event in [found for found in session.events if found["s"] > data["seq"]]:
            await socket.send_json(event)
        await self._send(session, "RESUMED", {})
        await self._told()
        return session

    async def _send(self, session: Session, name: str, data: dict[str, Any]) -> None:
        event = {"op": 0, "t": name, "s": len(session.events) + 1, "d": data}
        session.events.append(event)
        if session.socket is not None and not session.socket.closed:
            try:
                await session.socket.send_json(event)
            except (ConnectionError, RuntimeError):
                session.socket = None

    async def dispatch(self, name: str, data: dict[str, Any], *, guild: int | None = None) -> None:
        """Send an event to the newest session of the shard it belongs to; direct messages belong to the first."""
        for session in reversed(self.sessions):
            if session.shard[0] == ((guild or 0) >> 22) % session.shard[1]:
                await self._send(session, name, data)
                return
        raise AssertionError("the bot is not connected")

    async def raw(self, text: str) -> None:
        """Send any frame to all."""
        for session in self.sessions:
            if session.socket is not None and not session.socket.closed:
                await session.socket.send_str(text)

    async def op(self, code: int, data: Any = None) -> None:
        """Send an opcode such as 7 (reconnect) or 9 (invalid session)."""
        await self.raw(json.dumps({"op": code, "d": data, "s": None, "t": None}))

    async def close(self, code: int = 4000) -> None:
        """Close every connection with a code."""
        for session in self.sessions:
            if session.socket is not None:
                await session.socket.close(code=code)

    def cut(self) -> None:
        """Cut every connection without a word."""
        for session in self.sessions:
            socket, session.socket = session.socket, None
            if socket is not None and socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    async def stop(self) -> None:
        """Let go of everybody."""
        for session in self.sessions:
            if session.socket is not None and not session.socket.closed:
                await session.socket.close(code=WSCloseCode.GOING_AWAY)

    async def _told(self) -> None:
        async with self.changed:
            self.changed.notify_all()
