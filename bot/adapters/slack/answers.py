"""Sends replies, after the acknowledgement, to where the member will see them.

In a channel a reply is a message that only they see. In our direct messages it is an ordinary one, which stays and is
edited in place, however old it is. On the Home tab it is a window. A response_url lasts 30 minutes and five uses
(https://docs.slack.dev/interactivity/handling-user-interaction); each press brings a new one, and where it fails
the reply goes another way.
"""

import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import blocks, failures, forms, pictures, render, wording
from bot.adapters.slack.inbound import Origin, Where
from bot.adapters.slack.render import Message
from bot.adapters.slack.spans import Json
from bot.adapters.slack.workspaces import Api, Grant, Workspaces
from bot.core.errors import TrapwiseError
from bot.view.card import Audience, Button, Card, Form, Link, Reply, Text
from bot.view.plaincards import notice

FAILURES = (SlackClientError, aiohttp.ClientError, TimeoutError)

_log = logging.getLogger(__name__)


class Answers:
    """Answers members, one reply at a time."""

    def __init__(self, api: Api, workspaces: Workspaces) -> None:
        self._api, self._workspaces = api, workspaces

    async def send(self, reply: Reply, origin: Origin, *, sitting: bool = False) -> None:
        """Send the reply. With `sitting` it begins something that lasts, which belongs into our direct messages."""
        if reply.form is not None:
            await self.open_form(reply.form, origin)
            return
        if reply.attachments and not pictures.are_pictures(reply.attachments):
            await self._files(reply, origin)
        elif reply.card is not None:
            await self._card(reply.card, origin, reply=reply, sitting=sitting)

    async def shows_pictures(self, origin: Origin) -> bool:
        """Whether the workspace lets us send files. Without that, charts needn't even be drawn."""
        try:
            grant = await self._workspaces.grant(origin.workspace, origin.enterprise)
        except TrapwiseError as error:
            _log.info("it isn't known what %s has granted: %s", origin.workspace, error)
            return False
        return grant is not None and pictures.SCOPE in grant.scopes

    async def open_form(self, form: Form, origin: Origin) -> None:
        """Open the form as a window; if Slack didn't wait for us, offer to try again."""
        there, named = (origin.channel, origin.channel_name) if origin.in_channel else ("", "")
        place = forms.Place(token=form.token, channel=there, channel_name=named)
        refused = await self._opened(forms.view(form, place), origin)
        if refused in failures.BAD_VIEW and form.channel is not None and there:
            # A group's direct messages look like a channel, but aren't in the list, so they can't be its first choice.
            refused = await self._opened(forms.view(form, place, offered=False), origin)
        if refused:
            again = ((Button(label=wording.AGAIN, token=form.token),),)
            await self._card(notice(wording.TOO_SLOW, rows=again), origin, reply=Reply(), sitting=False)

    async def update_view(self, view: Json, origin: Origin) -> bool:
        """Put the view in place of the one that the origin came from."""
        client = await self._client(origin)
        return client is not None and await _done(client.views_update(view_id=origin.view, view=view))

    async def publish_home(self, blocks_: list[Json], origin: Origin) -> None:
        """Put the blocks on the member's Home tab."""
        client = await self._client(origin)
        if client is not None:
            await _done(client.views_publish(user_id=origin.user, view={"type": "home", "blocks": blocks_}))

    async def barred(self, origin: Origin) -> str:
        """Why nothing can be posted in the channel for this member, empty if it can, or if Slack doesn't say.

        Without the right to read channels there is no asking whether we are in one. But a message that only the
        member sees needs the same of us as any other: https://docs.slack.dev/reference/methods/chat.postEphemeral.
        """
        client = await self._client(origin)
        if client is None:
            return ""
        try:
            await client.chat_postEphemeral(
                channel=origin.channel,
                user=origin.user,
                text=wording.SETTING_UP,
                blocks=[blocks.sentence(wording.SETTING_UP)],
            )
        except FAILURES as error:
            said = failures.code(error)
            _log.info("nothing can be set up in %s: %s", origin.channel, said or type(error).__name__)
            return wording.BARRED.get(said, wording.BARRED_ELSE if failures.refused(said) else "")
        return ""

    async def post_in_channel(self, card: Card, origin: Origin) -> bool:
        """Say something to the whole channel; False if we can't."""
        client = await self._client(origin)
        return client is not None and await _post(client, origin.channel, render.message(card)) is not None

    async def _card(self, card: Card, origin: Origin, *, reply: Reply, sitting: bool) -> None:
        message = render.message(card, pictures=await self._pictures(card, reply, origin))
        if reply.audience is Audience.CHANNEL and origin.in_channel:
            client = await self._client(origin)
            if client is not None and await _post(client, origin.channel, message) is not None:
                return
        if sitting and origin.where is not Where.DIRECT and await self._begin(message, origin):
            return
        match origin.where:
            case Where.DIRECT:
                if not (reply.replace and await self._update(message, origin)):
                    await self._direct(message, origin)
            case Where.EPHEMERAL:
                await self._only_you(message, origin, replace=reply.replace)
            case Where.HOME | Where.MODAL:
                if not await self._window(card, origin):
                    await self._direct(message, origin)
            case Where.COMMAND if not origin.in_channel:
                await self._direct(message, origin)
            case Where.COMMAND | Where.MESSAGE:
                await self._only_you(message, origin, replace=False)

    async def _pictures(self, card: Card, reply: Reply, origin: Origin) -> tuple[Json, ...]:
        """The reply's charts, as blocks. A window is left without: it opens within three seconds or not at all."""
        if not pictures.are_pictures(reply.attachments) or origin.where in (Where.HOME, Where.MODAL):
            return ()
        grant = await self._workspaces.grant(origin.workspace, origin.enterprise)
        if grant is None:
            return ()
        return await pictures.upload(self._api.patient(grant), grant, reply.attachments, card)

    async def _begin(self, message: Message, origin: Origin) -> str:
        """Post into our direct messages, and say so where the member is looking; the channel's id, empty if not."""
        client = await self._client(origin)
        posted = None if client is None or origin.guest else await _post(client, origin.user, message)
        if posted is None:
            return ""
        if posted["channel"] != origin.channel:
            address = f"https://app.slack.com/client/{origin.workspace}/{posted['channel']}"
            told = Card(title=wording.IN_MESSAGES, footer=(Text(""), Link(wording.OPEN_MESSAGES, address)))
            if origin.where in (Where.HOME, Where.MODAL):
                await self._window(told, origin)
            else:
                await self._only_you(render.message(told), origin, replace=False)
        return str(posted["channel"])

    async def _only_you(self, message: Message, origin: Origin, *, replace: bool) -> None:
        """A message that only the member sees: by the response_url, else by our own right, else directly."""
        if origin.response_url and await self._respond(message, origin.response_url, replace=replace):
            return
        client = await self._client(origin)
        if client is None:
            return
        for shown in _ways(message):
            if origin.in_channel and await _done(
                client.chat_postEphemeral(channel=origin.channel, user=origin.user, text=message.text, blocks=shown)
            ):
                return
        if not origin.guest:
            await self._direct(message, origin)

    async def _respond(self, message: Message, url: str, *, replace: bool) -> bool:
        body: Json = {"response_type": "ephemeral", "replace_original": replace, "text": message.text}
        try:
            for shown in (*_ways(message), None):
                sent = body | ({"blocks": shown} if shown is not None else {})
                async with self._api.session.post(url, json=sent) as answer:
                    said = await answer.text()
                    if answer.status == 200 and '"ok":false' not in said.replace(" ", ""):
                        return True
                    _log.info("a response_url was refused: %s %.60s", answer.status, said)
                    if "invalid_blocks" not in said:
                        return False
        except FAILURES as error:
            _log.info("a response_url could not be used: %s", type(error).__name__)
        return False

    async def _direct(self, message: Message, origin: Origin) -> None:
        client = await self._client(origin)
        if client is not None:
            await _post(client, origin.channel if origin.where is Where.DIRECT else origin.user, message)

    async def _update(self, message: Message, origin: Origin) -> bool:
        client = await self._client(origin)
        if client is None:
            return False
        for shown in _ways(message):
            if await _done(
                client.chat_update(channel=origin.channel, ts=origin.message, text=message.text, blocks=shown)
            ):
                return True
        return False

    async def _window(self, card: Card, origin: Origin) -> bool:
        view = forms.note(wording.APP, render.card_blocks(card))
        if origin.where is Where.MODAL and await self.update_view(view, origin):
            return True
        return await self._open(view, origin)

    async def _open(self, view: Json, origin: Origin) -> bool:
        return not await self._opened(view, origin)

    async def _opened(self, view: Json, origin: Origin) -> str:
        """Why the window did not open, empty if it did."""
        client = await self._client(origin)
        if client is None:
            return "not installed"
        try:
            await client.views_open(trigger_id=origin.trigger, view=view)
        except FAILURES as error:
            said = failures.code(error) or type(error).__name__
            _log.info("Slack refused a window: %s", said)
            return said
        return ""

    async def _files(self, reply: Reply, origin: Origin) -> None:
        """Send files into the direct messages, since only there they are private."""
        client = await self._client(origin)
        if client is None or reply.card is None:
            return
        direct = await self._begin(render.message(reply.card), origin)
        try:
            for attachment in reply.attachments if direct else ():
                await client.files_upload_v2(
                    channel=direct,
                    filename=attachment.name,
                    title=attachment.name,
                    content=attachment.content,
                )
        except FAILURES as error:
            _log.warning("a file could not be sent: %s", failures.code(error) or type(error).__name__)
            direct = ""
        if not direct:
            await self._card(notice(wording.NO_FILES, tone="refused"), origin, reply=Reply(), sitting=False)

    async def _client(self, origin: Origin) -> AsyncWebClient | None:
        grant: Grant | None = await self._workspaces.grant(origin.workspace, origin.enterprise)
        if grant is None:
            _log.warning("workspace %s has no installation; a reply can't be sent", origin.workspace)
            return None
        return self._api.patient(grant)


