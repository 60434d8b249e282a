"""Whether an action is for those who manage a channel, which decides if Slack has to be asked about the member.

Asking costs a call, so presses that need no authority are not held up by it.
"""

from bot.app import commands
from bot.core.outcomes import Unreadable
from bot.view import tokens

SITTINGS = frozenset({"quiz", "review", "exam"})
"""Commands that begin something which lasts longer than the private messages of a channel are kept."""


def command_of(name: str, text: str) -> tuple[str, str]:
    """The command that is meant, and the rest: `/trapwise x y` is `/x y`."""
    name = name.strip().lower()
    if name == "trapwise":
        name, _, text = text.strip().partition(" ")
        name = name.lower() or "help"
    return name, text


def pressed_command(token: tokens.Token | Unreadable) -> tuple[str, str]:
    """The command that a button gives, if it gives one."""
    match token:
        case tokens.Run(name=name, words=words):
            return name, " ".join(words)
        case _:
            return "", ""


def may_show_charts(token: tokens.Token | Unreadable) -> bool:
    """Whether what the button leads to may hold charts: a command's answer, or an exam's result."""
    return isinstance(token, tokens.Run | tokens.Submit)


def helpful(name: str) -> bool:
    """Whether who manages is worth asking: help lists what the member can use, also after an unknown name."""
    return name == "help" or (name != "" and commands.find(name) is None)


def needed(name: str) -> bool:
    """Whether the command is for those who manage, so that nothing may be done before that is known."""
    spec = commands.find(name)
    return spec is not None and spec.managers


def begins_sitting(name: str, text: str) -> bool:
    """Whether the command begins a sitting of the member's own; `here` makes it the channel's."""
    return name in SITTINGS and "here" not in text.split()


def asks_everywhere(name: str, text: str) -> bool:
    """Whether the board of the whole workspace is asked for."""
    return name == "leaderboard" and "workspace" in text.replace("=", " ").split()
