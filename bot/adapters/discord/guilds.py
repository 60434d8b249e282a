"""Servers that come and go. Their data is kept for a stated time after they remove the bot, then deleted."""

from collections.abc import Callable, Collection

from bot.app import leaving
from bot.app.greeting import Arrival, greet
from bot.app.services import Services
from bot.core.refs import Platform, WorkspaceRef


class KnownGuilds:
    """Tells the use cases which servers have the bot. Implements client.Guilds."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def joined(self, guild: int) -> None:
        """The bot was added, perhaps again."""
        await leaving.came_back(self._services, WorkspaceRef(Platform.DISCORD, str(guild)))

    async def arrived(self, servers: Collection[Arrival]) -> None:
        """Greet those that have never had the bot and have added it lately."""
        for server in servers:
            await greet(self._services, server)

    async def removed(self, guild: int) -> None:
        """The bot was removed."""
        await leaving.left(self._services, WorkspaceRef(Platform.DISCORD, str(guild)))

    async def present(self, guilds: Collection[int], *, served: Callable[[int], bool]) -> None:
        """Compare with what is stored: a server may have removed the bot while it wasn't connected.

        Somebody's own space is no server, and servers of another process's shards aren't in the list.
        """
        await leaving.reconcile(
            self._services,
            Platform.DISCORD,
            frozenset(str(guild) for guild in guilds),
            ours=lambda ref: ref.isdigit() and served(int(ref)),
        )
