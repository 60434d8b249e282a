"""Answers every interaction: acknowledges once the answer is saved, and turns every failure into a sentence.

Discord wants a first answer within three seconds. What takes longer than `PATIENCE` is acknowledged before it is
done and followed up. https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import app_commands

from bot.adapters.discord import callback, faults, inbound, limits, permissions, pressing, render, replying, wording
from bot.adapters.discord.callback import Callbacks
from bot.adapters.discord.forms import Drafts
from bot.adapters.discord.origin import origin
from bot.adapters.discord.rawpress import RawPress
from bot.app.actions import Actor
from bot.app.commands import find
from bot.app.dispatch import Trapwise
from bot.app.suggestions import Suggestions
from bot.core.errors import StorageError, StorageUncertain
from bot.view import tokens
from bot.view import wording as words
from bot.view.card import Audience, Paragraph, Reply, Text
from bot.view.plaincards import notice

PATIENCE = 1.5
TAKES_WITHIN = 20.0
"""Seconds that Discord may take over an answer. discord.py would wait for minutes, and presses would pile up."""

LAST_ANSWERS = 3.0
"""Seconds to wait for answers under way at the end; later Discord takes none anyhow."""

_log = logging.getLogger(__name__)
_Kind = discord.InteractionType


class Answering:
    """What the client hands its interactions to. No method raises."""

    def __init__(self, trapwise: Trapwise, suggestions: Suggestions, *, patience: float = PATIENCE) -> None:
        self._trapwise, self._suggestions, self._patience = trapwise, suggestions, patience
        self._drafts, self._callbacks = Drafts(), Callbacks()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def settle(self) -> None:
        """At the end: let answers under way reach their members, as long as they would still be taken."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_ANSWERS)
        await self._callbacks.close()

    async def other(self, interaction: discord.Interaction) -> None:
        """Everything but the presses that discord.py brings to our item by itself."""
        match interaction.type:
            case _Kind.application_command:
                await self._command(interaction)
            case _Kind.autocomplete:
                await self._complete(interaction)
            case _Kind.modal_submit:
                await self._submit(interaction)
            case _Kind.component if not pressing.reaches_item(interaction):
                await self.press(interaction, pressing.token_of(interaction))
            case _:
                pass

    async def press(self, interaction: discord.Interaction, token: str) -> None:
        """A button or menu; one that isn't ours, or no longer, gets the answer that it can't be read."""
        who = self._actor(interaction)
        await self._answer(interaction, who, self._trapwise.press(inbound.press(who, token)))

    def take(self, press: RawPress, interaction: Callable[[], discord.Interaction]) -> None:
        """As `press`, for one that was read without discord.py; `interaction` makes its object, should it be needed."""
        task = asyncio.create_task(self._quick(press, interaction), name="discord press")
        self._under_way.add(task)
        task.add_done_callback(self._taken)

    def _taken(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("a press was carried out, but could not be answered: %s", type(error).__name__)

    async def _quick(self, press: RawPress, interaction: Callable[[], discord.Interaction]) -> None:
        who, holding = inbound.actor(press.origin), list[_Holding]()
        timer = asyncio.get_running_loop().call_later(
            self._patience, lambda: holding.append(_Holding.begun(interaction()))
        )
        reply = await self._outcome(press.id, self._trapwise.press(inbound.press(who, press.token)))
        timer.cancel()
        if holding:
            await self._deliver(holding[0].interaction, who, reply, await holding[0].task)
            return
        if reply.card is not None and reply.form is None and not reply.attachments and reply.announced is None:
            replace_ = reply.replace and press.private
            private = reply.audience is Audience.ONLY_YOU and not press.alone
            try:
                drawn = render.components(reply.card)
                if await self._callbacks.send(press, callback.body(drawn, replace=replace_, ephemeral=private)):
                    return
            except Exception as error:
                await _send_failed(interaction(), None, error)
                return
        await self._deliver(interaction(), who, reply, None)

    async def _command(self, interaction: discord.Interaction) -> None:
        who = self._actor(interaction)
        given = inbound.command(who, _data(interaction))
        spec = find(given.name)
        warn = spec is not None and spec.managers
        await self._answer(interaction, who, self._trapwise.command(given), warn=warn)

    async def _submit(self, interaction: discord.Interaction) -> None:
        who = self._actor(interaction)
        sent = inbound.submission(who, _data(interaction))

        async def submit() -> Reply:
            reply = await self._trapwise.submit(sent)
            if reply.form is not None:
                self._drafts.keep(sent, reply.form)
            else:
                self._drafts.drop(sent)
            return reply

        await self._answer(interaction, who, submit(), warn=isinstance(tokens.read(sent.token), tokens.Run))

    async def _complete(self, interaction: discord.Interaction) -> None:
        name, argument, typed = inbound.focused(_data(interaction))
        spec = find(name)
        wanted = next((a for a in spec.arguments if a.name == argument), None) if spec else None
        try:
            offered = self._suggestions.offer(wanted, typed) if wanted is not None else ()
            choices = [
                app_commands.Choice(name=limits.cut(label, limits.MENU_TEXT), value=value)
                for label, value in offered[: limits.SUGGESTIONS]
            ]
            await interaction.response.autocomplete(choices)
        except Exception as error:  # nobody can be told: the list just stays empty
            _log.warning("no suggestions for %s %s: %r", name, argument, error)

    async def _answer(
        self, interaction: discord.Interaction, who: Actor, work: Awaitable[Reply], *, warn: bool = False
    ) -> None:
        current = asyncio.current_task()
        if current is not None:
            self._under_way.add(current)
            current.add_done_callback(self._under_way.discard)
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        held = None if done else await _hold(interaction)
        await self._deliver(interaction, who, await self._outcome(interaction.id, task), held, warn=warn)

    async def _deliver(
        self,
        interaction: discord.Interaction,
        who: Actor,
        reply: Reply,
        held: replying.Held | None,
        *,
        warn: bool = False,
    ) -> None:
        if reply.form is not None and interaction.type is not _Kind.modal_submit:
            reply = replace(reply, form=self._drafts.take(who.member, who.channel, reply.form))
        if warn and who.manages and who.channel is not None:
            reply = _with_warning(interaction, reply)
        try:
            async with asyncio.timeout(TAKES_WITHIN):
                await replying.send(interaction, reply, held)
        except Exception as error:
            await _send_failed(interaction, held, error)
            return
        if reply.announced is not None:
            try:
                async with asyncio.timeout(TAKES_WITHIN):
                    await replying.announce(interaction, reply.announced)
            except Exception as error:
                # Whoever did it knows that it worked; the others see it by what is posted.
                _log.warning("interaction %s was carried out, but the channel was not told: %r", interaction.id, error)

    async def _outcome(self, interaction: int, work: Awaitable[Reply]) -> Reply:
        try:
            return await work
        except Exception as error:
            ref = _reference()
            _log.exception("interaction %s failed [%s]", interaction, ref)
            lost = isinstance(error, StorageError) and not isinstance(error, StorageUncertain)
            sentence = words.failed(saved_nothing=lost, ref=ref)
            return Reply(card=notice(sentence, tone="refused"))

    @staticmethod
    def _actor(interaction: discord.Interaction) -> Actor:
        return inbound.actor(origin(interaction))


@dataclass(frozen=True, slots=True)
class _Holding:
    """An interaction that is being deferred."""

    interaction: discord.Interaction
    task: "asyncio.Task[replying.Held | None]"

    @classmethod
    def begun(cls, interaction: discord.Interaction) -> "_Holding":
        return cls(interaction, asyncio.create_task(_hold(interaction), name="discord deferral"))


async def _hold(interaction: discord.Interaction) -> replying.Held | None:
    try:
        async with asyncio.timeout(TAKES_WITHIN):
            return await replying.hold(interaction)
    except Exception as error:
        # The work goes on: what they did is saved even if nobody can be told so.
        _undelivered(interaction, error)
        return None


def _with_warning(interaction: discord.Interaction, reply: Reply) -> Reply:
    """A schedule where the bot may not post would only be found out tomorrow at nine."""
    thread = isinstance(interaction.channel, discord.Thread)
    lacking = permissions.missing(interaction.app_permissions, thread=thread)
    if reply.card is None or not lacking:
        return reply
    warning = Paragraph((Text(wording.may_not_post(lacking)),))
    return replace(reply, card=replace(reply.card, blocks=(warning, *reply.card.blocks)))


async def _send_failed(interaction: discord.Interaction, held: replying.Held | None, error: Exception) -> None:
    """Say so in a way that can hardly fail itself, unless it is too late to say anything."""
    dead = (faults.UNKNOWN_INTERACTION, faults.ALREADY_ANSWERED, faults.UNKNOWN_WEBHOOK)
    if isinstance(error, TimeoutError) or (isinstance(error, discord.HTTPException) and error.code in dead):
        _undelivered(interaction, error)
        return
    ref = _reference()
    _log.error("the reply to interaction %s was not taken [%s]", interaction.id, ref, exc_info=error)
    plain = Reply(card=notice(words.failed(saved_nothing=False, ref=ref), tone="refused"))
    try:
        async with asyncio.timeout(TAKES_WITHIN):
            await replying.send(interaction, plain, held)
    except Exception as second:
        _undelivered(interaction, second)


def _undelivered(interaction: discord.Interaction, error: Exception) -> None:
    _log.warning("interaction %s was carried out, but its answer came too late: %r", interaction.id, error)


def _data(interaction: discord.Interaction) -> dict[str, Any]:
    data: Any = interaction.data or {}
    return dict(data)


def _reference() -> str:
    return secrets.token_hex(2).upper()
