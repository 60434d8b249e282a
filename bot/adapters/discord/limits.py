"""What fits into a Discord message, counted as Discord's own clients count: in UTF-16 units.

The figures: https://docs.discord.com/developers/components/reference and .../resources/message
"""

TEXT = 4000
"""Characters of all texts of one message together."""

COMPONENTS = 40
BUTTONS_IN_ROW = 5
LABEL = 80
CUSTOM_ID = 100
URL = 512
MENU_ENTRIES = 25
MENU_TEXT = 100
PLACEHOLDER = 150
ALT_TEXT = 1024

MODAL_TITLE = 45
MODAL_FIELDS = 5
FIELD_LABEL = 45
FIELD_HINT = 100
RADIO_ENTRIES = 10

COMMAND_TEXT = 100
COMMAND_OPTIONS = 25
SUGGESTIONS = 25

ELLIPSIS = "…"


def length(text: str) -> int:
    """The length as Discord counts it; an emoji can be two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def cut(text: str, maximum: int) -> str:
    """The text, ended with an ellipsis if it was too long. Never cuts through a character."""
    if length(text) <= maximum:
        return text
    kept = text[: maximum - 1]
    while length(kept) > maximum - 1:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def cut_markdown(text: str, maximum: int) -> str:
    """As `cut`, without leaving a code fence or a half escape open at the end."""
    if length(text) <= maximum:
        return text
    kept = cut(text, maximum - 4)
    if kept.count("```") % 2:
        return f"{kept}\n```"
    return kept.removesuffix(ELLIPSIS).rstrip("\\`*<") + ELLIPSIS
