"""How an item looks on each platform: `trapwise pack preview`."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.item import Item
from bot.core.pack import Pack
from bot.core.refs import ChannelId, RevisionId, RoundId, ScheduleId, WorkspaceId
from bot.core.round import Round, State
from bot.core.schedule import CLOSES_AFTER_DEFAULT, Reveal
from bot.view import roundcards
from bot.view.card import Card
from bot.view.roundcards import Shown

Drawer = Callable[[Sequence[Card]], None]


def cards(item: Item, pack: Pack, *, now: datetime) -> tuple[Card, Card]:
    """The item as a question that was posted just now, and with all options explained; options in file order."""
    round_ = Round(
        id=RoundId(1),
        workspace=WorkspaceId(1),
        channel=ChannelId(1),
        schedule=ScheduleId(1),
        number=1,
        local_date=now.date(),
        revision=RevisionId(1),
        item=item.filled(0),
        order=item.option_ids,
        opens=now,
        closes=now + timedelta(minutes=CLOSES_AFTER_DEFAULT),
        reveal=Reveal.NOW,
        state=State.OPEN,
    )
    shown = Shown(round_, pack, ZoneInfo("UTC"))
    return roundcards.question(shown, 0, now), roundcards.explained(shown, None)


def show(item: Item, pack: Pack, platform: str) -> None:
    """Print both cards as `platform` draws them; KeyError if it isn't in `PLATFORMS`."""
    PLATFORMS[platform](cards(item, pack, now=datetime.now(UTC)))


def _terminal(drawn: Sequence[Card]) -> None:
    from rich.console import Console

    from bot.adapters.terminal import render
    from bot.adapters.terminal.screen import Screen

    screen = Screen(Console())
    for card in drawn:
        screen.show(*render.card(card, width=screen.width, plain=screen.plain, post=True))


def _web(drawn: Sequence[Card]) -> None:
    """A page that needs no server: redirect it to a file and open that."""
    from bot.adapters.web.render import FOLDER, Renderer
    from bot.view.card import Reply

    renderer = Renderer()
    styles = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sorted((FOLDER / "static").glob("*.css")))
    parts = [
        renderer.page("reply.html", reply=Reply(card=card), level=2, csrf="", place="channel", before="")
        for card in drawn
    ]
    title = escape(drawn[0].title)
    print(
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>\n{styles}\n</style>\n<main>\n{'<hr>'.join(parts)}</main>"
    )


def _slack(drawn: Sequence[Card]) -> None:
    from bot.adapters.slack.render import message

    for card in drawn:
        found = message(card)
        _print_json({"text": found.text, "blocks": list(found.blocks)})


def _discord(drawn: Sequence[Card]) -> None:
    from bot.adapters.discord.render import draw

    async def payloads() -> list[dict[str, Any]]:
        return [
            {
                "flags": _COMPONENTS_V2,
                "components": draw(card).view.to_components(),  # type: ignore[no-untyped-call]  # discord.py's gap
            }
            for card in drawn
        ]

    # The library makes its views only where an event loop runs.
    for payload in asyncio.run(payloads()):
        _print_json(payload)


def _print_json(payload: object) -> None:
    print(json.dumps(payload, indent=2, ensure_ascii=False))


_COMPONENTS_V2 = 1 << 15
"""The message flag by which Discord reads the components as the whole message
(https://docs.discord.com/developers/resources/message#message-object-message-flags)."""

PLATFORMS: dict[str, Drawer] = {"terminal": _terminal, "web": _web, "slack": _slack, "discord": _discord}
"""How each platform's cards are printed."""
