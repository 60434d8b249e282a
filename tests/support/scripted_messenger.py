"""A messenger over a platform in memory: it does what a script says, and shows what members would see."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace

from bot.core.errors import MessengerError
from bot.core.refs import ChannelRef, MemberRef, MessageRef
from bot.view.card import Card


@dataclass(frozen=True, slots=True)
class Arrived:
    """The message arrives, and then the call fails all the same: what a broken connection looks like."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Held:
    """The call waits until `release` is set; `entered` tells that it has begun."""

    entered: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)


Step = Exception | Arrived | Held | None
"""What one call does: raise, arrive and raise, wait, or just work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in a channel, as it looks now."""

    id: str
    channel: ChannelRef
    key: str
    card: Card
    edits: int = 0


class ScriptedMessenger:
    """See ports.Messenger. `script` says what the next calls do; without one they work."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.told: list[tuple[MemberRef, Card]] = []
        self.calls: list[str] = []
        self.changed = asyncio.Event()
        self._scripts: dict[tuple[str, str], deque[Step]] = defaultdict(deque)
        self._always: dict[tuple[str, str], MessengerError] = {}

    def script(self, call: str, *steps: Step, channel: str = "") -> None:
        """What the next calls of `post`, `edit`, `find` or `tell` do, in one channel or in any."""
        self._scripts[call, channel].extend(steps)

    def always(self, call: str, error: MessengerError | None, *, channel: str = "") -> None:
        """Fail every such call until told otherwise."""
        if error is None:
            self._always.pop((call, channel), None)
        else:
            self._always[call, channel] = error

    def within(self, channel: ChannelRef) -> list[Message]:
        """The messages of one channel, oldest first."""
        return [message for message in self.messages if message.channel == channel]

    async def until(self, count: int, *, edits: int = 0) -> None:
        """Wait until there are `count` messages, with `edits` edits among them."""
        while len(self.messages) < count or sum(message.edits for message in self.messages) < edits:
            self.changed.clear()
            await self.changed.wait()

    async def post(self, channel: ChannelRef, card: Card, *, key: str) -> MessageRef:
        after = await self._play("post", channel.id)
        message = Message(id=f"m{len(self.messages) + 1}", channel=channel, key=key, card=card)
        self.messages.append(message)
        self.changed.set()
        if after is not None:
            raise after
        return MessageRef(channel, message.id)

    async def edit(self, message: MessageRef, card: Card) -> None:
        after = await self._play("edit", message.channel.id)
        for place, found in enumerate(self.messages):
            if found.id == message.id and found.channel == message.channel:
                self.messages[place] = replace(found, card=card, edits=found.edits + 1)
                self.changed.set()
                break
        else:
            raise AssertionError(f"there is no message {message.id}")
        if after is not None:
            raise after

    async def find(self, channel: ChannelRef, *, key: str) -> MessageRef | None:
        after = await self._play("find", channel.id)
        if after is not None:
            raise after
        found = next((m for m in self.messages if m.channel == channel and m.key == key), None)
        return MessageRef(channel, found.id) if found else None

    async def tell(self, member: MemberRef, card: Card) -> None:
        after = await self._play("tell", member.id)
        self.told.append((member, card))
        if after is not None:
            raise after

    async def _play(self, call: str, where: str) -> Exception | None:
        """Do what the script says; the exception to raise after the call has had its effect, if any."""
        self.calls.append(f"{call} {where}")
        for place in ((call, where), (call, "")):
            if place in self._always:
                raise self._always[place]
            if self._scripts[place]:
                step = self._scripts[place].popleft()
                break
        else:
            return None
        match step:
            case None:
                return None
            case Arrived(error=error):
                return error
            case Held() as held:
                held.entered.set()
                await held.release.wait()
                return None
            case Exception() as error:
                raise error
