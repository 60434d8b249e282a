"""The bot as a process under a clock that jumps to the next of given instants at each SIGUSR1, and else runs.

python -m tests.support.wire_discord_process 2020-11-23T07:30:00+00:00 2020-11-23T07:59:59+00:00 …
"""

import asyncio
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

from bot import config, logs
from bot.compose import running


class JumpingClock:
    """Real seconds, counted from an instant that can be changed."""

    def __init__(self, instants: list[str]) -> None:
        self._instants = [datetime.fromisoformat(text).astimezone(UTC) for text in instants]
        self._began = time.monotonic()
        self._from = self._instants.pop(0)

    def now(self) -> datetime:
        return self._from + timedelta(seconds=time.monotonic() - self._began)

    def jump(self) -> None:
        """Go on from the next instant."""
        self._from, self._began = self._instants.pop(0), time.monotonic()


async def main(instants: list[str]) -> None:
    """Run until SIGTERM."""
    settings = config.load(dotenv=None)
    logs.set_up(settings.log_level, settings.secrets)
    clock, stop, loop = JumpingClock(instants), asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, clock.jump)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    async with running(settings, clock=clock) as parts:

        def jump() -> None:
            clock.jump()
            parts.services.wake()  # what was armed was armed by the clock as it was

        loop.add_signal_handler(signal.SIGUSR1, jump)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
