"""The daily round: opened when due, closed when over, and caught up after an outage by the same path.

What is due is read from the tables, decided and recorded in one transaction, and only then posted (see
deliveries). Running this twice, or after a crash at any point, converges: a round is unique by schedule and date.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.app import exams
from bot.app.lost import tell_lost
from bot.app.ports import Tx
from bot.app.records import Background, DeliveryKind, DeliveryState, NewDelivery, NewRound
from bot.app.reminding import plan_reminders
from bot.app.services import Services
from bot.core import dates
from bot.core.refs import MemberId
from bot.core.round import Round, State, shown_order
from bot.core.schedule import Pause, Schedule
from bot.core.selection import Choice, choose
from bot.core.weakness import Level, estimate
from bot.faults import reached
from bot.view import admincards

AT_ONCE = 128
"""Schedules handled in one transaction, by the same few statements as one: some milliseconds, so that answers never
wait long behind 09:00."""

CLOSED_AT_ONCE = 64
"""Rounds closed in one transaction, each by statements of its own."""

MISSED, NOT_DELIVERED, SKIPPED_BY_HAND = "missed", "not delivered", "skipped by hand"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Planned:
    """A round to be opened; `remind` are those who want to be reminded before it closes."""

    new: NewRound
    remind: Sequence[MemberId] = ()


class Daily:
    """Opens and closes what is due. Posting is left to `Deliveries`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run_due(self, opened: Callable[[], None] = lambda: None) -> None:
        """Close what is over, then open what is due, in that order: a channel's rounds never overlap.

        Exams whose time is up are handed in besides. `opened` is called whenever rounds are safe on disk and may be
        posted.
        """
        storage, clock = self._services.storage, self._services.clock
        while await storage.write(lambda tx: self.close_due(tx, clock.now())):
            pass
        while await storage.write(lambda tx: self.open_due(tx, clock.now())):
            reached("after_round_committed")
            opened()
        while await storage.write(lambda tx: exams.expire_due(tx, clock.now())):
            pass
        await storage.write(lambda tx: exams.drop_late_warnings(tx, clock.now()))

    async def rearm(self, *, starting: bool = False) -> None:
        """Work out anew when each schedule is due; needed when the clock was set back.

        And at a start, after which nobody knows what the clock did; unless others have been at work all along.
        """
        now = self._services.clock.now()

        def recompute(tx: Tx) -> None:
            if starting and self._services.presence.others(tx):
                return
            # A clock that was ahead has recorded days as missed that are still to come.
            tx.rounds.unskip(now)
            # A part at a time: all of thousands would take some megabytes.
            last = 0
            while some := tx.schedules.active(after=last, limit=AT_ONCE):
                tx.schedules.set_next_of([(one.workspace, one.id, first_look(tx, one, now)) for one in some])
                for schedule in some:
                    if schedule.pause is Pause.ZONE_MISSING:
                        tell_zone_missing(tx, schedule, now)
                last = some[-1].id

        await self._services.storage.write(recompute)

    async def next_wake(self) -> datetime | None:
        """The earliest instant at which there is anything to open, close or post."""

        def earliest(tx: Tx) -> datetime | None:
            instants = (
                tx.schedules.earliest(),
                tx.rounds.earliest_closing(),
                tx.deliveries.earliest(holder=self._services.presence.holder),
                tx.attempts.earliest_deadline(),
            )
            return min((instant for instant in instants if instant is not None), default=None)

        return await self._services.storage.read(earliest)

    def open_due(self, tx: Tx, now: datetime) -> int:
        """Open or skip what is due, for at most `AT_ONCE` schedules; how many were looked at."""
        schedules = tx.schedules.due(now, AT_ONCE)
        backgrounds = tx.backgrounds.of(schedules, _since(now))
        planned: list[Planned] = []
        for schedule in schedules:
            self._plan_for(tx, schedule, backgrounds[schedule.id], now, planned)
        open_rounds(tx, planned, now)
        tx.schedules.set_next_of([(one.workspace, one.id, dates.next_due(one, now)) for one in schedules])
        return len(schedules)

    def _plan_for(
        self, tx: Tx, schedule: Schedule, background: Background, now: datetime, planned: list[Planned]
    ) -> None:
        """Skip what is too late, and add the rest to `planned`, of which there is at most one of each channel."""
        if schedule.pause is Pause.ZONE_MISSING:
            tell_zone_missing(tx, schedule, now)
            return
        fresh = True
        for window in dates.due(schedule, now, background.settled):
            if window.too_late(now):
                tx.rounds.skip(schedule, window.local_date, MISSED, now)
                _log.warning("schedule %s: the round of %s is skipped, it is too late", schedule.id, window.local_date)
            elif schedule.pack not in self._services.packs:
                tx.schedules.set_pause(schedule.workspace, schedule.id, Pause.PACK_MISSING)
                _log.error("schedule %s: pack %s is not installed; paused", schedule.id, schedule.pack)
                return
            else:
                if not fresh:
                    # Another date of the same channel. Its background has to hold the one before.
                    open_rounds(tx, planned, now)
                    planned.clear()
                    background = _background(tx, schedule, now)
                new = self._plan(tx, schedule, window, background, now)
                if new is not None:
                    planned.append(new)
                fresh = False

    def open_window(
        self, tx: Tx, schedule: Schedule, window: dates.Window, now: datetime, *, instead: bool = False
    ) -> Round | None:
        """Open the round of one date and put its post in the outbox; None if the date is settled.

        With `instead` it takes the place of a skipped one.
        """
        planned = self._plan(tx, schedule, window, _background(tx, schedule, now), now, instead=instead)
        if planned is None:
            return None
        (opened,) = open_rounds(tx, [planned], now)
        return opened

    def _plan(
        self,
        tx: Tx,
        schedule: Schedule,
        window: dates.Window,
        background: Background,
        now: datetime,
        *,
        instead: bool = False,
    ) -> Planned | None:
        # A change of time or zone can make this one due while the last is open; two at once would confuse
        # everybody, and streaks besides.
        for key in background.open:
            earlier = tx.rounds.get(schedule.workspace, key)
            if earlier is not None and earlier.state is State.OPEN:
                self.close_round(tx, earlier, now)
        chosen = self._choose(schedule, window, background)
        if chosen is None:
            tx.schedules.set_pause(schedule.workspace, schedule.id, Pause.PACK_MISSING)
            return None
        return Planned(
            NewRound(
                workspace=schedule.workspace,
                channel=schedule.channel,
                schedule=schedule.id,
                local_date=window.local_date,
                item=chosen.item,
                order=shown_order(chosen.item, f"{schedule.channel}/{window.local_date}"),
                opens=max(window.opens, now),
                closes=window.closes,
                reveal=schedule.reveal,
                instead=instead,
            ),
            background.reminded,
        )

    def _choose(self, schedule: Schedule, window: dates.Window, background: Background) -> Choice | None:
        pack = self._services.packs[schedule.pack]
        cut = pack.blueprint.pass_percent / 100
        levels = {tally.domain: estimate(tally, window.opens, fine_at=cut).level for tally in background.tallies}
        seed = f"{schedule.channel}/{window.local_date}"
        chosen = choose(
            pack.ready,
            background.served,
            pack.blueprint,
            seed=seed,
            levels={domain: level for domain, level in levels.items() if level is Level.WEAK},
        )
        if chosen is None:
            return None
        return Choice(chosen.item.filled(window.local_date.toordinal()), chosen.repeats)

    def close_due(self, tx: Tx, now: datetime) -> int:
        """Close rounds that are over and put their reveals in the outbox; how many were looked at."""
        rounds = tx.rounds.closing(now, CLOSED_AT_ONCE)
        for round_ in rounds:
            self.close_round(tx, round_, now)
        return len(rounds)

    def close_round(self, tx: Tx, round_: Round, now: datetime) -> None:
        """Close one round. One that never reached its channel becomes a skipped one, as nobody missed it."""
        waiting = tx.deliveries.unfinished(round_.workspace, round_.id)
        never_tried = all(delivery.tries == 0 or delivery.state is DeliveryState.WAITING for delivery in waiting)
        if round_.message is None and never_tried and not tx.responses.count(round_.workspace, round_.id):
            for delivery in waiting:
                tx.deliveries.mark(delivery, DeliveryState.GIVEN_UP, error=NOT_DELIVERED)
            tx.rounds.drop(round_.workspace, round_.id, NOT_DELIVERED)
            tell_lost(tx, round_, now)
            return
        tx.rounds.close(round_.workspace, round_.id)
        reached("during_close")
        tx.deliveries.add(
            NewDelivery(
                workspace=round_.workspace,
                kind=DeliveryKind.REVEAL,
                key=f"tw-{round_.id}-reveal",
                channel=round_.channel,
                round=round_.id,
            ),
            now,
        )


