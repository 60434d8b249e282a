"""Commands as people meet them: completion, menus, files, and what each of them is refused."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

from tests.support import wire_discord_rules as rules
from tests.support.wire_discord_house import ADMIN, ANA, BEN, EIGHT, button, discord_house, text
from tests.support.wire_discord_world import Person

NINE = EIGHT + timedelta(hours=1)


async def test_arguments_are_completed_and_not_trusted(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        complete = house.discord.complete
        assert await complete(ANA, house.channel, "quiz", "domain", "prac") == ["practice"]
        assert await complete(ADMIN, house.channel, "trapwise-admin schedule", "zone", "lord h") == [
            "Australia/Lord_Howe"
        ]
        assert await complete(ADMIN, house.channel, "trapwise-admin schedule", "pack", "my") == ["my-exam"]
        assert await complete(ANA, house.channel, "quiz", "trap", "is r") == ["all-is-red"]
        assert await complete(ANA, house.channel, "quiz", "no-such", "x") == []
        assert await complete(ANA, house.channel, "gone", "domain", "x") == []
        made_up = await house.say(ANA, "quiz", domain="no such domain; really")
        assert "I don't understand" in text(made_up)
        assert "practice" in text(made_up)
        for trap in ("none such", "all-is-red count=5", ""):
            refused = text(await house.say(ANA, "quiz", trap=trap))
            assert "I don't understand" in refused or "Something is missing" in refused, trap
        no_pack = await house.say(ADMIN, "trapwise-admin schedule", pack="../../etc")
        assert "I don't understand" in text(no_pack)
        assert "Practice · 1 of" in text(await house.say(ANA, "quiz", trap="All is red"))
        changed = await house.say(ADMIN, "trapwise-admin schedule", time="7.45", zone="lord howe", days="mon, wed")
        assert "07:45, Mon, Wed, Australia/Lord\\_Howe" in text(changed)


async def test_a_menu_takes_to_its_place_also_after_a_restart(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        card = await house.say(ANA, "exam")
        menu = next(part for part in rules.walk(card["components"]) if part["type"] == 3)
        last = menu["options"][-1]["value"]
        moved = await house.discord.answer(await house.discord.press(ANA, card, menu["custom_id"], values=[last]))
        assert moved["id"] == card["id"]
        assert "question 4 of 4" in text(moved)


async def test_somebody_takes_their_data_and_is_forgotten(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        await house.tick(NINE)
        [post] = house.discord.posts(house.channel)
        await house.press(ANA, post, "A")
        exported = await house.say(ANA, "trapwise export-me")
        assert exported["flags"] & rules.EPHEMERAL
        bundle = zipfile.ZipFile(io.BytesIO(house.discord.files(exported)["trapwise-export.zip"]))
        assert len(json.loads(bundle.read("trapwise.json"))["responses"]) == 1
        asked = await house.say(ANA, "trapwise forget-me")
        done = await house.press(ANA, asked, "Delete everything")
        assert done["id"] == asked["id"]
        assert "deleted" in text(done)
        again = await house.say(ANA, "trapwise export-me")
        bundle = zipfile.ZipFile(io.BytesIO(house.discord.files(again)["trapwise-export.zip"]))
        assert json.loads(bundle.read("trapwise.json"))["responses"] == []


async def test_a_managers_button_in_other_hands_is_refused(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        status = await house.say(ADMIN, "trapwise-admin status")
        refused = await house.press(BEN, status, "Post now")
        assert "Only people who manage this channel" in text(refused)
        assert house.discord.posts(house.channel) == []


async def test_a_button_from_one_channel_is_refused_in_another(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        await house.tick(NINE)
        [post] = house.discord.posts(house.channel)
        other = house.discord.channel(house.guild, name="other")
        await house.discord.gateway.dispatch("CHANNEL_CREATE", other.payload(), guild=house.guild.id)
        copy = post | {"channel_id": str(other.id)}
        told = await house.discord.answer(await house.discord.press(ANA, copy, button(post, "A")["custom_id"]))
        assert "belongs to another channel" in text(told)


async def test_names_with_markup_are_shown_as_they_are(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        await house.tick(NINE)
        [post] = house.discord.posts(house.channel)
        loud = Person(id=999, name="**@everyone** ```<@1> [x](https://evil.example)")
        await house.press(loud, post, "A")
        board = await house.say(loud, "leaderboard")
        fences = text(board).count("```")
        assert fences == 2
        assert "@everyone" in text(board)


async def test_the_zone_is_completed_before_the_form_opens(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        offered = await house.discord.complete(ADMIN, house.channel, "trapwise-admin setup", "zone", "new y")
        assert offered == ["America/New_York"]
        opened = await house.discord.command(ADMIN, house.channel, "trapwise-admin setup", zone=offered[0])
        await house.discord.until(lambda: opened.callback)
        saved = await house.discord.answer(await house.discord.submit(opened))
        assert "09:00, Mon to Fri, America/New\\_York" in text(saved)
        # What is set is offered again, unless another zone is asked for; one that doesn't exist opens no form.
        again = await house.discord.command(ADMIN, house.channel, "trapwise-admin setup", zone="Asia/Kolkata")
        await house.discord.until(lambda: again.callback)
        assert "Asia/Kolkata" in str(again.callback)
        assert "America/New_York" not in str(again.callback)
        refused = await house.say(ADMIN, "trapwise-admin setup", zone="Nowhere/Land")
        assert "I don't understand “Nowhere/Land”" in text(refused)


async def test_managers_commands_are_named_as_they_are_here(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        status = await house.say(ADMIN, "trapwise-admin status")
        assert "type /trapwise-admin setup" in text(status)
        helped = text(await house.say(ADMIN, "trapwise help"))
        assert "`/trapwise-admin schedule time:09:00 zone:Europe/Berlin days:mon-fri closes:8h`" in helped
        assert "`/trapwise settings`" in helped
        assert "trapwise-admin" not in text(await house.say(ANA, "trapwise help"))


async def test_a_command_of_an_earlier_version_still_works(tmp_path: Path) -> None:
    """Somebody's Discord may not have heard of the new names yet."""
    async with discord_house(tmp_path) as house:
        await house.set_up()
        old = await house.discord.command(ADMIN, house.channel, "trapwise status", stale=True)
        assert "Europe/Berlin" in text(await house.discord.answer(old))
        refused = await house.discord.command(ANA, house.channel, "trapwise post-now", stale=True)
        assert "Only people who manage this channel" in text(await house.discord.answer(refused))
