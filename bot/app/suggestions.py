"""What may be offered while somebody types an argument. Nobody has to take what is offered; the parser judges."""

import zoneinfo
from collections.abc import Mapping
from functools import cached_property

from bot.app.commands import Argument, Takes
from bot.core.pack import Pack

MOST = 25

_COMMON_ZONES = ("Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "UTC")


class Suggestions:
    """Entries for arguments whose values are too many, or too long, to be known by heart."""

    def __init__(self, packs: Mapping[str, Pack], default_pack: str, default_zone: str) -> None:
        first = [packs[default_pack]] if default_pack in packs else []
        self._packs = [*first, *(pack for name, pack in packs.items() if name != default_pack)]
        self._default_zone = default_zone

    def offer(self, argument: Argument, typed: str) -> tuple[tuple[str, str], ...]:
        """At most `MOST` pairs of what to show and what to send, those that begin with what was typed first."""
        wanted = typed.strip().replace("_", " ").casefold()
        found = [
            (not _begins(label, value, wanted), number, label, value)
            for number, (label, value) in enumerate(self._entries(argument, bool(wanted)))
            if wanted in label.replace("_", " ").casefold() or wanted in value.replace("_", " ").casefold()
        ]
        return tuple((label, value) for _, _, label, value in sorted(found)[:MOST])

    def _entries(self, argument: Argument, typing: bool) -> tuple[tuple[str, str], ...]:
        match argument.takes:
            case Takes.CHOICE:
                return tuple((choice, choice) for choice in argument.choices)
            case Takes.PACK:
                return tuple((pack.title, pack.id) for pack in self._packs)
            case Takes.DOMAIN:
                return tuple(
                    (self._named(domain.name, pack), domain.id)
                    for pack in self._packs
                    for domain in pack.blueprint.domains
                )
            case Takes.TRAP:
                return tuple((self._named(trap.name, pack), trap.id) for pack in self._packs for trap in pack.traps)
            case Takes.ZONE:
                names = self._zones if typing else dict.fromkeys((self._default_zone, *_COMMON_ZONES))
                return tuple((name, name) for name in names)
            case _:
                return ()

    def _named(self, name: str, pack: Pack) -> str:
        return f"{name} ({pack.short_title})" if len(self._packs) > 1 else name

    @cached_property
    def _zones(self) -> tuple[str, ...]:
        # Listing them reads a few hundred files, which would be felt at each keystroke.
        return tuple(sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC"))


def _begins(label: str, value: str, wanted: str) -> bool:
    words = (label.replace("_", " ").casefold(), value.rsplit("/", 1)[-1].replace("_", " ").casefold())
    return any(word.startswith(wanted) for word in words)
