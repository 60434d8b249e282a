"""The bot as a process whose time is told on standard input: an instant a line, answered by "settled".

python -m tests.support.crash_process 2020-11-23T07:30:00+00:00
"""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta

from bot import config, logs
from bot.compose import running


class ToldClock:
    """Real seconds, counted from the instant that was told last."""

    def __init__(self, text: str) -> None:
        self.tell(text)

    def tell(self, text: str) -> None:
        """Go on from another instant."""
        self._from, self._began = datetime.fromisoformat(text).astimezone(UTC), time.monotonic()

    def now(self) -> datetime:
        return self._from + timedelta(seconds=time.monotonic() - self._began)


async def main(at: str) -> None:
    """Run until standard input ends."""
    settings = config.load(dotenv=None)
    logs.set_up(settings.log_level, settings.secrets)
    clock = ToldClock(at)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with running(settings, clock=clock) as parts:
        await parts.alarm.settled()
        print("settled", flush=True)
        while line := (await lines.readline()).decode().strip():
            clock.tell(line)
            await parts.alarm.tick()
            await parts.alarm.settled()
            print("settled", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
