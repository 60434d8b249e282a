"""The composition root: builds, starts and stops everything. The only module that imports all the others."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot import tending, together
from bot.alarm import Alarm
from bot.app.counters import Counters
from bot.app.daily import Daily
from bot.app.deliveries import Deliveries
from bot.app.dispatch import Trapwise
from bot.app.live import Live
from bot.app.localspace import ensure_secret, ensure_space, ensure_today
from bot.app.ports import Clock, Messenger
from bot.app.services import Services
from bot.app.space import Space
from bot.config import Settings, Web
from bot.core.errors import SettingsError
from bot.core.pack import Pack
from bot.core.refs import ChannelRef, Platform, WorkspaceRef
from bot.health import Health
from bot.listener import Listener
from bot.memory import keep_what_is_there
from bot.packs.kept import load_packs
from bot.pulse import Pulse
from bot.setting import Secret
from storage import OpenStorage, is_postgres, open_storage, sqlite_path

if TYPE_CHECKING:
    from bot.adapters.discord.connection import DiscordConnection
    from bot.adapters.slack.connection import SlackConnection
    from bot.adapters.slack.settings import SlackSettings
    from bot.adapters.terminal.seat import Seat
    from bot.adapters.web.server import WebServer
    from bot.caretaker import Caretaker

LOCAL = WorkspaceRef(Platform.WEB, "local")
LOCAL_CHANNEL = ChannelRef(LOCAL, "exam-prep")
LOCAL_OPENS = time(9, 0)

FIRST_POSTS = 5
"""Seconds that a start waits for what is ready to be posted."""
TERMINAL_CHANNEL = ChannelRef(WorkspaceRef(Platform.TERMINAL, "local"), "terminal")


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Everything that runs, for whoever started it. `web` is None where the local space is off.

    `listener` takes HTTP requests: the local space's own server, or another where only Slack needs one.
    """

    services: Services
    trapwise: Trapwise
    daily: Daily
    deliveries: Deliveries
    counters: Counters
    alarm: Alarm
    storage: OpenStorage
    web: "WebServer | None"
    listener: "WebServer | Listener | None" = None
    slack: "SlackConnection | None" = None
    discord: "DiscordConnection | None" = None
    caretaker: "Caretaker | None" = None
    health: Health | None = None
    health_listener: Listener | None = None


