"""`python -m bot run`, under a clock that jumps to the next of given instants at each SIGUSR1, and else runs.

python -m tests.support.wire_slack_process 2020-11-23T07:30:00+00:00 2020-11-23T08:59:59+00:00 …
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import compose
from bot.__main__ import main
from bot.app.ports import Clock
from bot.compose import Running
from bot.config import Settings
from tests.support.wire_discord_process import JumpingClock

start = compose.running


def under(instants: list[str]) -> None:
    """Everything as the command line does it, but for the clock."""
    jumping = JumpingClock(instants)

    @asynccontextmanager
    async def running(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Running]:
        async with start(settings, clock=clock or jumping) as parts:

            def jump() -> None:
                jumping.jump()
                parts.services.wake()  # what was armed was armed by the clock as it was

            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, jump)
            yield parts

    compose.running = running
    main(args=["run"])


if __name__ == "__main__":
    under(sys.argv[1:])
