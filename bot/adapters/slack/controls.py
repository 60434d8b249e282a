"""Buttons and menus as Block Kit, and what a press on one carries."""

from bot.adapters.slack import limits
from bot.adapters.slack.spans import Json, safe_url
from bot.view.card import Button, Card, Menu, Style

PRESS = "tw"
"""How the action ids of our own controls begin; what they mean is in their value alone."""

LINK = "link"
"""How the action ids of links begin. Slack reports a press on them too, and wants it acknowledged."""


def rows(card: Card, *, key: str = "") -> list[Json]:
    """The card's buttons and menu. `key` goes into the block ids, so that a press tells which delivery it is on."""
    found: list[Json] = []
    count = 0
    for row in card.rows:
        elements = []
        for button in row:
            # Slack has no greyed-out buttons, and one that does nothing when pressed would seem broken.
            if not button.disabled and (button.token or safe_url(button.url)):
                elements.append(_button(button, count))
                count += 1
        if elements:
            found.append({"type": "actions", "elements": elements[: limits.ACTIONS]})
    if card.menu is not None and card.menu.entries:
        found.append({"type": "actions", "elements": [_menu(card.menu, count)]})
    if key:
        for number, block in enumerate(found):
            block["block_id"] = f"{key}/{number}"
    return found


def delivery_key(block_id: str) -> str:
    """The delivery whose message the pressed row belongs to, empty if it wasn't marked."""
    key, slash, _ = block_id.rpartition("/")
    return key if slash and key.startswith("tw-") else ""


def _button(button: Button, number: int) -> Json:
    label = f"✓ {button.label}" if button.pressed else button.label
    element: Json = {
        "type": "button",
        "action_id": f"{LINK if button.url else PRESS}.{number}",
        "text": {"type": "plain_text", "text": limits.cut(label, limits.BUTTON), "emoji": False},
    }
    if button.url:
        element["url"] = button.url
    else:
        element["value"] = button.token
    if button.hint:
        element["accessibility_label"] = limits.cut(button.hint, limits.LABEL)
    if button.style is not Style.PLAIN:
        element["style"] = button.style.value
    return element


def _menu(menu: Menu, number: int) -> Json:
    options = [
        {
            "text": {"type": "plain_text", "text": limits.cut(label, limits.OPTION) or "…", "emoji": False},
            "value": token,
        }
        for label, token in menu.entries[: limits.OPTIONS]
    ]
    return {
        "type": "static_select",
        "action_id": f"{PRESS}.{number}",
        "placeholder": {"type": "plain_text", "text": limits.cut(menu.label, limits.PLACEHOLDER) or "…"},
        "options": options,
    }
