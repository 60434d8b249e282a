"""From form data and a session to what a member did. Pure: no request, no I/O."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

from bot.adapters.web.settings import WebSettings
from bot.app import commands
from bot.app.actions import Actor, Command, Press, Submission
from bot.app.space import Joined

FIELD_PREFIX = "f."
"""Before the names of a form's own fields, so that none can pass for one of ours."""

LONGEST_LINE = 500
MOST_BUTTONS = 6

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-/]{0,63}")

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a sent form, in the order they came."""

    pairs: tuple[tuple[str, str], ...]

    def first(self, name: str) -> str:
        """The field's first value, empty if it has none."""
        return next((value for key, value in self.pairs if key == name), "")


def actor(joined: Joined, settings: WebSettings, *, zone: str = "") -> Actor:
    """Who acts. `zone` is what the browser says; it is only ever a guess to begin with."""
    return Actor(
        member=joined.member,
        name=joined.name,
        channel=settings.channel,
        channel_name=settings.channel_name,
        workspace_name=settings.workspace_name,
        manages=joined.manages,
        zone=zone if _ZONE.fullmatch(zone) else None,
    )


def press(sent: Sent, who: Actor) -> Press:
    """A pressed button, or the entry chosen from a menu."""
    return Press(actor=who, token=sent.first("token"))


def submission(sent: Sent, who: Actor) -> Submission:
    """A sent form: fields keep their order, a field with several values has them together."""
    values: dict[str, list[str]] = {}
    for key, value in sent.pairs:
        if key.startswith(FIELD_PREFIX):
            values.setdefault(key.removeprefix(FIELD_PREFIX), []).append(value.strip())
    return Submission(
        actor=who,
        token=sent.first("token"),
        values=tuple((name, tuple(several)) for name, several in values.items()),
    )


def command(line: str, who: Actor) -> Command:
    """A typed line. `/stats`, `stats`, `/trapwise pause` and `pause` all work; an empty line asks for help."""
    words = line[:LONGEST_LINE].split()
    if words and words[0].lower() in ("/trapwise", "trapwise"):
        words = words[1:]
    if not words:
        return Command(actor=who, name="help")
    name = words[0].removeprefix("/").lower()
    return Command(actor=who, name=name, text=" ".join(words[1:]))


def completions(*, manages: bool) -> tuple[tuple[str, str], ...]:
    """What the command box offers: each line that can be given, and what it does."""
    offered: list[tuple[str, str]] = []
    for spec in commands.COMMANDS:
        if spec.managers and not manages:
            continue
        offered.append((spec.typed, spec.summary))
        if spec.example and spec.example != spec.typed:
            offered.append((spec.example, spec.summary))
    return tuple(offered)


def buttons(*, manages: bool, paged: Container[str]) -> tuple[tuple[str, str], ...]:
    """The commands worth a button: what everybody gives often, and for managers how things stand.

    `paged` are the names of those that have a page of their own, and so a link already.
    """
    often = [spec for spec in commands.COMMANDS if not spec.grouped and spec.name not in paged]
    if manages:
        often = [*often[:MOST_BUTTONS], *(spec for spec in commands.COMMANDS if spec.name == "status")]
    return tuple((spec.typed, spec.summary) for spec in often[: MOST_BUTTONS + 1])
