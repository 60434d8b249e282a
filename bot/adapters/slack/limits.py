"""Slack's limits, and how to keep to them.

Sources: https://docs.slack.dev/reference/block-kit/blocks, .../block-elements, https://docs.slack.dev/surfaces/modals,
https://docs.slack.dev/reference/methods/chat.postMessage. Lengths are counted in UTF-16 units of the text as sent,
which is never less than what Slack counts.
"""

BLOCKS_MESSAGE = 50
BLOCKS_VIEW = 100
SECTION = 3000
HEADER = 150
ACTIONS = 25
BUTTON = 75
VALUE = 2000
LABEL = 75
OPTION = 75
OPTIONS = 100
URL = 3000
MODAL_TITLE = 24
METADATA = 3000
INPUT_LABEL = 2000
PLACEHOLDER = 150
ALT_TEXT = 2000

TEXT = 4000
"""Characters of a message's `text`: more is taken by some methods, but chat.update refuses it."""

RICH = 3000
"""Characters of one rich text block. Slack names no limit; this is a section's, so a fallback always fits too."""

_ELLIPSIS = "…"


def size(text: str) -> int:
    """How long Slack may take the text to be: a sign outside the basic plane, as most emoji are, counts as two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def cut(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis if it is too long."""
    if size(text) <= longest:
        return text
    # A half sign at the end is dropped by the decoding.
    kept = text.encode("utf-16-le", "replace")[: (longest - 1) * 2].decode("utf-16-le", "ignore")
    # Half an escaped sign would show as rubbish.
    escape = kept.rfind("&", max(0, len(kept) - 5))
    if escape != -1 and ";" not in kept[escape:]:
        kept = kept[:escape]
    return kept.rstrip() + _ELLIPSIS
