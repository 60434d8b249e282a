"""From Slack's payloads to what a member did."""

from typing import Any

import pytest

from bot.adapters.slack import authority, inbound
from bot.adapters.slack.inbound import Where
from bot.core.refs import ChannelRef, MemberRef, Platform, WorkspaceRef
from bot.view import tokens

T1 = WorkspaceRef(Platform.SLACK, "T1")


def a_press(**changes: Any) -> dict[str, Any]:
    """A press on a button of a message in a channel."""
    return {
        "type": "block_actions",
        "user": {"id": "U1", "username": "ben", "team_id": "T1"},
        "team": {"id": "T1", "domain": "acme"},
        "container": {"type": "message", "message_ts": "1.5", "channel_id": "C1", "is_ephemeral": False},
        "channel": {"id": "C1", "name": "exam-prep"},
        "message": {"ts": "1.5", "team": "T1"},
        "trigger_id": "t",
        "response_url": "https://hooks.example.org/1",
        "actions": [{"action_id": "tw.0", "block_id": "tw-7-post/0", "type": "button", "value": "tw1:a:7:C"}],
        **changes,
    }


def test_a_press_in_a_channel() -> None:
    found = inbound.pressed(a_press())
    assert found is not None
    assert (found.token, found.delivery) == ("tw1:a:7:C", "tw-7-post")
    assert found.origin.where is Where.MESSAGE
    actor = found.origin.actor()
    assert actor.member == MemberRef(T1, "U1")
    assert actor.channel == ChannelRef(T1, "C1")
    assert (actor.name, actor.channel_name, actor.workspace_name) == ("ben", "exam-prep", "acme")
    assert not actor.manages


def test_an_entry_chosen_from_a_menu() -> None:
    action = {"action_id": "tw.3", "type": "static_select", "selected_option": {"value": "tw1:v:1:2"}}
    found = inbound.pressed(a_press(actions=[action]))
    assert found is not None
    assert (found.token, found.delivery) == ("tw1:v:1:2", "")


@pytest.mark.parametrize(
    ("changes", "where", "in_channel"),
    [
        ({"container": {"message_ts": "1", "channel_id": "C1", "is_ephemeral": True}}, Where.EPHEMERAL, True),
        ({"channel": {"id": "D1", "name": "directmessage"}}, Where.DIRECT, False),
        ({"container": {}, "channel": {}, "message": {}, "view": {"type": "home", "id": "V1"}}, Where.HOME, False),
        ({"container": {}, "channel": {}, "message": {}, "view": {"type": "modal", "id": "V1"}}, Where.MODAL, False),
    ],
)
def test_where_a_press_comes_from(changes: dict[str, Any], where: Where, in_channel: bool) -> None:
    found = inbound.pressed(a_press(**changes))
    assert found is not None
    assert (found.origin.where, found.origin.in_channel) == (where, in_channel)
    assert (found.origin.actor().channel is not None) is in_channel


def test_a_guest_is_kept_apart_from_a_member_with_the_same_id() -> None:
    found = inbound.pressed(a_press(user={"id": "U1", "username": "zoe", "team_id": "T2"}))
    assert found is not None
    assert found.origin.guest
    assert found.origin.actor().member == MemberRef(T1, "T2:U1")


def test_the_messages_own_workspace_counts_in_a_shared_channel() -> None:
    found = inbound.pressed(a_press(user={"id": "U2", "team_id": "T2"}, team={"id": "T2", "domain": "other"}))
    assert found is not None
    assert found.origin.workspace == "T1"
    assert found.origin.guest
    assert found.origin.workspace_name == ""


def test_an_organisation_wide_installation_has_no_team() -> None:
    found = inbound.pressed(a_press(team=None, message={}, enterprise={"id": "E1"}, is_enterprise_install=True))
    assert found is not None
    assert (found.origin.workspace, found.origin.enterprise) == ("T1", "E1")


def test_private_channels_have_no_name() -> None:
    found = inbound.pressed(a_press(channel={"id": "C1", "name": "privategroup"}))
    assert found is not None
    assert found.origin.actor().channel_name == ""


@pytest.mark.parametrize("action", [{"action_id": "link.1", "type": "button"}, {"action_id": "tw.1"}, {}])
def test_links_and_strange_controls_are_no_presses(action: dict[str, Any]) -> None:
    assert inbound.pressed(a_press(actions=[action])) is None


def test_a_command() -> None:
    found = inbound.typed(
        {
            "command": "/leaderboard",
            "text": "month &lt;@U1&gt; &amp;",
            "team_id": "T1",
            "team_domain": "acme",
            "user_id": "U1",
            "user_name": "ben",
            "channel_id": "C1",
            "channel_name": "exam-prep",
        }
    )
    assert (found.name, found.text) == ("leaderboard", "month <@U1> &")
    assert found.origin.actor().channel == ChannelRef(T1, "C1")


def test_a_form_about_another_channel_than_it_was_opened_in() -> None:
    view = {
        "id": "V1",
        "callback_id": "tw.form",
        "private_metadata": '{"token": "tw1:c:setup", "channel": "C1", "name": "exam-prep"}',
        "state": {
            "values": {
                "tw.channel": {"value": {"type": "conversations_select", "selected_conversation": "C2"}},
                "f.time": {"value": {"type": "plain_text_input", "value": " 09:00 "}},
                "f.zone": {"value": {"type": "plain_text_input", "value": None}},
                "f.days": {"value": {"type": "checkboxes", "selected_options": [{"value": "mon"}, {"value": "tue"}]}},
                "f.closes": {"value": {"type": "static_select", "selected_option": {"value": "480"}}},
            }
        },
    }
    found = inbound.sent({"view": view, "user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}})
    assert found is not None
    assert found.token == "tw1:c:setup"
    assert found.origin.actor().channel == ChannelRef(T1, "C2")
    assert found.origin.channel_name == ""
    assert dict(found.values) == {"time": ("09:00",), "zone": (), "days": ("mon", "tue"), "closes": ("480",)}


@pytest.mark.parametrize("metadata", ["", "nonsense", "[]", '{"token": "x"}'])
def test_views_that_are_not_ours(metadata: str) -> None:
    view = {"callback_id": "tw.form", "private_metadata": metadata}
    assert inbound.sent({"view": view, "user": {"id": "U1"}, "team": {"id": "T1"}}) is None


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("trapwise", "", ("help", "")),
        ("trapwise", " Quiz  mlops 5", ("quiz", " mlops 5")),
        ("Stats", "team", ("stats", "team")),
    ],
)
def test_the_long_form_of_a_command(name: str, text: str, meant: tuple[str, str]) -> None:
    assert authority.command_of(name, text) == meant


@pytest.mark.parametrize(
    ("name", "needed", "helpful"),
    [
        ("setup", True, False),
        ("post-now", True, False),
        ("help", False, True),
        ("unheard-of", False, True),
        ("stats", False, False),
        ("", False, False),
    ],
)
def test_slack_is_asked_who_manages_only_where_it_matters(name: str, needed: bool, helpful: bool) -> None:
    assert (authority.needed(name), authority.helpful(name)) == (needed, helpful)


def test_a_plain_press_asks_nothing() -> None:
    assert authority.pressed_command(tokens.read("tw1:a:7:C")) == ("", "")
    assert authority.pressed_command(tokens.read("tw1:c:quiz:trap:x")) == ("quiz", "trap x")
