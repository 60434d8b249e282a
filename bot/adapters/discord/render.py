"""From neutral cards to Discord's layout components, within every limit.

Components rather than an embed: members can switch embeds off and would then see no question, an embed needs one
permission more, its text may be no longer in practice, and files in it have no alt text. docs/connect-discord.md
says more of the comparison.
"""

import io
import zlib
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import ui

from bot.adapters.discord import blocks, limits, markdown, naming, wording
from bot.view.card import Attachment, Bars, Block, Button, Card, Menu, Style, Table

Json = dict[str, Any]

MENU_ID = "tw1:menu"
"""The custom_id of every menu; what was chosen is in its value."""

TINTS = {
    "open": 0x3B6FD4,
    "closed": 0x6B7280,
    "right": 0x1F7A4D,
    "wrong": 0xB45309,
    "refused": 0x8A6D1B,
    "saved": 0x3B6FD4,
    "done": 0x1F7A4D,
}
"""Colour of the edge. It only tints: whatever it might say is also said in words."""

TITLE_AS_HEADING = 90
"""A longer title is a sentence, and would shout as a heading."""

_STYLES = {
    Style.PLAIN: discord.ButtonStyle.secondary.value,
    Style.PRIMARY: discord.ButtonStyle.primary.value,
    Style.DANGER: discord.ButtonStyle.danger.value,
}
_LINK = discord.ButtonStyle.link.value

_ROW = discord.ComponentType.action_row.value
_BUTTON = discord.ComponentType.button.value
_MENU = discord.ComponentType.select.value
_TEXT = discord.ComponentType.text_display.value
_GALLERY = discord.ComponentType.media_gallery.value
_FILE = discord.ComponentType.file.value
_CONTAINER = discord.ComponentType.container.value


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message ready to be sent."""

    view: ui.LayoutView
    files: tuple[discord.File, ...] = ()


def marker(key: str) -> int:
    """A component id made of a delivery's key, by which the posted message is recognised later. It is never shown."""
    return (zlib.crc32(key.encode()) & 0x7FFFFFFF) or 1


class Finished(ui.LayoutView):
    """A view whose components are given as Discord takes them.

    Made of discord.py's own items, each button would be an object with callbacks and locks that is turned into the
    same few words a moment later. A finished view is sent as any other, but discord.py doesn't keep it: presses are
    answered from their custom_id alone, so a kept view would be nothing but memory.
    """

    def __init__(self, components: list[Json]) -> None:
        super().__init__(timeout=None)
        self._given = components
        self.stop()

    def to_components(self) -> list[Json]:
        """See discord.py's LayoutView."""
        return self._given

    def has_components_v2(self) -> bool:
        """See discord.py's LayoutView."""
        return True


def draw(card: Card, *, attachments: tuple[Attachment, ...] = (), key: str = "") -> Drawn:
    """The card as one message."""
    files = tuple(discord.File(io.BytesIO(found.content), filename=found.name) for found in attachments)
    return Drawn(Finished(components(card, attachments=attachments, key=key)), files)


def components(card: Card, *, attachments: tuple[Attachment, ...] = (), key: str = "") -> list[Json]:
    """The card as components: https://docs.discord.com/developers/components/reference."""
    inside: list[Json] = [{"type": _TEXT, "content": words} for words in texts(card)]
    inside += [_media(found, card) for found in attachments]
    taken: set[str] = set()
    space = limits.COMPONENTS - 2 - len(inside)
    for row in card.rows:
        for start in range(0, len(row), limits.BUTTONS_IN_ROW):
            buttons = row[start : start + limits.BUTTONS_IN_ROW]
            if len(buttons) + 1 <= space:
                space -= len(buttons) + 1
                inside.append({"type": _ROW, "components": [_button(button, taken) for button in buttons]})
    if card.menu is not None and card.menu.entries and space >= 2:
        inside.append({"type": _ROW, "components": [_menu(card.menu)]})
    box: Json = {"type": _CONTAINER, "accent_color": TINTS.get(card.tone), "spoiler": False, "components": inside}
    if key:
        box["id"] = marker(key)
    return [box]


