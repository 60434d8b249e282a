"""A day in a Discord server: setup, the question, presses, the counter, closing, the reveal and the board."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.support import wire_discord_rules as rules
from tests.support import wire_discord_world as world
from tests.support.wire_discord_house import ADMIN, ANA, BEN, EIGHT, button, buttons, discord_house, text
from tests.support.wire_discord_world import Person

CROWDED = 10.0
"""Seconds that thirty at once may take on a machine that does much else; tests of single presses hold to three."""

NINE, FIVE = EIGHT + timedelta(hours=1), EIGHT + timedelta(hours=9)


async def test_a_whole_day_from_setup_to_the_board(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        discord = house.discord
        saved = await house.set_up()
        assert "Saved. Questions will be posted here." in text(saved)
        assert saved["flags"] & rules.EPHEMERAL
        [announced] = await discord.until(lambda: [said for i in discord.interactions.values() for said in i.followups])
        assert not announced["flags"] & rules.EPHEMERAL
        assert "Ada set up the daily question here" in text(announced)
        assert "09:00, Mon to Fri, Europe/Berlin" in text(announced)
        assert buttons(announced) == []
        await house.tick(NINE - timedelta(seconds=1))
        assert discord.posts(house.channel) == []

        await house.tick(NINE)
        [post] = discord.posts(house.channel)
        assert [part["label"] for part in buttons(post)] == ["A", "B", "C", "D"]
        assert "No answer yet" in text(post)
        assert f"<t:{int(FIVE.timestamp())}:R>" in text(post)

        discord.deadline = CROWDED
        crowd = [Person(id=600 + n, name=f"Member {n}") for n in range(30)]
        answers = await asyncio.gather(*(house.press(person, post, "ABCD"[n % 4]) for n, person in enumerate(crowd)))
        assert all(found["flags"] & rules.EPHEMERAL for found in answers)
        titles = [text(found).split("\n")[0] for found in answers]
        assert sum(title.startswith("### Right: ") for title in titles) in (7, 8)
        assert sum(title.startswith("### Not quite: ") for title in titles) in (22, 23)
        again = await house.press(crowd[0], post, "B")
        assert "You already chose A" in text(again)

        await discord.until(lambda: "30 people have answered" in text(discord.messages[int(post["id"])]))

        await house.tick(FIVE)
        [closed] = discord.posts(house.channel)
        assert closed["id"] == post["id"]
        assert "closed" in text(closed)
        assert "the answer" in text(closed)
        assert "30 answered" in text(closed)
        why = await house.press(ANA, closed, "Why?")
        assert why["flags"] & rules.EPHEMERAL
        assert "All options explained" in text(why)
        board = await house.press(BEN, closed, "Leaderboard")
        assert "Member" in text(board)
        month = await house.press(BEN, board, "Month")
        assert "This month" in text(month)
        assert month["id"] == board["id"]


async def test_posts_in_a_thread_and_in_a_forum_post(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        discord = house.discord
        forum = discord.channel(house.guild, kind=world.FORUM, name="study")
        thread = discord.channel(house.guild, kind=world.PUBLIC_THREAD, name="side room", parent=house.channel.id)
        post = discord.channel(house.guild, kind=world.PUBLIC_THREAD, name="Daily", parent=forum.id)
        for channel in (forum, thread, post):
            event = "THREAD_CREATE" if channel.kind in world.THREADS else "CHANNEL_CREATE"
            await discord.gateway.dispatch(event, channel.payload(), guild=house.guild.id)
        await house.set_up(thread)
        await house.set_up(post)
        await house.tick(NINE)
        assert len(discord.posts(thread)) == 1
        assert len(discord.posts(post)) == 1
        answer = await house.press(ANA, discord.posts(thread)[0], "A")
        assert "### " in text(answer)
        thread.archived = True
        await house.tick(FIVE)
        assert "closed" in text(discord.posts(thread)[0])


async def test_only_those_who_manage_the_channel_may_set_up(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        refused = await house.say(ANA, "trapwise-admin setup")
        assert "Only people who manage this channel" in text(refused)
        opened = await house.discord.command(ADMIN, house.channel, "trapwise-admin setup")
        await house.discord.until(lambda: opened.callback)
        opened.person = ANA
        sent = await house.discord.submit(opened, time="09:00")
        assert "Only people who manage this channel" in text(await house.discord.answer(sent))


async def test_a_faulty_form_opens_again_as_it_was_typed(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        told = await house.set_up(time="9 o'clock", days=["mon", "wed"])
        assert "Nothing was saved" in text(told)
        opened = await house.pressing(ADMIN, told, "Correct it")
        await house.discord.until(lambda: opened.callback)
        saved = await house.discord.answer(await house.discord.submit(opened, time="9:15"))
        assert "09:15, Mon, Wed" in text(saved)


async def test_every_command_of_the_table_answers_where_it_makes_sense(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        for command in house.discord.commands:
            subs = [option["name"] for option in command["options"] if option["type"] == 1]
            for line in [f"{command['name']} {sub}" for sub in subs] or [command["name"]]:
                interaction = await house.discord.command(ADMIN, house.channel, line)
                await house.discord.until(lambda found=interaction: found.callback)  # type: ignore[misc]  # a bound default
                assert interaction.callback is not None
                assert interaction.callback["type"] in (4, 9), line


async def test_buttons_of_an_earlier_run_still_work(tmp_path: Path) -> None:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        await house.tick(NINE)
        discord = house.discord
        keep = discord.stop
        discord.stop = _nothing  # type: ignore[method-assign]  # the fake has to outlive the bot
    async with discord_house(tmp_path, discord=discord, at=NINE) as house:
        [post] = discord.posts(house.channel)
        assert button(post, "A")["custom_id"].startswith("tw1:")
        assert "### " in text(await house.press(ANA, post, "A"))
        assert len(discord.syncs) == 1
    await keep()


async def _nothing() -> None:
    pass
