"""A bare discord.py client to compare with: one DynamicItem for every button, which sends a constant in private.

python -m benchmarks.bare_discord lean|members

lean     no intent but guilds, and nothing kept that can be left out: as cheap as discord.py gets
members  with the members intent and the full member cache
"""

import asyncio
import os
import re
import signal
import sys
from typing import Any, Self

import discord
import yarl
from discord import ui

SAID = "Right: B. Bagging lowers variance. Each tree sees another sample, and the mean of many varies less."


class Pressed(ui.DynamicItem[ui.Item[Any]], template=re.compile(r"tw1(:[A-Za-z0-9.\-]{1,48}){1,6}")):
    """Any of the buttons."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The item that was pressed."""
        return cls(item)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Answer in private."""
        await interaction.response.send_message(SAID, ephemeral=True)


class Bare(discord.Client):
    """The client. It says when it has heard of all servers."""

    async def setup_hook(self) -> None:
        """Before the gateway."""
        self.add_dynamic_items(Pressed)

    async def on_ready(self) -> None:
        """All servers are known."""
        print("ready", flush=True)


def build(mode: str) -> Bare:
    """The client with the settings of a mode."""
    intents = discord.Intents.none()
    intents.guilds = True
    cache = discord.MemberCacheFlags.none()
    if mode == "members":
        intents.members = True
        cache = discord.MemberCacheFlags.from_intents(intents)
    return Bare(
        intents=intents,
        member_cache_flags=cache,
        chunk_guilds_at_startup=False,
        max_messages=None,
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def main(mode: str) -> None:
    """Run until SIGTERM, at the addresses that the environment names."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    discord.http.Route.BASE = os.environ["DISCORD_API_BASE"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    client, stop = build(mode), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    running = asyncio.create_task(client.start(os.environ["DISCORD_TOKEN"]))
    await asyncio.wait({running, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
