"""What the use cases need from outside: storage, a clock, and one messenger per platform.

Every query names its workspace, so that none can reach into another's data.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

from bot.app.ports.answers import Learning, Responses, Standings
from bot.app.ports.outbox import Deliveries, Keyring, Leases
from bot.app.ports.people import Installations, People, Workspaces
from bot.app.ports.retention import Retention
from bot.app.ports.rounds import Backgrounds, Rounds, Schedules
from bot.app.ports.sittings import Attempts, Memories
from bot.app.records import (
    Answer,
    Counts,
    Member,
    Workspace,
)
from bot.core.item import Item
from bot.core.refs import (
    ChannelRef,
    MemberRef,
    MessageRef,
    RevisionId,
)
from bot.view.card import Card

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time. The only source of it."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC, whole seconds are not promised."""
        ...


class Tx(Protocol):
    """One transaction: everything in it is saved together or not at all."""

    @property
    def people(self) -> People: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def rounds(self) -> Rounds: ...
    @property
    def backgrounds(self) -> Backgrounds: ...
    @property
    def responses(self) -> Responses: ...
    @property
    def standings(self) -> Standings: ...
    @property
    def learning(self) -> Learning: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def memories(self) -> Memories: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def keyring(self) -> Keyring: ...
    @property
    def workspaces(self) -> Workspaces: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def retention(self) -> Retention: ...
    @property
    def leases(self) -> Leases: ...
    def keep_revision(self, item: Item) -> RevisionId:
        """The key of the item exactly as it is now, stored if it is new."""
        ...


class Storage(Protocol):
    """Runs functions of a transaction.

    They must have no side effects: the same call may be run again, or together with others. When `write`
    returns, what the function did is safe on disk. Both raise StorageError, and then nothing was saved.
    """

    async def write(
        self, fn: Callable[[Tx], T], *, brief: bool = False, meanwhile: Callable[[T], object] | None = None
    ) -> T:
        """Run `fn` in a transaction that is committed before this returns.

        What is `brief` takes some hundred microseconds however much is stored, as an answer does. If nobody else
        waits, the event loop may be kept waiting for it.

        `meanwhile` may be called on the event loop with what `fn` returned, while that is on its way to the disk: to
        get ready what will be shown. It must change nothing else, since it may not be saved after all.
        """
        ...

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn`, which changes nothing, on a consistent view."""
        ...


class Upkeep(Protocol):
    """The maintained counts as a whole, over all workspaces. For the host's own commands; no member reaches it."""

    def answers(self) -> Iterator[Answer]:
        """All responses in the order they were given in, also when the clock was set back in between."""
        ...

    def strays(self) -> Sequence[str]:
        """Responses whose round is gone, a sentence for each; nothing can be counted from them."""
        ...

    def clear(self) -> None:
        """Set the counts back to what stands without any response: what forgotten members left in them."""
        ...

    def counts(self) -> Counts:
        """The counts as they are."""
        ...

    def find(self, text: str) -> Sequence[tuple[Workspace, Member]]:
        """The members with this key, platform id or name, upper and lower case being the same."""
        ...


class Messenger(Protocol):
    """Posts on one platform. Every method raises MessengerError."""

    async def post(self, channel: ChannelRef, card: Card, *, key: str) -> MessageRef:
        """Post a new message. `key` identifies it: the platform or `find` recognises a second try by it."""
        ...

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Put the card in place of what the message shows."""
        ...

    async def find(self, channel: ChannelRef, *, key: str) -> MessageRef | None:
        """The message posted under `key`, None if there certainly is none; raises PostUncertain if it can't tell."""
        ...

    async def tell(self, member: MemberRef, card: Card) -> None:
        """Send a private notice."""
        ...


@runtime_checkable
class Seeing(Protocol):
    """A messenger that knows some places better than others, where several processes divide them among themselves."""

    def sees(self, channel: ChannelRef) -> bool:
        """Whether it knows what it may do in the channel."""
        ...


__all__ = [
    "Attempts",
    "Clock",
    "Deliveries",
    "Installations",
    "Keyring",
    "Learning",
    "Leases",
    "Memories",
    "Messenger",
    "People",
    "Responses",
    "Retention",
    "Rounds",
    "Schedules",
    "Seeing",
    "Standings",
    "Storage",
    "Tx",
    "Upkeep",
    "Workspaces",
]
