"""Small values that an adapter keeps for itself over restarts, such as a fingerprint of what it registered."""

from bot.app.services import Services


async def kept(services: Services, name: str) -> str | None:
    """The value kept under the name, if there is one."""
    return await services.storage.read(lambda tx: tx.keyring.get(name))


async def keep(services: Services, name: str, value: str) -> None:
    """Keep the value under the name, in place of an earlier one."""
    await services.storage.write(lambda tx: tx.keyring.put(name, value))
