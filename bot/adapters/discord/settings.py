"""What the host decides about Discord, and the defaults of Discord's own addresses."""

from dataclasses import dataclass

API_BASE = "https://discord.com/api/v10"
GATEWAY_URL = "wss://gateway.discord.gg/"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordSettings:
    """How to reach Discord. `test_guild` gets the commands at once, in place of all servers.

    With `shard_ids`, this process serves only those of `shard_count` shards; without, Discord is asked how many
    there should be.
    """

    token: str
    api_base: str = API_BASE
    gateway_url: str = GATEWAY_URL
    test_guild: int | None = None
    shard_ids: tuple[int, ...] = ()
    shard_count: int | None = None
