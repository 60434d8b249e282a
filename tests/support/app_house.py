"""The whole product without adapters: Trapwise over a real database, a settable clock and a scripted messenger."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.app.actions import Actor, Command, Press, Submission
from bot.app.counters import Counters
from bot.app.daily import Daily
from bot.app.deliveries import Deliveries
from bot.app.dispatch import Trapwise
from bot.app.live import Live
from bot.app.ports import Clock, Tx
from bot.app.records import Delivery
from bot.app.services import Services
from bot.core.pack import FactCard, Pack
from bot.core.refs import ChannelId, ChannelRef, Platform, RoundId, ScheduleId, WorkspaceId
from bot.core.round import Round
from bot.core.schedule import Schedule
from bot.core.scoring import Standing
from bot.view.card import (
    Bars,
    Block,
    Bullets,
    Button,
    Card,
    Code,
    CodeBlock,
    Fields,
    Form,
    Heading,
    Line,
    Link,
    Options,
    Paragraph,
    Reply,
    Strong,
    Table,
    Text,
    When,
)
from bot.view.tokens import AnswerRound, write
from storage import OpenStorage, open_storage
from tests.support.builders import SettableClock, a_channel_ref, a_pack, an_actor
from tests.support.scripted_messenger import Message, ScriptedMessenger

T = TypeVar("T")

BERLIN = ZoneInfo("Europe/Berlin")

EIGHT = datetime.fromisoformat("2026-11-23T07:00:00+00:00")
"""A Monday, 08:00 in Berlin: an hour before the daily question of a house with its usual schedule."""

ANA, BEN, CLEO = an_actor("Ana"), an_actor("Ben"), an_actor("Cleo")
ADMIN = an_actor("Ada", manages=True)
CHANNEL = a_channel_ref()


def small_pack(count: int = 20) -> Pack:
    """The builders' pack, with an exam tip."""
    tip = FactCard(id="tip-1", domain="exam", text="Read every option first.", sources=("fact-1",), references=())
    return a_pack(count, cards=(tip,))


@dataclass(kw_only=True)
class House:
    """One running bot, and what a test asks of it."""

    services: Services
    storage: OpenStorage
    clock: SettableClock
    messenger: ScriptedMessenger
    trapwise: Trapwise
    daily: Daily
    deliveries: Deliveries
    counters: Counters
    live: Live
    wakes: list[datetime] = field(default_factory=list)

    async def tick(self, at: datetime | None = None) -> None:
        """What the alarm does: open and close what is due, then deliver."""
        if at is not None:
            self.clock.set(at)
        await self.daily.run_due()
        await self.deliveries.deliver()

    async def press(self, actor: Actor, token: str) -> Reply:
        return await self.trapwise.press(Press(actor=actor, token=token))

    async def answer(self, actor: Actor, round_: Round, option: str) -> Card:
        """Press the button under which the option with this id is shown."""
        return card_of(await self.press(actor, write(AnswerRound(round_.id, round_.letter(option)))))

    async def say(self, actor: Actor, line: str) -> Reply:
        """Give a command as it would be typed, without its slash."""
        name, _, text = line.partition(" ")
        return await self.trapwise.command(Command(actor=actor, name=name, text=text))

    async def submit(self, actor: Actor, token: str, **values: str | tuple[str, ...]) -> Reply:
        sent = tuple((name, (v,) if isinstance(v, str) else v) for name, v in values.items())
        return await self.trapwise.submit(Submission(actor=actor, token=token, values=sent))

    async def look(self, fn: Callable[[Tx], T]) -> T:
        return await self.storage.read(fn)

    async def schedule(
        self,
        channel: ChannelRef = CHANNEL,
        *,
        opens: time = time(9),
        zone: ZoneInfo = BERLIN,
        since: date | None = None,
        **changes: object,
    ) -> Schedule:
        """Give the channel a schedule, as if somebody had set it up just now; without one of its own, by nobody."""
        now = self.clock.now()
        plan = {"since": since or now.astimezone(zone).date(), "pack": self.services.default_pack} | changes

        def save(tx: Tx) -> Schedule:
            workspace = tx.people.workspace(channel.workspace, "", now)
            found = tx.people.channel(workspace.id, channel, channel.id, now)
            by = tx.people.member(workspace.id, ADMIN.member, ADMIN.name, now)
            new = Schedule(id=ScheduleId(0), workspace=workspace.id, channel=found.id, opens=opens, zone=zone, **plan)  # type: ignore[arg-type]  # the caller names fields of Schedule
            return tx.schedules.save(new, next_at=now, by=by.id, now=now)

        return await self.storage.write(save)

    async def ids(self, channel: ChannelRef = CHANNEL) -> tuple[WorkspaceId, ChannelId]:
        """The channel in our own tables."""
        now = self.clock.now()

        def find(tx: Tx) -> tuple[WorkspaceId, ChannelId]:
            workspace = tx.people.workspace(channel.workspace, "", now)
            return workspace.id, tx.people.channel(workspace.id, channel, "", now).id

        return await self.storage.write(find)

    async def rounds(self, channel: ChannelRef = CHANNEL) -> list[Round]:
        """The channel's rounds, oldest first, skipped ones left out."""
        workspace, key = await self.ids(channel)
        return list(reversed(await self.look(lambda tx: tx.rounds.recent(workspace, key, before=None, limit=10_000))))

    async def settled(self, channel: ChannelRef = CHANNEL) -> frozenset[date]:
        """The dates that have a round, posted or skipped."""
        plan = await self.plan(channel)
        return await self.look(lambda tx: tx.rounds.settled(plan.workspace, plan.id, date.min))

    async def plan(self, channel: ChannelRef = CHANNEL) -> Schedule:
        workspace, key = await self.ids(channel)
        found = await self.look(lambda tx: tx.schedules.get(workspace, key))
        assert found is not None
        return found

    async def standing(self, actor: Actor, channel: ChannelRef = CHANNEL) -> Standing:
        workspace, key = await self.ids(channel)

        def find(tx: Tx) -> Standing:
            member = tx.people.look_up(actor.member)
            return tx.standings.get(workspace, key, member.id) if member else Standing()

        return await self.look(find)

    async def unfinished(self, round_id: RoundId) -> list[Delivery]:
        workspace, _ = await self.ids()
        return list(await self.look(lambda tx: tx.deliveries.unfinished(workspace, round_id)))

    def shown(self, channel: ChannelRef = CHANNEL) -> list[Message]:
        """What members see in the channel."""
        return self.messenger.within(channel)

    async def opened(self, at: datetime | None = None) -> Round:
        """Tick at 09:00 in Berlin, or `at`; the round that is open then."""
        await self.tick(at or EIGHT + timedelta(hours=1))
        newest = (await self.rounds())[-1]
        assert newest.is_open(self.clock.now())
        return newest


