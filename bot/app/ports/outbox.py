"""What storage answers about deliveries, and the program's own small values. See bot.app.ports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.app.records import (
    Delivery,
    DeliveryState,
    NewDelivery,
)
from bot.core.refs import (
    RoundId,
    WorkspaceId,
)


class Deliveries(Protocol):
    """The outbox: what has to be posted, whatever happens to the process."""

    def add(self, new: NewDelivery, try_at: datetime) -> None:
        """Put a delivery in the outbox, not to be tried before `try_at`; one with the same key is left as it is."""
        ...

    def ready(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """Unfinished deliveries of all workspaces whose time has come, oldest first."""
        ...

    def earliest(self) -> datetime | None:
        """When the next unfinished delivery may be tried."""
        ...

    def begin(self, delivery: Delivery, *, try_at: datetime) -> None:
        """Mark the delivery as being tried, one try more; nobody else takes it before `try_at`."""
        ...

    def mark(
        self,
        delivery: Delivery,
        state: DeliveryState,
        *,
        try_at: datetime | None = None,
        error: str = "",
    ) -> None:
        """Record how a delivery stands."""
        ...

    def cancel(self, workspace: WorkspaceId, key: str) -> None:
        """Give up the delivery with this key if it wasn't carried out yet."""
        ...

    def unfinished(self, workspace: WorkspaceId, round_id: RoundId) -> Sequence[Delivery]:
        """The round's deliveries that are not done."""
        ...

    def reclaim(self, now: datetime) -> None:
        """Make ready at once what an earlier process was trying, and what a clock that was ahead has put off."""
        ...


class Keyring(Protocol):
    """Small values the program keeps for itself, such as the key that signs web sessions."""

    def get(self, name: str) -> str | None:
        """The value, if there is one."""
        ...

    def put(self, name: str, value: str) -> None:
        """Keep the value, in place of an earlier one."""
        ...
