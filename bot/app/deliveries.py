"""The outbox: posts and edits what the tables say has to be posted, whatever happened to the process meanwhile.

Before each try the delivery is marked as being tried. If that mark outlives the process, or the connection broke,
nobody knows whether the message arrived: it is then looked for and adopted, and posted again only if it certainly
isn't there. Never posted twice, never lost.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.gathered import Gathered
from bot.app.lost import tell_lost
from bot.app.ports import Messenger, Seeing, Tx
from bot.app.records import Channel, Delivery, DeliveryKind, DeliveryState, Member, NewDelivery
from bot.app.reminding import still_wanted
from bot.app.services import Services, zone_of
from bot.core.errors import CardRefused, ChannelRefused, MessengerError, PlatformDown, PostUncertain, RateLimited
from bot.core.refs import ChannelId, DeliveryId, MessageRef, Platform, RoundId
from bot.core.round import Round, State
from bot.core.schedule import Pause
from bot.faults import reached
from bot.view import admincards, roundcards, wording
from bot.view.card import Card
from bot.view.plaincards import notice
from bot.view.roundcards import Shown

BATCH = 64
AT_ONCE = 8
"""Deliveries under way at the same time on one platform; one slow channel doesn't hold up the others."""

AT_ONCE_ON = {Platform.SLACK: 32}
"""Where more may be under way: Slack's limits are per workspace, Discord's fifty requests a second are for the whole
bot. https://docs.slack.dev/apis/web-api/rate-limits, https://docs.discord.com/developers/topics/rate-limits"""

LEASE = timedelta(seconds=90)
"""How long a try may take before somebody else may look into it."""

BACK_OFF = (5, 15, 60, 300, 900)
"""Seconds to wait after the first, second ... failure; the last one repeats."""

WAIT_DOWN = 60
"""Seconds to wait at most while a platform can't be reached, so that its return is noticed soon."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """A delivery with all it takes to carry it out; `state` is how it stood before this try.

    `late`: its round is over and nobody has answered it, so a post that didn't arrive has no use any more.
    """

    delivery: Delivery
    state: DeliveryState
    channel: Channel | None
    round: Round | None
    member: Member | None
    card: Card
    late: bool = False


@dataclass(frozen=True, slots=True)
class _Done:
    """A delivery that was carried out; `message` is the post it made or found."""

    job: _Job
    message: MessageRef | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What many deliveries need, asked at once."""

    channels: Mapping[ChannelId, Channel]
    answered: Mapping[RoundId, int]

    @classmethod
    def of(cls, tx: Tx, ready: Sequence[Delivery]) -> "_Seen":
        posts = [one for one in ready if one.kind is DeliveryKind.POST]
        return cls(
            channels=tx.people.find_channels([(one.workspace, one.channel) for one in ready if one.channel]),
            answered=tx.responses.counts([(one.workspace, one.round) for one in posts if one.round]),
        )


