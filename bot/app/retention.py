"""Deletes what has been kept for as long as the host said, a little at a time, so that nobody who presses waits for it.

An answer that has grown old is deleted, but what was counted from it stays: points, streaks, domains and what is due
for review. So boards don't change on the day on which answers are deleted, and a rebuild comes to the same counts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.app import leaving
from bot.app.ledger import recount
from bot.app.periods import months_before
from bot.app.ports import Tx
from bot.app.records import Aging
from bot.app.services import Services
from bot.core.refs import MemberId

MEMBERS_AT_ONCE, ANSWERS_AT_ONCE, DELIVERIES_AT_ONCE = 50, 40, 500
"""How much is looked at or deleted in one transaction: some ten milliseconds' worth."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How much was deleted."""

    answers: int = 0
    sittings: int = 0
    members: int = 0
    deliveries: int = 0
    workspaces: int = 0


class Retention:
    """Enforces the periods. `pause` is awaited between two transactions."""

    def __init__(self, services: Services, *, pause: Callable[[], Awaitable[None]] | None = None) -> None:
        self._services = services
        self._pause = pause or (lambda: asyncio.sleep(0.02))

    async def enforce(self) -> Removed:
        """Delete what is old enough by now; how much that was. Raises StorageError."""
        services, now = self._services, self._services.clock.now()
        answers, sittings, members = await self._members(now)
        removed = Removed(
            answers=answers,
            sittings=sittings,
            members=members,
            deliveries=await self._deliveries(now - services.periods.deliveries),
            workspaces=await leaving.erase_long_gone(services, pause=self._pause),
        )
        if removed != Removed():
            _log.info("deleted what has been kept for long enough: %s", removed)
        return removed

    async def _members(self, now: datetime) -> tuple[int, int, int]:
        """Condense the old answers of each, and forget those who have done nothing for long."""
        periods, storage = self._services.periods, self._services.storage
        old = months_before(now, periods.answers_months) if periods.answers_months else None
        silent = months_before(now, periods.members_months) if periods.members_months else None
        answers = sittings = forgotten = 0
        after = MemberId(0)
        while old or silent:
            found = await storage.read(lambda tx, after=after: tx.retention.members(after, MEMBERS_AT_ONCE))  # type: ignore[misc]  # a bound default
            if not found:
                break
            for member in found:
                if silent and member.latest < silent and not member.needed:
                    await storage.write(lambda tx, one=member: tx.people.forget(one.workspace, one.member))  # type: ignore[misc]
                    forgotten += 1
                elif old:
                    answers += await self._condense(member, old)
                    sittings += await storage.write(
                        lambda tx, one=member: tx.retention.drop_sittings(one.workspace, one.member, old)  # type: ignore[misc]
                    )
                else:
                    continue
                await self._pause()
            after = found[-1].member
            await self._pause()
        return answers, sittings, forgotten

    async def _condense(self, of: Aging, before: datetime) -> int:
        def some(tx: Tx) -> int:
            answers = tx.retention.oldest(of.workspace, of.member, before, ANSWERS_AT_ONCE)
            if answers:
                tx.retention.condense(of.workspace, of.member, answers, recount)
            return len(answers)

        condensed = 0
        while of.oldest is not None and of.oldest < before and (done := await self._services.storage.write(some)):
            condensed += done
            await self._pause()
        return condensed

    async def _deliveries(self, before: datetime) -> int:
        deleted = 0
        while done := await self._services.storage.write(
            lambda tx: tx.retention.drop_deliveries(before, DELIVERIES_AT_ONCE)
        ):
            deleted += done
            await self._pause()
        return deleted
