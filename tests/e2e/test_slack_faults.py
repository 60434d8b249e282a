"""When things go wrong: a slow database, a cut line, channels that refuse, limits, strangers, odd requests."""

import asyncio
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack.desk import Desk
from bot.adapters.slack.inbound import Pressed
from bot.view import roundcards
from bot.view.card import Card
from bot.view.roundcards import Shown, Verdict
from tests.support.wire_slack import BOT_TOKEN, USES, FakeSlack, Grant
from tests.support.wire_slack_house import HTTP, SOCKET, House, house
from tests.support.wire_slack_members import controls, labels

BOTH = pytest.mark.parametrize("settings", [SOCKET, HTTP], ids=["socket", "http"])


async def open_question(home: House) -> dict[str, Any]:
    """Set the channel up and let a question be posted; the message."""
    await home.hands.command(home.admin, home.channel, "/trapwise schedule 10:00 UTC")
    await home.slack.until(lambda: "Schedule" in str(home.admin.sees))
    home.clock.advance(hours=1)
    await home.tick()
    return home.channel.newest


def responses(folder: Path) -> int:
    """How many responses are stored."""
    db = sqlite3.connect(f"file:{folder / 'trapwise.db'}?mode=ro", uri=True)
    try:
        (count,) = db.execute("SELECT count(*) FROM responses").fetchone()
        return int(count)
    finally:
        db.close()


@BOTH
async def test_the_same_press_three_times_is_one_answer(tmp_path: Path, settings: dict[str, str]) -> None:
    async with house(tmp_path, settings=settings) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        payload = home.hands.press_payload(ben, post, "C")
        await asyncio.gather(*(home.slack.send("interactive", payload) for _ in range(3)))
        await home.slack.until(lambda: len(ben.sees) == 3)
        assert responses(tmp_path) == 1
        assert sum("You already chose C" in seen["text"] for seen in ben.sees) == 2


@BOTH
async def test_a_press_while_the_database_stalls(tmp_path: Path, settings: dict[str, str]) -> None:
    async with house(tmp_path, settings=settings) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        go_on = threading.Event()
        stalled = asyncio.create_task(home.parts.storage.write(lambda tx: go_on.wait(10)))
        await asyncio.sleep(0)
        ack = await home.hands.press(ben, post, "C")
        assert 1.0 < ack.seconds < 2.5
        assert ben.sees == []
        go_on.set()
        await stalled
        await home.slack.until(lambda: ben.sees)
        assert responses(tmp_path) == 1


