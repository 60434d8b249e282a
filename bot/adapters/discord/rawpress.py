"""A press as the gateway tells it, read without discord.py's objects.

For each press discord.py makes the message that was pressed on anew, with a view of all its buttons, to find the one
item that answers them all. That costs as much as everything we do. Nothing of it is needed: the custom_id says what
was pressed. What can't be read here takes discord.py's way.
Format: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.adapters.discord.inbound import Origin
from bot.view import tokens

TEMPLATE = re.compile(rf"(?P<token>{tokens.PATTERN.pattern})(?:~[1-9][0-9]?)?")
"""Every custom_id of ours fully matches this; the suffix tells buttons apart that do the same (see render)."""

_COMPONENT = 3
_EPHEMERAL = 1 << 6
_WITH_BOT_ALONE = 1
_INSTALLED_IN_SERVER = "0"


class Server(Protocol):
    """What has to be known of a server."""

    @property
    def name(self) -> str:
        """Its name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPress:
    """A pressed button or chosen entry. `token` is ours, `secret` lets whoever has it answer.

    `private` tells that only the presser sees the message, `alone` that it is in the direct message with the bot.
    """

    id: int
    secret: str = field(repr=False)
    token: str
    origin: Origin
    private: bool
    alone: bool


def read(data: Mapping[str, Any], *, server: Callable[[int], Server | None]) -> RawPress | None:
    """The press, or None for everything else. Never raises, since an error here would end the connection."""
    try:
        if data["type"] != _COMPONENT:
            return None
        token = token_of(data["data"])
        return _press(data, token, server) if token else None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None


def token_of(data: Mapping[str, Any]) -> str:
    """The token that a press carries: a menu's chosen value, or the button's custom_id without its suffix."""
    values = data.get("values") or ()
    if values:
        return str(values[0])
    found = TEMPLATE.fullmatch(str(data.get("custom_id", "")))
    return found["token"] if found else ""


def _press(data: Mapping[str, Any], token: str, server: Callable[[int], Server | None]) -> RawPress | None:
    if not TEMPLATE.fullmatch(data["data"]["custom_id"]):
        return None
    guild = int(data["guild_id"]) if data.get("guild_id") else None
    known = server(guild) if guild is not None else None
    user = data["member"]["user"] if guild is not None else data["user"]
    owner = data["authorizing_integration_owners"].get(_INSTALLED_IN_SERVER)
    alone = guild is None and data["context"] == _WITH_BOT_ALONE
    origin = Origin(
        user_id=int(user["id"]),
        name=str((guild is not None and data["member"].get("nick")) or user.get("global_name") or user["username"]),
        guild_id=guild,
        guild_name=(known.name or "") if known is not None else "",
        joined=guild is not None and (known is not None or (owner is not None and int(owner) == guild)),
        channel_id=int(data["channel"]["id"]),
        channel_name=str(data["channel"].get("name") or "") if guild is not None else "",
        permissions=int(data["member"]["permissions"]) if guild is not None else 0,
    )
    return RawPress(
        id=int(data["id"]),
        secret=data["token"],
        token=token,
        origin=origin,
        private=alone or bool(data["message"]["flags"] & _EPHEMERAL),
        alone=alone,
    )
