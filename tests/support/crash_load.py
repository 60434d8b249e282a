"""What members do while the bot is being killed, and what they were told: the claims that must hold afterwards."""

import asyncio
import random
import re
from dataclasses import dataclass, field
from typing import Any

from tests.support.crash_bot import CrashBot
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ADMIN, buttons, text
from tests.support.wire_discord_world import Channel, Interaction, Person

CROWD = tuple(Person(id=600 + n, name=f"Member {n}") for n in range(8))
LEARNER, SITTER = Person(id=700, name="Lea"), Person(id=710, name="Sid")

_CHOSE = re.compile(r"(?:Right: |ou chose |ou already chose )([A-E])\b")


def said(interaction: Interaction) -> str:
    """What the presser read, also if it was replaced since; empty if nothing came."""
    body = (interaction.callback or {}).get("data") or {}
    parts = [body] if body.get("components") else [*interaction.followups[-1:], *filter(None, [interaction.original])]
    return "\n".join(text(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Press:
    """An answer button that was pressed. `source` is 0 for a round and 1 for an attempt, as in the table."""

    source: int
    number: int
    place: int
    person: int
    letter: str
    interaction: Interaction

    @property
    def told(self) -> str | None:
        """The letter that the presser was told is saved."""
        found = _CHOSE.search(said(self.interaction))
        return found[1] if found else None

    @property
    def on_page(self) -> bool:
        """Whether an exam's page came back with the answer on it."""
        return f"question {self.place + 1} of" in said(self.interaction)


@dataclass(slots=True)
class Load:
    """The members, and everything they did so far."""

    discord: FakeDiscord
    channels: tuple[Channel, ...]
    rng: random.Random
    presses: list[Press] = field(default_factory=list)
    submits: dict[int, list[Interaction]] = field(default_factory=dict)
    extra: int = 0

    def open_rounds(self) -> list[dict[str, Any]]:
        """The newest post of each channel, those that can be answered."""
        newest = [posts[-1] for channel in self.channels if (posts := self.discord.posts(channel))]
        return [post for post in newest if _ids(post, "tw1:a:")]

    async def crowd(self, bot: CrashBot) -> None:
        """Everybody answers in every channel at once."""
        presses = [
            self._answer(bot, person, post, _ids(post, "tw1:a:")) for post in self.open_rounds() for person in CROWD
        ]
        await _all(presses)

    async def another(self, bot: CrashBot) -> None:
        """A question on request, in one channel."""
        channel = self.rng.choice(self.channels)
        given = await self.discord.command(ADMIN, channel, "quiz", what="here")
        await bot.or_died(given.finished.wait())

    async def practise(self, bot: CrashBot) -> None:
        """Two items of a practice, begun or gone on with."""
        page = await self._open(bot, LEARNER, "quiz")
        for _ in range(2):
            if not (letters := _ids(page, "tw1:q:")):
                break
            page = await self._answer(bot, LEARNER, page, letters)
            if not (on := _ids(page, "tw1:g:")):
                break
            page = await self._press(bot, LEARNER, page, on[-1])

    async def sit(self, bot: CrashBot) -> None:
        """An exam to its end, begun or gone on with."""
        page = await self._open(bot, SITTER, "exam")
        while letters := _ids(page, "tw1:q:"):
            page = await self._answer(bot, SITTER, page, letters)
            place = int(letters[0].split(":")[3])
            on = [token for token in _ids(page, "tw1:g:") if int(token.split(":")[3].split("~")[0]) > place]
            if not on:
                break
            page = await self._press(bot, SITTER, page, on[0])
        if ask := _ids(page, "tw1:s:"):
            page = await self._press(bot, SITTER, page, ask[0])
            if sure := [token for token in _ids(page, "tw1:s:") if "sure" in token]:
                number = int(sure[0].split(":")[2])
                pressed = await self.discord.press(SITTER, page, sure[0])
                self.submits.setdefault(number, []).append(pressed)
                await bot.or_died(pressed.finished.wait())

    async def _open(self, bot: CrashBot, person: Person, line: str) -> dict[str, Any]:
        given = await self.discord.command(person, self.channels[0], line)
        await bot.or_died(given.finished.wait())
        page = given.shown
        if not _ids(page, "tw1:q:") and (on := _ids(page, "tw1:g:")):
            page = await self._press(bot, person, page, on[0])
        return page

    async def _press(self, bot: CrashBot, person: Person, page: dict[str, Any], token: str) -> dict[str, Any]:
        pressed = await self.discord.press(person, page, token)
        await bot.or_died(pressed.finished.wait())
        return pressed.shown

    async def _answer(self, bot: CrashBot, person: Person, page: dict[str, Any], letters: list[str]) -> dict[str, Any]:
        token = self.rng.choice(letters)
        kind, number, *rest = token.split("~")[0].split(":")[1:]
        pressed = await self.discord.press(person, page, token)
        place = int(rest[0]) if kind == "q" else 0
        self.presses.append(Press(int(kind == "q"), int(number), place, person.id, rest[-1], pressed))
        await bot.or_died(pressed.finished.wait())
        return pressed.shown


def _ids(message: dict[str, Any], prefix: str) -> list[str]:
    return [part["custom_id"] for part in buttons(message) if part.get("custom_id", "").startswith(prefix)]


async def _all(doing: list[Any]) -> None:
    """All of it, and then the first failure; nothing goes on by itself afterwards."""
    outcomes = await asyncio.gather(*doing, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def everything(bot: CrashBot, load: Load) -> None:
    """All members at once; now and then a question is asked for besides."""
    doing = [load.crowd(bot), load.practise(bot), load.sit(bot)]
    if load.rng.random() < 0.3:
        doing.append(load.another(bot))
    await _all(doing)