def _since(now: datetime) -> date:
    """From when on settled dates matter, in whatever zone."""
    return now.date() - dates.LOOK_BACK - dates.DAY


def _background(tx: Tx, schedule: Schedule, now: datetime) -> Background:
    return tx.backgrounds.of([schedule], _since(now))[schedule.id]


def first_look(tx: Tx, schedule: Schedule, now: datetime) -> datetime | None:
    """When a schedule has to be looked at first: now if something unsettled is due, else at its next opening."""
    if schedule.pause is not None:
        return None
    since = now.astimezone(schedule.zone).date() - dates.LOOK_BACK
    settled = tx.rounds.settled(schedule.workspace, schedule.id, since)
    if next(iter(dates.due(schedule, now, settled)), None) is not None:
        return now
    return dates.next_due(schedule, now)


def tell_zone_missing(tx: Tx, schedule: Schedule, now: datetime) -> None:
    """Tell whoever set the schedule up, once, that it waits until the machine knows its zone again."""
    _log.error("schedule %s: this machine doesn't know the zone %s; paused", schedule.id, schedule.zone.key)
    by = tx.schedules.set_by(schedule.workspace, schedule.id)
    channel = tx.people.find_channel(schedule.workspace, schedule.channel)
    if by is not None and channel is not None:
        notice = NewDelivery(
            workspace=schedule.workspace,
            kind=DeliveryKind.NOTICE,
            key=f"tw-zone-{schedule.id}",
            member=by,
            text=admincards.zone_missing(channel.name, schedule.zone.key),
        )
        tx.deliveries.add(notice, now)


def open_round(tx: Tx, new: NewRound, now: datetime) -> Round | None:
    """Insert the round and put its post in the outbox; from here on a crash loses nothing."""
    (opened,) = open_rounds(tx, [Planned(new)], now)
    return opened


def open_rounds(tx: Tx, planned: Sequence[Planned], now: datetime) -> Sequence[Round | None]:
    """The same for many channels, one round each, with few statements; None for dates that are settled."""
    rounds = tx.rounds.open_all([one.new for one in planned])
    posts = [
        NewDelivery(
            workspace=round_.workspace,
            kind=DeliveryKind.POST,
            key=f"tw-{round_.id}-post",
            channel=round_.channel,
            round=round_.id,
        )
        for round_ in rounds
        if round_ is not None
    ]
    tx.deliveries.add_all(posts, now)
    for one, round_ in zip(planned, rounds, strict=True):
        if round_ is not None:
            plan_reminders(tx, round_, one.remind)
    return rounds
