"""Those who manage a channel decide what is posted there and when."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.app import typed
from bot.app.daily import Daily, first_look
from bot.app.ports import Tx
from bot.app.records import Channel, DeliveryKind, NewDelivery
from bot.app.services import Here, Services, pack_of
from bot.core import dates
from bot.core.outcomes import Misspelt, NotSetUp
from bot.core.refs import ChannelId, ScheduleId, WorkspaceId
from bot.core.round import Round
from bot.core.schedule import Pause, Reveal, Schedule
from bot.view import admincards, wording
from bot.view.admincards import Status
from bot.view.card import Card, Form
from bot.view.plaincards import notice

DEFAULT_OPENS = time(9, 0)

OFFERED_PACKS = 25
"""How many entries a list holds everywhere; the schedule command takes any pack."""

# What is typed as what, how it is read, and which part of the schedule it becomes.
_TYPED: tuple[tuple[str, Callable[[str], Any], str], ...] = (
    ("time", typed.read_time, "opens"),
    ("zone", typed.read_zone, "zone"),
    ("days", typed.read_days, "weekdays"),
    ("closes", typed.read_minutes, "closes_after"),
)


class Channels:
    """The commands of those who manage a channel. Whether one does is checked before any of these is called."""

    def __init__(self, services: Services, daily_: Daily) -> None:
        self._services, self._daily = services, daily_

    def setup(self, tx: Tx, here: Here, zone: str | None, given: Mapping[str, str]) -> Form:
        """The setup form, filled with what is `given` for it, else what is set, else what one would expect."""
        channel = here.channel.id if here.channel is not None else ChannelId(0)
        plan = tx.schedules.get(here.workspace.id, channel) if here.channel is not None else None
        plan = plan or self._fresh(here.workspace.id, channel, zone, here.now)
        return self._form(admincards.setup_values(self._apply(plan, given, {})), errors={})

    def fill_in(self, tx: Tx, here: Here, channel: Channel, values: Mapping[str, tuple[str, ...]]) -> Card | Form:
        """Save the sent setup form, or give it back with the errors beside the fields."""
        tx.schedules.hold(here.workspace.id, channel.id)
        plan = tx.schedules.get(here.workspace.id, channel.id)
        errors: dict[str, str] = {}
        changed = self._filled(plan or self._fresh(here.workspace.id, channel.id, None, here.now), values, errors)
        if errors:
            return self._form(dict(values), errors=errors)
        return self._save(tx, here, channel, changed, lead="Saved. Questions will be posted here.")

    def checked(self, values: Mapping[str, tuple[str, ...]]) -> Form:
        """The sent setup form with the errors beside the fields, whatever channel it is for."""
        errors: dict[str, str] = {}
        nowhere = self._fresh(WorkspaceId(0), ChannelId(0), None, self._services.clock.now())
        self._filled(nowhere, values, errors)
        return self._form(dict(values), errors=errors)

    def _filled(self, plan: Schedule, values: Mapping[str, tuple[str, ...]], errors: dict[str, str]) -> Schedule:
        plain = {name: ",".join(found) for name, found in values.items() if found}
        changed = self._apply(plan, plain, errors)
        for name, sentence in (
            ("days", "Choose at least one day."),
            ("time", "Say when, such as 09:00."),
            ("zone", "Say which time zone, such as Europe/Berlin."),
        ):
            if not plain.get(name, "").strip():
                errors[name] = sentence
        return changed

    def schedule(self, tx: Tx, here: Here, channel: Channel, given: Mapping[str, str]) -> Card:
        """Show the schedule, or change what is given."""
        plan = tx.schedules.get(here.workspace.id, channel.id)
        if plan is None and not given:
            return self._refused(NotSetUp())
        errors: dict[str, str] = {}
        changed = self._apply(plan or self._fresh(here.workspace.id, channel.id, None, here.now), given, errors)
        if errors:
            return notice(" ".join(errors.values()), tone="refused")
        if plan is not None and not given:
            return self._card(tx, plan, here.now)
        return self._save(tx, here, channel, changed, lead="Saved.")

    def pause(self, tx: Tx, here: Here, channel: Channel) -> Card:
        """Stop posting. A question that is open stays open."""
        plan = tx.schedules.get(here.workspace.id, channel.id)
        if plan is None:
            return self._refused(NotSetUp())
        tx.schedules.set_pause(plan.workspace, plan.id, Pause.BY_ADMIN)
        return self._card(tx, replace(plan, pause=Pause.BY_ADMIN), here.now)

    def resume(self, tx: Tx, here: Here, channel: Channel) -> Card:
        """Post again, from the next opening on."""
        plan = tx.schedules.get(here.workspace.id, channel.id)
        if plan is None:
            return self._refused(NotSetUp())
        if plan.pack not in self._services.packs:
            plan = replace(plan, pack=self._services.default_pack)
        return self._save(tx, here, channel, replace(plan, pause=None), lead="Resumed.")

    def skip(self, tx: Tx, here: Here, channel: Channel, given: Mapping[str, str]) -> Card:
        """Post nothing on a date; without one, on the next."""
        plan = tx.schedules.get(here.workspace.id, channel.id)
        if plan is None:
            return self._refused(NotSetUp())
        today = here.now.astimezone(plan.zone).date()
        if "date" in given:
            day = typed.read_date(given["date"], today)
        else:
            coming = dates.next_due(plan, here.now)
            day = coming.astimezone(plan.zone).date() if coming else Misspelt("a date", "")
        if isinstance(day, Misspelt):
            return self._refused(day)
        if day in tx.rounds.settled(plan.workspace, plan.id, day):
            return notice(f"The question of {wording.day(day)} was posted or skipped already.", tone="refused")
        changed = replace(plan, skips=frozenset({d for d in plan.skips if d >= today} | {day}))
        return self._save(tx, here, channel, changed, lead=f"Nothing will be posted on {wording.day(day)}.")

    def post_now(self, tx: Tx, here: Here, channel: Channel) -> Card:
        """Open today's question without waiting for its time; a second one today is refused."""
        plan = tx.schedules.get(here.workspace.id, channel.id)
        if plan is None:
            return self._refused(NotSetUp())
        if plan.pack not in self._services.packs:
            return notice("The pack isn't installed. Choose another with /trapwise schedule pack=…", tone="refused")
        for round_ in tx.rounds.recent(plan.workspace, channel.id, before=None, limit=1):
            if round_.is_open(here.now):
                return self._again(tx, round_, here.now)
        today = here.now.astimezone(plan.zone).date()
        closes = here.now + timedelta(minutes=plan.closes_after)
        coming = dates.next_due(replace(plan, skips=plan.skips | {today}, pause=None), here.now)
        window = dates.Window(today, here.now, min(closes, coming) if coming else closes)
        if self._daily.open_window(tx, plan, window, here.now, instead=True) is None:
            return notice("Today's question was posted already. The next one comes on its day.", tone="refused")
        return notice("Posted.", tone="done")

    def _again(self, tx: Tx, round_: Round, now: datetime) -> Card:
        """Post an open round once more, if the first try was given up without knowing whether it arrived."""
        waiting = [d for d in tx.deliveries.unfinished(round_.workspace, round_.id) if d.kind is DeliveryKind.POST]
        if round_.message is not None or waiting:
            return notice("A question is open here. The next can come when it has closed.", tone="refused")
        tx.deliveries.add(
            NewDelivery(
                workspace=round_.workspace,
                kind=DeliveryKind.POST,
                key=f"tw-{round_.id}-{int(now.timestamp()):x}",
                channel=round_.channel,
                round=round_.id,
            ),
            now,
        )
        return notice("Posted.", tone="done")

    def status(self, tx: Tx, here: Here, channel: Channel) -> Card:
        """What is posted, what comes next, and whether all is well."""
        plan = tx.schedules.get(here.workspace.id, channel.id)
        if plan is None:
            return self._refused(NotSetUp())
        pack = pack_of(self._services, plan)
        served = set(tx.rounds.served(plan.workspace, channel.id, pack.id))
        waiting = [
            delivery
            for round_ in tx.rounds.recent(plan.workspace, channel.id, before=None, limit=3)
            for delivery in tx.deliveries.unfinished(plan.workspace, round_.id)
            if delivery.kind is not DeliveryKind.REMINDER
        ]
        return admincards.status(
            Status(
                schedule=plan,
                pack_title=pack.title,
                next_at=dates.next_due(plan, here.now),
                rounds=tx.rounds.count_since(plan.workspace, channel.id, None),
                items_left=sum(item.id not in served for item in pack.ready),
                waiting=len(waiting),
                reported=tx.responses.reported(plan.workspace),
                troubles=self._services.troubles.now,
            ),
            here.now,
        )

    def _form(self, values: dict[str, tuple[str, ...]], *, errors: dict[str, str]) -> Form:
        """The form, with as many packs to choose from as a list holds everywhere; the chosen one is among them."""
        chosen = values.get("pack", ())
        packs = sorted(self._services.packs.values(), key=lambda pack: (pack.id not in chosen, pack.title, pack.id))
        return admincards.setup_form(
            values, errors=errors, packs=[(pack.title, pack.id) for pack in packs[:OFFERED_PACKS]]
        )

    def _fresh(self, workspace: WorkspaceId, channel: ChannelId, zone: str | None, now: datetime) -> Schedule:
        found = typed.read_zone(zone) if zone else None
        where = found if isinstance(found, ZoneInfo) else self._services.default_zone
        return Schedule(
            id=ScheduleId(0),
            workspace=workspace,
            channel=channel,
            pack=self._services.default_pack,
            opens=DEFAULT_OPENS,
            zone=where,
            since=now.astimezone(where).date(),
        )

    def _apply(self, plan: Schedule, given: Mapping[str, str], errors: dict[str, str]) -> Schedule:
        """The schedule with what is given; what can't be understood goes to `errors` by name."""

        def note(name: str, wrong: Misspelt) -> None:
            errors[name] = wording.misspelt(wrong)

        for name, read, attribute in _TYPED:
            if text := given.get(name, ""):
                value = read(text)
                if isinstance(value, Misspelt):
                    note(name, value)
                else:
                    plan = replace(plan, **{attribute: value})
        if text := given.get("reveal", ""):
            if text in list(Reveal):
                plan = replace(plan, reveal=Reveal(text))
            else:
                note("reveal", Misspelt("a way to reveal", text, tuple(Reveal)))
        if text := given.get("pack", ""):
            if text in self._services.packs:
                plan = replace(plan, pack=text)
            else:
                note("pack", Misspelt("an installed pack", text, tuple(self._services.packs)))
        return plan

    def _save(self, tx: Tx, here: Here, channel: Channel, plan: Schedule, *, lead: str) -> Card:
        # A change never reaches back: an opening that has passed today under new timing isn't made up for.
        old = tx.schedules.get(here.workspace.id, channel.id)
        if plan.pause is Pause.ZONE_MISSING and old is not None and plan.zone.key != old.zone.key:
            plan = replace(plan, pause=None)
        timing = (plan.opens, plan.zone, plan.weekdays)
        if old is None or old.pause is not None or timing != (old.opens, old.zone, old.weekdays):
            today = here.now.astimezone(plan.zone).date()
            opens = dates.opening(today, plan.opens, plan.zone)
            plan = replace(plan, since=today if opens is not None and opens > here.now else today + dates.DAY)
        saved = tx.schedules.save(
            plan,
            next_at=first_look(tx, plan, here.now) if plan.pause is None else None,
            by=here.member.id,
            now=here.now,
        )
        return self._card(tx, saved, here.now, lead=lead)

    def _card(self, tx: Tx, plan: Schedule, now: datetime, *, lead: str = "") -> Card:
        title = pack_of(self._services, plan).title
        return admincards.schedule(plan, pack_title=title, next_at=dates.next_due(plan, now), now=now, lead=lead)

    def _refused(self, outcome: NotSetUp | Misspelt) -> Card:
        return notice(wording.refusal(outcome, zone=self._services.default_zone), tone="refused")
