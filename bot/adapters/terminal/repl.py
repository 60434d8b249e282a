"""The conversation: a line is read, done, and answered, until somebody leaves."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar, assert_never

from bot.adapters.terminal import filling, inbound, wording
from bot.adapters.terminal.inbound import Leave, NoSuchKey, Nothing, Said, ShowMenu, ShowToday, SwitchTo
from bot.adapters.terminal.messenger import Edited, News, Posted, TerminalMessenger, Told
from bot.adapters.terminal.saving import save
from bot.adapters.terminal.seat import Seat
from bot.adapters.terminal.stage import Stage, Waiting
from bot.app.actions import Actor, Command, Press
from bot.app.dispatch import Trapwise
from bot.app.live import Live
from bot.app.space import NameRefused, tidy
from bot.core.errors import StorageError
from bot.core.refs import ChannelRef, MemberRef
from bot.view import wording as core_wording
from bot.view.card import Attachment, Bullets, Card, Code, Field, Form, Reply, Text

T = TypeVar("T")

_log = logging.getLogger(__name__)


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
        self._trapwise, self._seat, self._channel = trapwise, seat, channel
        self._messenger, self._live, self._catch_up = messenger, live, catch_up
        self._stage = Stage(seat.screen)
        self._actor = player(seat.name, channel)
        self._at_prompt = False

    async def run(self) -> None:
        """Welcome, converse, and say goodbye."""
        self._stage.say(wording.welcome(self._actor.name))
        await self._catch_up()
        self._tell(self._messenger.take())
        if self._stage.waiting is Waiting.NONE:
            await self._guarded(self._show_today())
        watching = asyncio.create_task(self._watch(), name="news") if self._seat.watched else None
        try:
            while (line := await self._line()) is not None:
                said = inbound.read(line, self._stage.keys, self._actor)
                if isinstance(said, Leave):
                    break
                await self._guarded(self._do(said))
                await self._catch_up()
        finally:
            if watching is not None:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
        self._stage.say(wording.BYE)

    async def _line(self) -> str | None:
        """The next line, with what is new shown before it."""
        self._tell(self._messenger.take())
        self._at_prompt = True
        line = await self._read()
        self._at_prompt = False
        return line

    async def _read(self) -> str | None:
        if self._seat.watched:
            self._stage.show("")
            return await self._seat.read()
        line = await self._seat.read()
        if line is not None:
            if self._at_prompt:
                # A script has no moment of its own: what fell due by the time of its next line is shown before it.
                await self._catch_up()
                self._tell(self._messenger.take())
            self._stage.show("")
            self._stage.screen.echo(line)
        return line

    async def _watch(self) -> None:
        """Show news while somebody thinks or types."""
        async for _ in self._live.changes(self._channel):
            news = self._messenger.take() if self._at_prompt else ()
            if news:
                self._stage.screen.above_prompt(partial(self._tell, news), typed=self._seat.half_typed())

    def _tell(self, news: tuple[News, ...]) -> None:
        for each in news:
            match each:
                case Posted(card=card):
                    self._stage.posted(card)
                case Edited(card=card):
                    self._stage.edited(card, watched=self._seat.watched)
                case Told(member=member, card=card):
                    if member != self._actor.member:
                        self._stage.say(wording.meant_for(member.id))
                    self._stage.posted(card, to_all=False)
                case _:
                    assert_never(each)

    async def _guarded(self, doing: Awaitable[T]) -> T | None:
        """The outcome, or None if it failed: then the player was told whether anything was saved."""
        code = secrets.token_hex(2).upper()
        try:
            return await doing
        except StorageError:
            _log.exception("storage failed [%s]", code)
            self._stage.say(core_wording.failed(saved_nothing=True, ref=code))
        except Exception:
            _log.exception("failed in an unforeseen way [%s]", code)
            self._stage.say(core_wording.failed(saved_nothing=False, ref=code))
        return None

    async def _do(self, said: Said) -> None:
        match said:
            case Press():
                reply = await self._trapwise.press(said)
                self._stage.pressed(said.token)
                await self._answer(reply)
            case Command():
                await self._answer(await self._trapwise.command(said))
                if said.name == "help":
                    self._stage.reply(_terminal_help())
            case ShowToday():
                await self._show_today()
            case ShowMenu():
                self._stage.menu()
            case SwitchTo(name=name):
                self._switch(name)
            case NoSuchKey(typed=typed):
                self._stage.no_such_key(typed)
            case Nothing() | Leave():
                pass
            case _:
                assert_never(said)

    async def _answer(self, reply: Reply) -> None:
        if reply.card is not None:
            self._stage.reply(reply.card)
        for attachment in reply.attachments:
            self._save(attachment)
        if reply.form is not None:
            await self._fill(reply.form)

    async def _show_today(self) -> None:
        view = await self._trapwise.channel(self._channel, viewer=self._actor.member)
        for post in view.posts[:1]:
            self._stage.question(post.card, answered=post.answered if post.open else "")
        if not view.posts:
            self._stage.say(view.empty)
        if not view.posts or not view.posts[0].open:
            self._stage.say(view.coming)

    def _switch(self, name: str) -> None:
        kept = tidy(name)
        if isinstance(kept, NameRefused):
            self._stage.say(kept.sentence)
            return
        self._actor = player(kept, self._channel)
        self._stage.say(wording.playing_as(kept))

    def _save(self, attachment: Attachment) -> None:
        try:
            path = save(attachment, self._seat.folder)
        except OSError as error:
            self._stage.say(f"{wording.UNSAVED}: {error.strerror}.")
        else:
            self._stage.say(wording.saved_file(path.name))

    async def _fill(self, form: Form) -> None:
        """Ask the form's fields, send it, and ask those with errors again until it is taken or left."""
        asked, again = form.inputs, False
        while True:
            self._stage.show(*filling.intro(form, again=again))
            values: dict[str, tuple[str, ...]] = {}
            for field in asked:
                given = await self._field(field)
                if given is None:
                    self._stage.say(wording.CANCELLED)
                    return
                values[field.name] = given
            reply = await self._trapwise.submit(inbound.submission(form, values, self._actor))
            if reply.form is None:
                await self._answer(reply)
                return
            form, again = reply.form, True
            asked = tuple(field for field in form.inputs if field.error) or form.inputs

    async def _field(self, field: Field) -> tuple[str, ...] | None:
        """The field's values; None if the player leaves the form."""
        self._stage.show(*filling.question(field, width=self._stage.screen.width))
        while (line := await self._read()) is not None and line.strip().casefold() != wording.CANCEL:
            given = filling.typed(field, line[: inbound.LONGEST_LINE])
            if not isinstance(given, filling.NotOnTheList):
                return given
            self._stage.say(given.sentence)
        return None


def player(name: str, channel: ChannelRef) -> Actor:
    """Who plays under a name. Whoever sits at the machine holds the file too, so they manage the channel."""
    return Actor(
        member=MemberRef(channel.workspace, name.casefold()),
        name=name,
        channel=channel,
        channel_name=channel.id,
        workspace_name=wording.WORKSPACE,
        manages=True,
    )


def _terminal_help() -> Card:
    lines = tuple((Code(typed), Text(f"  {does}")) for typed, does in wording.HELP)
    return Card(title=wording.HERE, blocks=(Bullets(lines),))
