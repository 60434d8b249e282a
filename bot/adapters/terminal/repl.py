"""The conversation: a line is read, done, and answered, until somebody leaves."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from enum import Enum, auto
from typing import assert_never

from rich.console import RenderableType

from bot.adapters.terminal import filling, inbound, render, wording
from bot.adapters.terminal.inbound import Leave, NoSuchKey, Nothing, Said, ShowToday, SwitchTo
from bot.adapters.terminal.keys import Keys, keys_of
from bot.adapters.terminal.keyboard import half_typed
from bot.adapters.terminal.messenger import Edited, News, Posted, TerminalMessenger, Told
from bot.adapters.terminal.saving import save
from bot.adapters.terminal.seat import Seat
from bot.app.actions import Actor, Command, Press
from bot.app.dispatch import Trapwise
from bot.app.live import Live
from bot.app.space import NameRefused, tidy
from bot.core.errors import StorageError
from bot.core.refs import ChannelRef, MemberRef
from bot.view import wording as said_to_all
from bot.view.card import Attachment, Bullets, Card, Code, Form, Reply, Text

_log = logging.getLogger(__name__)


class _Letters(Enum):
    """What the letters answer now: nothing that waits, the channel's question, or one shown to the player alone."""

    FREE = auto()
    CHANNEL = auto()
    PRIVATE = auto()


class Repl:
    """One player at one terminal. `catch_up` carries out what is due by now."""

    def __init__(
        self,
        trapwise: Trapwise,
        seat: Seat,
        channel: ChannelRef,
        messenger: TerminalMessenger,
        *,
        live: Live,
        catch_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._trapwise, self._seat, self._channel, self._messenger = trapwise, seat, channel, messenger
        self._live, self._catch_up = live, catch_up
        self._screen = seat.screen
        self._actor = actor(seat.name, channel)
        self._keys = Keys()
        self._letters = _Letters.FREE
        self._at_prompt = False

    async def run(self) -> None:
        """Welcome, converse, and say goodbye."""
        self._screen.show(render.words(wording.welcome(self._actor.name)))
        await self._catch_up()
        self._tell_news()
        if self._letters is _Letters.FREE:
            await self._guarded(self._show_today())
        watching = asyncio.create_task(self._watch(), name="news") if self._seat.watched else None
        try:
            while (line := await self._line()) is not None:
                said = inbound.read(line, self._keys, self._actor)
                if isinstance(said, Leave):
                    break
                await self._guarded(self._do(said))
                await self._catch_up()
        finally:
            if watching is not None:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
        self._say(wording.BYE)
