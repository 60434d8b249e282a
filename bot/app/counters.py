"""Keeps the public "7 have answered" current, editing each message at most every few seconds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.app.ports import Tx
from bot.app.services import Services, zone_of
from bot.core.errors import MessengerError, StorageError
from bot.core.refs import ChannelRef, MessageRef, RoundId, WorkspaceId
from bot.core.round import Round, State
from bot.view import roundcards
from bot.view.card import Card
from bot.view.roundcards import Shown

INTERVAL = 3.0
"""Seconds between edits of one message: slow enough for platforms' limits, quick enough to feel alive."""

_log = logging.getLogger(__name__)


class Counters:
    """Rounds whose count changed since their message was last edited.

    It's a courtesy, so it is kept in memory: what a crash loses, the next answer or the reveal brings.
    """

    def __init__(self, services: Services, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._services, self._pause = services, pause
        self._changed: set[RoundId] = set()
        self._tasks: dict[RoundId, asyncio.Task[None]] = {}

    def touch(self, round_: Round) -> None:
        """The count of this round changed."""
        self._changed.add(round_.id)
        if round_.id not in self._tasks:
            self._tasks[round_.id] = asyncio.create_task(
                self._keep_current(round_.workspace, round_.id), name=f"counter {round_.id}"
            )

    async def close(self) -> None:
        """Stop; edits that were due are left to the reveal."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_current(self, workspace: WorkspaceId, round_id: RoundId) -> None:
        try:
            # Again if another answer came while the platform took the edit: nothing else would show it.
            while round_id in self._changed:
                await self._pause(INTERVAL)
                self._changed.discard(round_id)
                await self._edit(workspace, round_id)
        finally:
            del self._tasks[round_id]

    async def _edit(self, workspace: WorkspaceId, round_id: RoundId) -> None:
        try:
            if not await self._is_our_turn(round_id):
                # Another process has just edited or is about to; it may not know of our answer yet.
                self._changed.add(round_id)
                return
            # Guarded, so that a process that stood still doesn't draw an open question over its reveal.
            async with self._services.presence.guarded():
                found = await self._services.storage.read(lambda tx: self._current(tx, workspace, round_id))
                if found is not None:
                    message, card = found
                    await self._services.messengers[message.channel.workspace.platform].edit(message, card)
        except (MessengerError, StorageError, TimeoutError) as error:
            _log.info("the count of round %s was not updated: %s", round_id, error)

    async def _is_our_turn(self, round_id: RoundId) -> bool:
        """One process at a time edits a round's message, each `INTERVAL` seconds at most, however many there are."""
        presence = self._services.presence
        if presence.alone:
            return True
        # Under a name of its own, so that it isn't renewed with what the process keeps for as long as it lives.
        holder = f"{presence.holder}/counts"
        return await self._services.storage.write(lambda tx: tx.leases.take(f"count/{round_id}", holder, INTERVAL))

    def _current(self, tx: Tx, workspace: WorkspaceId, round_id: RoundId) -> tuple[MessageRef, Card] | None:
        round_ = tx.rounds.get(workspace, round_id)
        if round_ is None or round_.state is not State.OPEN or round_.message is None:
            return None
        channel = tx.people.find_channel(workspace, round_.channel)
        if channel is None or channel.ref.workspace.platform not in self._services.messengers:
            return None
        shown = Shown(
            round_,
            self._services.pack(round_.item.pack),
            zone_of(tx, self._services, workspace, round_.channel),
        )
        card = roundcards.question(shown, tx.responses.count(workspace, round_id), self._services.clock.now())
        return MessageRef(ChannelRef(channel.ref.workspace, channel.ref.id), round_.message), card
