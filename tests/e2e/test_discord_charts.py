"""Charts in Discord: a file in the message, shown by a gallery that says the same in words."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support import wire_discord_rules as rules
from tests.support.wire_discord_house import ANA, EIGHT, House, discord_house, hanging, text

PNG = b"\x89PNG"


def gallery(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for part in rules.walk(message["components"]) if part["type"] == 12 for item in part["items"]]


async def sat(house: House) -> dict[str, Any]:
    """The result of an exam with a wrong answer in it."""
    card = await house.say(ANA, "exam")
    assert gallery(card) == []
    for number in range(4):
        card = await house.press(ANA, card, "B")
        if number < 3:
            card = await house.press(ANA, card, "Next")
    done = await house.press(ANA, await house.press(ANA, card, "Submit"), "Submit")
    assert "of 4" in text(done)
    return done


async def test_an_exams_result_is_drawn_and_described(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        done = await sat(house)
        # The fake refuses a gallery whose file wasn't sent along.
        (shown,) = gallery(done)
        assert shown["media"]["url"].endswith("/chart-1.png")
        assert house.discord.files(done)["chart-1.png"].startswith(PNG)
        assert "By domain" in shown["description"]
        assert "pass line" in shown["description"]
        tip = await house.say(ANA, "tip")
        assert gallery(tip) == []


async def test_a_card_drawn_over_a_chart_leaves_no_file_behind_and_one_drawn_again_has_it_once(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        done = await sat(house)
        missed = await house.press(ANA, done, "Review")
        assert missed["id"] == done["id"]
        assert (gallery(missed), house.discord.files(missed)) == ([], {})
        again = await house.say(ANA, "stats")
        for _ in range(2):
            assert list(house.discord.files(again)) == [f"chart-{n}.png" for n in range(1, len(gallery(again)) + 1)]
            again = await house.say(ANA, "stats")


async def test_a_chart_that_comes_late_is_shown_all_the_same(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        card = await house.say(ANA, "exam")
        for _ in range(4):
            card = await house.press(ANA, card, "B")
            card = await house.press(ANA, card, "Next") if "question 4 of 4" not in text(card) else card
        asked = await house.press(ANA, card, "Submit")
        async with hanging(house):
            pressed = await house.pressing(ANA, asked, "Submit")
            await house.discord.until(lambda: pressed.callback)
        done = await house.discord.answer(pressed)
        assert done["id"] == card["id"]
        assert len(gallery(done)) == len(house.discord.files(done)) == 1


async def test_the_public_question_is_edited_without_touching_files(tmp_path: Path) -> None:
    """An edit that names no attachments leaves those there are; one that names none drops them all."""
    async with discord_house(tmp_path) as house:
        await house.set_up()
        await house.tick(EIGHT + timedelta(hours=1))
        [post] = house.discord.posts(house.channel)
        await house.press(ANA, post, "A")
        await house.tick(EIGHT + timedelta(hours=9))
        edits = house.discord.requests("PATCH", f"/messages/{post['id']}")
        assert edits
        assert all("attachments" not in sent.body for sent in edits)
