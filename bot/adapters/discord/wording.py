"""Sentences that only Discord needs. All others are in bot/view/wording.py."""

SLOW_FORM = "That took longer than usual. Press the button to open the form."
OPEN_FORM = "Open the form"
MENU = "Choose…"

CORRECT = "That can't be used yet. Nothing was saved."
CORRECT_IT = "Correct it"

DONE = "Done."
UPLOAD_TOO_LARGE = "The file is too large for this server. Ask whoever runs this bot to send it to you."


def chosen(count: int, percent: int | None) -> str:
    """How many chose an option."""
    said = f"{count:,} chose this"
    return said if percent is None else f"{said}, {percent} %"


def may_not_post(names: tuple[str, ...]) -> str:
    """Which permissions are missing where a question is to be posted."""
    return f"I can't post here yet. Give me these permissions in this channel: {', '.join(names)}."


CANT_POST_IN_FORUM = "A forum itself takes no messages. Use this in one of its posts."
