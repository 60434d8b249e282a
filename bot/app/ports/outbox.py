"""What storage answers about deliveries, and the program's own small values. See bot.app.ports."""

from collections.abc import Iterable, Mapping, Sequence
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

    def add_all(self, news: Iterable[NewDelivery], try_at: datetime) -> None:
        """The same for some hundreds at most."""
        ...

    def ready(self, now: datetime, limit: int, *, holder: str = "") -> Sequence[Delivery]:
        """Unfinished deliveries of all workspaces whose time has come, oldest first, for the process `holder`.

        What another living process is trying is not among them.
        """
        ...

    def backlog(self, now: datetime) -> tuple[int, datetime | None]:
        """How many deliveries of all workspaces should have been carried out by now, and since when the oldest."""
        ...

    def earliest(self, *, holder: str = "") -> datetime | None:
        """When the process `holder` may try the next unfinished delivery."""
        ...

    def begin(self, *deliveries: Delivery, try_at: datetime, holder: str = "") -> None:
        """Mark deliveries as being tried by `holder`, one try more; nobody else takes them before `try_at`."""
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

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        """Record that they were carried out, some hundreds at most."""
        ...

    def is_held(self, delivery: Delivery, *, holder: str = "") -> bool:
        """Whether `holder` is still trying the delivery, as it stood before that try; nobody takes it meanwhile."""
        ...

    def cancel(self, workspace: WorkspaceId, key: str) -> None:
        """Give up the delivery with this key if it wasn't carried out yet."""
        ...

    def unfinished(self, workspace: WorkspaceId, round_id: RoundId) -> Sequence[Delivery]:
        """The round's deliveries that are not done."""
        ...

    def reclaim(self, now: datetime, *, holder: str = "") -> None:
        """Make ready at once what `holder` or a dead process was trying, and what a clock that was ahead put off."""
        ...


class Keyring(Protocol):
    """Small values the program keeps for itself, such as the key that signs web sessions."""

    def get(self, name: str) -> str | None:
        """The value, if there is one."""
        ...

    def settle(self, name: str, value: str) -> str:
        """Keep the value unless there is one; the one that is kept, the same for all who ask at once."""
        ...

    def put(self, name: str, value: str) -> None:
        """Keep the value, in place of an earlier one."""
        ...


class Leases(Protocol):
    """What one process has for itself for a short while. Times are told by the database's clock alone."""

    def take(self, name: str, holder: str, seconds: float) -> bool:
        """Have it for so long from now, if it is free, has run out, or is the holder's already."""
        ...

    def renew(self, holder: str, seconds: float) -> frozenset[str]:
        """Go on having what the holder still has; their names. What has run out is lost."""
        ...

    def held(self, prefix: str) -> Mapping[str, str]:
        """Who has what whose name begins so."""
        ...

    def release(self, holder: str) -> None:
        """Give up all that the holder has."""
        ...

    def give_up(self, name: str, holder: str) -> None:
        """Give up one thing, if the holder has it."""
        ...

    def sweep(self) -> frozenset[str]:
        """Drop what has run out; the names."""
        ...
