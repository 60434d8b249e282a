"""From what a member did to the reply: every press, command and form of every platform passes here."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.app import answering, cards, channelview, exams, extra, home, practice, privacy, sittings, stats
from bot.app.actions import Actor, Command, Press, Submission
from bot.app.answering import Taken
from bot.app.channels import Channels
from bot.app.channelview import ChannelView
from bot.app.commands import COMMANDS, SETUP, Spec, find
from bot.app.counters import Counters
from bot.app.daily import Daily
from bot.app.ports import Tx
from bot.app.records import Channel
from bot.app.services import Here, Services, enter, pack_of
from bot.app.typed import Lexicon, parse
from bot.core.outcomes import Misspelt, NotAllowed, Unreadable
from bot.core.refs import ChannelRef, MemberRef, Platform, RoundId
from bot.faults import reached
from bot.view import admincards, charts, plaincards, tokens, wording
from bot.view.card import Attachment, Audience, Card, Form, Reply
from bot.view.plaincards import notice

REMINDING = (Platform.SLACK, Platform.DISCORD)
"""Where a member can be told something without having asked just then."""

Outcome = Card | Form | Attachment

KEPT_TO = timedelta(milliseconds=1)
"""How exactly instants are kept."""

_log = logging.getLogger(__name__)


class Trapwise:
    """The whole product behind one door. Adapters call these and draw what comes back.

    What a press or command decides is decided in one transaction; when the reply is there, it is on disk.
    """

    def __init__(self, services: Services, daily: Daily, counters: Counters) -> None:
        self._services, self._counters = services, counters
        self._channels = Channels(services, daily)

    async def press(self, press: Press, *, saved: Callable[[], None] | None = None) -> Reply:
        """Answer a pressed button or menu entry. When it returns, what it reports as saved is on disk.

        `saved` is called when an answer is on disk and its reply still has to be drawn, for platforms that want their
        acknowledgement before the reply. For whatever else returning is soon enough.
        """
        match tokens.read(press.token):
            case tokens.AnswerRound(round=round_id, letter=letter):
                return await self._answer(press.actor, round_id, letter, saved)
            case tokens.ExplainRound(round=round_id, every=every):
                return await self._in_tx(
                    press.actor, lambda tx, here: answering.explain(tx, self._services, here, round_id, every=every)
                )
            case tokens.Report(round=round_id):
                return await self._in_tx(
                    press.actor, lambda tx, here: answering.report(tx, self._services, here, round_id)
                )
            case tokens.Run(name=name, words=words):
                return await self._run(press.actor, name, " ".join(words), replace=True)
            case (
                tokens.AnswerAttempt()
                | tokens.Visit()
                | tokens.Flag()
                | tokens.Submit()
                | tokens.Stop()
                | tokens.Miss()
            ) as token:
                return await self._in_tx(
                    press.actor, lambda tx, here: sittings.act(tx, self._services, here, token), replace=True
                )
            case tokens.Confirm(name="forget-me"):
                return await self._forget(press.actor)
            case _:
                return self._notice(wording.refusal(Unreadable(), zone=self._services.default_zone))

    async def command(self, command: Command) -> Reply:
        """Answer a command. `/trapwise x` and `/x` are the same; a bare `/trapwise` is help."""
        name, text = command.name.strip().lower(), command.text.strip()
        if name == "trapwise":
            name, _, text = text.partition(" ")
            name = name.lower() or "help"
        return await self._run(command.actor, name, text, replace=False)

    async def submit(self, submission: Submission) -> Reply:
        """Answer a sent form; with the form again, errors beside its fields, if it can't be used."""
        token = tokens.read(submission.token)
        if token != tokens.Run("setup"):
            return self._notice(wording.refusal(Unreadable(), zone=self._services.default_zone))
        values = dict(submission.values)
        refused = self._may(SETUP, submission.actor)
        if submission.actor.channel is None:
            return self._notice(wording.NOT_HERE)
        if refused is not None:
            return refused
        reply = await self._in_tx(
            submission.actor,
            lambda tx, here: self._channels.fill_in(tx, here, _channel(here), values),
        )
        self._services.wake()
        if reply.card is None:
            return reply
        return Reply(card=reply.card, announced=admincards.announcement(submission.actor.name, reply.card))

    async def check(self, submission: Submission) -> Form | None:
        """The sent form with the errors beside its fields, without saving anything; None if it isn't a form of ours."""
        if tokens.read(submission.token) != tokens.Run(SETUP.name):
            return None
        return self._channels.checked(dict(submission.values))

    async def home(self, member: MemberRef) -> tuple[Card, ...]:
        """The member's own page, for platforms that have a place for one."""
        now = self._services.clock.now()
        return await self._services.storage.read(lambda tx: home.home(tx, self._services, member, now))

    async def note(self, actor: Actor) -> None:
        """Keep the name of a member we know, for platforms that learn it only after the member has acted."""
        now = self._services.clock.now()

        def keep(tx: Tx) -> None:
            if tx.people.look_up(actor.member) is not None:
                enter(tx, actor, now)

        await self._services.storage.write(keep)

    async def moved(self, channel: ChannelRef, to: str) -> None:
        """The platform has given the channel another id; everything that belongs to it goes on under that one."""

        def move(tx: Tx) -> None:
            found = tx.people.look_up_channel(channel)
            if found is not None:
                tx.people.move_channel(found.workspace, channel, to)

        await self._services.storage.write(move)

    async def channel(
        self, channel: ChannelRef, *, viewer: MemberRef | None, before: RoundId | None = None
    ) -> ChannelView:
        """The channel's rounds as cards, newest first, for platforms that draw the channel themselves."""
        now = self._services.clock.now()

        def look(tx: Tx) -> ChannelView:
            found = tx.people.look_up_channel(channel)
            member = tx.people.look_up(viewer) if viewer is not None else None
            viewer_id = member.id if member else None
            return channelview.view(tx, self._services, found, viewer=viewer_id, before=before, now=now)

        return await self._services.storage.read(look)

    async def _answer(self, actor: Actor, round_id: RoundId, letter: str, saved: Callable[[], None] | None) -> Reply:
        now = self._services.clock.now()
        first: list[Taken] = []

        def take(tx: Tx) -> Taken:
            taken = answering.answer(tx, self._services, enter(tx, actor, now), round_id, letter)
            # Where the connection broke while this press was being saved, it is run again, and may find itself: to
            # the member it's no second answer.
            if first and taken.at is not None and timedelta() <= now - taken.at < KEPT_TO:
                return first[0]
            if taken.changed is not None:
                first[:] = [taken]
            return taken

        drawn: list[Card] = []
        taken = await self._services.storage.write(take, brief=True, meanwhile=lambda taken: drawn.append(taken.draw()))
        reached("after_response_committed")
        if saved is not None:
            saved()
            await asyncio.sleep(0)  # whoever was told so goes first
        if taken.changed is not None and actor.channel is not None:
            self._counters.touch(taken.changed)
            self._services.live.changed(actor.channel)
        return Reply(card=drawn[0] if drawn else taken.draw())

    async def _run(self, actor: Actor, name: str, text: str, *, replace: bool) -> Reply:
        spec = find(name)
        if spec is None:
            return Reply(card=self._help(actor, lead=wording.UNKNOWN_COMMAND))
        refused = self._may(spec, actor)
        if refused is not None:
            return refused
        reply = await self._in_tx(actor, lambda tx, here: self._carry_out(tx, here, spec, text, actor), replace=replace)
        if spec.managers or spec.name in ("quiz", "exam"):
            self._services.wake()
        return reply

    def _may(self, spec: Spec, actor: Actor) -> Reply | None:
        """Why the actor can't give this command here; None if they can. Checked at each press, not only once."""
        if spec.in_channel and actor.channel is None and not (spec.name == SETUP.name and actor.picks_channel):
            return self._notice(wording.NOT_HERE)
        if spec.managers and not actor.manages:
            return self._notice(wording.refusal(NotAllowed(), zone=self._services.default_zone))
        return None

    def _carry_out(self, tx: Tx, here: Here, spec: Spec, text: str, actor: Actor) -> Outcome:
        schedule = tx.schedules.get(here.workspace.id, here.channel.id) if here.channel else None
        pack = pack_of(self._services, schedule)
        given = self._parse(spec, text, Lexicon(pack, self._services.packs))
        if isinstance(given, Misspelt):
            return notice(wording.misspelt(given), tone="refused")
        match spec.name:
            case "leaderboard" if "domain" in given:
                return stats.domain_leaderboard(tx, here, pack, given["domain"])
            case "leaderboard":
                return stats.leaderboard(tx, self._services, here, given)
            case "quiz" if given.get("what") == "here":
                return extra.open_here(tx, self._services, here, pack, given)
            case "quiz":
                return practice.quiz(tx, self._services, here, pack, given)
            case "review":
                return practice.review(tx, self._services, here, pack, given)
            case "exam":
                return exams.exam(tx, self._services, here, pack, given)
            case "stats" if given.get("who") == "team":
                return stats.team(tx, here, here.channel, pack) if here.channel else notice(wording.NOT_HERE)
            case "stats":
                return stats.own(tx, self._services, here)
            case "traps":
                return stats.traps(tx, here, pack)
            case "cram":
                return cards.cram(pack, given)
            case "tip":
                return cards.tip(pack, here.now)
            case "help":
                return self._help(actor)
            case "settings":
                return self._settings(tx, here, given)
            case "privacy":
                return plaincards.privacy(policy=self._services.policy)
            case "export-me":
                return privacy.export(tx, here)
            case "forget-me":
                return privacy.ask_to_forget(tx, here)
            case _:
                return self._manage(tx, here, spec.name, given, zone=actor.zone)

    def _manage(self, tx: Tx, here: Here, name: str, given: Mapping[str, str], *, zone: str | None) -> Outcome:
        if name == SETUP.name:
            return self._channels.setup(tx, here, zone, given)
        channel = _channel(here)
        tx.schedules.hold(here.workspace.id, channel.id)
        match name:
            case "schedule":
                return self._channels.schedule(tx, here, channel, given)
            case "pause":
                return self._channels.pause(tx, here, channel)
            case "resume":
                return self._channels.resume(tx, here, channel)
            case "skip":
                return self._channels.skip(tx, here, channel, given)
            case "post-now":
                return self._channels.post_now(tx, here, channel)
            case "status":
                return self._channels.status(tx, here, channel)
            case _:
                raise LookupError(f"the command {name} is in the table, but nobody carries it out")

    @staticmethod
    def _parse(spec: Spec, text: str, lexicon: Lexicon) -> Mapping[str, str] | Misspelt:
        return parse(spec, text, lexicon)

    def _settings(self, tx: Tx, here: Here, given: Mapping[str, str]) -> Card:
        hidden, reminders = here.member.hidden, here.member.reminders
        extended = here.member.extended
        match given.get("change", ""):
            case "hide" | "show" as asked:
                hidden = asked == "hide"
                tx.people.set_hidden(here.workspace.id, here.member.id, hidden)
            case "reminders-on" | "reminders-off" as asked:
                reminders = asked == "reminders-on"
                tx.people.set_reminders(here.workspace.id, here.member.id, reminders)
            case "extended-time" | "usual-time" as asked:
                extended = asked == "extended-time"
                tx.people.set_extended(here.workspace.id, here.member.id, extended)
            case _:
                pass
        can_remind = here.workspace.ref.platform in REMINDING
        return plaincards.settings(
            hidden=hidden,
            reminders=reminders if can_remind else None,
            extended=extended,
            lead="Saved." if given else "",
        )

    def _help(self, actor: Actor, *, lead: str = "") -> Card:
        shown = [spec for spec in COMMANDS if actor.manages or not spec.managers]
        return plaincards.help_card(
            [(spec.typed, spec.summary, spec.example) for spec in shown], lead=lead, support=self._services.support
        )

    async def _forget(self, actor: Actor) -> Reply:
        now = self._services.clock.now()

        def forget(tx: Tx) -> Card:
            here = enter(tx, actor, now)
            return privacy.forget(tx, here.workspace.id, here.member.id)

        return Reply(card=await self._services.storage.write(forget), replace=True)

    async def _in_tx(self, actor: Actor, act: Callable[[Tx, Here], Outcome], *, replace: bool = False) -> Reply:
        now = self._services.clock.now()
        outcome = await self._services.storage.write(lambda tx: act(tx, enter(tx, actor, now)))
        match outcome:
            case Card():
                drawn = await self._draw(outcome) if actor.images else ()
                return Reply(card=outcome, replace=replace, attachments=drawn)
            case Form():
                return Reply(form=outcome)
            case Attachment():
                return Reply(card=notice("Here is everything that is kept about you."), attachments=(outcome,))

    @staticmethod
    async def _draw(card: Card) -> tuple[Attachment, ...]:
        """The card's charts, drawn in a thread of their own. What they show is in the card's words as well."""
        try:
            return await asyncio.to_thread(charts.attachments, card)
        except Exception:
            _log.exception("a chart could not be drawn")
            return ()

    @staticmethod
    def _notice(sentence: str) -> Reply:
        return Reply(card=notice(sentence, tone="refused"), audience=Audience.ONLY_YOU)


def _channel(here: Here) -> Channel:
    if here.channel is None:
        raise LookupError("a command that needs a channel was let through without one")
    return here.channel
