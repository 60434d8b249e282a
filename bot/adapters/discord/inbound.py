"""From what Discord sends to what a member did. Pure: no client, no I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.discord import limits, naming
from bot.app.actions import Actor, Command, Press, Submission
from bot.core.refs import ChannelRef, MemberRef, Platform, WorkspaceRef

PERSONAL = "dm-"
"""Before the id of somebody who uses the bot on their own, in place of a server's id. Each has a space alone."""

LONGEST_VALUE = 100

MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
ADMINISTRATOR = 1 << 3

_SUBCOMMAND, _GROUP = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an interaction comes from. `joined` tells that the bot is a member of the server.

    `permissions` are the presser's in that channel, as Discord sent them with this very interaction.
    """

    user_id: int
    name: str
    guild_id: int | None = None
    guild_name: str = ""
    joined: bool = False
    channel_id: int | None = None
    channel_name: str = ""
    permissions: int = 0


def actor(origin: Origin) -> Actor:
    """Who acts. Where the bot is no member of the server, or in a direct message, somebody is on their own."""
    if origin.guild_id is None or not origin.joined:
        alone = WorkspaceRef(Platform.DISCORD, f"{PERSONAL}{origin.user_id}")
        return Actor(member=MemberRef(alone, str(origin.user_id)), name=origin.name, channel=None, images=True)
    workspace = WorkspaceRef(Platform.DISCORD, str(origin.guild_id))
    return Actor(
        member=MemberRef(workspace, str(origin.user_id)),
        name=origin.name,
        channel=ChannelRef(workspace, str(origin.channel_id)) if origin.channel_id is not None else None,
        channel_name=origin.channel_name,
        workspace_name=origin.guild_name,
        manages=manages(origin.permissions),
        images=True,
    )


def manages(permissions: int) -> bool:
    """Whether somebody with these permissions manages the channel."""
    return bool(permissions & (MANAGE_CHANNELS | MANAGE_GUILD | ADMINISTRATOR))


def press(who: Actor, token: str) -> Press:
    """A pressed button or chosen menu entry."""
    return Press(actor=who, token=token)


def command(who: Actor, data: Mapping[str, Any]) -> Command:
    """An application command: its own name or its subcommand's, and its options as `name=value` words."""
    name, options = named(data)
    return Command(actor=who, name=name, text=" ".join(_word(option) for option in options))


def named(data: Mapping[str, Any]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """The innermost command that was given, and its options."""
    name = str(data.get("name", ""))
    options: list[Mapping[str, Any]] = list(data.get("options") or ())
    while len(options) == 1 and options[0].get("type") in (_SUBCOMMAND, _GROUP):
        name, options = str(options[0].get("name", "")), list(options[0].get("options") or ())
    return ("help" if name in (naming.GROUP, naming.MANAGERS) else name), options


def focused(data: Mapping[str, Any]) -> tuple[str, str, str]:
    """While somebody types: the command, the argument they are at, and what stands there so far."""
    name, options = named(data)
    option: Mapping[str, Any] = next((found for found in options if found.get("focused")), {})
    return name, str(option.get("name", "")), str(option.get("value", ""))[:LONGEST_VALUE]


def _word(option: Mapping[str, Any]) -> str:
    """Discord lets anything be sent whatever was offered; a value becomes one word, and the parser judges it."""
    name, value = str(option.get("name", "")), str(option.get("value", ""))[:LONGEST_VALUE].strip()
    match name:
        case "time" | "closes":
            joined = "".join(value.split())
        case "days":
            joined = re.sub(r"[\s,]+", ",", re.sub(r"\s*-\s*", "-", value))
        case "zone":
            joined = "_".join(value.split())
        case _:
            joined = "-".join(value.split())
    return f"{name}={joined}"


def submission(who: Actor, data: Mapping[str, Any]) -> Submission:
    """A sent modal: its custom_id is the form's token."""
    return Submission(actor=who, token=str(data.get("custom_id", "")), values=tuple(_values(data)))


def _values(data: Mapping[str, Any]) -> "list[tuple[str, tuple[str, ...]]]":
    found: list[tuple[str, tuple[str, ...]]] = []
    for holder in data.get("components") or ():
        inner = [holder["component"]] if holder.get("component") else holder.get("components") or ()
        for component in inner:
            name = component.get("custom_id")
            if not name:
                continue
            several = component.get("values")
            if several is None:
                value = component.get("value")
                several = [] if value is None else [value]
            kept = (str(value).strip()[: limits.TEXT] for value in several)
            found.append((str(name), tuple(value for value in kept if value)))
    return found