@asynccontextmanager
async def core_parts(
    settings: Settings, *, messengers: Mapping[Platform, Messenger], live: Live, clock: Clock | None = None
) -> AsyncIterator[Running]:
    """Open the storage and build the use cases on it; the alarm is left for the caller to start.

    Raises TrapwiseError with what to do.
    """
    clock = clock or SystemClock()
    packs = load_packs(settings.content, keep=_kept_packs(settings.database))
    pack = chosen_pack(settings, packs)
    async with AsyncExitStack() as stack:
        storage = await open_storage(settings.database)
        stack.push_async_callback(storage.close)
        wakes = _Wake()
        pulse = await stack.enter_async_context(together.presence(storage))
        neighbours = await stack.enter_async_context(together.neighbours(storage))
        live.share(neighbours)
        services = Services(
            storage=storage,
            clock=clock,
            packs=packs,
            default_pack=pack.id,
            default_zone=settings.time_zone,
            messengers=messengers,
            live=live,
            wake=wakes,
            support=settings.support_url,
            policy=settings.privacy_url,
            periods=tending.periods(settings),
            presence=pulse,
            neighbours=neighbours,
        )
        daily, deliveries, counters = Daily(services), Deliveries(services), Counters(services)
        stack.push_async_callback(counters.close)
        alarm = Alarm(daily, deliveries, clock)
        wakes.alarm = alarm
        if isinstance(pulse, Pulse):
            pulse.on_death = alarm.take_over
        yield Running(
            services=services,
            trapwise=Trapwise(services, daily, counters),
            daily=daily,
            deliveries=deliveries,
            counters=counters,
            alarm=alarm,
            storage=storage,
            web=None,
        )


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Running]:
    """Start everything, and stop it in reverse order at the end. Raises TrapwiseError with what to do."""
    live = Live()
    messengers: dict[Platform, Messenger] = {}
    if web_is_on(settings):
        from bot.adapters.web.messenger import WebMessenger

        messengers[Platform.WEB] = WebMessenger(live)
    discord = _discord(settings) if settings.discord_token is not None else None
    if discord is not None:
        messengers[Platform.DISCORD] = discord.messenger
    slack = _slack(settings) if settings.slack_is_on else None
    if slack is not None:
        messengers[Platform.SLACK] = slack.messenger
    async with (
        core_parts(settings, messengers=messengers, live=live, clock=clock) as parts,
        AsyncExitStack() as stack,
    ):
        caretaker = tending.caretaker(settings, parts.services, parts.storage)
        health = Health(
            parts.storage, parts.alarm, parts.services.clock, parts.services.troubles, backups=caretaker.backups
        )
        health.platforms |= {name: part for name, part in (("slack", slack), ("discord", discord)) if part is not None}
        health_listener = await stack.enter_async_context(tending.own_port(settings, health))
        logging_in = []
        if slack is not None:
            stack.push_async_callback(slack.close)
            logging_in.append(slack.connect(parts.services))
        if discord is not None:
            stack.push_async_callback(discord.stop)
            logging_in.append(discord.start(parts.services, parts.trapwise))
        await _at_once(logging_in)
        server = None
        if web_is_on(settings):
            await ensure_space(parts.services, parts.daily, LOCAL_CHANNEL, opens=LOCAL_OPENS)
            server = await _web(settings, parts.services, parts.trapwise)
        listener: WebServer | Listener | None = server
        if slack is not None:
            routes = slack.prepare(parts.services, parts.trapwise)
            if routes is not None:
                listener = listener or Listener(web.Application(), host=settings.web_host, port=settings.web_port)
                listener.app.add_subapp(slack.prefix, routes)
        if listener is not None:
            tending.add_health(listener.app, health)
        await parts.alarm.start()
        stack.push_async_callback(parts.alarm.stop)
        # The first page should show the question; a platform that answers slowly may not hold it up for long.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_POSTS):
                await parts.alarm.settled()
        if slack is not None:
            stack.push_async_callback(slack.stop)
        if listener is not None:
            await listener.start()
            stack.push_async_callback(listener.stop)
        if slack is not None:
            await slack.start(parts.services)
        caretaker.start()
        stack.push_async_callback(caretaker.stop)
        health.started = True
        yield replace(
            parts,
            web=server,
            listener=listener,
            discord=discord,
            slack=slack,
            caretaker=caretaker,
            health=health,
            health_listener=health_listener,
        )