async def _post(client: AsyncWebClient, channel: str, message: Message) -> Mapping[str, Any] | None:
    for shown in (*_ways(message), None):
        try:
            answer = await client.chat_postMessage(
                channel=channel, text=message.text, blocks=shown, unfurl_links=False, unfurl_media=False
            )
        except FAILURES as error:
            _log.info("a message could not be posted: %s", failures.code(error) or type(error).__name__)
            if failures.code(error) not in failures.BAD_BLOCKS:
                return None
        else:
            return {"channel": answer.get("channel"), "ts": answer.get("ts")}
    return None


def _ways(message: Message) -> tuple[list[Json], ...]:
    """The blocks, and then without pictures: Slack refuses a message over a file that it hasn't got ready yet."""
    bare = [block for block in message.blocks if block["type"] != "image"]
    return (list(message.blocks),) if len(bare) == len(message.blocks) else (list(message.blocks), bare)


async def _done(call: Any) -> bool:
    """Whether the call went well; what Slack says against it is logged."""
    try:
        await call
    except FAILURES as error:
        _log.info("Slack refused a call: %s", failures.code(error) or type(error).__name__)
        return False
    return True


def saving_view() -> Json:
    """What a sent form shows while its saving takes longer than Slack waits."""
    return forms.note(wording.APP, [blocks.sentence(wording.SAVING)])
