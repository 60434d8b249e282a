"""What commands are called on Discord, where those of managers stand in a group of their own.

Discord knows default permissions for a whole command only, not for a subcommand:
https://docs.discord.com/developers/interactions/application-commands#permissions
"""

import re
from datetime import date
from functools import cache

from bot.app import typed
from bot.app.commands import COMMANDS, Argument, Spec, Takes
from bot.core.outcomes import Misspelt

GROUP = "trapwise"
MANAGERS = "trapwise-admin"

_INVOKED = re.compile(r"/trapwise (?P<name>[a-z][a-z-]*)(?: (?P<argument>[a-z]+)=)?")


def group(spec: Spec) -> str | None:
    """The command that a subcommand belongs to; None for one that stands alone."""
    if not spec.grouped:
        return None
    return MANAGERS if spec.managers else GROUP


def spoken(words: str) -> str:
    """Words that name commands as they are typed elsewhere, naming them as they are typed here."""
    if "/" not in words:
        return words
    for elsewhere, here in _examples():
        words = words.replace(elsewhere, here)
    return _INVOKED.sub(_invoked, words)


def _invoked(found: re.Match[str]) -> str:
    names = {spec.name for spec in COMMANDS if spec.grouped and spec.managers}
    command = f"/{MANAGERS if found['name'] in names else GROUP} {found['name']}"
    return f"{command} {found['argument']}:" if found["argument"] else command


@cache
def _examples() -> tuple[tuple[str, str], ...]:
    return tuple((spec.example, example(spec)) for spec in COMMANDS if spec.example)


def example(spec: Spec) -> str:
    """The command's example with each value at its option's name: Discord takes no values without."""
    name = group(spec)
    words = [f"/{name} {spec.name}" if name else f"/{spec.name}"]
    left = list(spec.arguments)
    for word in spec.example.removeprefix(spec.typed).split():
        argument = next(found for found in left if _fits(found, word))
        left.remove(argument)
        words.append(f"{argument.name}:{word}")
    return " ".join(words)


def _fits(argument: Argument, word: str) -> bool:
    """Whether the word of an example can be this argument. Names of domains, traps and packs can be any word."""
    match argument.takes:
        case Takes.CHOICE:
            return word in argument.choices
        case Takes.COUNT:
            return word.isdigit()
        case Takes.MINUTES:
            return isinstance(typed.read_minutes(word), int)
        case Takes.TIME:
            return not isinstance(typed.read_time(word), Misspelt)
        case Takes.ZONE:
            return not isinstance(typed.read_zone(word), Misspelt)
        case Takes.WEEKDAYS:
            return not isinstance(typed.read_days(word), Misspelt)
        case Takes.DATE:
            return not isinstance(typed.read_date(word, date.min), Misspelt)
        case Takes.DOMAIN | Takes.TRAP | Takes.PACK:
            return True