@BOTH
async def test_a_press_is_acknowledged_before_its_reply_is_drawn(
    tmp_path: Path, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order, press, feedback = list[str](), Desk.press, roundcards.feedback

    async def pressed(desk: Desk, given: Pressed) -> None:
        await press(desk, given)
        order.append(f"acknowledged with {responses(tmp_path)} stored")

    def draw(shown: Shown, verdict: Verdict) -> Card:
        order.append("drawn")
        return feedback(shown, verdict)

    monkeypatch.setattr(Desk, "press", pressed)
    monkeypatch.setattr(roundcards, "feedback", draw)
    async with house(tmp_path, settings=settings) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        await home.hands.press(ben, post, "C")
        await home.slack.until(lambda: ben.sees)
    assert order == ["acknowledged with 1 stored", "drawn"]


async def test_a_form_while_the_database_stalls(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        view = (await home.slack.until(lambda: home.admin.views))[0]
        go_on = threading.Event()
        stalled = asyncio.create_task(home.parts.storage.write(lambda tx: go_on.wait(10)))
        await asyncio.sleep(0)
        ack = await home.hands.submit(home.admin, view, time="11:11")
        assert ack.payload["response_action"] == "update"
        assert ack.seconds < 2.5
        assert not home.channel.messages
        go_on.set()
        await stalled
        await home.slack.until(lambda: "11:11" in str(home.admin.views))
        await home.slack.until(lambda: "11:11" in str(home.channel.messages))


async def test_what_is_wrong_with_a_form_is_said_though_slack_answers_late(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        view = (await home.slack.until(lambda: home.admin.views))[0]
        home.channel.refuses, hold = "not_in_channel", asyncio.Event()
        home.slack.fail("chat.postEphemeral", hold=hold)
        ack = await home.hands.submit(home.admin, view, time="11:11")
        assert ack.payload["response_action"] == "update"
        assert ack.seconds < 2.5
        hold.set()
        await home.slack.until(lambda: "/invite" in str(home.admin.views))
        again = home.admin.views[0]
        home.channel.refuses = ""
        ack = await home.hands.submit(home.admin, again)
        assert ack.payload == {}
        await home.slack.until(lambda: "11:11" in str(home.channel.messages))


async def test_an_answer_that_is_not_saved_is_said_to_be_lost(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        await home.parts.storage.close()
        await home.hands.press(ben, post, "C")
        seen = (await home.slack.until(lambda: ben.sees))[0]
        assert "NOT saved" in seen["text"]
        assert "ref " in seen["text"]


@pytest.mark.parametrize(
    "error", ["not_in_channel", "channel_not_found", "is_archived", "account_inactive", "token_revoked"]
)
async def test_a_channel_that_refuses_pauses_alone(tmp_path: Path, error: str) -> None:
    async with house(tmp_path) as home:
        other, chloe = home.slack.channel("C2", "other"), home.slack.user("U2", "Chloe", admin=True)
        await home.hands.command(chloe, other, "/trapwise schedule 10:00 UTC")
        await home.slack.until(lambda: chloe.sees)
        await open_question(home)
        assert len(other.messages) == 1
        removed = error in ("account_inactive", "token_revoked")
        home.clock.advance(days=1)
        home.channel.refuses = error
        await home.tick()
        await home.tick()
        told = [m for m in home.slack.direct(home.admin).messages.values() if "may not post in #exam-prep" in m["text"]]
        assert len(told) == (0 if removed else 1)
        assert len(home.channel.messages) == 1
        home.channel.refuses = ""
        home.clock.advance(days=1)
        await home.tick()
        assert len(home.channel.messages) == 1
        if not removed:
            assert len(other.messages) == 3
            await home.hands.command(home.admin, home.channel, "/trapwise resume")
            home.clock.advance(days=1)
            await home.tick()
            assert len(home.channel.messages) == 2


async def test_a_post_whose_fate_is_unknown_is_found_by_its_first_press(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.slack.fail("chat.postMessage", drop=True, done=True)
        post = await open_question(home)
        assert len(home.channel.messages) == 1
        ben = home.slack.user("U1", "Ben")
        await home.hands.press(ben, post, "C")
        await home.slack.until(lambda: ben.sees)
        home.clock.advance(minutes=1)
        await home.tick()
        home.clock.advance(hours=9)
        await home.tick()
        assert "closed" in post["text"]
        assert len(home.channel.messages) == 1


async def test_a_post_whose_fate_stays_unknown_is_told_and_never_doubled(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.slack.fail("chat.postMessage", drop=True, done=True)
        await open_question(home)
        for _ in range(40):
            home.clock.advance(minutes=5)
            await home.tick()
        told = [m for m in home.slack.direct(home.admin).messages.values() if "can't tell whether" in m["text"]]
        assert len(told) == 1
        assert len(home.channel.messages) == 1


async def test_a_post_that_certainly_failed_is_tried_again(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.slack.fail("chat.postMessage", retry_after=40)
        await home.hands.command(home.admin, home.channel, "/trapwise schedule 10:00 UTC")
        await home.slack.until(lambda: home.admin.sees)
        home.clock.advance(hours=1)
        await home.tick()
        assert not home.channel.messages
        home.clock.advance(seconds=30)
        await home.tick()
        assert not home.channel.messages
        home.clock.advance(seconds=15)
        await home.tick()
        assert len(home.channel.messages) == 1


async def test_refused_blocks_are_sent_plainer(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.slack.fail("chat.postMessage", error="invalid_blocks")
        post = await open_question(home)
        assert labels(post) == ["A", "B", "C", "D"]
        assert {block["type"] for block in post["blocks"]} == {"section", "actions"}


async def test_blocks_that_are_refused_in_every_form_pause_that_channel_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        other, chloe = home.slack.channel("C2", "other"), home.slack.user("U2", "Chloe", admin=True)
        await home.hands.command(chloe, other, "/trapwise schedule 10:00 UTC")
        await home.slack.until(lambda: chloe.sees)
        await open_question(home)
        home.clock.advance(days=1)
        home.channel.refuses = "invalid_blocks"
        await home.tick()
        await home.tick()
        told = [m for m in home.slack.direct(home.admin).messages.values() if "how it is laid out" in m["text"]]
        assert len(told) == 1
        assert not home.slack.direct(chloe).messages
        home.channel.refuses = ""
        home.clock.advance(days=1)
        await home.tick()
        assert (len(home.channel.messages), len(other.messages)) == (1, 3)
        await home.hands.command(home.admin, home.channel, "/trapwise resume")
        home.clock.advance(days=1)
        await home.tick()
        assert (len(home.channel.messages), len(other.messages)) == (2, 4)


async def test_metadata_carries_the_delivery_and_nothing_else(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        assert post["metadata"]["event_type"] == "trapwise_delivery"
        assert list(post["metadata"]["event_payload"]) == ["key"]
        values = [action["value"] for _, action in controls(post)]
        assert all(value.startswith("tw1:a:") for value in values)


async def test_a_response_url_that_is_used_up(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        payload = home.hands.press_payload(ben, post, "C")
        home.slack.urls[payload["response_url"].rpartition("/")[2]]["uses"] = USES
        await home.slack.send("interactive", payload)
        seen = (await home.slack.until(lambda: ben.sees))[0]
        assert seen["user"] == "U1"
        assert home.slack.called("chat.postEphemeral")


async def test_a_response_url_that_is_pressed_too_often(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        home.slack.fail("response_url", retry_after=30)
        await home.hands.press(ben, post, "C")
        await home.slack.until(lambda: ben.sees)
        assert len(home.slack.called("chat.postEphemeral")) == 1


async def test_an_answer_waits_as_long_as_slack_asks(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        payload = home.hands.press_payload(ben, post, "C")
        home.slack.offset += 3600
        home.slack.fail("chat.postEphemeral", retry_after=1)
        began = time.monotonic()
        await home.slack.send("interactive", payload)
        await home.slack.until(lambda: ben.sees)
        assert time.monotonic() - began >= 1.0
        assert len(home.slack.called("chat.postEphemeral")) == 2
        assert not home.slack.direct(ben).messages


async def test_a_request_that_comes_again_byte_for_byte(tmp_path: Path) -> None:
    async with house(tmp_path, settings=HTTP) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        await home.hands.press(ben, post, "C")
        await home.slack.until(lambda: ben.sees)
        assert (await home.slack.replay())[0] == 200
        await home.slack.until(lambda: len(ben.sees) == 2)
        assert "You already chose C" in ben.sees[1]["text"]
        assert responses(tmp_path) == 1


async def test_a_channel_that_gets_another_id(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        # Whoever lets the app see private channels subscribes to this event as well; the manifest does neither.
        home.slack.events |= {"channel_id_changed"}
        moved = home.slack.channels["C9"] = home.slack.channels.pop("C1")
        moved.id = "C9"
        event = {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C9"}
        await home.hands.event("T1", event)
        ben = home.slack.user("U1", "Ben")
        await home.hands.press(ben, post, "C")
        await home.slack.until(lambda: ben.sees)
        assert responses(tmp_path) == 1
        await home.hands.event("T1", event)
        home.clock.advance(hours=9)
        await home.tick()
        assert "closed" in post["text"]
        home.clock.advance(hours=15)
        await home.tick()
        assert len(moved.messages) == 2


async def test_no_other_way_is_left_but_a_direct_message(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        payload = home.hands.press_payload(ben, post, "C")
        home.slack.offset += 3600
        home.slack.fail("chat.postEphemeral", error="user_not_in_channel")
        await home.slack.send("interactive", payload)
        await home.slack.until(lambda: home.slack.direct(ben).messages)


async def test_a_window_that_came_too_late(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.slack.fail("views.open", error="expired_trigger_id")
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        seen = (await home.slack.until(lambda: home.admin.sees))[0]
        assert "three seconds" in seen["text"]
        await home.hands.press(home.admin, seen, "Try again")
        await home.slack.until(lambda: home.admin.views)


async def test_slack_does_not_say_who_somebody_is(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.slack.fail("users.info", error="internal_error", times=5)
        await home.hands.command(home.admin, home.channel, "/trapwise setup")
        await home.slack.until(lambda: "couldn't ask Slack" in str(home.admin.sees))
        assert not home.admin.views
        await home.hands.command(home.admin, home.channel, "/trapwise help")
        await home.slack.until(lambda: "What you can do here" in str(home.admin.sees))


async def test_without_the_right_to_look_members_up(tmp_path: Path) -> None:
    slack = await FakeSlack().start()
    slack.grants[BOT_TOKEN] = Grant("T1", "UBOT", slack.scopes - {"users:read"})
    try:
        async with house(tmp_path, settings={**SOCKET, "SLACK_MANAGERS": "U0"}, slack=slack) as home:
            post = await open_question(home)
            ben = slack.user("U1", "Ben", admin=True)
            await home.hands.press(ben, post, "A")
            await slack.until(lambda: ben.sees)
            await home.hands.command(ben, home.channel, "/trapwise pause")
            await slack.until(lambda: "Only people who manage" in str(ben.sees))
    finally:
        await slack.stop()


async def test_guests_see_the_whole_board_where_the_host_allows_it(tmp_path: Path) -> None:
    async with house(tmp_path, settings={**SOCKET, "SLACK_GUESTS_SEE_BOARDS": "true"}) as home:
        stranger = home.slack.user("U1X", "Zoe", team="T9", stranger=True)
        shown = _button("tw1:c:leaderboard:week:workspace", "Workspace")
        await home.hands.press(stranger, {"ts": "9.9", "team": "T1", "channel": "C1", "blocks": [shown]}, "Workspace")
        await home.slack.until(lambda: "This week" in str(stranger.sees))


async def test_a_cut_socket_is_opened_again(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ben = home.slack.user("U1", "Ben")
        first = home.slack.sockets[0]
        await first.send_json({"type": "disconnect", "reason": "refresh_requested"})
        await home.slack.until(lambda: home.slack.sockets and home.slack.sockets[-1] is not first)
        await home.hands.command(ben, home.channel, "/tip")
        await home.slack.until(lambda: ben.sees)
        second = home.slack.sockets[-1]
        await second.close()
        await home.slack.until(lambda: home.slack.sockets and home.slack.sockets[-1] is not second)
        await home.hands.command(ben, home.channel, "/tip")
        await home.slack.until(lambda: len(ben.sees) == 2)


@BOTH
async def test_whatever_comes_is_acknowledged(tmp_path: Path, settings: dict[str, str]) -> None:
    async with house(tmp_path, settings=settings) as home:
        ben = home.slack.user("U1", "Ben")
        who = {"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1", "domain": "test"}, "trigger_id": "x"}
        view = {"id": "V1", "type": "modal", "callback_id": "old", "blocks": [], "private_metadata": ""}
        odd: list[tuple[str, dict[str, Any]]] = [
            ("interactive", {"type": "block_actions", "actions": [{"action_id": "link.0", "type": "button"}], **who}),
            ("interactive", {"type": "block_actions", "actions": [{"action_id": "other", "value": "x"}], **who}),
            ("interactive", {"type": "block_actions", "actions": [], **who}),
            ("interactive", {"type": "view_submission", "view": view, **who}),
            ("interactive", {"type": "view_closed", "view": view, **who}),
            ("interactive", {"type": "shortcut", "callback_id": "none", **who}),
            ("interactive", {"type": "message_action", "callback_id": "none", "message": {"ts": "1"}, **who}),
            ("interactive", {"type": "block_suggestion", "action_id": "none", "block_id": "b", "value": "x", **who}),
            ("events_api", {"type": "event_callback", "team_id": "T1", "event": {"type": "message", "user": "U1"}}),
            ("events_api", {"type": "event_callback", "team_id": "T1", "event": {"type": "team_rename"}}),
        ]
        for kind, payload in odd:
            ack = await home.slack.send(kind, payload)
            assert (ack.status, ack.seconds < 1.5) == (200, True), payload
        shown = {"ts": "1.0", "blocks": [], "channel": "C1"}
        for token in ("tw1:zz:1", "tw1:a:999:A", "nonsense", "tw1:a:1:Z"):
            payload = {
                "type": "block_actions",
                "actions": [{"action_id": "tw.0", "block_id": "b", "type": "button", "value": token}],
                "container": {"type": "message", "message_ts": "1.0", "channel_id": "C1"},
                "channel": {"id": "C1", "name": "exam-prep"},
                "message": shown,
                "response_url": home.slack.response_url(ben, "C1"),
                **who,
            }
            await home.slack.send("interactive", payload)
        await home.slack.until(lambda: len(ben.sees) == 4)


async def test_a_guest_from_another_workspace(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben")
        stranger = home.slack.user("U1X", "Zoe", team="T9", stranger=True, admin=True)
        await home.hands.press(ben, post, "A")
        await home.hands.press(stranger, post, "B")
        await home.slack.until(lambda: ben.sees and stranger.sees)
        assert responses(tmp_path) == 2
        board = {
            "ts": "9.9",
            "team": "T1",
            "channel": "C1",
            "blocks": [_button("tw1:c:leaderboard:week:workspace", "Workspace")],
        }
        await home.hands.press(stranger, board, "Workspace")
        await home.slack.until(lambda: "guest from another workspace" in str(stranger.sees))
        manage = {"ts": "9.8", "team": "T1", "channel": "C1", "blocks": [_button("tw1:c:post-now", "Post")]}
        await home.hands.press(stranger, manage, "Post")
        await home.slack.until(lambda: "Only people who manage" in str(stranger.sees))
        db = sqlite3.connect(f"file:{tmp_path / 'trapwise.db'}?mode=ro", uri=True)
        members = {ref for (ref,) in db.execute("SELECT ref FROM members")}
        db.close()
        assert {"U1", "T9:U1X"} <= members


def _button(token: str, label: str) -> dict[str, Any]:
    text = {"type": "plain_text", "text": label}
    return {"type": "actions", "elements": [{"type": "button", "action_id": "tw.0", "value": token, "text": text}]}


async def test_a_name_is_learnt_after_the_first_press(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        post = await open_question(home)
        ben = home.slack.user("U1", "Ben van der Berg")
        await home.hands.press(ben, post, "A")
        await home.slack.until(lambda: {"user": "U1"} in [{"user": c["user"]} for c in home.slack.called("users.info")])
        await home.hands.command(home.admin, home.channel, "/leaderboard")
        await home.slack.until(lambda: "Ben van der Berg" in str(home.admin.sees))


async def test_a_wrong_token_is_said_at_the_start(tmp_path: Path) -> None:
    from bot.core.errors import SettingsError

    slack = await FakeSlack().start()
    try:
        for changed, named in (
            ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN"),
            ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN"),
            ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN"),
            ({"SLACK_APP_TOKEN": "nonsense"}, "SLACK_APP_TOKEN"),
        ):
            with pytest.raises(SettingsError, match=named):
                async with house(tmp_path, settings={**SOCKET, **changed}, slack=slack):
                    pass
    finally:
        await slack.stop()
