"""Application commands, made from the one table of commands. None is written by hand.

They are sent as JSON rather than through discord.py's command tree, which wants one Python function per command
with its options as parameters. Format: https://docs.discord.com/developers/interactions/application-commands
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from bot.adapters.discord import inbound, limits, naming
from bot.app.commands import Argument, Spec, Takes
from bot.app.typed import COUNT_MAX

SUMMARIES = {
    naming.GROUP: "Your settings, your data, and help",
    naming.MANAGERS: "Set up and steer this channel's daily question",
}
"""What is said of each group. Nobody sees it but those who look at the server's settings."""

_CHAT_INPUT, _SUBCOMMAND = 1, 1
_STRING, _INTEGER = 3, 4
_IN_SERVERS, _FOR_USERS = 0, 1
_SERVER, _BOT_DM, _OTHER_DM = 0, 1, 2

SUGGESTED = {Takes.DOMAIN, Takes.TRAP, Takes.PACK, Takes.ZONE}
"""Arguments that are completed while somebody types."""


def payload(specs: Iterable[Spec]) -> list[dict[str, Any]]:
    """All commands as Discord wants them, in an order that doesn't change by itself."""
    specs = list(specs)
    found = [_described(spec) | _offered([spec]) for spec in specs if not spec.grouped]
    for name, summary in SUMMARIES.items():
        inside = [spec for spec in specs if naming.group(spec) == name]
        if inside:
            options = [_described(spec) | {"type": _SUBCOMMAND} for spec in inside]
            found.append({"name": name, "description": summary, "options": options, **_offered(inside)})
    return sorted(found, key=lambda command: str(command["name"]))


def fingerprint(commands: list[dict[str, Any]], *, application: int, guild: int | None) -> str:
    """Changes when anything that was registered, or where, does."""
    told = json.dumps([application, guild, commands], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _offered(specs: Iterable[Spec]) -> dict[str, Any]:
    """Where and to whom Discord shows what these make up together."""
    specs = list(specs)
    in_channel, managers = all(spec.in_channel for spec in specs), all(spec.managers for spec in specs)
    return {
        "type": _CHAT_INPUT,
        "integration_types": [_IN_SERVERS] if in_channel else [_IN_SERVERS, _FOR_USERS],
        "contexts": [_SERVER] if in_channel else [_SERVER, _BOT_DM, _OTHER_DM],
        # Only a default, which a server's staff can change, and buttons know none: dispatch checks at each press.
        # Of the permissions that manage a channel it can only be one, since Discord wants all that are named.
        # The documentation shows it as a string, the published description asks for a number; both are taken.
        "default_member_permissions": inbound.MANAGE_CHANNELS if managers else None,
        "nsfw": False,
    }


def _described(spec: Spec) -> dict[str, Any]:
    # Discord refuses a required option behind an optional one.
    arguments = sorted(spec.arguments, key=lambda argument: not argument.required)
    return {
        "name": spec.name,
        "description": limits.cut(spec.summary, limits.COMMAND_TEXT),
        "options": [_option(argument) for argument in arguments[: limits.COMMAND_OPTIONS]],
    }


def _option(argument: Argument) -> dict[str, Any]:
    option: dict[str, Any] = {
        "type": _INTEGER if argument.takes is Takes.COUNT else _STRING,
        "name": argument.name,
        "description": limits.cut(argument.summary, limits.COMMAND_TEXT),
        "required": argument.required,
    }
    if argument.takes is Takes.COUNT:
        option |= {"min_value": 1, "max_value": COUNT_MAX}
    elif argument.takes is Takes.CHOICE:
        option["choices"] = [{"name": choice, "value": choice} for choice in argument.choices]
    elif argument.takes in SUGGESTED:
        option["autocomplete"] = True
    else:
        option["max_length"] = inbound.LONGEST_VALUE
    return option
