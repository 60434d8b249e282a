"""What looks after the running bot: the daily chores, and the reports on its health."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from bot.app.periods import Periods
from bot.app.retention import Retention
from bot.app.services import Services
from bot.backups import Backups
from bot.caretaker import Caretaker
from bot.config import Settings
from bot.core.errors import SettingsError
from bot.health import Health
from bot.listener import Listener
from storage import OpenStorage, is_postgres, sqlite_path

OFF = "off"


def periods(settings: Settings) -> Periods:
    """How long data is kept."""
    return Periods(
        answers_months=settings.keep_answers_months,
        members_months=settings.keep_members_months,
        deliveries=timedelta(days=settings.keep_deliveries_days),
        left=timedelta(days=settings.keep_left_days),
    )


def backup_folder(settings: Settings) -> Path | None:
    """Where daily backups go; None if none are made: a server's database and one in memory have no file to copy."""
    if settings.backups == OFF or is_postgres(settings.database):
        return None
    path = sqlite_path(settings.database)
    return path.parent / settings.backups if path is not None else None


def caretaker(settings: Settings, services: Services, storage: OpenStorage) -> Caretaker:
    """Whoever does the daily chores; to be started."""
    from storage.dailybackup import DailyBackups

    folder, path = backup_folder(settings), None if is_postgres(settings.database) else sqlite_path(settings.database)
    backups = None
    if folder is not None and path is not None:
        backups = Backups(
            DailyBackups(path, folder, keep=settings.backups_keep),
            storage,
            services.clock,
            services.troubles,
            at=settings.backup_time,
            zone=settings.time_zone,
        )
    return Caretaker(Retention(services), backups, services.clock, services.troubles, amiss=lambda: storage.amiss)


def add_health(app: web.Application, health: Health) -> None:
    """Let the server tell how the bot is: 200 if well, else 503, and the particulars as JSON."""

    async def healthz(_: web.Request) -> web.Response:
        report = await health.report()
        return web.json_response(report, status=200 if report["ok"] else 503)

    async def readyz(_: web.Request) -> web.Response:
        report = await health.readiness()
        return web.json_response(report, status=200 if report["ok"] else 503)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)


@asynccontextmanager
async def own_port(settings: Settings, health: Health) -> AsyncIterator[Listener | None]:
    """The reports on a port of their own, if one is set; from before the first connection until after the last."""
    if settings.health_port is None:
        yield None
        return
    listener = Listener(web.Application(), host=settings.health_host, port=settings.health_port)
    add_health(listener.app, health)
    try:
        await listener.start()
    except SettingsError as error:
        raise SettingsError(
            f"TRAPWISE_HEALTH_PORT: Trapwise can't listen on {settings.health_host}, port {settings.health_port}. "
            "Choose another, or stop what uses this one."
        ) from error
    try:
        yield listener
    finally:
        await listener.stop()
