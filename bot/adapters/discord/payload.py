"""Whether an interaction is built as Discord builds them, so that nobody behind has to ask again.

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
"""

import re
from typing import Any

from bot.app.shape import ANY, Shape, fits

_ID = re.compile(r"[1-9][0-9]{0,19}")

_TOKEN = re.compile(r"[A-Za-z0-9._=-]{1,500}")
"""It becomes part of an address."""

_VALUE = str | int | float
_INPUT: dict[str, Shape] = {"custom_id": str, "values": [str], "value": _VALUE}
_LEAF: Shape = {"name": str, "options": type(None), "value": _VALUE}
_DATA: Shape = {
    "name": str,
    "custom_id": str,
    "values": [str],
    "options": [{"name": str, "value": _VALUE, "options": [{"name": str, "value": _VALUE, "options": [_LEAF]}]}],
    "components": [{**_INPUT, "component": _INPUT, "components": [_INPUT]}],
}
_PERSON: Shape = {"id": str, "username": str, "global_name": str, "discriminator": str, "avatar": str}
_NAMED = frozenset({"id", "username", "discriminator", "avatar"})
"""Without one of these discord.py leaves the author out."""

_INTERACTION: Shape = {
    **dict.fromkeys(("id", "application_id", "token", "guild_id", "channel_id", "app_permissions", "locale"), str),
    **dict.fromkeys(("type", "version", "attachment_size_limit", "context"), int),
    "data": _DATA,
    "user": _PERSON,
    "member": {"user": _PERSON, "nick": str, "permissions": str, "roles": [str]},
    "channel": {"id": str, "name": str, "guild_id": str, "parent_id": str, "type": int},
    "message": {"id": str, "channel_id": str, "flags": int},
    "guild": {"id": str},
    "authorizing_integration_owners": {ANY: str},
}


def sound(event: Any) -> bool:
    """Whether everything that is read of the interaction has the type that it is read as, and it says who acts."""
    if not isinstance(event, dict) or not fits(event, _INTERACTION) or event.get("attachment_size_limit", 0) is None:
        return False
    if not _ID.fullmatch(event.get("id") or "") or not _TOKEN.fullmatch(event.get("token") or ""):
        return False
    guild = event.get("guild_id")
    if guild is None:
        who = event.get("user")
    elif _ID.fullmatch(guild):
        who = (event.get("member") or {}).get("user")
    else:
        return False
    return bool(who and who.keys() >= _NAMED and _ID.fullmatch(who["id"] or ""))
