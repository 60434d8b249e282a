"""Charts as Slack's own files, shown by an image block: seen by who sees the message, unlike at a public address.

Uploading is three calls: https://docs.slack.dev/messaging/working-with-files#uploading_files. It needs a scope that
a workspace may leave out; the bars in the card's text say the same.
"""

import logging
from collections.abc import Sequence

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import failures, limits
from bot.adapters.slack.spans import Json
from bot.adapters.slack.workspaces import Grant
from bot.view.card import Attachment, Bars, Card

SCOPE = "files:write"

_log = logging.getLogger(__name__)


def are_pictures(attachments: Sequence[Attachment]) -> bool:
    """Whether they belong into the message, and aren't files to keep. Slack shows these kinds only."""
    return bool(attachments) and all(found.media_type in ("image/png", "image/jpeg") for found in attachments)


async def upload(
    client: AsyncWebClient, grant: Grant, attachments: Sequence[Attachment], card: Card
) -> tuple[Json, ...]:
    """The image blocks; none if files may not be sent or Slack doesn't take them."""
    if SCOPE not in grant.scopes:
        return ()
    found: list[Json] = []
    for attachment in attachments:
        alt = limits.cut(attachment.alt or said(card), limits.ALT_TEXT)
        try:
            answer = await client.files_upload_v2(
                filename=attachment.name, title=card.title, content=attachment.content, alt_txt=alt
            )
            number = str(answer["files"][0]["id"])
        except (SlackClientError, aiohttp.ClientError, TimeoutError, KeyError, IndexError, TypeError) as error:
            _log.warning("a chart could not be sent: %s", failures.code(error) or type(error).__name__)
            return ()
        found.append({"type": "image", "slack_file": {"id": number}, "alt_text": alt})
    return tuple(found)


def said(card: Card) -> str:
    """What a chart shows, in words: the bars of the card that it belongs to."""
    rows = [
        ", ".join(part for part in (f"{bar.label}: {bar.text}", bar.note) if part)
        for block in card.blocks
        if isinstance(block, Bars)
        for bar in block.bars
    ]
    return ". ".join([card.title, *rows])
