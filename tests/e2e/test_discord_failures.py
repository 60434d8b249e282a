"""What goes wrong between the bot and Discord, and that nothing is lost or done twice by it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.discord import messenger, supervisor
from tests.support import wire_discord_world as world
from tests.support.wire_discord_house import ADMIN, ANA, EIGHT, House, button, discord_house, text
from tests.support.wire_discord_world import Person

NINE, FIVE = EIGHT + timedelta(hours=1), EIGHT + timedelta(hours=9)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.01)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with discord_house(tmp_path) as house:
        await house.set_up()
        yield house


async def test_a_post_whose_answer_is_lost_is_not_posted_twice(house: House) -> None:
    house.discord.trouble("POST", "/messages", cut=True, done=True)
    await house.tick(NINE)
    assert len(house.discord.posts(house.channel)) == 1
    await house.tick(NINE + timedelta(seconds=30))
    [post] = house.discord.posts(house.channel)
    assert len(house.discord.requests("POST", "/messages")) == 1
    assert "### " in text(await house.press(ANA, post, "A"))
    await house.tick(FIVE)
    assert "closed" in text(house.discord.posts(house.channel)[0])


async def test_a_post_that_never_arrived_is_posted_on_the_next_try(house: House) -> None:
    house.discord.trouble("POST", "/messages", cut=True)
    await house.tick(NINE)
    assert house.discord.posts(house.channel) == []
    await house.tick(NINE + timedelta(seconds=30))
    assert len(house.discord.posts(house.channel)) == 1


async def test_a_retry_within_discord_py_is_recognised_by_its_nonce(house: House) -> None:
    house.discord.trouble("POST", "/messages", status=502, done=True)
    await house.tick(NINE)
    assert len(house.discord.posts(house.channel)) == 1
    posts = house.discord.requests("POST", "/messages")
    assert len(posts) == 2
    assert posts[0].body["nonce"] == posts[1].body["nonce"]
    assert posts[0].body["enforce_nonce"] is True


async def test_without_the_history_nobody_claims_to_know(house: House) -> None:
    house.channel.bot &= ~world.HISTORY
    await house.discord.gateway.dispatch("CHANNEL_UPDATE", house.channel.payload(), guild=house.guild.id)
    house.discord.trouble("POST", "/messages", cut=True, done=True)
    await house.tick(NINE)
    for minute in range(1, 60, 6):
        await house.tick(NINE + timedelta(minutes=minute))
    in_channel = [m for m in house.discord.messages.values() if m["channel_id"] == str(house.channel.id)]
    assert sum("Trap question" in text(message) for message in in_channel if message["components"]) == 1
    direct = [m for m in house.discord.messages.values() if "can't tell whether it arrived" in text(m)]
    assert len(direct) == 1


async def test_a_rate_limit_is_waited_out(house: House) -> None:
    limited = {"message": "slow", "retry_after": 0.05, "global": False}
    house.discord.trouble("POST", "/messages", status=429, body=limited, headers={"Via": "1.1 google"})
    await house.tick(NINE)
    assert len(house.discord.posts(house.channel)) == 1


async def test_a_long_rate_limit_goes_to_the_outbox(house: House) -> None:
    limited = {"message": "slow", "retry_after": 120, "global": False}
    house.discord.trouble("POST", "/messages", status=429, body=limited, headers={"Via": "1.1 google"})
    await house.tick(NINE)
    await house.tick(NINE + timedelta(seconds=119))
    assert house.discord.posts(house.channel) == []
    await house.tick(NINE + timedelta(seconds=121))
    assert len(house.discord.posts(house.channel)) == 1


async def test_a_missing_permission_is_found_without_asking_discord(house: House) -> None:
    house.channel.bot &= ~world.SEND
    await house.discord.gateway.dispatch("CHANNEL_UPDATE", house.channel.payload(), guild=house.guild.id)
    told = await house.say(ADMIN, "trapwise-admin status")
    assert "I can't post here yet. Give me these permissions in this channel: Send Messages." in text(told)
    await house.tick(NINE)
    direct = [found for found in house.discord.sent if found.path.endswith("/messages")]
    assert len(direct) == 1
    assert "I may not post in #exam-prep any more" in json.dumps(direct[0].body, ensure_ascii=False)
    await house.tick(NINE + timedelta(days=1))
    assert len(house.discord.requests("POST", "/messages")) == 1


@pytest.mark.parametrize("code", [50001, 50013, 200000], ids=["no access", "no permission", "AutoMod"])
async def test_a_refusal_that_only_discord_knew_of_pauses_that_channel_alone(house: House, code: int) -> None:
    other = house.discord.channel(house.guild, name="other")
    await house.discord.gateway.dispatch("CHANNEL_CREATE", other.payload(), guild=house.guild.id)
    await house.set_up(other)
    refused = {"code": code, "message": "refused"}
    house.discord.trouble("POST", f"/{house.channel.id}/messages", status=403, body=refused)
    await house.tick(NINE)
    assert house.discord.posts(house.channel) == []
    assert len(house.discord.posts(other)) == 1
    told = [m for m in house.discord.messages.values() if "I may not post in #exam-prep any more" in text(m)]
    assert ["/trapwise-admin resume" in text(message) for message in told] == [True]
    await house.tick(NINE + timedelta(days=1))
    assert len(house.discord.requests("POST", f"/{house.channel.id}/messages")) == 1, "refused requests are rationed"
    assert "Resumed" in text(await house.say(ADMIN, "trapwise-admin resume"))


async def test_a_limit_of_the_proxy_before_discord_is_waited_out_for_minutes(house: House) -> None:
    # Without the header that Discord's own limits come with, nobody says how long.
    house.discord.trouble("POST", "/messages", status=429, body={"message": "blocked"})
    await house.tick(NINE)
    await house.tick(NINE + timedelta(seconds=299))
    assert len(house.discord.requests("POST", "/messages")) == 1
    await house.tick(NINE + timedelta(seconds=301))
    assert len(house.discord.posts(house.channel)) == 1


async def test_in_a_thread_it_is_another_permission(house: House) -> None:
    thread = house.discord.channel(house.guild, kind=world.PUBLIC_THREAD, parent=house.channel.id, name="side room")
    await house.discord.gateway.dispatch("THREAD_CREATE", thread.payload(), guild=house.guild.id)
    house.channel.bot &= ~world.SEND_IN_THREADS
    await house.discord.gateway.dispatch("CHANNEL_UPDATE", house.channel.payload(), guild=house.guild.id)
    told = await house.set_up(thread)
    assert "Send Messages in Threads" in text(told)
    await house.tick(NINE)
    assert len(house.discord.posts(house.channel)) == 1
    assert house.discord.posts(thread) == []


async def test_a_deleted_channel_pauses_its_schedule(house: House) -> None:
    house.channel.gone = True
    await house.tick(NINE)
    plans = await house.parts.services.storage.read(lambda tx: tx.schedules.active())
    assert plans == []
    [sent] = [found for found in house.discord.requests("POST", f"/{house.channel.id}/messages")]
    assert sent.status == 404


async def test_a_deleted_message_is_left_alone(house: House) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    del house.discord.messages[int(post["id"])]
    await house.tick(FIVE)
    plans = await house.parts.services.storage.read(lambda tx: tx.schedules.active())
    assert len(plans) == 1


async def test_an_old_message_is_edited_seldom_and_still_closed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.discord.age_messages_by = 2 * 3600.0
    await house.tick(NINE)
    house.discord.age_messages_by = 0.0
    [post] = house.discord.posts(house.channel)
    for name in ("Ana", "Ben", "Cleo"):
        await house.press(Person(id=700 + len(name) + ord(name[0]), name=name), post, "A")
    await house.discord.until(lambda: house.discord.requests("PATCH", f"/messages/{post['id']}"))
    await house.tick(FIVE)
    await house.tick(FIVE + timedelta(minutes=2))
    assert len(house.discord.requests("PATCH", f"/messages/{post['id']}")) == 1
    monkeypatch.setattr(messenger, "BETWEEN_OLD_EDITS", timedelta())
    await house.tick(FIVE + timedelta(minutes=4))
    assert len(house.discord.requests("PATCH", f"/messages/{post['id']}")) == 2
    assert "closed" in text(house.discord.messages[int(post["id"])])


async def test_discord_refusing_more_edits_is_waited_out(house: House) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    house.discord.trouble("PATCH", f"/messages/{post['id']}", status=400, body={"code": 30046, "message": "too many"})
    await house.tick(FIVE)
    assert "closed" not in text(house.discord.messages[int(post["id"])])
    await house.tick(FIVE + timedelta(seconds=61))
    assert "closed" in text(house.discord.messages[int(post["id"])])


async def test_a_broken_database_is_told_to_the_member(house: House, caplog: pytest.LogCaptureFixture) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    await house.parts.storage.close()
    told = await house.press(ANA, post, "A")
    assert "NOT saved" in text(told)
    ref = text(told).split("(ref ")[1].split("\\")[0].rstrip(")")
    assert ref in caplog.text


async def test_a_button_nobody_made_is_answered(house: House) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    for custom_id in ("old-bot-button", "tw1:zz:1", "tw9:a:1:A"):
        button(post, "A")["custom_id"] = custom_id
        told = await house.discord.answer(await house.discord.press(ANA, post, custom_id))
        assert "I can't read that button" in text(told)


async def test_a_press_on_a_message_that_no_longer_has_the_button_is_answered(house: House) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    token = button(post, "A")["custom_id"]
    bare = post | {"components": []}
    assert "### " in text(await house.discord.answer(await house.discord.press(ANA, bare, token)))


async def test_an_answer_that_comes_too_late_is_saved_all_the_same(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    house.discord.deadline = -1.0
    await house.pressing(ANA, post, "A")
    await house.discord.until(
        lambda: [found for found in house.discord.sent if found.path.endswith("/callback")][-1].status == 404
    )
    house.discord.deadline = 3.0
    assert "You already chose A" in text(await house.press(ANA, post, "B"))
    assert "its answer came too late" in caplog.text


async def test_an_acknowledgement_whose_answer_is_lost_is_not_repeated_as_a_failure(house: House) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    house.discord.trouble("POST", "/callback", cut=True, done=True)
    pressed = await house.pressing(ANA, post, "A")
    assert "### " in text(await house.discord.answer(pressed))
    await house.discord.until(lambda: house.discord.sent[-1].status == 400)
    assert pressed.followups == []


async def test_a_channel_that_cannot_be_told_of_a_setup_is_set_up_all_the_same(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    opened = await house.discord.command(ADMIN, house.channel, "trapwise-admin setup")
    await house.discord.until(lambda: opened.callback)
    sent = await house.discord.submit(opened, time="08:30")
    house.discord.trouble("POST", sent.token, status=403, body={"code": 50013, "message": "Missing Permissions"})
    assert "08:30" in text(await house.discord.answer(sent))
    await house.discord.until(lambda: [found for found in house.discord.sent if found.status == 403])
    assert sent.followups == []
    assert "08:30" in text(await house.say(ADMIN, "trapwise-admin status"))
    assert "the channel was not told" in caplog.text


async def test_a_refused_answer_becomes_a_sentence(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.discord.trouble("POST", "/callback", status=400, body={"code": 50035, "message": "Invalid Form Body"})
    told = await house.say(ANA, "trapwise help")
    assert "Something went wrong on my side" in text(told)
    assert "was not taken" in caplog.text


@pytest.mark.parametrize("done", [False, True], ids=["lost", "carried out"])
async def test_a_server_error_on_an_answer_reaches_the_member_once(house: House, done: bool) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    house.discord.trouble("POST", "/callback", status=502, done=done)
    pressed = await house.pressing(ANA, post, "A")
    assert "### " in text(await house.discord.answer(pressed))
    tried = await house.discord.until(
        lambda: [found for found in house.discord.requests("POST", f"{pressed.token}/callback") if found.status][1:]
    )
    assert [found.status for found in tried] == [400 if done else 200]
    assert pressed.followups == []
    assert "You already chose A" in text(await house.press(ANA, post, "B"))


async def test_an_answer_that_discord_cannot_take_is_saved_all_the_same(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    house.discord.trouble("POST", "/callback", status=502)
    house.discord.trouble("POST", "/callback", status=404, body={"code": 10062, "message": "Unknown interaction"})
    pressed = await house.pressing(ANA, post, "A")
    await house.discord.until(
        lambda: [found for found in house.discord.requests("POST", f"{pressed.token}/callback") if found.status == 404]
    )
    assert "You already chose A" in text(await house.press(ANA, post, "B"))
    assert "its answer came too late" in caplog.text


@pytest.mark.parametrize("status", [502, 503])
async def test_a_server_error_on_an_edit_only_delays_it(house: House, status: int) -> None:
    await house.tick(NINE)
    [post] = house.discord.posts(house.channel)
    house.discord.trouble("PATCH", f"/messages/{post['id']}", status=status)
    await house.tick(FIVE)
    await house.tick(FIVE + timedelta(minutes=2))
    assert "closed" in text(house.discord.messages[int(post["id"])])
    edits = house.discord.requests("PATCH", f"/messages/{post['id']}")
    assert [found.status for found in edits] == [status, 200]


async def test_a_global_rate_limit_holds_everything_back(house: House) -> None:
    other = house.discord.channel(house.guild, name="other")
    await house.discord.gateway.dispatch("CHANNEL_CREATE", other.payload(), guild=house.guild.id)
    await house.set_up(other)
    limited = {"message": "You are being rate limited.", "retry_after": 0.5, "global": True}
    headers = {"Via": "1.1 google", "X-RateLimit-Global": "true", "X-RateLimit-Scope": "global", "Retry-After": "1"}
    house.discord.trouble("POST", f"/{house.channel.id}/messages", status=429, body=limited, headers=headers)
    await house.tick(NINE)
    assert [len(house.discord.posts(place)) for place in (house.channel, other)] == [1, 1]
    posts = [found.status for found in house.discord.requests("POST", f"/{house.channel.id}/messages")]
    assert posts == [429, 200]


async def test_a_long_global_rate_limit_goes_to_the_outbox(house: House) -> None:
    limited = {"message": "You are being rate limited.", "retry_after": 120, "global": True}
    headers = {"Via": "1.1 google", "X-RateLimit-Global": "true"}
    house.discord.trouble("POST", "/messages", status=429, body=limited, headers=headers)
    await house.tick(NINE)
    assert house.discord.posts(house.channel) == []
    told = await house.say(ANA, "trapwise help")
    assert "What you can do here" in text(told), "answers have a rate limit of their own and go on"
    await house.tick(NINE + timedelta(seconds=121))
    assert len(house.discord.posts(house.channel)) == 1
