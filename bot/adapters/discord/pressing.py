"""The one item for all our buttons and menus: everything a press means is in its custom_id or chosen value."""

import re
from typing import Any, Protocol, Self, runtime_checkable

import discord
from discord import ui

from bot.adapters.discord import rawpress
from bot.adapters.discord.rawpress import TEMPLATE


@runtime_checkable
class Presses(Protocol):
    """What the client has to offer."""

    async def pressed(self, interaction: discord.Interaction, token: str) -> None:
        """Answer the press. Never raises: whoever calls would only log it."""
        ...


class Pressed(ui.DynamicItem[ui.Item[Any]], template=TEMPLATE):
    """Made anew for each press, so nothing is lost by a restart and nothing is kept per message."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The item that was pressed."""
        return cls(item)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand the press to the client."""
        if isinstance(interaction.client, Presses):
            await interaction.client.pressed(interaction, token_of(interaction))


def token_of(interaction: discord.Interaction) -> str:
    """The token that a press carries: a menu's chosen value, or the button's custom_id without its suffix."""
    data: Any = interaction.data or {}
    return rawpress.token_of(data)


def reaches_item(interaction: discord.Interaction) -> bool:
    """Whether discord.py will call `Pressed`: it drops a press in silence if its message doesn't hold the item."""
    data: Any = interaction.data or {}
    custom_id = str(data.get("custom_id", ""))
    if interaction.message is None or not TEMPLATE.fullmatch(custom_id):
        return False
    return custom_id in _custom_ids(interaction.message.components)


def _custom_ids(components: Any) -> set[str]:
    found: set[str] = set()
    for component in components or ():
        custom_id = getattr(component, "custom_id", None)
        if custom_id:
            found.add(custom_id)
        found |= _custom_ids(getattr(component, "children", None))
        accessory = getattr(component, "accessory", None)
        found |= _custom_ids((accessory,)) if accessory is not None else set()
    return found
