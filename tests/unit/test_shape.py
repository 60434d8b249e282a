"""Payloads of the platforms are told from what only looks like one, before anybody reads them."""

import json
from typing import Any

import pytest

from bot.adapters.discord import payload
from bot.adapters.slack import envelope
from bot.app.shape import ANY, fits

SLACK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1", "team_id": "T1", "username": "ben"},
    "team": None,
    "actions": [{"action_id": "tw.0", "block_id": "b", "value": "tw1:a:1:A", "selected_option": None}],
    "container": {"message_ts": "1.0", "channel_id": "C1", "is_ephemeral": False},
    "what slack adds": [1, {"later": None}],
}
DISCORD: dict[str, Any] = {
    "id": "77",
    "token": "aW50ZXJhY3Rpb24_-.x=",
    "type": 2,
    "attachment_size_limit": 10,
    "guild_id": "5",
    "member": {"user": {"id": "9", "username": "ben", "discriminator": "0", "avatar": None}, "nick": None},
    "data": {"name": "quiz", "options": [{"name": "count", "type": 4, "value": 3}]},
}


def changed(whole: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with another value at the path; the keys are separated by blanks."""
    copy: dict[str, Any] = json.loads(json.dumps(whole))
    *way, last = path.split()
    holder: Any = copy
    for key in way:
        holder = holder[int(key) if key.isdecimal() else key]
    holder[last] = value
    return copy


def test_real_payloads_are_sound() -> None:
    assert envelope.sound(SLACK)
    assert payload.sound(DISCORD)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("type", {}), ("user", "U1"), ("user id", 1), ("actions", {}), ("actions 0 value", 3), ("team", [])),
        *(("actions", [None]), ("response_url", []), ("user id", "\ud800"), ("authorizations", [3]), ("event", "x")),
    ],
)
def test_what_slack_would_not_send_is_refused(path: str, value: Any) -> None:
    assert not envelope.sound(changed(SLACK, path, value))


@pytest.mark.parametrize("kind", ["shortcut", "message_action", "block_suggestion", "view_closed", "event_callback"])
def test_what_a_request_of_slacks_needs_has_to_be_there(kind: str) -> None:
    assert not envelope.sound({"type": kind})
    assert not envelope.sound([])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(
            ("id", "7/.."),
            ("token", "../../channels"),
            ("token", ""),
            ("token", None),
            ("guild_id", "0"),
            ("type", "2"),
        ),
        *(("member user", None), ("member user id", "x"), ("data", "x"), ("data options", [None]), ("data name", {})),
        *(("data options 0 value", []), ("data options 0 value", "\udc00"), ("attachment_size_limit", None)),
    ],
)
def test_what_discord_would_not_send_is_refused(path: str, value: Any) -> None:
    assert not payload.sound(changed(DISCORD, path, value))


def test_a_shape_knows_its_keys_and_lets_others_be() -> None:
    shape = {"a": [{"b": str}], "c": {ANY: int | float}}
    assert fits({"a": [{"b": "x", "z": object()}], "c": {"any": 1.5}}, shape)
    assert fits({"a": None, "c": {"any": None}}, shape)
    assert not fits({"a": [None]}, shape)
    assert not fits({"c": {"any": "1"}}, shape)
    assert not fits([], shape)