def texts(card: Card) -> tuple[str, ...]:
    """The head, the body and the foot in markdown, together no longer than Discord takes."""
    body = "\n\n".join(words for block in card.blocks if (words := blocks.text(_without_echo(block, card.title))))
    foot = f"-# {markdown.line(card.footer)}" if card.footer else ""
    parts = [naming.spoken(part) for part in (_head(card, alone=not body), body, foot)]
    if sum(limits.length(part) for part in parts) > limits.TEXT:
        rest = limits.TEXT - limits.length(parts[0]) - limits.length(parts[2])
        if rest < limits.TEXT // 4:
            parts[0], parts[2] = (limits.cut_markdown(parts[n], limits.TEXT // 3) for n in (0, 2))
            rest = limits.TEXT - limits.length(parts[0]) - limits.length(parts[2])
        parts[1] = limits.cut_markdown(parts[1], rest)
    return tuple(part for part in parts if part.strip())


def _without_echo(block: Block, title: str) -> Block:
    """A table that is named as its card is needs its name once."""
    return replace(block, caption="") if isinstance(block, Table) and block.caption == title else block


def _head(card: Card, *, alone: bool) -> str:
    title = markdown.escape(card.title)
    if len(card.title) <= TITLE_AS_HEADING and not (alone and not card.footer and not card.context):
        title = f"### {title}"
    elif not alone:
        title = f"**{title}**"
    context = " · ".join(markdown.escape(words) for words in card.context if words)
    return f"{title}\n-# {context}" if context else title


def _button(button: Button, taken: set[str]) -> Json:
    label = limits.cut(button.label, limits.LABEL - 2 if button.pressed else limits.LABEL) or "\u2026"
    if button.url:
        link: Json = {"type": _BUTTON, "style": _LINK, "disabled": False, "label": label}
        if markdown.is_web(button.url) and len(button.url) <= limits.URL:
            return link | {"url": button.url}
        plain = _STYLES[Style.PLAIN]
        return link | {"style": plain, "disabled": True, "custom_id": _unique("tw1:link", taken)}
    if button.pressed and "✓" not in label:
        label = f"{label} ✓"
    return {
        "type": _BUTTON,
        "style": _STYLES[button.style],
        "disabled": button.disabled,
        "label": label,
        "custom_id": _unique(button.token, taken),
    }


def _unique(token: str, taken: set[str]) -> str:
    """The token, with a suffix if a button of the message has it already: Discord refuses two alike."""
    found, number = token, 0
    while found in taken:
        number += 1
        found = f"{token[: limits.CUSTOM_ID - 3]}~{number}"
    taken.add(found)
    return found


def _menu(menu: Menu) -> Json:
    entries = dict((token, label) for label, token in reversed(menu.entries))
    options = [
        {"label": limits.cut(label, limits.MENU_TEXT), "value": token, "default": False}
        for token, label in reversed(entries.items())
    ]
    return {
        "type": _MENU,
        "custom_id": MENU_ID,
        "min_values": 1,
        "max_values": 1,
        "disabled": False,
        "required": True,
        "placeholder": limits.cut(menu.label or wording.MENU, limits.PLACEHOLDER),
        "options": options[: limits.MENU_ENTRIES],
    }


def _media(attachment: Attachment, card: Card) -> Json:
    where = {"url": f"attachment://{attachment.name}"}
    if not attachment.media_type.startswith("image/"):
        return {"type": _FILE, "file": where, "spoiler": False}
    shown = {"media": where, "spoiler": False, "description": _alt_text(attachment, card)}
    return {"type": _GALLERY, "items": [shown]}


def _alt_text(attachment: Attachment, card: Card) -> str:
    """What an image shows, in words; if it doesn't say so itself, the bars of the card it belongs to."""
    if attachment.alt:
        return limits.cut(attachment.alt, limits.ALT_TEXT)
    rows = [
        f"{bar.label}: {bar.text}{f', {bar.note}' if bar.note else ''}"
        for block in card.blocks
        if isinstance(block, Bars)
        for bar in block.bars
    ]
    return limits.cut(". ".join([card.title, *rows]), limits.ALT_TEXT)
