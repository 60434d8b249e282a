"""Takes what members do to the use cases, and acknowledges it when it is saved.

Slack wants its acknowledgement within 3 s. An acknowledged action is a saved one, unless saving takes longer than
`EARLY`: then it is acknowledged first, and the reply follows when it is done. Replies are sent after the
acknowledgement in any case.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from bot import logs
from bot.adapters.slack import forms, wording
from bot.adapters.slack.answers import Answers, saving_view
from bot.adapters.slack.authority import (
    asks_everywhere,
    begins_sitting,
    command_of,
    helpful,
    may_show_charts,
    needed,
    pressed_command,
)
from bot.adapters.slack.home import Homes
from bot.adapters.slack.inbound import Origin, Pressed, Sent, Typed, Where
from bot.adapters.slack.messenger import Sightings
from bot.adapters.slack.people import People, Profile
from bot.adapters.slack.render import card_blocks
from bot.adapters.slack.spans import Json
from bot.adapters.slack.tasks import Tasks
from bot.app.actions import Actor
from bot.app.dispatch import Trapwise
from bot.core.errors import MessengerError, StorageBusy, StorageError, StorageUncertain
from bot.core.refs import ChannelRef, Platform, WorkspaceRef
from bot.view import tokens
from bot.view import wording as words
from bot.view.card import Card, Fields, Link, Paragraph, Reply, Text
from bot.view.plaincards import notice

EARLY = 1.5
"""Seconds after which an action is acknowledged though it isn't saved yet."""

