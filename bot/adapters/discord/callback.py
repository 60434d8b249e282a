"""Answers a press with one request of our own, which costs half of what discord.py's way does.

https://docs.discord.com/developers/interactions/receiving-and-responding#create-interaction-response: it needs no
authorization, and no limit is shared with other requests. Waiting out limits and trying again is left to discord.py.
"""

import asyncio
import json
from typing import Any

import aiohttp
import discord
import yarl

from bot.adapters.discord.rawpress import RawPress
from bot.adapters.discord.render import Json
from bot.connections import Newest

TAKES_WITHIN = 20.0
"""Seconds that Discord may take over an answer."""

_NEW_MESSAGE, _UPDATE = 4, 7
_EPHEMERAL, _OWN_LAYOUT = 1 << 6, 1 << 15
_TOO_MANY = 429


def body(components: list[Json], *, replace: bool, ephemeral: bool) -> Json:
    """What is sent: a new message, or with `replace` the one that was pressed on, redrawn."""
    return {
        "type": _UPDATE if replace else _NEW_MESSAGE,
        "data": {
            "tts": False,
            "components": components,
            "flags": _OWN_LAYOUT | (_EPHEMERAL if ephemeral and not replace else 0),
            "allowed_mentions": {"parse": []},
            "attachments": [],
        },
    }


class Callbacks:
    """Sends answers over connections that are kept."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._base = yarl.URL()
        self._closed = False
        # json.dumps would make such an encoder anew each time.
        self._encoded = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode

    async def send(self, press: RawPress, answer: Json) -> bool:
        """Whether Discord took the answer; if not, it is worth another try. Raises HTTPException if it is not."""
        if self._closed:
            return False
        if self._session is None:
            self._session, self._base = _session(), yarl.URL(discord.http.Route.BASE)
        # Ids and secrets have no signs that would have to be looked for and written otherwise; see payload.
        path = f"{self._base.raw_path.rstrip('/')}/interactions/{press.id}/{press.secret}/callback"
        url = self._base.with_path(path, encoded=True)
        try:
            async with (
                asyncio.timeout(TAKES_WITHIN),
                self._session.post(url, data=self._encoded(answer).encode()) as response,
            ):
                if response.status < 300:
                    return True
                if response.status == _TOO_MANY or response.status >= 500:
                    return False
                raise discord.HTTPException(response, await _said(response))
        except aiohttp.ClientConnectionError:
            return False

    async def close(self) -> None:
        """Close the connections; from now on nothing is taken."""
        self._closed = True
        if self._session is not None:
            await self._session.close()


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=Newest(),
        # Ours is one timer for the whole of it; aiohttp's costs three times as much.
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        headers={"Content-Type": "application/json", "User-Agent": "DiscordBot (trapwise)"},
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def _said(response: aiohttp.ClientResponse) -> Any:
    text = await response.text()
    try:
        return json.loads(text)
    except ValueError:
        return text
