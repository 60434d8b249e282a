"""The local Slack and Discord as load needs them: they look closely at every so-many-th message, and forget.

Checked one by one, a reply costs the fake several times what it costs the bot, and the fake would be measured.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import text
from tests.support.wire_discord_state import Sent
from tests.support.wire_slack import FakeSlack

LOOKED_AT = 50
"""One reply of so many is checked against everything that is known of the platform's rules; posts and edits all are."""


@dataclass(slots=True)
class Waiting:
    """A press whose reply hasn't come. Times are of `time.monotonic`."""

    pressed: float
    done: asyncio.Future[str]
    told_at: float = 0.0

    def tell(self, words: str) -> None:
        """The member reads this now."""
        if not self.done.done():
            self.told_at = time.monotonic()
            self.done.set_result(words)


class LoadSlack(FakeSlack):
    """Slack with many members. `replies` are presses by the number of their response_url."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: dict[str, Waiting] = {}
        self._answered = 0

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        waiting = self.replies.get(request.match_info["number"])
        if waiting is None:
            return await super()._respond(request)
        self._answered += 1
        words = str((await request.json())["text"])
        found: web.StreamResponse = web.Response(text="ok")
        if self._answered % LOOKED_AT == 1:
            found = await super()._respond(request)
        waiting.tell(words)
        return found

    def trim(self) -> None:
        """Forget what nobody will ask for, so that hours of load don't fill the memory."""
        del self.calls[:-1000]
        for number in list(self.urls)[:-20_000]:
            del self.urls[number]
        for name in list(self.triggers)[:-1000]:
            self.triggers.pop(name, None)
        for name in list(self.trigger_owners)[:-1000]:
            del self.trigger_owners[name]
        for user in self.users.values():
            del user.sees[:-5]
            del user.files[:-1]
        for channel in self.channels.values():
            del channel.edits[:-5]
            for stamp in list(channel.messages)[:-10]:
                del channel.messages[stamp]
        self.uploads.clear()
        self.ready.clear()


class LoadDiscord(FakeDiscord):
    """Discord with many members. `replies` are presses by the id of their interaction."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: dict[int, Waiting] = {}
        self.acknowledged: dict[int, float] = {}
        self._answered = 0

    def _check(self, sent: Sent) -> None:
        if sent.path.endswith("/callback"):
            self._answered += 1
            if self._answered % LOOKED_AT != 1:
                return
        super()._check(sent)

    async def _callback(self, number: int, token: str, sent: Sent) -> dict[str, Any]:
        found = await super()._callback(number, token, sent)
        interaction = self.interactions[number]
        self.acknowledged[number] = interaction.callback_after
        waiting = self.replies.get(number)
        if waiting is not None and interaction.finished.is_set():
            waiting.tell(text(interaction.shown))
        return found

    async def _original(self, token: str, sent: Sent) -> dict[str, Any] | None:
        found = await super()._original(token, sent)
        interaction = self._by_token(token)
        waiting = self.replies.get(interaction.id)
        if waiting is not None and interaction.finished.is_set():
            waiting.tell(text(interaction.shown))
        return found

    def trim(self) -> None:
        """Forget what nobody will ask for, so that hours of load don't fill the memory."""
        del self.sent[:-1000]
        for number in list(self.interactions)[:-2000]:
            gone = self.interactions.pop(number)
            self.acknowledged.pop(number, None)
            if gone.original is not None and int(gone.original["id"]) not in gone.channel.messages:
                self.messages.pop(int(gone.original["id"]), None)
        for channel in self.channels.values():
            for number in channel.messages[:-10]:
                self.messages.pop(number, None)
            del channel.messages[:-10]
        for session in self.gateway.sessions:
            del session.events[:]
