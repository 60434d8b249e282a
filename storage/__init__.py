"""The only SQL. `open_storage` picks the implementation by the database's address."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from bot.app.ports import Tx, Upkeep
from bot.core.errors import SettingsError

T = TypeVar("T")


class OpenStorage(Protocol):
    """A storage that somebody has to close."""

    async def write(self, fn: Callable[[Tx], T]) -> T:
        """See ports.Storage."""
        ...

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """See ports.Storage."""
        ...

    async def maintain(self, fn: Callable[[Tx, Upkeep], T]) -> T:
        """As `write`, with the queries of upkeep besides; for the host's own commands."""
        ...

    async def close(self) -> None:
        """Finish what is waiting and close."""
        ...


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
            "Use sqlite:///data/trapwise.db, or a plain file name."
        )
    return Path(url)


async def open_storage(url: str) -> OpenStorage:
    """Open the database at `url`, made and migrated as needed; raises SettingsError or StorageError."""
    from storage.sqlite import SqliteStorage

    return await SqliteStorage.open(sqlite_path(url))
