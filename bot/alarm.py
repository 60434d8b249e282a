"""Wakes the daily use case at the next due instant. APScheduler lives here only, and only as an alarm clock.

What is due is in our tables, so a tick too many does nothing and a tick too few is made up for by the next. Its
job stores and cron triggers are not used: the first pickle jobs and can't be shared, the second fire twice or not
at all on DST nights (https://apscheduler.readthedocs.io/en/3.x/faq.html).
"""

import asyncio
import contextlib
import logging
import time
from datetime import UTC, datetime, timedelta

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app.daily import Daily
from bot.app.deliveries import Deliveries
from bot.app.ports import Clock
from bot.core.errors import GaveUp, StorageError

SAFETY_NET = 30
"""Seconds between ticks that come whatever was computed: they find what a clock change or a failed tick left."""

STALLED_AFTER = 180
"""Seconds without a finished tick after which the process gives up, so that whoever supervises it starts it anew."""

SHORTEST = timedelta(milliseconds=200)
"""Between two ticks at least, so that something overdue that can't be settled doesn't keep the process busy."""

SET_BACK = timedelta(seconds=60)
"""A wall clock that shows this much less than at the last tick was set back."""

LAST_TICK, LAST_DELIVERIES = 2, 5
"""Seconds that a tick and deliveries under way get at the end."""

_log = logging.getLogger(__name__)


class AlarmStopped(GaveUp):
    """Ticks have stopped coming; questions would silently stop being posted."""


class Alarm:
    """Ticks: opens and closes what is due, then delivers. `wake` asks for a tick at once."""

    def __init__(self, daily: Daily, deliveries: Deliveries, clock: Clock) -> None:
        self._daily, self._deliveries, self._clock = daily, deliveries, clock
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            # The default grace of one second would drop a tick whenever the loop was busy for longer, and a single
            # instance would drop one that is asked for while another runs; `_ticking` lets them wait instead.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 4},
        )
        self._ticking = asyncio.Lock()
        self._delivering: set[asyncio.Task[None]] = set()
        self._last_now: datetime | None = None
        self._stopping = self._opening = False
        self.last_tick = time.monotonic()

    async def start(self) -> None:
        """Take over what an earlier process left, tick once, and keep ticking."""
        await self._deliveries.reclaim()
        await self._daily.rearm(starting=True)
        self._scheduler.start()
        self._scheduler.add_job(self.tick, IntervalTrigger(seconds=SAFETY_NET), id="net")
        await self.tick()

    async def take_over(self) -> None:
        """Another process has died: what it was trying may be tried at once."""
        await self._deliveries.reclaim()
        self.wake()

    def wake(self) -> None:
        """Tick as soon as possible; something may be due earlier than was thought."""
        if self._scheduler.running:
            # A job of its own: what `_arm_next` is about to set, from what it read before, must not replace it.
            self._scheduler.add_job(self.tick, DateTrigger(datetime.now(UTC)), id="wake", replace_existing=True)

    async def tick(self) -> None:
        """Open and close what is due, start delivering, and set the alarm for what comes next."""
        async with self._ticking:
            if self._stopping:
                return
            try:
                await self._heed_clock()
                self._opening = True
                try:
                    await self._daily.run_due(opened=self._deliver_meanwhile)
                finally:
                    self._opening = False
                self._deliver()
                await self._arm_next()
            except StorageError as error:
                _log.error("the alarm could not do its work and tries again within %s s: %s", SAFETY_NET, error)
            except Exception:
                _log.exception("the alarm failed in an unforeseen way and tries again within %s s", SAFETY_NET)
            self.last_tick = time.monotonic()

    async def settled(self) -> None:
        """Wait until what is ready has been delivered."""
        while self._delivering:
            await asyncio.wait(self._delivering)

    async def watch(self) -> None:
        """Run for ever; raise AlarmStopped when ticks stop coming."""
        while True:
            await asyncio.sleep(SAFETY_NET / 2)
            silent = time.monotonic() - self.last_tick
            if silent > STALLED_AFTER:
                raise AlarmStopped(f"The alarm has been silent for {silent:.0f} s. Restarting is the remedy.")

    async def stop(self) -> None:
        """Stop ticking, and let a tick and deliveries under way finish for a moment."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.pause()
            # A tick that is cancelled is logged by APScheduler as a failure. Those that wait come before us.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_TICK), self._ticking:
                    pass
            self._scheduler.shutdown(wait=False)
        if self._delivering:
            await asyncio.wait(self._delivering, timeout=LAST_DELIVERIES)
        for task in self._delivering:
            task.cancel()
        await asyncio.gather(*self._delivering, return_exceptions=True)

    async def _heed_clock(self) -> None:
        now = self._clock.now()
        if self._last_now is not None and now < self._last_now - SET_BACK:
            _log.warning("the clock was set back from %s to %s; working out anew what is due", self._last_now, now)
            await self._deliveries.reclaim()
            await self._daily.rearm()
        self._last_now = now

    def _deliver(self) -> None:
        # Apart from the tick, and each time anew: a platform that answers slowly must hold up neither the opening
        # of other channels nor posts that become due while it does. What one task has taken no other takes.
        task = asyncio.create_task(self._deliver_all(), name="deliveries")
        self._delivering.add(task)
        task.add_done_callback(self._delivering.discard)

    def _deliver_meanwhile(self) -> None:
        # The first of thousands needn't wait for the last. One task at a time will do until all are open.
        if not self._delivering:
            self._deliver()

    async def _deliver_all(self) -> None:
        try:
            await self._deliveries.deliver()
            # While a tick is opening, what it has yet to open is due now; it sets the alarm when it is done.
            if not self._opening:
                await self._arm_next()
        except StorageError as error:
            _log.error("deliveries wait for the database: %s", error)
        except Exception:
            _log.exception("deliveries failed in an unforeseen way and are tried again")

    async def _arm_next(self) -> None:
        due = await self._daily.next_wake()
        if due is not None and self._scheduler.running:
            # A delay, since a test's clock and the machine's, which the scheduler goes by, may tell different times.
            self._arm(datetime.now(UTC) + max(due - self._clock.now(), SHORTEST))

    def _arm(self, at: datetime) -> None:
        self._scheduler.add_job(self.tick, DateTrigger(at), id="due", replace_existing=True)
