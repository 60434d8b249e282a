"""Presses that are read without discord.py say the same as those that it reads, and answers sent without it as well."""

import copy
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.webhook import async_
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord import callback, origin, rawpress, render
from bot.adapters.discord.pressing import token_of
from bot.view.card import Button, Card, Menu, Paragraph, Text
from tests.support import wire_discord_world as world
from tests.support.wire_discord_house import ANA, EIGHT, House, discord_house
from tests.support.wire_discord_world import Channel, Person

MESSAGE = {"id": "77", "flags": 0, "components": []}
NO_PINGS = discord.AllowedMentions.none()


async def _event(house: House, person: Person, channel: Channel, custom_id: str, **more: Any) -> Any:
    """What the gateway says when somebody presses."""
    message = house.discord._message(channel, {}, {}, flags=more.pop("flags", 0))
    await house.discord.press(person, message, custom_id, **more)
    event: Any = copy.deepcopy(house.discord.gateway.sessions[-1].events[-1]["d"])
    return event


async def test_a_press_is_read_as_by_the_library(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        assert house.parts.discord is not None
        client = house.parts.discord._client()
        assert client is not None
        fake, there = house.discord, house.channel
        thread = fake.channel(house.guild, kind=world.PUBLIC_THREAD, parent=there.id, name="a thread")
        fresh = fake.channel(house.guild, name="made just now")
        elsewhere = Channel(id=fake.snowflake(), guild=fake.snowflake(), name="where it is not a member")
        fake.channels[elsewhere.id] = elsewhere
        direct, admin = fake.direct(), Person(id=9, name="Ada", permissions=world.USUAL | world.MANAGE_CHANNELS)
        events = [
            await _event(house, person, channel, custom_id, **more)
            for person in (ANA, admin)
            for channel in (there, thread, fresh, elsewhere, direct)
            for custom_id, more in (
                ("tw1:a:7:B", {}),
                ("tw1:c:help~2", {"flags": world.EPHEMERAL}),
                ("tw1:menu", {"values": ["tw1:w:7:all"]}),
            )
        ]
        for nick, name in (("Nick", "Global"), (None, "Global"), (None, None)):
            event = copy.deepcopy(events[0])
            event["member"]["nick"], event["member"]["user"]["global_name"] = nick, name
            events.append(event)
        for event in events:
            read = rawpress.read(event, server=client.get_guild)
            made = discord.Interaction(data=copy.deepcopy(event), state=client._connection)
            assert read is not None
            assert read.origin == origin.origin(made)
            assert read.private == origin.on_private(made)
            assert read.alone == origin.with_bot_alone(made)
            assert (read.id, read.secret, read.token) == (made.id, made.token, token_of(made))


def _ordinary() -> dict[str, Any]:
    user = {"id": "5", "username": "ana", "global_name": "Ana"}
    return {
        "id": "1",
        "type": 3,
        "token": "secret",
        "data": {"custom_id": "tw1:a:7:B", "component_type": 2},
        "channel": {"id": "3", "name": "exam-prep"},
        "guild_id": "4",
        "member": {"user": user, "nick": None, "permissions": "0"},
        "authorizing_integration_owners": {"0": "4"},
        "context": 0,
        "message": MESSAGE,
    }


@pytest.mark.parametrize(
    "change",
    [{"type": 2}, {"data": {"custom_id": "other:1"}}, {"data": {"custom_id": "tw1:a:7:B" + "~" * 3}}, {"data": {}}],
    ids=["a command", "another bot's", "forged", "nothing"],
)
def test_what_is_no_press_of_ours_is_left_to_the_library(change: dict[str, Any]) -> None:
    assert rawpress.read(_ordinary(), server=lambda _: None) is not None
    assert rawpress.read(_ordinary() | change, server=lambda _: None) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["tw1:a:7:B", "4"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(_ordinary())), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(_ordinary())), _JSON))
def test_no_payload_ends_the_connection(change: dict[str, Any]) -> None:
    rawpress.read(_ordinary() | change, server=lambda _: None)


def test_the_secret_of_a_press_is_not_shown() -> None:
    assert "secret'" not in repr(rawpress.read(_ordinary(), server=lambda _: None))


CARD = Card(
    title="Right: B.",
    blocks=(Paragraph((Text("@everyone because of <this>"),)),),
    tone="right",
    rows=((Button(label="Why?", token="tw1:w:7:all"), Button(label="More", url="https://example.org", token="")),),
    menu=Menu(label="Go to", entries=(("1", "tw1:g:1:0"), ("2", "tw1:g:1:1"))),
)


@pytest.mark.parametrize("ephemeral", [True, False])
async def test_an_answer_is_sent_as_by_the_library(ephemeral: bool) -> None:
    flags = discord.MessageFlags._from_value(64 if ephemeral else 0)
    theirs = async_.interaction_message_response_params(
        type=4,
        view=render.draw(CARD).view,
        flags=flags,
        files=(),
        allowed_mentions=NO_PINGS,
        previous_allowed_mentions=NO_PINGS,
    )
    assert callback.body(render.components(CARD), replace=False, ephemeral=ephemeral) == theirs.payload


async def test_a_message_is_redrawn_as_by_the_library() -> None:
    theirs = async_.interaction_message_response_params(
        type=7,
        view=render.draw(CARD).view,
        attachments=(),
        allowed_mentions=NO_PINGS,
        previous_allowed_mentions=NO_PINGS,
    )
    assert callback.body(render.components(CARD), replace=True, ephemeral=True) == theirs.payload


@pytest.mark.parametrize("status", [429, 500])
async def test_a_refusal_that_passes_is_tried_again_the_longer_way(tmp_path: Path, status: int) -> None:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        await house.tick(EIGHT + timedelta(hours=1, seconds=1))
        post = house.discord.posts(house.channel)[-1]
        body, headers = {"message": "slow down", "retry_after": 0.01, "global": False}, {"Via": "1.1 google"}
        house.discord.trouble("POST", "/callback", status=status, body=body, headers=headers)
        await house.press(ANA, post, "A")
        assert [sent.status for sent in house.discord.requests("POST", "/callback")][-2:] == [status, 200]