TRIES = 5
"""How often something is tried while another program has the database locked. Each try waits for the lock a while."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Desk:
    """Answers presses, commands and forms."""

    def __init__(
        self,
        trapwise: Trapwise,
        *,
        people: People,
        answers: Answers,
        homes: Homes,
        sightings: Sightings,
        tasks: Tasks,
        guests_see_boards: bool,
    ) -> None:
        self._trapwise, self._people, self._answers, self._homes = trapwise, people, answers, homes
        self._sightings, self._tasks, self._guests_see_boards = sightings, tasks, guests_see_boards

    async def press(self, pressed: Pressed) -> None:
        """Returns when the press may be acknowledged."""
        origin = pressed.origin
        token = tokens.read(pressed.token)
        name, text = pressed_command(token)
        if pressed.delivery and origin.where is Where.MESSAGE:
            self._sightings.note(origin.channel, pressed.delivery, origin.message)
        refused = self._for_members_only(origin, name, text)
        if refused is not None:
            self._tasks.start(self._answers.send(refused, origin), name="slack reply")
            return
        await self._settle(
            origin,
            lambda actor, saved: self._trapwise.press(pressed.press(actor), saved=saved),
            name=name,
            text=text,
            charts=may_show_charts(token),
            forgets=token == tokens.Confirm("forget-me"),
        )

    async def command(self, typed: Typed) -> None:
        """Returns when the command may be acknowledged."""
        name, text = command_of(typed.name, typed.text)
        await self._settle(
            typed.origin,
            lambda actor, _: self._trapwise.command(typed.command(actor)),
            name=name,
            text=text,
            charts=True,
        )

    async def submit(self, sent: Sent) -> Json | None:
        """What the acknowledgement of a sent form says: errors beside fields, or nothing, which closes it."""
        work = self._tasks.start(
            self._guarded(sent.origin, lambda actor: self._fill_in(sent, actor), needs=True), name="slack form"
        )
        await asyncio.wait({work}, timeout=EARLY)
        if not work.done():
            self._tasks.start(self._submitted_late(work, sent), name="slack form follow-up")
            return {"response_action": "update", "view": saving_view()}
        reply = work.result()
        if reply.form is not None:
            return {"response_action": "errors", "errors": forms.errors(reply.form)}
        self._tasks.start(self._submitted(reply, sent), name="slack form follow-up")
        return None

    async def _fill_in(self, sent: Sent, actor: Actor) -> Reply:
        """Save the form if the person may, every field is understood, and we can post in the chosen channel."""
        submission = sent.submission(actor)
        form = await self._trapwise.check(submission) if actor.manages else None
        if form is not None:
            if not sent.origin.channel:
                form = forms.without_channel(form, wording.CHOOSE_CHANNEL)
            elif not forms.errors(form):
                form = forms.without_channel(form, await self._answers.barred(sent.origin))
            if forms.errors(form):
                return Reply(form=form)
        return await self._trapwise.submit(submission)

    async def visit(self, origin: Origin) -> None:
        """The member looks at the Home tab."""
        await self._homes.opened(origin)

    async def moved(self, workspace: str, old: str, new: str) -> None:
        """A channel has another id from now on. Raises what storage raises, so that Slack says it again."""
        await self._trapwise.moved(ChannelRef(WorkspaceRef(Platform.SLACK, workspace), old), new)

    async def _settle(
        self,
        origin: Origin,
        act: Callable[[Actor, Callable[[], None]], Awaitable[Reply]],
        *,
        name: str,
        text: str,
        charts: bool,
        forgets: bool = False,
    ) -> None:
        """Carry the action out, and see to the reply; `name` and `text` are the command it gives, if any.

        `act` is given what it may call once the action is saved, should the reply take longer.
        """
        acknowledged = _Once()
        work = self._tasks.start(
            self._guarded(
                origin,
                lambda actor: act(actor, acknowledged.settle),
                needs=needed(name),
                asks=helpful(name),
                charts=charts,
            ),
            name="slack action",
        )
        work.add_done_callback(acknowledged.settle)
        await acknowledged.within(EARLY)
        sitting = begins_sitting(name, text)
        follow_up = self._follow_up(work, origin, sitting=sitting, helps=name == "help", forgets=forgets)
        self._tasks.start(follow_up, name="slack reply")

    async def _follow_up(
        self, work: "asyncio.Task[Reply]", origin: Origin, *, sitting: bool, helps: bool, forgets: bool
    ) -> None:
        reply = await work
        if helps and reply.card is not None:
            more = Paragraph((Text(wording.HELP_IN_SLACK),))
            reply = replace(reply, card=replace(reply.card, blocks=(*reply.card.blocks, more)))
        asked = reply.card is not None and bool(reply.card.rows or reply.card.menu)
        await self._answers.send(reply, origin, sitting=sitting and asked)
        if forgets:
            self._people.forget(origin)
        else:
            self._learn(origin)
        self._homes.changed(origin)

    async def _submitted(self, reply: Reply, sent: Sent) -> None:
        """Tell the channel what was set up, and the person where they are: there, or in our direct messages."""
        if reply.card is None:
            return
        origin, card = sent.origin, reply.card
        heard = reply.announced is None or await self._answers.post_in_channel(reply.announced, origin)
        if not heard:
            card = notice(wording.NOT_IN_CHANNEL)
        elif reply.announced is not None and not sent.here:
            address = f"https://app.slack.com/client/{origin.workspace}/{origin.channel}"
            plan = tuple(block for block in card.blocks if isinstance(block, Fields))
            card = Card(title=wording.SET_UP_THERE, blocks=plan, footer=(Text(""), Link(wording.OPEN_CHANNEL, address)))
        there = Origin(
            where=Where.COMMAND,
            workspace=origin.workspace,
            enterprise=origin.enterprise,
            user=origin.user,
            member=origin.member,
            guest=origin.guest,
            channel=origin.channel if heard and sent.here else "",
        )
        await self._answers.send(Reply(card=card), there)

    async def _submitted_late(self, work: "asyncio.Task[Reply]", sent: Sent) -> None:
        reply, origin = await work, sent.origin
        if reply.form is not None:
            view = forms.view(reply.form, sent.opened_in, chosen=origin.channel)
            faults = " ".join(forms.errors(reply.form).values())
            view["blocks"].insert(0, card_blocks(notice(faults))[0])
            await self._answers.update_view(view, origin)
            return
        if reply.card is not None:
            await self._answers.update_view(forms.note(wording.APP, card_blocks(reply.card)), origin)
        await self._submitted(reply, sent)

    async def _guarded(
        self,
        origin: Origin,
        act: Callable[[Actor], Awaitable[Reply]],
        *,
        needs: bool = False,
        asks: bool = False,
        charts: bool = False,
    ) -> Reply:
        """The reply, or what to tell the member when we fail: whether it was saved, and a code to find it by.

        Where Slack doesn't say who manages, nothing that `needs` it is done; what only `asks` goes on without.
        """
        try:
            profile = self._people.known(origin)
            asked = needs or asks
            if asked:
                try:
                    profile = await self._people.ask(origin)
                except MessengerError as error:
                    _log.warning("Slack did not say who somebody is: %s", error)
                    if needs:
                        return Reply(card=notice(wording.NO_AUTHORITY, tone="refused"))
                    asked = False
            images = charts and await self._answers.shows_pictures(origin)
            actor = self._actor(origin, profile, asked=asked, images=images)
            return await _patiently(lambda: act(actor))
        except Exception as error:
            ref = logs.reference()
            lost = isinstance(error, StorageError) and not isinstance(error, StorageUncertain)
            _log.error("an action from Slack failed (ref %s)", ref, exc_info=error)
            return Reply(card=notice(words.failed(saved_nothing=lost, ref=ref), tone="refused"))

    @staticmethod
    def _actor(origin: Origin, profile: Profile | None, *, asked: bool, images: bool) -> Actor:
        if profile is None:
            return origin.actor(images=images)
        manages = asked and profile.manages
        return origin.actor(name=profile.name, manages=manages, zone=profile.zone, images=images)

    def _for_members_only(self, origin: Origin, name: str, text: str) -> Reply | None:
        if origin.guest and not self._guests_see_boards and asks_everywhere(name, text):
            return Reply(card=notice(wording.GUESTS_ONLY_HERE, tone="refused"))
        return None

    def _learn(self, origin: Origin) -> None:
        if self._people.known(origin) is None and not origin.guest:
            self._tasks.start(self._people.learn(origin, lambda found: self._note(origin, found)), name="slack name")

    async def _note(self, origin: Origin, profile: Profile) -> None:
        if profile.name and profile.name != origin.name:
            try:
                await _patiently(lambda: self._trapwise.note(origin.actor(name=profile.name)))
            except StorageError as error:
                _log.warning("the name of a member was not kept: %s", error)


class _Once:
    """Something that is waited for, but not for long. It costs half of asyncio.wait."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[None] = self._loop.create_future()

    def settle(self, _: object = None) -> None:
        """It has happened; again doesn't matter."""
        if not self._future.done():
            self._future.set_result(None)

    async def within(self, seconds: float) -> None:
        """Wait until it has happened, or for so long."""
        timer = self._loop.call_later(seconds, self.settle)
        try:
            await self._future
        finally:
            timer.cancel()


async def _patiently(act: Callable[[], Awaitable[T]]) -> T:
    """What comes of it, also if the database is locked for some seconds: by then Slack has its acknowledgement.

    What was refused because of a lock has left nothing behind, so it may be done again.
    """
    for _ in range(TRIES - 1):
        try:
            return await act()
        except StorageBusy:
            _log.warning("the database is locked by another program; trying again")
    return await act()
