"""Setting a channel up in Slack: which channel, who may, and what is said where."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire_slack import Ack, User
from tests.support.wire_slack_house import House, house
from tests.support.wire_slack_members import labels


async def opened(home: House, user: User) -> dict[str, Any]:
    """The form that comes up."""
    view: dict[str, Any] = (await home.slack.until(lambda: user.views))[0]
    return view


def channel_input(view: dict[str, Any]) -> dict[str, Any]:
    """The form's question for the channel."""
    [block] = [block for block in view["blocks"] if block.get("block_id") == "tw.channel"]
    return dict(block["element"])


def schedules(folder: Path) -> dict[str, str]:
    """The opening time of each channel that has a schedule."""
    db = sqlite3.connect(f"file:{folder / 'trapwise.db'}?mode=ro", uri=True)
    try:
        found = db.execute("SELECT c.ref, s.opens FROM schedules s JOIN channels c ON c.id = s.channel")
        return {ref: str(opens) for ref, opens in found}
    finally:
        db.close()


async def test_the_present_channel_is_offered(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        view = await opened(home, home.admin)
        asked = channel_input(view)
        assert asked["initial_conversation"] == home.channel.id
        assert asked["filter"] == {"include": ["public", "private"], "exclude_bot_users": True}
        assert (await home.hands.submit(home.admin, view)).payload == {}
        await home.slack.until(lambda: home.channel.messages)
        await home.slack.until(lambda: "Schedule" in home.admin.sees[-1]["text"])
        assert list(schedules(tmp_path)) == ["C1"]
        assert not home.slack.direct(home.admin).messages


async def test_another_channel_gets_its_own_schedule_and_is_told(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.set_up(time="10:00", zone="UTC")
        other = home.slack.channel("C2", "evening")
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        view = await opened(home, home.admin)
        assert (await home.hands.submit(home.admin, view, channel=other.id, time="18:30")).payload == {}
        said = await home.slack.until(lambda: other.messages)
        assert "Ana set up the daily question here" in str(said)
        assert "18:30" in str(said)
        assert set(schedules(tmp_path)) == {"C1", "C2"}
        told = (await home.slack.until(lambda: home.slack.direct(home.admin).messages)).copy()
        assert "18:30" in str(told)
        assert "/T1/C2" in str(told)
        assert "posted here" not in str(told)
        assert len(home.channel.messages) == 1
        home.clock.advance(hours=1)
        await home.tick()
        assert (len(home.channel.messages), len(other.messages)) == (2, 1)


async def test_from_the_direct_messages_the_channel_has_to_be_chosen(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        there = home.slack.direct(home.admin)
        await home.hands.command(home.admin, there, "/trapwise setup Asia/Tokyo")
        view = await opened(home, home.admin)
        assert "initial_conversation" not in channel_input(view)
        with pytest.raises(AssertionError, match="without Channel"):
            await home.hands.submit(home.admin, view)
        for nowhere in ("", there.id):
            ack = await send_unchecked(home, view, nowhere)
            assert ack.payload["errors"] == {"tw.channel": "Choose the channel in which the question is posted."}
        assert schedules(tmp_path) == {}
        assert (await home.hands.submit(home.admin, view, channel="C1")).payload == {}
        await home.slack.until(lambda: "Asia/Tokyo" in str(home.channel.messages))
        await home.slack.until(lambda: "It is set up" in str(there.messages))


async def test_from_a_groups_direct_messages(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        group = home.slack.channel("C7", "mpdm-ana--ben--chloe-1")
        await home.hands.command(home.admin, group, "/trapwise setup")
        view = await opened(home, home.admin)
        assert "initial_conversation" not in channel_input(view)
        assert (await home.hands.submit(home.admin, view, channel="C1")).payload == {}
        await home.slack.until(lambda: home.channel.messages)
        assert list(schedules(tmp_path)) == ["C1"]


async def send_unchecked(home: House, view: dict[str, Any], channel: str) -> Ack:
    """The form as something else than Slack's own client might send it."""
    element = channel_input(view)
    element["initial_conversation"] = channel or "x"
    blocks = [
        block if block.get("block_id") != "tw.channel" else {**block, "element": element} for block in view["blocks"]
    ]
    return await home.hands.submit(home.admin, {**view, "blocks": blocks})


async def test_from_the_home_tab(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.hands.open_home(home.admin)
        tab = await home.slack.until(lambda: home.admin.home)
        assert "Set up a channel" in labels(tab)
        await home.hands.press(home.admin, tab, "Set up a channel")
        view = await opened(home, home.admin)
        assert (await home.hands.submit(home.admin, view, channel="C1")).payload == {}
        await home.slack.until(lambda: home.channel.messages)
        await home.slack.until(lambda: "It is set up" in str(home.slack.direct(home.admin).messages))
        ben = home.slack.user("U1", "Ben")
        await home.hands.open_home(ben)
        await home.hands.press(ben, await home.slack.until(lambda: ben.home), "Set up a channel")
        await home.slack.until(lambda: "Only people who manage" in str(ben.views))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("not_in_channel", "/invite"),
        ("channel_not_found", "/invite"),
        ("user_not_in_channel", "Join it"),
        ("is_archived", "archived"),
        ("restricted_action", "may not post"),
    ],
)
async def test_a_channel_where_nothing_can_be_posted_is_said_beside_it(
    tmp_path: Path, error: str, sentence: str
) -> None:
    async with house(tmp_path) as home:
        other = home.slack.channel("C2", "elsewhere", refuses=error)
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        view = await opened(home, home.admin)
        ack = await home.hands.submit(home.admin, view, channel=other.id)
        assert set(ack.payload["errors"]) == {"tw.channel"}
        assert sentence in ack.payload["errors"]["tw.channel"]
        assert schedules(tmp_path) == {}
        other.refuses = ""
        assert (await home.hands.submit(home.admin, view, channel=other.id)).payload == {}
        await home.slack.until(lambda: other.messages)
        assert not home.channel.messages


async def test_if_slack_does_not_say_the_person_hears_that_the_channel_did_not(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.slack.fail("chat.postEphemeral", error="internal_error")
        home.slack.fail("chat.postMessage", error="internal_error")
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        assert (await home.hands.submit(home.admin, await opened(home, home.admin))).payload == {}
        await home.slack.until(lambda: "/invite" in str(home.slack.direct(home.admin).messages))
        assert list(schedules(tmp_path)) == ["C1"]


async def test_whoever_lost_the_right_meanwhile_changes_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        other = home.slack.channel("C2", "elsewhere")
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        view = await opened(home, home.admin)
        home.admin.admin = False
        assert (await home.hands.submit(home.admin, view, channel=other.id)).payload == {}
        await home.slack.until(lambda: "Only people who manage" in str(home.slack.direct(home.admin).messages))
        assert schedules(tmp_path) == {}
        assert not home.slack.called("chat.postEphemeral")


async def test_faults_of_other_fields_come_before_the_channel_is_tried(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        ack = await home.hands.submit(home.admin, await opened(home, home.admin), time="noonish")
        assert set(ack.payload["errors"]) == {"f.time"}
        assert not home.slack.called("chat.postEphemeral")
