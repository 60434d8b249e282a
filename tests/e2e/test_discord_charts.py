"""Charts in Discord: a file in the message, shown by a gallery that says the same in words."""

from pathlib import Path
from typing import Any

from tests.support import wire_discord_rules as rules
from tests.support.wire_discord_house import ANA, discord_house, text


def gallery(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for part in rules.walk(message["components"]) if part["type"] == 12 for item in part["items"]]


async def test_an_exams_result_is_drawn_and_described(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        card = await house.say(ANA, "exam")
        assert gallery(card) == []
        for number in range(4):
            card = await house.press(ANA, card, "B")
            if number < 3:
                card = await house.press(ANA, card, "Next")
        done = await house.press(ANA, await house.press(ANA, card, "Submit"), "Submit")
        assert "of 4" in text(done)
        # The fake refuses a gallery whose file wasn't sent along.
        (shown,) = gallery(done)
        assert shown["media"]["url"] == "attachment://chart-1.png"
        assert "By domain" in shown["description"]
        assert "pass line" in shown["description"]
        tip = await house.say(ANA, "tip")
        assert gallery(tip) == []
