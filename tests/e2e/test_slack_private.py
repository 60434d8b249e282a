"""What one member does by themselves: practice, a whole exam, the Home tab, own data. Setup and its refusals."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire_slack import BOT_TOKEN, FakeSlack, Grant, User
from tests.support.wire_slack_house import House, house
from tests.support.wire_slack_members import labels


def direct(home: House, user: User) -> dict[str, Any]:
    """The one message that the app sent to somebody directly."""
    messages = home.slack.direct(user).messages
    assert len(messages) == 1
    return next(iter(messages.values()))


def shows(card: dict[str, Any], words: str) -> Callable[[], bool]:
    """Whether the message says so, once it is looked at."""
    return lambda: words in card["text"]


def more_than(seen: list[Any], count: int) -> Callable[[], bool]:
    """Whether there is more by then."""
    return lambda: len(seen) > count


async def test_practice_lives_in_the_direct_messages(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben = home.slack.user("U1", "Ben")
        await home.hands.command(ben, home.channel, "/quiz 2")
        told = (await home.slack.until(lambda: ben.sees))[0]
        assert "direct messages" in told["text"]
        card = direct(home, ben)
        assert "Practice · 1 of 2" in card["text"]
        for number in (1, 2):
            await home.slack.until(shows(card, f"Practice · {number} of 2"))
            await home.slack.until(lambda: "A" in labels(card))
            await home.hands.press(ben, card, "A", channel=home.slack.direct(ben))
            await home.slack.until(lambda: {"Next", "Finish"} & set(labels(card)))
            await home.hands.press(ben, card, "Next" if number == 1 else "Finish", channel=home.slack.direct(ben))
        await home.slack.until(lambda: "Practice done" in card["text"])
        assert len(ben.sees) == 1


async def test_a_whole_exam(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben = home.slack.user("U1", "Ben")
        await home.hands.command(ben, home.channel, "/exam")
        await home.slack.until(lambda: home.slack.direct(ben).messages)
        card, there = direct(home, ben), home.slack.direct(ben)
        assert "question 1 of 45" in card["text"]
        await home.hands.press(ben, card, "Flag", channel=there)
        await home.slack.until(lambda: "1 flagged" in card["text"])
        for number in range(1, 46):
            await home.slack.until(shows(card, f"question {number} of 45"))
            await home.hands.press(ben, card, "B", channel=there)
            await home.slack.until(lambda: "✓ B" in labels(card) or "Your answer: B" in card["text"])
            # A response_url is good for half an hour and five uses; an exam lasts ninety minutes.
            home.clock.advance(minutes=1)
            home.slack.offset += 60
            if number < 45 and f"question {number} of 45" in card["text"]:
                await home.hands.press(ben, card, "Next ›", channel=there)
        await home.hands.press(ben, card, "Submit", channel=there)
        await home.slack.until(lambda: "All questions are answered" in card["text"])
        await home.hands.press(ben, card, "Submit", channel=there)
        await home.slack.until(lambda: "pass" in card["text"])
        assert "of 45" in card["text"]
        assert len(there.messages) == 1


async def test_an_exam_survives_a_restart(tmp_path: Path) -> None:
    slack = await FakeSlack().start()
    try:
        async with house(tmp_path, slack=slack) as home:
            ben = home.slack.user("U1", "Ben")
            await home.hands.command(ben, home.channel, "/exam")
            await slack.until(lambda: slack.direct(ben).messages)
            card = direct(home, ben)
        async with house(tmp_path, slack=slack) as home:
            await home.hands.press(ben, card, "Next ›", channel=slack.direct(ben))
            await slack.until(lambda: "question 2 of 45" in card["text"])
    finally:
        await slack.stop()


async def test_the_home_tab(tmp_path: Path) -> None:
    settings = {"TRAPWISE_SUPPORT_URL": "https://help.example.org", "TRAPWISE_PRIVACY_URL": "https://p.example.org"}
    from tests.support.wire_slack_house import SOCKET

    async with house(tmp_path, settings={**SOCKET, **settings}) as home:
        ben = home.slack.user("U1", "Ben")
        await home.hands.open_home(ben)
        first = await home.slack.until(lambda: ben.home)
        assert "https://help.example.org" in str(first)
        assert "https://p.example.org" in str(first)
        assert {"Practise", "Mock exam", "Settings"} <= set(labels(first))
        await home.set_up(time="10:00", zone="UTC")
        home.clock.advance(hours=1)
        await home.tick()
        await home.hands.press(ben, home.channel.newest, "A")
        await home.slack.until(lambda: "You chose A" in str(ben.home))
        assert "#exam-prep" in str(ben.home)
        assert "Streak 1 day" in str(ben.home)
        await home.hands.press(ben, ben.home or {}, "Stats")
        view = (await home.slack.until(lambda: ben.views))[0]
        assert "Where you stand" in str(view)
        await home.hands.press(ben, view, "Leaderboard")
        await home.slack.until(lambda: "practice doesn't rank" in str(ben.views[0]))
        assert len(ben.views) == 1
        await home.hands.press(ben, ben.home or {}, "Practise")
        await home.slack.until(lambda: home.slack.direct(ben).messages)


async def test_the_home_tab_follows_the_question(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben, chloe = home.slack.user("U1", "Ben"), home.slack.user("U2", "Chloe")
        await home.set_up(time="10:00", zone="UTC")
        home.clock.advance(hours=1)
        await home.tick()
        await home.hands.press(ben, home.channel.newest, "A")
        await home.slack.until(lambda: ben.sees)
        for one in (ben, chloe):
            await home.hands.open_home(one)
            await home.slack.until(lambda it=one: it.home)  # type: ignore[misc]  # a bound default
        assert "You chose A" in str(ben.home)
        home.clock.advance(hours=8)
        await home.tick()
        await home.slack.until(lambda: "has closed. You chose A" in str(ben.home))
        home.clock.advance(hours=16)
        await home.tick()
        await home.slack.until(lambda: "You haven't answered yet" in str(ben.home))
        # Nothing of it is shown to somebody who has never answered, so nothing is sent either.
        assert [call["user_id"] for call in home.slack.called("views.publish")].count("U2") == 1


async def test_looking_at_the_home_tab_keeps_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben = home.slack.user("U1", "Ben")
        await home.hands.open_home(ben)
        await home.slack.until(lambda: ben.home)
        assert not home.slack.called("users.info")


async def test_own_data_comes_as_a_file_and_can_be_deleted(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben = home.slack.user("U1", "Ben")
        await home.hands.command(ben, home.channel, "/trapwise export-me")
        content = (await home.slack.until(lambda: ben.files))[0]
        assert "trapwise.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
        await home.hands.command(ben, home.channel, "/trapwise forget-me")
        asked = await home.slack.until(lambda: [m for m in ben.sees if "Delete everything" in labels(m)])
        await home.hands.press(ben, asked[0], "Delete everything")
        await home.slack.until(lambda: "Done. Your 0 answers" in str(ben.sees))


async def test_what_slack_told_of_somebody_is_forgotten_with_them(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben, channel = home.slack.user("U1", "Ben"), home.channel
        await home.hands.command(ben, channel, "/stats")
        await home.slack.until(lambda: home.slack.called("users.info"))
        await home.hands.command(ben, channel, "/trapwise forget-me")
        asked = await home.slack.until(lambda: [m for m in ben.sees if "Delete everything" in labels(m)])
        await home.hands.press(ben, asked[0], "Delete everything")
        await home.slack.until(lambda: "Done. Your 0 answers" in str(ben.sees))
        before = len(home.slack.called("users.info"))
        await home.hands.command(ben, channel, "/stats")
        await home.slack.until(lambda: len(home.slack.called("users.info")) > before)


async def test_own_data_without_the_right_to_send_files(tmp_path: Path) -> None:
    slack = await FakeSlack().start()
    slack.grants[BOT_TOKEN] = Grant("T1", "UBOT", slack.scopes - {"files:write"})
    try:
        async with house(tmp_path, slack=slack) as home:
            ben = slack.user("U1", "Ben")
            await home.hands.command(ben, home.channel, "/trapwise export-me")
            await slack.until(lambda: "I may not send files" in str(ben.sees))
    finally:
        await slack.stop()


async def test_setup_says_what_is_wrong_beside_each_field(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        view = (await home.slack.until(lambda: home.admin.views))[0]
        zone = next(block for block in view["blocks"] if block.get("block_id") == "f.zone")
        assert zone["element"]["initial_value"] == "Europe/Berlin"
        ack = await home.hands.submit(home.admin, view, time="noonish", zone="Middle/Earth")
        assert ack.payload["response_action"] == "errors"
        assert set(ack.payload["errors"]) == {"f.time", "f.zone"}
        ack = await home.hands.submit(home.admin, view, time="09:30", zone="UTC", days=["mon", "wed"])
        assert ack.payload == {}
        said = (await home.slack.until(lambda: home.channel.messages)).copy()
        assert "set up the daily question here" in str(said)
        assert "09:30, Mon, Wed, UTC" in str(said)


async def test_setup_chooses_among_the_installed_packs(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.set_up(pack="git-basics")
        assert "Git basics" in home.channel.newest["text"]
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        view = (await home.slack.until(lambda: home.admin.views))[0]
        pack = next(block for block in view["blocks"] if block.get("block_id") == "f.pack")
        assert pack["element"]["initial_option"]["value"] == "git-basics"


async def test_the_home_tab_says_how_to_begin(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben = home.slack.user("U1", "Ben")
        await home.hands.open_home(ben)
        assert "/trapwise setup" in str(await home.slack.until(lambda: ben.home))


@pytest.mark.parametrize("line", ["/trapwise setup", "/trapwise post-now", "/trapwise schedule 10:00"])
async def test_only_admins_may_change_the_channel(tmp_path: Path, line: str) -> None:
    async with house(tmp_path) as home:
        ben = home.slack.user("U1", "Ben")
        await home.hands.command(ben, home.channel, line)
        await home.slack.until(lambda: "Only people who manage" in str(ben.sees))
        assert not ben.views


async def test_a_button_from_earlier_gives_no_right(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.set_up()
        await home.hands.command(home.admin, home.channel, "/trapwise status")
        card = await home.slack.until(lambda: [m for m in home.admin.sees if "Post now" in labels(m)])
        home.admin.admin = False
        await home.hands.press(home.admin, card[0], "Post now")
        await home.slack.until(lambda: "Only people who manage" in str(home.admin.sees))
        assert len(home.channel.messages) == 1


async def test_a_manager_by_the_hosts_word(tmp_path: Path) -> None:
    from tests.support.wire_slack_house import SOCKET

    async with house(tmp_path, settings={**SOCKET, "SLACK_MANAGERS": "U1, U7"}) as home:
        ben = home.slack.user("U1", "Ben")
        await home.hands.command(ben, home.channel, "/trapwise setup")
        await home.slack.until(lambda: ben.views)


async def test_commands_and_their_long_form(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben = home.slack.user("U1", "Ben")
        for line, expected in (
            ("/trapwise", "What you can do here"),
            ("/trapwise help", "no commands in threads"),
            ("/trapwise stats", "You haven't answered anything yet"),
            ("/stats", "You haven't answered anything yet"),
            ("/tip", "Exam tip"),
            ("/traps", ""),
            ("/cram", ""),
            ("/leaderboard mnth", "I don't understand “mnth”"),
            ("/trapwise nonsense <@U1> & more", "I don't know that command"),
            ("/trapwise privacy", "What is kept about you"),
            ("/trapwise settings", "Your settings"),
            ("/review", ""),
        ):
            before = len(ben.sees)
            ack = await home.hands.command(ben, home.channel, line)
            assert ack.status == 200
            await home.slack.until(more_than(ben.sees, before))
            assert expected in ben.sees[before]["text"].replace("&amp;", "&"), line
