"""From Discord's payloads to what a member did, and what they may."""

import dataclasses
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord import inbound
from bot.adapters.discord.inbound import Origin
from bot.adapters.discord.rawpress import TEMPLATE
from bot.app.commands import find
from bot.app.typed import Lexicon, parse
from bot.core.refs import Platform
from bot.view import tokens
from tests.support.builders import a_pack, a_trap

IN_SERVER = Origin(
    user_id=7, name="Ana", guild_id=1, guild_name="School", joined=True, channel_id=2, channel_name="exam-prep"
)


def given_by(*options: dict[str, Any], name: str = "trapwise", sub: str = "schedule") -> dict[str, Any]:
    inner = [{"name": sub, "type": 1, "options": list(options)}] if sub else list(options)
    return {"name": name, "type": 1, "options": inner}


def test_somebody_in_a_server_acts_in_its_channel() -> None:
    who = inbound.actor(IN_SERVER)
    assert who.channel is not None
    assert (who.member.workspace.platform, who.member.workspace.id, who.channel.id) == (Platform.DISCORD, "1", "2")
    assert (who.name, who.channel_name, who.workspace_name, who.manages) == ("Ana", "exam-prep", "School", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"guild_id": None, "joined": False},
        {"joined": False, "permissions": inbound.ADMINISTRATOR},
    ],
)
def test_where_the_bot_is_no_member_somebody_is_on_their_own(changes: dict[str, Any]) -> None:
    who = inbound.actor(dataclasses.replace(IN_SERVER, **changes))
    assert who.member.workspace.id == "dm-7"
    assert who.channel is None
    assert not who.manages


@pytest.mark.parametrize(
    ("permissions", "may"),
    [(0, False), (1 << 10, False), (1 << 4, True), (1 << 5, True), (1 << 3, True), (1 << 13, False)],
)
def test_managing_a_channel_takes_a_permission_sent_with_the_press(permissions: int, may: bool) -> None:
    assert inbound.actor(dataclasses.replace(IN_SERVER, permissions=permissions)).manages is may


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ((), ""),
        (({"name": "time", "type": 3, "value": "9 am"},), "time=9am"),
        (({"name": "days", "type": 3, "value": "mon wed fri"},), "days=mon,wed,fri"),
        (({"name": "days", "type": 3, "value": "mon - wed, fri"},), "days=mon-wed,fri"),
        (({"name": "zone", "type": 3, "value": "New York"},), "zone=New_York"),
        (
            ({"name": "pack", "type": 3, "value": "my exam"}, {"name": "closes", "type": 3, "value": "8 h"}),
            "pack=my-exam closes=8h",
        ),
        (({"name": "count", "type": 4, "value": 5},), "count=5"),
    ],
)
def test_options_become_words_for_the_parser(options: tuple[dict[str, Any], ...], line: str) -> None:
    found = inbound.command(inbound.actor(IN_SERVER), given_by(*options))
    assert (found.name, found.text) == ("schedule", line)


@pytest.mark.parametrize("typed", ["Works in sequence", "works  in sequence", "bagging-is-sequential"])
def test_a_trap_named_in_full_is_understood_though_nothing_was_chosen(typed: str) -> None:
    trap = a_trap("bagging-is-sequential", name="works in sequence")
    pack, spec = a_pack(traps=(trap, a_trap())), find("quiz")
    option = {"name": "trap", "type": 3, "value": typed}
    found = inbound.command(inbound.actor(IN_SERVER), given_by(option, name="quiz", sub=""))
    assert spec is not None
    assert parse(spec, found.text, Lexicon(pack, {pack.id: pack})) == {"trap": trap.id}


def test_a_command_of_its_own_and_a_bare_group() -> None:
    assert inbound.command(inbound.actor(IN_SERVER), given_by(name="stats", sub="")).name == "stats"
    assert inbound.command(inbound.actor(IN_SERVER), {"name": "trapwise"}).name == "help"


def test_a_value_of_any_length_becomes_one_short_word() -> None:
    found = inbound.command(inbound.actor(IN_SERVER), given_by({"name": "pack", "type": 3, "value": "x y\n" * 5000}))
    assert len(found.text.split()) == 1
    assert len(found.text) < 150


def test_what_is_being_typed_is_found() -> None:
    option = {"name": "zone", "type": 3, "value": "ber", "focused": True}
    assert inbound.focused(given_by({"name": "time", "type": 3, "value": "9"}, option)) == ("schedule", "zone", "ber")
    assert inbound.focused(given_by()) == ("schedule", "", "")


def test_a_sent_modal_is_read_whatever_its_inputs() -> None:
    data = {
        "custom_id": "tw1:c:setup",
        "components": [
            {"type": 10, "id": 1},
            {"type": 18, "component": {"type": 4, "custom_id": "time", "value": " 09:00 "}},
            {"type": 18, "component": {"type": 22, "custom_id": "days", "values": ["mon", "tue"]}},
            {"type": 18, "component": {"type": 21, "custom_id": "reveal", "value": None}},
            {"type": 1, "components": [{"type": 3, "custom_id": "closes", "values": []}]},
        ],
    }
    found = inbound.submission(inbound.actor(IN_SERVER), data)
    assert found.token == "tw1:c:setup"
    assert dict(found.values) == {"time": ("09:00",), "days": ("mon", "tue"), "reveal": (), "closes": ()}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=8
    )
)
def test_option_values_of_any_kind_do_no_harm(value: Any) -> None:
    found = inbound.command(inbound.actor(IN_SERVER), given_by({"name": "pack", "type": 3, "value": value}))
    assert len(found.text.split()) <= 1


KINDS: tuple[type[Any], ...] = typing.get_args(tokens.Token)
_VALUES: dict[str, Any] = {
    "letter": "E",
    "every": True,
    "sure": True,
    "words": ("w" * 20, "x.y-z"),
    "name": "export-me",
    "place": 9999,
    "number": 9999,
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_token_reaches_the_one_item(kind: type[Any]) -> None:
    values = {field.name: _VALUES.get(field.name, 10**18 - 1) for field in dataclasses.fields(kind)}
    token = tokens.write(kind(**values))
    for custom_id in (token, f"{token}~1"):
        found = TEMPLATE.fullmatch(custom_id)
        assert found is not None
        assert found["token"] == token
        assert len(custom_id) <= 100


@pytest.mark.parametrize(
    "custom_id", ["", "tw1", "tw2:a:1:A", "tw1:a:1:A~", "tw1:a:1:A\n", "x tw1:a:1:A", "tw1:a:1:A~0"]
)
def test_no_other_custom_id_does(custom_id: str) -> None:
    assert TEMPLATE.fullmatch(custom_id) is None
