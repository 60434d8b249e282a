"""Teams on both platforms: their channels set up by an admin, and their members' presses, each timed."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.load.platforms import LoadDiscord, LoadSlack, Waiting
from tests.support.wire_discord_house import ADMIN, buttons
from tests.support.wire_discord_world import Channel as DiscordChannel
from tests.support.wire_discord_world import Person
from tests.support.wire_slack import Channel as SlackChannel
from tests.support.wire_slack import User
from tests.support.wire_slack_members import Hands, controls

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PATIENCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One press: by whom on which round, when it was acknowledged and what they read, in seconds after it."""

    team: str
    member: str
    round: int
    letter: str
    acknowledged: float
    read: float
    words: str


class Team(Protocol):
    """Channels of one platform."""

    name: str
    channels: int

    async def set_up(self) -> None:
        """Set up every channel."""
        ...

    async def post_now(self) -> None:
        """Let every channel have its question, and wait for it."""
        ...

    async def posted(self, before: tuple[int, ...]) -> None:
        """Wait until every channel has another open round than before."""
        ...

    def rounds(self) -> tuple[int, ...]:
        """The newest round of each channel that can be answered, 0 where there is none."""
        ...

    async def press(self, channel: int, member: int, letter: int) -> Outcome:
        """A member presses a letter of the channel's newest question, and reads the reply."""
        ...

    async def ask(self, channel: int, member: int, line: str) -> None:
        """A member gives a command without options, and reads the reply."""
        ...


class SlackTeam:
    """A workspace with channels, connected by Socket Mode or signed HTTP."""

    def __init__(self, slack: LoadSlack, channels: int, *, name: str) -> None:
        self.slack, self.hands, self.name, self.channels = slack, Hands(slack), name, channels
        self._admin = slack.user("U0", "Ana", admin=True)
        self._places = [slack.channel(f"C{n}", f"exam-{n}") for n in range(channels)]
        self._members: dict[int, User] = {}

    async def set_up(self) -> None:
        """Set up every channel."""
        for place in self._places:
            await self.hands.command(self._admin, place, "/trapwise setup")
            view = (await self.slack.until(lambda: self._admin.views))[0]
            await self.hands.submit(self._admin, view, time="09:00", zone="UTC", days=EVERY_DAY)
            await self._until_posted(place)

    async def _until_posted(self, place: SlackChannel) -> None:
        await self.slack.until(lambda: place.messages)

    async def post_now(self) -> None:
        """Let every channel have its question, and wait for it."""
        before = self.rounds()
        for place in self._places:
            await self.hands.command(self._admin, place, "/trapwise post-now")
        await self.posted(before)

    async def posted(self, before: tuple[int, ...]) -> None:
        """Wait until every channel has another open round than before."""
        await self.slack.until(lambda: all(now not in (0, old) for now, old in zip(self.rounds(), before, strict=True)))

    def rounds(self) -> tuple[int, ...]:
        """The newest round of each channel that can be answered, 0 where there is none."""
        return tuple(_round_of(self._letters(place)) for place in self._places)

    async def press(self, channel: int, member: int, letter: int) -> Outcome:
        """A member presses a letter of the channel's newest question, and reads the reply."""
        payload = self.payload(channel, member, letter)
        action = payload["actions"][0]
        waiting = Waiting(time.monotonic(), asyncio.get_running_loop().create_future())
        number = str(payload["response_url"]).rsplit("/", 1)[1]
        self.slack.replies[number] = waiting
        try:
            waiting.pressed = time.monotonic()
            ack = await self.slack.send("interactive", payload)
            words = await asyncio.wait_for(waiting.done, PATIENCE)
        finally:
            del self.slack.replies[number]
            self.slack.urls.pop(number, None)
        return Outcome(
            team=self.name,
            member=str(payload["user"]["id"]),
            round=int(str(action["value"]).split(":")[2]),
            letter=str(action["value"]).split(":")[3],
            acknowledged=ack.seconds,
            read=waiting.told_at - waiting.pressed,
            words=words,
        )

    def payload(self, channel: int, member: int, letter: int) -> dict[str, Any]:
        """What Slack sends when a member presses a letter of the channel's newest question."""
        place = self._places[channel]
        message = self._question(place)
        label, _ = list(controls(message))[letter % len(self._letters(place))]
        return self.hands.press_payload(self._member(member), message, label, channel=place)

    async def ask(self, channel: int, member: int, line: str) -> None:
        """A member gives a command, and reads the reply, which may come by direct message."""
        place, user = self._places[channel], self._member(member)
        direct = self.slack.direct(user)
        user.sees.clear()
        direct.messages.clear()
        await self.hands.command(user, place, f"/{line}")
        await self.slack.until(lambda: user.sees or direct.messages, seconds=PATIENCE)

    def _member(self, number: int) -> User:
        if number not in self._members:
            self._members[number] = self.slack.user(f"U1{number:06}", f"Member {number}")
        return self._members[number]

    @staticmethod
    def _question(place: SlackChannel) -> dict[str, Any]:
        return next(message for message in reversed(place.messages.values()) if _answerable(controls(message)))

    @staticmethod
    def _letters(place: SlackChannel) -> list[str]:
        newest = next((list(controls(message)) for message in reversed(place.messages.values())), [])
        values = [str(action.get("value") or "") for _, action in newest]
        return [value for value in values if value.startswith("tw1:a:")]


