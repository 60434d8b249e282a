"""The only SQL. `open_storage` picks the implementation by the database's address."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.app.ports import Tx, Upkeep
from bot.core.errors import SettingsError

if TYPE_CHECKING:
    from storage.postgres_notices import Notices

T = TypeVar("T")


class OpenStorage(Protocol):
    """A storage that somebody has to close."""

    async def write(
        self, fn: Callable[[Tx], T], *, brief: bool = False, meanwhile: Callable[[T], object] | None = None
    ) -> T:
        """See ports.Storage."""
        ...

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """See ports.Storage."""
        ...

    async def maintain(self, fn: Callable[[Tx, Upkeep], T]) -> T:
        """As `write`, with the queries of upkeep besides; for the host's own commands."""
        ...

    async def settle_in(self) -> None:
        """Do ahead what makes later writes quicker; for a process that stays, once it is ready."""
        ...

    async def close(self) -> None:
        """Finish what is waiting and close."""
        ...

    async def watch(self) -> None:
        """Run until closed; raises GaveUp once no call can be answered any more."""
        ...

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        ...

    @property
    def amiss(self) -> str:
        """What is wrong with the database although it answers, with what to do; empty if nothing is."""
        ...

    def notices(self, heard: Callable[[str, str], None]) -> "Notices | None":
        """A way to tell the other processes something at once, None where there are none.

        `heard` is called, in another thread, with a topic and a text that another has told.
        """
        ...

    @property
    def many(self) -> bool:
        """Whether several processes may be at work on the database at once."""
        ...


def is_postgres(url: str) -> bool:
    """Whether the address is one of PostgreSQL."""
    return url.startswith(("postgresql://", "postgres://"))


def sqlite_path(url: str) -> Path | None:
    """The file that `sqlite:///relative`, `sqlite:////absolute` or a plain path means; None for `sqlite://:memory:`."""
    if url == "sqlite://:memory:":
        return None
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    if "://" in url:
        scheme = url.split("://", 1)[0]
        raise SettingsError(
            f"TRAPWISE_DATABASE begins with {scheme}://, which this version can't open. "
            "Use sqlite:///data/trapwise.db, a plain file name, or postgresql://user@host/name."
        )
    return Path(url)


async def open_storage(url: str) -> OpenStorage:
    """Open the database at `url`, made and migrated as needed; raises SettingsError or StorageError."""
    if is_postgres(url):
        from storage.postgres import PostgresStorage  # its driver is slow to import, and not always needed
        from storage.postgres_connection import check

        check(url)
        return await PostgresStorage.open(url)
    from storage.sqlite import SqliteStorage

    return await SqliteStorage.open(sqlite_path(url))