async def _at_once(parts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait for all, as each waits for a network of its own. The first that fails ends the others, and is raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _kept_packs(database: str) -> Path | None:
    """Where packs are kept as they were read; None where the database is no file."""
    file = sqlite_path(database) if not is_postgres(database) else None
    return file.with_name(f"{file.name}.packs") if file is not None and file.exists() else None


async def play(settings: Settings, seat: "Seat", *, clock: Clock | None = None) -> None:
    """Play at a terminal until whoever sits there leaves. Raises TrapwiseError with what to do.

    Where nobody watches (a script), nothing happens by itself between two lines, so that the same lines under
    the same clock always give the same output.
    """
    from bot.adapters.terminal.messenger import TerminalMessenger
    from bot.adapters.terminal.repl import Repl

    live = Live()
    messenger = TerminalMessenger(live, TERMINAL_CHANNEL)
    async with (
        core_parts(settings, messengers={Platform.TERMINAL: messenger}, live=live, clock=clock) as parts,
        AsyncExitStack() as stack,
    ):
        await ensure_space(parts.services, parts.daily, TERMINAL_CHANNEL, opens=LOCAL_OPENS)
        await ensure_today(parts.services, parts.daily, TERMINAL_CHANNEL)
        if seat.watched:
            await parts.alarm.start()
            stack.push_async_callback(parts.alarm.stop)
        else:
            await parts.deliveries.reclaim()
            await parts.daily.rearm()

        async def catch_up() -> None:
            await parts.alarm.tick()
            await parts.alarm.settled()

        await Repl(parts.trapwise, seat, TERMINAL_CHANNEL, messenger, live=live, catch_up=catch_up).run()


def web_is_on(settings: Settings) -> bool:
    """Whether the local web space runs."""
    connected = settings.slack_is_on or settings.discord_token is not None
    return settings.web is Web.ON or (settings.web is Web.AUTO and not connected)


def chosen_pack(settings: Settings, packs: dict[str, Pack]) -> Pack:
    """The pack that channels get unless they choose another; SettingsError if it isn't installed."""
    if settings.pack not in packs:
        there = ", ".join(sorted(packs)) or "none"
        raise SettingsError(
            f"TRAPWISE_PACK: there is no pack {settings.pack} in {settings.content}. Installed: {there}."
        )
    return packs[settings.pack]


async def run(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Run until a signal asks to stop; raises whatever ends a background task, so that nothing dies in silence."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(settings) as parts:
        keep_what_is_there()
        if parts.web is not None:
            say(f"Trapwise is ready: {parts.web.url}")
        else:
            say("Trapwise is ready.")
        if parts.slack is not None:
            over_http = parts.listener if slack_uses_http(settings) else None
            say(f"Slack: taking requests at {over_http.url}" if over_http else "Slack: connected by Socket Mode")
        if parts.health_listener is not None:
            say(f"Health: {parts.health_listener.url}/healthz")
        await parts.storage.settle_in()
        watches = {
            asyncio.create_task(parts.alarm.watch(), name="alarm watch"),
            asyncio.create_task(parts.storage.watch(), name="storage watch"),
        }
        if parts.slack is not None:
            watches.add(asyncio.create_task(parts.slack.watch(), name="Slack watch"))
        if parts.discord is not None:
            watches.add(asyncio.create_task(parts.discord.watch(), name="Discord watch"))
        stopping = asyncio.create_task(stop.wait(), name="signals")
        done, _ = await asyncio.wait({*watches, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (*watches, stopping):
            task.cancel()
        await asyncio.gather(*watches, stopping, return_exceptions=True)
        if parts.health is not None:
            parts.health.stopping = True
        for task in watches & done:
            task.result()
        say("Stopping.")


class _Wake:
    """Stands in for the alarm, which needs the services that need it."""

    alarm: Alarm | None = None

    def __call__(self) -> None:
        if self.alarm is not None:
            self.alarm.wake()


async def _web(settings: Settings, services: Services, trapwise: Trapwise) -> "WebServer":
    from bot.adapters.web.server import WebServer  # its templates are slow to import, and not always needed
    from bot.adapters.web.settings import WebSettings

    code = settings.web_join_code
    return WebServer(
        trapwise,
        Space(services.storage, services.clock, LOCAL),
        services.live,
        WebSettings(
            host=settings.web_host,
            port=settings.web_port,
            join_code=code.value if code else None,
            secret=await ensure_secret(services),
            channel=LOCAL_CHANNEL,
            channel_name=LOCAL_CHANNEL.id,
            support_url=settings.support_url,
            public_url=settings.web_public_url,
            shared=slack_uses_http(settings),
        ),
    )


def _discord(settings: Settings) -> "DiscordConnection":
    from bot.adapters.discord.connection import DiscordConnection  # its SDK is slow to import, and not always needed
    from bot.adapters.discord.settings import DiscordSettings

    token = settings.discord_token
    return DiscordConnection(
        DiscordSettings(
            token=token.value if token else "",
            api_base=settings.discord_api_base,
            gateway_url=settings.discord_gateway_url,
            test_guild=settings.discord_test_guild,
            shard_ids=tuple(int(number) for number in settings.discord_shard_ids.split(",") if number),
            shard_count=settings.discord_shard_count,
        )
    )


def _slack(settings: Settings) -> "SlackConnection":
    from bot.adapters.slack.connection import SlackConnection  # its SDK is slow to import, and not always needed

    return SlackConnection(slack_settings(settings))


def slack_settings(settings: Settings) -> "SlackSettings":
    """What the settings say of Slack."""
    from bot.adapters.slack.settings import SlackSettings

    def shown(secret: Secret | None) -> str:
        return secret.value if secret else ""

    return SlackSettings(
        bot_token=shown(settings.slack_bot_token),
        app_token=shown(settings.slack_app_token),
        signing_secret=shown(settings.slack_signing_secret),
        client_id=settings.slack_client_id,
        client_secret=shown(settings.slack_client_secret),
        encryption_key=shown(settings.slack_encryption_key),
        managers=frozenset(settings.slack_managers.replace(",", " ").split()),
        guests_see_boards=settings.slack_guests_see_boards,
        public_url=settings.slack_public_url,
        api_base_url=settings.slack_api_base_url,
        support_url=settings.support_url,
        privacy_url=settings.privacy_url,
    )


def slack_uses_http(settings: Settings) -> bool:
    """Whether Slack's requests come to our own address."""
    return settings.slack_is_on and settings.slack_app_token is None
