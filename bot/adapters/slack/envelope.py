"""Whether a request is built as Slack builds them, so that nobody behind has to ask again.

Bolt's own listeners take the types of what they read for granted, and end in an error where they are others.
https://docs.slack.dev/reference/interaction-payloads
"""

from collections.abc import Mapping
from typing import Any

from bot.app.shape import ANY, Shape, fits

_ACTION: Shape = {
    "action_id": str,
    "block_id": str,
    "value": str,
    "selected_option": {"value": str},
    "selected_options": [{"value": str}],
    "selected_conversation": str,
}
_VIEW: Shape = {
    "id": str,
    "type": str,
    "callback_id": str,
    "private_metadata": str,
    "team_id": str,
    "app_installed_team_id": str,
    "state": {"values": {ANY: {ANY: _ACTION}}},
}
_PERSON: Shape = {"id": str, "team_id": str, "username": str, "name": str}
_BODY: dict[str, Shape] = {
    **dict.fromkeys(("type", "callback_id", "action_id", "block_id", "value", "command", "text", "trigger_id"), str),
    **dict.fromkeys(
        ("user_id", "user_name", "team_id", "team_domain", "channel_id", "channel_name", "enterprise_id"), str
    ),
    **dict.fromkeys(("response_url", "challenge", "token", "api_app_id", "ssl_check"), str),
    "user": _PERSON,
    "team": {"id": str, "domain": str, "enterprise_id": str},
    "enterprise": {"id": str},
    "channel": {"id": str, "name": str},
    "container": {"type": str, "message_ts": str, "channel_id": str, "view_id": str, "thread_ts": str},
    "message": {"ts": str, "team": str, "user": str, "thread_ts": str},
    "view": _VIEW,
    "actions": [_ACTION],
    "response_urls": [{"response_url": str}],
    "authorizations": [{"team_id": str, "enterprise_id": str, "user_id": str}],
    "event": {
        **dict.fromkeys(("type", "subtype", "tab", "user", "channel", "team", "user_team", "bot_id", "app_id"), str),
        **dict.fromkeys(("old_channel_id", "new_channel_id", "channel_type", "thread_ts", "text"), str),
        "view": {"team_id": str},
        "tokens": {"bot": [str], "oauth": [str]},
    },
}
_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "shortcut": (("callback_id",),),
    "message_action": (("callback_id",),),
    "block_suggestion": (("action_id",),),
    "view_submission": (("view", "type"), ("view", "callback_id")),
    "view_closed": (("view", "type"), ("view", "callback_id")),
    "event_callback": (("event", "type"),),
}
"""The paths to what Bolt reads without asking whether it is there, by the request's type."""


def sound(body: Any) -> bool:
    """Whether everything that is read of the request has the type that it is read as."""
    if not isinstance(body, dict) or not fits(body, _BODY):
        return False
    return all(_at(body, path) is not None for path in _NEEDED.get(body.get("type") or "", ()))


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if value is not None else None
    return value
