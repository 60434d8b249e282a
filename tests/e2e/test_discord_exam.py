"""A mock exam in Discord, over lapsed tokens and a restart."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support import wire_discord_rules as rules
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import ANA, EIGHT, House, discord_house, small_content, text
from tests.support.wire_discord_world import Interaction


async def _walk_through(house: House, card: dict[str, Any], *, answers: int) -> dict[str, Any]:
    """Answer so many questions, and go on after each."""
    for _ in range(answers):
        card = await house.press(ANA, card, "B")
        assert "Your answer: B" in text(card)
        if "question 4 of 4" not in text(card):
            card = await house.press(ANA, card, "Next")
    return card


def _lapse(discord: FakeDiscord) -> None:
    """A quarter of an hour passes: no interaction so far can be followed up any more."""
    made: list[Interaction] = list(discord.interactions.values())
    for interaction in made:
        interaction.expired = True


async def test_an_exam_outlives_its_tokens_and_a_restart(tmp_path: Path) -> None:
    discord = await FakeDiscord().start()
    try:
        async with discord_house(tmp_path, discord=discord) as house:
            card = await house.say(ANA, "exam")
            assert card["flags"] & rules.EPHEMERAL
            card = await _walk_through(house, card, answers=2)
            assert "question 3 of 4" in text(card)
        _lapse(discord)
        later = EIGHT + timedelta(minutes=40)
        async with discord_house(tmp_path, discord=discord, at=later) as house:
            same = await _walk_through(house, card, answers=1)
            assert same["id"] == card["id"]
            assert "1 unanswered" in text(same)
            asked = await house.say(ANA, "exam")
            anew = await house.press(ANA, asked, "Continue")
            assert anew["id"] != card["id"]
            assert "1 unanswered" in text(anew)
            asked = await house.press(ANA, anew, "Submit")
            done = await house.press(ANA, asked, "Submit")
            assert "of 4" in text(done)
    finally:
        await discord.stop()


async def test_an_exam_in_a_direct_message_is_a_lasting_message(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        direct = house.discord.direct()
        card = await house.say(ANA, "exam", direct)
        assert not card["flags"] & rules.EPHEMERAL
        changed = await house.press(ANA, card, "A")
        assert changed["id"] == card["id"]
        refused = await house.say(ANA, "trapwise-admin setup", direct)
        assert "Use that in a channel" in text(refused)


async def test_where_the_bot_is_no_member_somebody_practises_on_their_own(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        discord = house.discord
        elsewhere = discord.guild("Elsewhere")
        foreign = discord.channel(elsewhere)
        del discord.guilds[elsewhere.id]
        card = await house.say(ANA, "quiz", foreign)
        assert "Practice · 1 of" in text(card)
        answered = await house.press(ANA, card, "A")
        assert answered["id"] == card["id"]
        board = await house.say(ANA, "leaderboard", foreign)
        assert "Ana" not in text(board)


async def test_the_exam_submits_itself_at_the_deadline(tmp_path: Path) -> None:
    small_content(tmp_path / "content")
    async with discord_house(tmp_path) as house:
        card = await house.say(ANA, "exam")
        await house.press(ANA, card, "B")
        await house.tick(EIGHT + timedelta(minutes=91))
        late = await house.press(ANA, card, "A")
        assert "Your answer: A" not in text(late)