class DiscordTeam:
    """A server with channels."""

    def __init__(self, discord: LoadDiscord, channels: int, *, like: LoadDiscord | None = None) -> None:
        """With `like`, the servers, channels and messages are those of that one."""
        self.discord, self.name, self.channels = discord, "discord", channels
        if like is None:
            guild = discord.guild()
            self._places = [discord.channel(guild, name=f"exam-{n}") for n in range(channels)]
        else:
            discord.guilds.update(like.guilds)
            discord.channels.update(like.channels)
            discord.messages.update(like.messages)
            self._places = [place for place in like.channels.values() if place.guild is not None]

    async def set_up(self) -> None:
        """Set up every channel."""
        for place in self._places:
            opened = await self.discord.command(ADMIN, place, "trapwise-admin setup")
            await asyncio.wait_for(opened.answered.wait(), PATIENCE)
            sent = await self.discord.submit(opened, time="09:00", zone="UTC", days=EVERY_DAY)
            await self.discord.answer(sent)

    async def post_now(self) -> None:
        """Let every channel have its question, and wait for it."""
        before = self.rounds()
        for place in self._places:
            await self.discord.answer(await self.discord.command(ADMIN, place, "trapwise-admin post-now"))
        await self.posted(before)

    async def posted(self, before: tuple[int, ...]) -> None:
        """Wait until every channel has another open round than before."""
        await self.discord.until(
            lambda: all(now not in (0, old) for now, old in zip(self.rounds(), before, strict=True))
        )

    def rounds(self) -> tuple[int, ...]:
        """The newest round of each channel that can be answered, 0 where there is none."""
        return tuple(_round_of(self._letters(self._newest(place))) for place in self._places)

    async def press(self, channel: int, member: int, letter: int) -> Outcome:
        """A member presses a letter of the channel's newest question, and reads the reply."""
        message = self._newest(self._places[channel])
        letters = self._letters(message)
        token = letters[letter % len(letters)]
        person = Person(id=10_000 + member, name=f"Member {member}")
        waiting = Waiting(time.monotonic(), asyncio.get_running_loop().create_future())
        made = await self.discord.press(person, message, token)
        self.discord.replies[made.id] = waiting
        try:
            words = await asyncio.wait_for(waiting.done, PATIENCE)
        finally:
            del self.discord.replies[made.id]
        return Outcome(
            team=self.name,
            member=str(person.id),
            round=int(token.split(":")[2]),
            letter=token.split(":")[3],
            acknowledged=self.discord.acknowledged[made.id],
            read=waiting.told_at - waiting.pressed,
            words=words,
        )

    async def ask(self, channel: int, member: int, line: str) -> None:
        """A member gives a command without options, and reads the reply."""
        person = Person(id=10_000 + member, name=f"Member {member}")
        await self.discord.answer(await self.discord.command(person, self._places[channel], line))

    def _newest(self, place: DiscordChannel) -> dict[str, Any]:
        posts = self.discord.posts(place)
        return posts[-1] if posts else {"components": []}

    @staticmethod
    def _letters(message: dict[str, Any]) -> list[str]:
        tokens = [str(part.get("custom_id", "")) for part in buttons(message)]
        return [token for token in tokens if token.startswith("tw1:a:")]


def _answerable(found: Any) -> bool:
    return any(str(action.get("value") or "").startswith("tw1:a:") for _, action in found)


def _round_of(letters: list[str]) -> int:
    return int(letters[0].split(":")[2]) if letters else 0
