"""What members see when the database is slow: every kind of answer has a way that Discord still allows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.adapters.discord import answering
from bot.app.ports import Tx
from tests.support import wire_discord_rules as rules
from tests.support.wire_discord_house import ADMIN, ANA, EIGHT, House, button, discord_house, hanging, text
from tests.support.wire_discord_world import Interaction

NINE = EIGHT + timedelta(hours=1)
T = TypeVar("T")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        await house.tick(NINE)
        yield house


async def _acknowledged(house: House, interaction: Interaction) -> int:
    """The kind of acknowledgement that came while everything hung."""
    await house.discord.until(lambda: interaction.callback)
    assert interaction.callback is not None
    assert answering.PATIENCE - 0.1 < interaction.callback_after < 2.9
    return int(interaction.callback["type"])


async def test_an_answer_to_the_question_is_held_and_stays_private(house: House) -> None:
    [post] = house.discord.posts(house.channel)
    async with hanging(house):
        pressed = await house.pressing(ANA, post, "A")
        assert await _acknowledged(house, pressed) == 5
    answer = await house.discord.answer(pressed)
    assert answer["flags"] & rules.EPHEMERAL
    assert "### " in text(answer)


async def test_a_private_card_is_held_and_then_redrawn(house: House) -> None:
    card = await house.say(ANA, "exam")
    async with hanging(house):
        pressed = await house.pressing(ANA, card, "A")
        assert await _acknowledged(house, pressed) == 6
    answer = await house.discord.answer(pressed)
    assert answer["id"] == card["id"]
    assert "Your answer: A" in text(answer)


async def test_what_is_new_after_a_held_private_card_comes_beside_it(house: House) -> None:
    [post] = house.discord.posts(house.channel)
    feedback = await house.press(ANA, post, "A")
    async with hanging(house):
        pressed = await house.pressing(ANA, feedback, "All options")
        assert await _acknowledged(house, pressed) == 6
    answer = await house.discord.answer(pressed)
    assert "All options explained" in text(answer)
    assert answer["flags"] & rules.EPHEMERAL


async def test_a_form_that_can_no_longer_open_is_offered_as_a_button(house: House) -> None:
    async with hanging(house):
        given = await house.discord.command(ADMIN, house.channel, "trapwise-admin setup")
        assert await _acknowledged(house, given) == 5
    offered = await house.discord.answer(given)
    opened = await house.discord.press(ADMIN, offered, button(offered, "Open the form")["custom_id"])
    await house.discord.until(lambda: opened.callback)
    assert opened.callback is not None
    assert opened.callback["type"] == 9


async def test_a_form_sent_to_a_slow_bot_is_answered(house: House) -> None:
    opened = await house.discord.command(ADMIN, house.channel, "trapwise-admin setup")
    await house.discord.until(lambda: opened.callback)
    async with hanging(house):
        sent = await house.discord.submit(opened, time="10:00")
        assert await _acknowledged(house, sent) == 5
    answer = await house.discord.answer(sent)
    assert "Posted at:** 10:00" in text(answer)
    assert answer["flags"] & rules.EPHEMERAL
    [announced] = await house.discord.until(lambda: sent.followups)
    assert "Ada set up" in text(announced)
    assert not announced["flags"] & rules.EPHEMERAL


async def test_an_answer_under_way_at_the_end_still_arrives(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        await house.tick(NINE)
        [post] = house.discord.posts(house.channel)
        storage: Any = house.parts.services.storage
        begun, stopping, real = asyncio.Event(), asyncio.Event(), storage.write

        async def write(fn: Callable[[Tx], T], **_: bool) -> T:
            begun.set()
            await stopping.wait()
            result: T = await real(fn)
            return result

        storage.write = write
        connection: Any = house.parts.discord
        settle = connection._answering.settle

        async def settled() -> None:
            stopping.set()
            await settle()

        connection._answering.settle = settled
        pressed = await house.pressing(ANA, post, "A")
        await begun.wait()
        discord = house.discord
        discord.stop, stop = _nothing, discord.stop  # type: ignore[method-assign]  # it has to outlive the bot
    assert pressed.callback is not None
    assert "### " in text(pressed.shown)
    await stop()


async def _nothing() -> None:
    pass
