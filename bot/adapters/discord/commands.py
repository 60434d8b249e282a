"""Application commands, made from the one table of commands. None is written by hand.

They are sent as JSON rather than through discord.py's command tree, which wants one Python function per command
with its options as parameters. Format: https://docs.discord.com/developers/interactions/application-commands
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from bot.adapters.discord import inbound, limits
from bot.app.commands import Argument, Spec, Takes
from bot.app.typed import COUNT_MAX

GROUP = "trapwise"
GROUP_SUMMARY = "The daily question, your settings and your data"

_CHAT_INPUT, _SUBCOMMAND = 1, 1
_STRING, _INTEGER = 3, 4
_IN_SERVERS, _FOR_USERS = 0, 1
_SERVER, _BOT_DM, _OTHER_DM = 0, 1, 2

SUGGESTED = {Takes.DOMAIN, Takes.TRAP, Takes.PACK, Takes.ZONE}
"""Arguments that are completed while somebody types."""


def payload(specs: Iterable[Spec]) -> list[dict[str, Any]]:
    """All commands as Discord wants them, in an order that doesn't change by itself."""
    specs = list(specs)
    single = [_single(spec) for spec in specs if not spec.grouped]
    grouped = [_described(spec) | {"type": _SUBCOMMAND} for spec in specs if spec.grouped]
    if grouped:
        single.append({"name": GROUP, "description": GROUP_SUMMARY, "options": grouped, **_everywhere()})
    return sorted(single, key=lambda command: str(command["name"]))


def fingerprint(commands: list[dict[str, Any]], *, application: int, guild: int | None) -> str:
    """Changes when anything that was registered, or where, does."""
    told = json.dumps([application, guild, commands], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _single(spec: Spec) -> dict[str, Any]:
    where = _everywhere()
    if spec.in_channel:
        where |= {"contexts": [_SERVER], "integration_types": [_IN_SERVERS]}
    if spec.managers:
        # Only a default that a server's staff can change, and none exists for subcommands: dispatch checks again.
        where |= {"default_member_permissions": str(inbound.MANAGE_CHANNELS)}
    return _described(spec) | where


def _everywhere() -> dict[str, Any]:
    return {
        "type": _CHAT_INPUT,
        "integration_types": [_IN_SERVERS, _FOR_USERS],
        "contexts": [_SERVER, _BOT_DM, _OTHER_DM],
        "default_member_permissions": None,
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
