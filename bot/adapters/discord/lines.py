"""A client's connections to the gateway: whether there is one, and how to end them without being kept waiting."""

import asyncio

from bot.adapters.discord.client import Client, ShardedClient

CLOSES_WITHIN = 2.0
"""Seconds. Whoever no longer answers doesn't answer a farewell either; discord.py would wait half a minute for it."""


def open_to(client: Client) -> bool:
    """Whether at least one of its connections is there."""
    if isinstance(client, ShardedClient):
        return any(not shard.is_closed() for shard in client.shards.values())
    # None before the first is made, whatever the library's types say.
    gateway = getattr(client, "ws", None)
    return gateway is not None and bool(gateway.open)


async def hang_up(client: Client) -> None:
    """End the connections. A client of one can still be used to send requests; one of several is closed."""
    if isinstance(client, ShardedClient):
        # Its shards would go on connecting by themselves.
        await close(client)
        return
    client.expect_no_servers()
    gateway = getattr(client, "ws", None)
    if gateway is None or client.is_closed():
        return
    ending = asyncio.ensure_future(gateway.close(code=4000))
    await asyncio.wait({ending}, timeout=CLOSES_WITHIN)
    ending.cancel()
    await asyncio.gather(ending, return_exceptions=True)


async def close(client: Client) -> None:
    """Log out."""
    if client.is_closed():
        return
    ending = asyncio.ensure_future(client.close())
    await asyncio.wait({ending}, timeout=CLOSES_WITHIN)
    if not ending.done():
        # Without its connections it has nothing more to wait for.
        await client.http.close()
    await asyncio.wait({ending}, timeout=CLOSES_WITHIN)
    ending.cancel()
    await asyncio.gather(ending, return_exceptions=True)
