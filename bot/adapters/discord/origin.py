"""Reads from discord.py's interaction where it comes from. The only place that knows its attributes."""

from typing import Any

import discord

from bot.adapters.discord.inbound import Origin


def origin(interaction: discord.Interaction) -> Origin:
    """Who acts where, from the interaction's own payload; nothing is fetched or looked up per member."""
    guild = interaction.guild_id
    joined = guild is not None and (
        interaction.is_guild_integration() or interaction.client.get_guild(guild) is not None
    )
    channel: Any = interaction.channel
    server = interaction.client.get_guild(guild) if guild is not None else None
    return Origin(
        user_id=interaction.user.id,
        name=interaction.user.display_name,
        guild_id=guild,
        guild_name=server.name if server is not None and server.name else "",
        joined=joined,
        channel_id=interaction.channel_id,
        channel_name=str(getattr(channel, "name", None) or ""),
        permissions=interaction.permissions.value,
    )


def with_bot_alone(interaction: discord.Interaction) -> bool:
    """Whether this is the direct message with the bot, where everything is private already."""
    return interaction.guild_id is None and interaction.context.dm_channel


def on_private(interaction: discord.Interaction) -> bool:
    """Whether the pressed button is on a message that only the presser sees, so that it may be redrawn."""
    if interaction.message is None:
        return False
    return interaction.message.flags.ephemeral or with_bot_alone(interaction)