@asynccontextmanager
async def open_house(
    *,
    database: str = "sqlite://:memory:",
    clock: SettableClock | None = None,
    packs: Mapping[str, Pack] | None = None,
    messenger: ScriptedMessenger | None = None,
    platforms: tuple[Platform, ...] = (Platform.WEB,),
    pause: Callable[[float], Awaitable[None]] | None = None,
) -> AsyncIterator[House]:
    """Build everything as the composition root does, without alarm and adapters."""
    storage = await open_storage(database)
    packs = packs if packs is not None else {"my-exam": small_pack()}
    clock = clock or SettableClock(EIGHT)
    messenger = messenger or ScriptedMessenger()
    live = Live()
    wakes: list[datetime] = []
    used: Clock = clock
    services = Services(
        storage=storage,
        clock=used,
        packs=packs,
        default_pack=next(iter(packs)),
        default_zone=BERLIN,
        messengers={platform: messenger for platform in platforms},
        live=live,
        wake=lambda: wakes.append(used.now()),
    )
    daily, deliveries = Daily(services), Deliveries(services)
    counters = Counters(services, pause=pause) if pause else Counters(services)
    try:
        yield House(
            services=services,
            storage=storage,
            clock=clock,
            messenger=messenger,
            trapwise=Trapwise(services, daily, counters),
            daily=daily,
            deliveries=deliveries,
            counters=counters,
            live=live,
            wakes=wakes,
        )
    finally:
        await counters.close()
        await storage.close()


def card_of(reply: Reply) -> Card:
    """The reply's card, which it must have."""
    assert reply.card is not None
    return reply.card


def words(of: Reply | Card | Form) -> str:
    """All the words of a card, as a screen reader would say them, without hints."""
    match of:
        case Reply():
            return words(of.card or of.form or Card(title=""))
        case Form():
            return "\n".join([of.title, of.intro, *(f"{f.label} {' '.join(f.value)} {f.error}" for f in of.inputs)])
        case Card():
            lines = [of.title, " · ".join(of.context), *(_block(block) for block in of.blocks), _line(of.footer)]
            return "\n".join([*lines, *(button.label for button in buttons(of))])


def buttons(of: Card) -> list[Button]:
    """The card's buttons, in order."""
    return [button for row in of.rows for button in row]


def tokens_of(reply: Reply) -> list[str]:
    """Every token that the reply holds: of buttons, of menu entries and of the form."""
    held = [reply.form.token] if reply.form else []
    if reply.card is not None:
        held += [button.token for button in buttons(reply.card) if button.token]
        held += [token for _, token in reply.card.menu.entries] if reply.card.menu else []
    return held


def _line(line: Line) -> str:
    said = []
    for span in line:
        match span:
            case Text(text=text) | Strong(text=text) | Code(text=text):
                said.append(text)
            case When(fallback=text) | Link(label=text):
                said.append(text)
    return "".join(said)


def _block(block: Block) -> str:
    match block:
        case Paragraph(line=line):
            return _line(line)
        case CodeBlock(code=code):
            return code
        case Heading(text=text):
            return text
        case Bullets(lines=lines):
            return "\n".join(_line(line) for line in lines)
        case Bars(caption=caption, bars=bars):
            return "\n".join([caption, *(f"{bar.label}: {bar.text} {bar.note}" for bar in bars)])
        case Table(caption=caption, head=head, rows=rows):
            return "\n".join([caption, *(" | ".join(row) for row in (head, *rows))])
        case Fields(pairs=pairs):
            return "\n".join(f"{name}: {_line(line)}" for name, line in pairs)
        case Options(options=options):
            said = []
            for o in options:
                counted = f" {o.count} ({o.percent} %)" if o.count is not None else ""
                parts = [f"{o.letter}{counted} {o.note}", *(_block(b) for b in o.body), *(_block(b) for b in o.why)]
                said.append(" ".join(parts))
            return "\n".join(said)