class Deliveries:
    """Carries out what is in the outbox."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._under_way: set[DeliveryId] = set()
        self._done = Gathered(self._record_done)
        self._gates = {platform: asyncio.Semaphore(AT_ONCE_ON.get(platform, AT_ONCE)) for platform in Platform}

    async def reclaim(self) -> None:
        """At start, and when the clock was set back: what was left half done or put off may be looked into at once."""
        now, holder = self._services.clock.now(), self._services.presence.holder
        await self._services.storage.write(lambda tx: tx.deliveries.reclaim(now, holder=holder))

    async def deliver(self) -> None:
        """Carry out everything that is ready. Failures are recorded and tried again later, never raised."""
        while self._services.presence.left > 0 and (jobs := await self._services.storage.write(self._take)):
            under_way = {job.delivery.id for job in jobs}
            self._under_way |= under_way
            try:
                await asyncio.gather(*(self._carry_out(job) for job in jobs))
            finally:
                self._under_way -= under_way

    def _take(self, tx: Tx) -> Sequence[_Job]:
        now, holder = self._services.clock.now(), self._services.presence.holder
        jobs = []
        ready = tx.deliveries.ready(now, BATCH, holder=holder)
        seen = _Seen.of(tx, ready)
        for delivery in ready:
            if delivery.id in self._under_way:
                # Its lease ran out by a clock that jumped; the try itself has its own time limit.
                tx.deliveries.mark(delivery, delivery.state, try_at=now + LEASE)
                continue
            job = self._prepare(tx, delivery, seen, now)
            if job is not None and self._is_for_others(job, now):
                continue
            if job is not None:
                jobs.append(job)
        tx.deliveries.begin(*(job.delivery for job in jobs), try_at=now + LEASE, holder=holder)
        return jobs

    def _is_for_others(self, job: _Job, now: datetime) -> bool:
        """Whether a post has to be looked for that another process can find better; for a while, then anybody does."""
        if self._services.presence.alone or job.state is not DeliveryState.TRYING or job.channel is None:
            return False
        messenger = self._services.messengers.get(job.channel.ref.workspace.platform)
        sees = messenger.sees(job.channel.ref) if isinstance(messenger, Seeing) else True
        return not sees and now - job.delivery.try_at < LEASE

    def _prepare(self, tx: Tx, delivery: Delivery, seen: "_Seen", now: datetime) -> _Job | None:
        """The job for a delivery; None if it has to wait, or there is nothing left to do."""
        workspace = delivery.workspace
        channel = seen.channels.get(delivery.channel) if delivery.channel else None
        round_ = tx.rounds.get(workspace, delivery.round) if delivery.round else None
        member = tx.people.find_member(workspace, delivery.member) if delivery.member else None
        target = channel.ref.workspace if channel else member.ref.workspace if member else None
        if target is None or (delivery.kind is not DeliveryKind.NOTICE and round_ is None):
            tx.deliveries.mark(delivery, DeliveryState.GIVEN_UP, error="nobody to deliver to")
            return None
        if target.platform not in self._services.messengers:
            # In the state it has: a post whose fate is unknown still has to be looked for.
            tx.deliveries.mark(delivery, delivery.state, try_at=now + timedelta(minutes=15))
            return None
        if round_ is None:
            return _Job(delivery, delivery.state, channel, None, member, notice(delivery.text))
        if delivery.kind is DeliveryKind.REMINDER:
            return self._remind(tx, delivery, round_, member, channel, now)
        if delivery.kind is DeliveryKind.REVEAL and round_.message is None:
            if any(other.kind is DeliveryKind.POST for other in tx.deliveries.unfinished(workspace, round_.id)):
                tx.deliveries.mark(delivery, DeliveryState.WAITING, try_at=now + timedelta(seconds=15))
            else:
                tx.deliveries.mark(delivery, DeliveryState.GIVEN_UP, error="there is no message to edit")
            return None
        shown = Shown(
            round_,
            self._services.pack(round_.item.pack),
            zone_of(tx, self._services, workspace, round_.channel),
        )
        if delivery.kind is not DeliveryKind.REVEAL and round_.state is not State.CLOSED:
            card = roundcards.question(shown, seen.answered.get(round_.id, 0), now)
            return _Job(delivery, delivery.state, channel, round_, member, card)
        card = roundcards.reveal(shown, tx.rounds.tally(workspace, round_.id))
        # Asked after the round was found closed: from then on nobody answers.
        late = round_.state is State.CLOSED and not tx.responses.count(workspace, round_.id)
        return _Job(delivery, delivery.state, channel, round_, member, card, late)

    def _remind(
        self, tx: Tx, delivery: Delivery, round_: Round, member: Member | None, channel: Channel | None, now: datetime
    ) -> _Job | None:
        if member is None or not still_wanted(tx, round_, member, now):
            tx.deliveries.mark(delivery, DeliveryState.DONE)
            return None
        zone = zone_of(tx, self._services, round_.workspace, round_.channel)
        card = notice(wording.reminder(channel.name if channel else "", round_.closes, zone))
        return _Job(delivery, delivery.state, channel, round_, member, card)

    async def _carry_out(self, job: _Job) -> None:
        ref = job.channel.ref.workspace if job.channel else job.member.ref.workspace if job.member else None
        if ref is None:
            return
        messenger = self._services.messengers[ref.platform]
        async with self._gates[ref.platform]:
            done = await self._try(messenger, job)
        # Past the gate: the next post needn't wait until this one is recorded.
        if done is not None:
            await self._done.add(done)

    async def _try(self, messenger: Messenger, job: _Job) -> _Done | None:
        """Post or edit; None if nothing came of it, which is recorded then."""
        unsure = job.delivery.kind is DeliveryKind.POST and job.state is DeliveryState.TRYING
        try:
            async with asyncio.timeout(LEASE.total_seconds() / 2), self._services.presence.guarded():
                message = await self._arrived(messenger, job) if unsure else None
                unsure = False
                if message is None and job.late and job.delivery.kind is DeliveryKind.POST:
                    await self._missed(job)
                    return None
                if message is None:
                    message = await self._send(messenger, job)
        except TimeoutError:
            await self._failed(job, _no_answer("no answer in time", looking=unsure), unsure=unsure)
        except MessengerError as error:
            await self._failed(job, error, unsure=unsure)
        except Exception:
            _log.exception("delivery %s failed in an unforeseen way", job.delivery.key)
            await self._failed(job, _no_answer("unforeseen failure", looking=unsure), unsure=unsure)
        else:
            return _Done(job, message)
        return None

    async def _arrived(self, messenger: Messenger, job: _Job) -> MessageRef | None:
        """The message of an earlier try whose outcome nobody knew; None if it certainly isn't there."""
        found = await messenger.find(job.channel.ref, key=job.delivery.key) if job.channel else None
        if found is not None:
            _log.info("delivery %s had arrived; adopted", job.delivery.key)
        return found

    async def _send(self, messenger: Messenger, job: _Job) -> MessageRef | None:
        match job.delivery.kind, job.channel, job.round, job.member:
            case DeliveryKind.NOTICE | DeliveryKind.REMINDER, _, _, Member() as member:
                await messenger.tell(member.ref, job.card)
            case DeliveryKind.REVEAL, Channel() as channel, Round(message=str() as message), _:
                reached("before_reveal")
                await messenger.edit(MessageRef(channel.ref, message), job.card)
                reached("after_reveal")
            case DeliveryKind.POST, Channel() as channel, _, _:
                reached("before_post")
                posted = await messenger.post(channel.ref, job.card, key=job.delivery.key)
                reached("after_post")
                return posted
            case _:
                pass
        return None

    async def _record_done(self, done: Sequence[_Done]) -> None:
        deliveries = [one.job.delivery for one in done]
        posted = [
            (one.job.delivery.workspace, one.job.round.id, one.message.id)
            for one in done
            if one.message is not None and one.job.round is not None
        ]

        def record(tx: Tx) -> None:
            # Also where another process has taken over meanwhile: what was done is done. The rounds come first, as
            # they do in closing, so that the two don't wait for one another.
            tx.rounds.set_messages(posted)
            tx.deliveries.finish(deliveries)

        await self._services.storage.write(record)
        for one in done:
            if one.job.channel is not None:
                self._services.live.changed(one.job.channel.ref)

    async def _missed(self, job: _Job) -> None:
        """The post certainly never arrived, and its round is over: the day is skipped."""

        def record(tx: Tx) -> None:
            if not self._ours(tx, job):
                return
            tx.deliveries.mark(job.delivery, DeliveryState.GIVEN_UP, error="too late")
            if job.round is not None:
                tx.rounds.drop(job.delivery.workspace, job.round.id, "not delivered")
                tell_lost(tx, job.round, self._services.clock.now())

        await self._services.storage.write(record)

    async def _failed(self, job: _Job, error: MessengerError, *, unsure: bool) -> None:
        """Record a failure. `unsure`: it failed before it was known whether an earlier try had arrived."""
        delivery, now = job.delivery, self._services.clock.now()
        again = DeliveryState.TRYING if unsure else DeliveryState.WAITING
        _log.warning("delivery %s: %s: %s", delivery.key, type(error).__name__, error)
        wait = timedelta(seconds=BACK_OFF[min(delivery.tries, len(BACK_OFF) - 1)])

        def record(tx: Tx) -> None:
            if not self._ours(tx, job):
                return
            match error:
                case ChannelRefused():
                    tx.deliveries.mark(delivery, DeliveryState.GIVEN_UP, error=str(error))
                    self._refused(tx, job, error, now)
                case RateLimited(retry_after=seconds):
                    later = now + timedelta(seconds=seconds)
                    tx.deliveries.mark(delivery, again, try_at=later, error="rate limited")
                case PlatformDown():
                    soon = min(wait, timedelta(seconds=WAIT_DOWN))
                    tx.deliveries.mark(delivery, again, try_at=now + soon, error=str(error))
                case PostUncertain() if delivery.kind is DeliveryKind.POST:
                    # Only where nobody can tell: a post that was looked for in vain is simply tried again.
                    if unsure and delivery.tries >= len(BACK_OFF):
                        tx.deliveries.mark(delivery, DeliveryState.GIVEN_UP, error="can't tell whether it arrived")
                        self._tell(tx, job, "uncertain", admincards.posting_uncertain(_where(job)), now)
                    else:
                        tx.deliveries.mark(delivery, DeliveryState.TRYING, try_at=now + wait, error=str(error))
                case _:
                    tx.deliveries.mark(delivery, again, try_at=now + wait, error=str(error))

        await self._services.storage.write(record)

    def _ours(self, tx: Tx, job: _Job) -> bool:
        """Whether this try still stands; another process may have taken over, and have done it."""
        return tx.deliveries.is_held(job.delivery, holder=self._services.presence.holder)

    def _refused(self, tx: Tx, job: _Job, error: ChannelRefused, now: datetime) -> None:
        """The channel is gone or closed to us: stop trying, and tell whoever set it up, once."""
        if job.delivery.kind not in (DeliveryKind.POST, DeliveryKind.REVEAL) or job.channel is None:
            return
        schedule = tx.schedules.get(job.delivery.workspace, job.channel.id)
        nobody_saw_it = job.round is not None and not tx.responses.count(job.delivery.workspace, job.round.id)
        if job.round is not None and nobody_saw_it:
            tx.rounds.drop(job.delivery.workspace, job.round.id, "the channel refused it")
        if schedule is None or schedule.pause is not None:
            return
        tx.schedules.set_pause(schedule.workspace, schedule.id, Pause.CHANNEL_REFUSED)
        unshown = isinstance(error, CardRefused)
        sentence = admincards.posting_unshown(_where(job)) if unshown else admincards.posting_refused(_where(job))
        self._tell(tx, job, "refused", sentence, now)

    def _tell(self, tx: Tx, job: _Job, why: str, sentence: str, now: datetime) -> None:
        if job.channel is None:
            return
        schedule = tx.schedules.get(job.delivery.workspace, job.channel.id)
        by = tx.schedules.set_by(job.delivery.workspace, schedule.id) if schedule else None
        if by is not None:
            tx.deliveries.add(
                NewDelivery(
                    workspace=job.delivery.workspace,
                    kind=DeliveryKind.NOTICE,
                    key=f"tw-{job.delivery.id}-{why}",
                    member=by,
                    text=sentence,
                ),
                now,
            )


def _no_answer(what: str, *, looking: bool) -> MessengerError:
    """Nothing came back. While only `looking` for a post, nothing can have been posted by that."""
    return PlatformDown(what) if looking else PostUncertain(what)


def _where(job: _Job) -> str:
    return f"#{job.channel.name.lstrip('#')}" if job.channel and job.channel.name else "that channel"
