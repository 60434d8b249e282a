"""The process's one HTTP server. The local web space, Slack's requests and the reports on health share its port."""

import logging

from aiohttp import web
from aiohttp.http import HttpProcessingError

from bot.core.errors import SettingsError

FINISHES = 5
"""Seconds that requests in flight get at the end."""


class Listener:
    """Serves one application. What else takes requests is added to `app` before it starts.

    A part that has its own rules for requests (how they are signed, how large they may be) is added as an
    application of its own with `app.add_subapp`; the rules of the other parts then leave it alone.
    """

    def __init__(self, app: web.Application, *, host: str, port: int) -> None:
        self.app, self.host, self.port = app, host, port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens, as seen from this machine; with the real port once started."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises SettingsError if the address is taken or isn't ours."""
        # No access log: it would hold sign-in links, and codes that can be exchanged for a workspace's token.
        runner = web.AppRunner(
            self.app, access_log=None, logger=_wire_log(), handle_signals=False, shutdown_timeout=FINISHES
        )
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError as error:
            await self.stop()
            raise SettingsError(
                f"Trapwise can't listen on {self.host}, port {self.port}: {error.strerror}. "
                "Choose another port with TRAPWISE_WEB_PORT, or stop what uses this one."
            ) from error
        self.port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Let requests in flight finish, and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def _wire_log() -> logging.Logger:
    """The logger that is lent to aiohttp, for what fails on our side.

    It would also log each request that is no HTTP, as an error that quotes it: cookies would be in the log, and
    strangers could fill it.
    """
    log = logging.getLogger("bot.listener.wire")
    log.addFilter(_is_ours)
    return log


def _is_ours(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
