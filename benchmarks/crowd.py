"""Teams of made-up members over the whole product, for benchmarks to open rounds and press buttons in.

Everything goes through the use cases: rounds are opened by the daily use case's own function, presses are made at
`Trapwise.press`. Only the platforms are missing, and the clock can be set.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app.actions import Actor, Press
from bot.app.daily import open_round
from bot.app.live import Live
from bot.app.ports import Tx
from bot.app.records import DeliveryState, NewRound
from bot.compose import Running, core_parts
from bot.config import Settings
from bot.core.item import LETTERS, Item
from bot.core.refs import ChannelRef, MemberRef, Platform, ScheduleId, WorkspaceRef
from bot.core.round import Round, shown_order
from bot.core.schedule import Reveal, Schedule
from bot.memory import keep_what_is_there
from bot.view import tokens

SPACE = WorkspaceRef(Platform.SLACK, "T0BENCH")
FIRST_DAY = date(2026, 1, 5)
"""A Monday."""

PACK = "databricks-ml-associate"
OPENS = timedelta(hours=9)


class BenchClock:
    """Shows the instant it was set to, and a millisecond more each time it is looked at."""

    def __init__(self) -> None:
        self._now = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + OPENS

    def set(self, day: date) -> None:
        """Go to the opening of that day's rounds."""
        self._now = datetime.combine(day, datetime.min.time(), UTC) + OPENS

    def now(self) -> datetime:
        """The present instant."""
        self._now += timedelta(milliseconds=1)
        return self._now


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """`channels` channels with `each` members of their own; member 0 of channel 0 is number 0, and so on."""

    parts: Running
    clock: BenchClock
    channels: int
    each: int
    opened: list[Round] = field(default_factory=list)

    @property
    def items(self) -> Sequence[Item]:
        """What is asked, in turn."""
        return self.parts.services.packs[PACK].ready

    def actor(self, number: int) -> Actor:
        """A member, in their channel."""
        return Actor(
            member=MemberRef(SPACE, f"U{number:07}"),
            name=f"Member {number}",
            channel=self.channel(number // self.each),
            channel_name=f"channel-{number // self.each}",
            workspace_name="Bench",
        )

    def channel(self, number: int) -> ChannelRef:
        """A channel."""
        return ChannelRef(SPACE, f"C{number:05}")

    async def gather(self) -> None:
        """Make the channels, their schedules and their members."""
        now = self.clock.now()

        def make(tx: Tx) -> None:
            workspace = tx.people.workspace(SPACE, "Bench", now)
            for number in range(self.channels):
                channel = tx.people.channel(workspace.id, self.channel(number), f"channel-{number}", now)
                if tx.schedules.get(workspace.id, channel.id) is None:
                    plan = Schedule(
                        id=ScheduleId(0),
                        workspace=workspace.id,
                        channel=channel.id,
                        pack=PACK,
                        opens=time_of_day(9),
                        zone=ZoneInfo("UTC"),
                        since=FIRST_DAY,
                    )
                    tx.schedules.save(plan, next_at=None, by=None, now=now)
                for person in range(number * self.each, (number + 1) * self.each):
                    actor = self.actor(person)
                    tx.people.member(workspace.id, actor.member, actor.name, now)

        await self.parts.storage.write(make)

    async def open(self, day: int) -> list[Round]:
        """Open the question of the `day`th working day in every channel, as if posted, and close those of the day
        before; sets the clock.
        """
        date_ = working_day(day)
        self.clock.set(date_)
        now = self.clock.now()
        item = self.items[day % len(self.items)].filled(date_.toordinal())

        def make(tx: Tx) -> list[Round]:
            workspace = tx.people.workspace(SPACE, "Bench", now)
            for earlier in self.opened:
                self.parts.daily.close_round(tx, earlier, now)
                _delivered(tx, earlier)
            made = []
            for number in range(self.channels):
                channel = tx.people.channel(workspace.id, self.channel(number), f"channel-{number}", now)
                schedule = tx.schedules.get(workspace.id, channel.id)
                assert schedule is not None, "gather first"
                new = NewRound(
                    workspace=workspace.id,
                    channel=channel.id,
                    schedule=schedule.id,
                    local_date=date_,
                    item=item,
                    order=shown_order(item, f"{channel.id}/{date_}"),
                    opens=now,
                    closes=now + timedelta(hours=8),
                    reveal=Reveal.NOW,
                )
                round_ = open_round(tx, new, now)
                assert round_ is not None, "the day has its round already"
                _delivered(tx, round_)
                tx.rounds.set_message(workspace.id, round_.id, f"1795400000.{round_.id:06}")
                made.append(round_)
            return made

        self.opened[:] = await self.parts.storage.write(make)
        return list(self.opened)

    def presses(self, rounds: Sequence[Round], *, seed: int, people: Sequence[int] | None = None) -> list[Press]:
        """Everybody answers their channel's round once, in random order; a little more often right than wrong."""
        chance = random.Random(seed)
        order = list(people if people is not None else range(self.channels * self.each))
        chance.shuffle(order)
        found = []
        for person in order:
            round_ = rounds[person // self.each]
            right = round_.letter(round_.item.key)
            letter = right if chance.random() < 0.5 else LETTERS[chance.randrange(len(round_.order))]
            found.append(Press(actor=self.actor(person), token=tokens.write(tokens.AnswerRound(round_.id, letter))))
        return found

    async def press(self, presses: Sequence[Press], *, at_once: int) -> float:
        """Make the presses, `at_once` people pressing again as soon as they have their feedback; seconds it took."""
        coming = iter(presses)

        async def caller() -> None:
            for press in coming:
                reply = await self.parts.trapwise.press(press)
                assert reply.card is not None

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(at_once)))
        return time.perf_counter() - began

    async def press_each(self, presses: Sequence[Press]) -> list[float]:
        """Make the presses one after the other; the seconds that each took."""
        took = []
        for press in presses:
            began = time.perf_counter()
            await self.parts.trapwise.press(press)
            took.append(time.perf_counter() - began)
        return took


def _delivered(tx: Tx, round_: Round) -> None:
    for delivery in tx.deliveries.unfinished(round_.workspace, round_.id):
        tx.deliveries.mark(delivery, DeliveryState.DONE)


def working_day(number: int) -> date:
    """The `number`th working day from the first, which is 0."""
    return FIRST_DAY + timedelta(days=number // 5 * 7 + number % 5)


def days() -> Iterator[int]:
    """Working days, one after the other."""
    number = 0
    while True:
        yield number
        number += 1


@asynccontextmanager
async def crowd(database: Path | str, *, channels: int, each: int) -> AsyncIterator[Crowd]:
    """The product on that database, with everybody gathered."""
    clock = BenchClock()
    settings = Settings(database=str(database), zone="UTC")
    async with core_parts(settings, messengers={}, live=Live(), clock=clock) as parts:
        found = Crowd(parts=parts, clock=clock, channels=channels, each=each)
        await found.gather()
        # As compose.run does.
        keep_what_is_there()
        await parts.storage.settle_in()
        yield found


__all__ = ["PACK", "SPACE", "BenchClock", "Crowd", "crowd", "days", "working_day"]
