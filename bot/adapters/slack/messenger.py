"""Posts the outbox's messages. Implements the Messenger port."""

import json
import logging
from collections import OrderedDict
from collections.abc import Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import failures, render
from bot.adapters.slack.failures import understood
from bot.adapters.slack.render import Message
from bot.adapters.slack.workspaces import Api, Workspaces, require
from bot.app.neighbours import Neighbours
from bot.core.errors import PostUncertain
from bot.core.refs import ChannelRef, MemberRef, MessageRef
from bot.view import tokens
from bot.view.card import Card

EVENT = "trapwise_delivery"
"""The event type of our messages' metadata, which carries the delivery's key and nothing else."""

_REMEMBERED = 2_000

TOPIC = "slack sighting"

_log = logging.getLogger(__name__)


class Sightings:
    """Posts that we know to have arrived, because somebody pressed a button on them.

    We ask for no right to read a channel, so a post whose outcome is unknown can't be looked up. Its first press
    proves it: the button's row carries the delivery's key, and the press tells the message's time stamp.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._neighbours = Neighbours()

    def share(self, neighbours: Neighbours) -> None:
        """Tell other processes, one of which may be looking for the post, and hear from them."""
        self._neighbours = neighbours
        neighbours.on(TOPIC, lambda text: self._note(*json.loads(text)))

    def note(self, channel: str, key: str, message: str) -> None:
        """The delivery was seen as this message."""
        if self._seen.get((channel, key)) != message:
            self._note(channel, key, message)
            self._neighbours.tell(TOPIC, json.dumps([channel, key, message]))

    def _note(self, channel: str, key: str, message: str) -> None:
        self._seen[channel, key] = message
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def find(self, channel: str, key: str) -> str | None:
        """The message that the delivery became, if it was seen."""
        return self._seen.get((channel, key))


class SlackMessenger:
    """See ports.Messenger."""

    def __init__(self, api: Api, workspaces: Workspaces, sightings: Sightings) -> None:
        self._api, self._workspaces, self._sightings = api, workspaces, sightings
        self.on_change: Callable[[str], None] = lambda workspace: None
        """Told the workspace where a question was opened or closed."""

    async def post(self, channel: ChannelRef, card: Card, *, key: str) -> MessageRef:
        """Post a new message, once."""
        client = await self._client(channel.workspace.id)
        metadata = {"event_type": EVENT, "event_payload": {"key": key}}

        async def send(message: Message) -> str:
            found = await client.chat_postMessage(
                channel=channel.id,
                text=message.text,
                blocks=list(message.blocks),
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            )
            return str(found["ts"])

        try:
            try:
                stamp = await send(render.message(card, key=key, lasting=True))
            except Exception as error:
                if failures.code(error) not in failures.BAD_BLOCKS:
                    raise
                _log.error("Slack refused the blocks of %s (%s); sent plainer", key, failures.code(error))
                stamp = await send(render.plain_message(card, key=key))
        except Exception as error:
            await self._gone(channel.workspace.id, error)
            raise understood(error, posting=True) from error
        self._sightings.note(channel.id, key, stamp)
        self.on_change(channel.workspace.id)
        return MessageRef(channel, stamp)

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Put the card in place of the message. One that somebody deleted is left alone."""
        client = await self._client(message.channel.workspace.id)
        try:
            try:
                await _update(client, message, render.message(card, lasting=True))
            except Exception as error:
                if failures.code(error) not in failures.BAD_BLOCKS:
                    raise
                _log.error("Slack refused the blocks of an edit (%s); sent plainer", failures.code(error))
                await _update(client, message, render.plain_message(card))
        except Exception as error:
            if failures.code(error) in failures.VANISHED:
                _log.info("message %s in %s can't be edited any more", message.id, message.channel.id)
                return
            await self._gone(message.channel.workspace.id, error)
            raise understood(error, posting=False) from error
        if not _asks(card):
            self.on_change(message.channel.workspace.id)

    async def find(self, channel: ChannelRef, *, key: str) -> MessageRef | None:
        """The message if somebody has pressed a button on it; else nobody can tell."""
        stamp = self._sightings.find(channel.id, key)
        if stamp is None:
            raise PostUncertain("nobody has pressed a button on it yet, and I may not read the channel")
        return MessageRef(channel, stamp)

    async def tell(self, member: MemberRef, card: Card) -> None:
        """A direct message."""
        client = await self._client(member.workspace.id)
        message = render.message(card)
        try:
            await client.chat_postMessage(
                channel=member.id.rpartition(":")[2],
                text=message.text,
                blocks=list(message.blocks),
                unfurl_links=False,
                unfurl_media=False,
            )
        except Exception as error:
            await self._gone(member.workspace.id, error)
            raise understood(error, posting=True) from error

    async def _client(self, workspace: str) -> AsyncWebClient:
        return self._api.exact(await require(self._workspaces, workspace))

    async def _gone(self, workspace: str, error: Exception) -> None:
        if failures.code(error) in failures.REMOVED:
            _log.warning("workspace %s has removed the app (%s)", workspace, failures.code(error))
            await self._workspaces.forget(workspace)


def _asks(card: Card) -> bool:
    """Whether the card can still be answered: an edit of such a one changes no more than a count."""
    buttons = (button for row in card.rows for button in row)
    return any(isinstance(tokens.read(button.token), tokens.AnswerRound) for button in buttons)


async def _update(client: AsyncWebClient, message: MessageRef, shown: Message) -> None:
    await client.chat_update(
        channel=message.channel.id,
        ts=message.id,
        text=shown.text,
        blocks=list(shown.blocks),
    )
