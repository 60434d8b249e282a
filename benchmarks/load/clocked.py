"""The bot as a process whose time is told on standard input: an instant a line, answered by "settled".

python -m benchmarks.load.clocked 2031-11-24T07:30:00+00:00 [KIB]

With a second argument SQLite keeps no more than so much of the database in memory.

With PYTHONTRACEMALLOC set, the line "memory" logs which lines of code hold more memory than when it was said last.
"""

import asyncio
import gc
import logging
import signal
import sys
import tracemalloc

from bot import config, logs
from bot.compose import running
from bot.memory import keep_what_is_there
from storage import connection
from tests.support.crash_process import ToldClock

LINES = 25

_log = logging.getLogger(__name__)


async def main(at: str) -> None:
    """Run until standard input ends, or SIGTERM."""
    settings = config.load(dotenv=None)
    logs.set_up(settings.log_level, settings.secrets)
    clock, stop = ToldClock(at), asyncio.Event()
    lines, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with running(settings, clock=clock) as parts:
        await parts.alarm.settled()
        # As compose.run does.
        keep_what_is_there()
        await parts.storage.settle_in()
        url = parts.listener.url if parts.listener is not None else ""
        print(f"Slack: taking requests at {url}" if url else "", "settled", flush=True)
        before: tracemalloc.Snapshot | None = None
        stopping = asyncio.create_task(stop.wait())
        while True:
            reading = asyncio.create_task(lines.readline())
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done() or not (line := reading.result().decode().strip()):
                reading.cancel()
                break
            if line == "memory":
                before = _compare(before)
            else:
                clock.tell(line)
                await parts.alarm.tick()
                await parts.alarm.settled()
            print("settled", flush=True)


def _compare(before: tracemalloc.Snapshot | None) -> tracemalloc.Snapshot | None:
    gc.collect()
    if not tracemalloc.is_tracing():
        return None
    now = tracemalloc.take_snapshot()
    if before is not None:
        for found in now.compare_to(before, "lineno")[:LINES]:
            _log.warning("%s", found)
    return now


if __name__ == "__main__":
    if len(sys.argv) > 2:
        connection.CACHE_KIB = int(sys.argv[2])
    asyncio.run(main(sys.argv[1]))
