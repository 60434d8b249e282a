"""The local Slack objects where Slack would: else a test that nothing was amiss would show nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.support import wire_slack
from tests.support.wire_slack import BOT_TOKEN, LASTS, USES, FakeSlack, Grant
from tests.support.wire_slack_checks import faults_of_answer, faults_of_blocks, faults_of_message, faults_of_view
from tests.support.wire_slack_members import Hands

WORDS = {"type": "plain_text", "text": "words"}
BUTTON = {"type": "button", "action_id": "tw.0", "text": WORDS, "value": "v"}
SELECT = {
    "type": "static_select",
    "action_id": "tw.1",
    "placeholder": WORDS,
    "options": [{"text": WORDS, "value": "1"}],
}
HEADER: dict[str, Any] = {"type": "header", "text": WORDS}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
INPUT = {
    "type": "input",
    "block_id": "f.time",
    "label": WORDS,
    "element": {"type": "plain_text_input", "action_id": "a"},
}
MODAL = {"type": "modal", "title": WORDS, "submit": WORDS, "close": WORDS, "blocks": [INPUT]}


def words(length: int, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": kind, "text": "x" * length}


def actions(*elements: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **rest}


def test_what_slack_takes_is_taken() -> None:
    blocks = [HEADER, RICH, actions(BUTTON, SELECT), {"type": "section", "text": words(3000, "mrkdwn")}]
    assert faults_of_blocks(blocks, most=50) == []
    assert faults_of_message({"text": "Who &amp; what", "blocks": blocks}) == []
    assert faults_of_view(MODAL) == []
    assert faults_of_answer({"response_action": "errors", "errors": {"f.time": "When?"}}, MODAL) == []


@pytest.mark.parametrize(
    "block",
    [
        {"type": "header", "text": words(151)},
        {"type": "header", "text": words(9, "mrkdwn")},
        {"type": "header"},
        {"type": "section", "text": words(3001)},
        {"type": "section", "text": words(0)},
        {"type": "section"},
        {"type": "context", "elements": []},
        {"type": "context", "elements": [WORDS] * 11},
        {"type": "fireworks"},
        {**HEADER, "colour": "red"},
        {**HEADER, "block_id": "x" * 256},
        actions(),
        actions(*({**BUTTON, "action_id": str(n)} for n in range(26))),
        actions(BUTTON, BUTTON),
        actions({**BUTTON, "text": words(76)}),
        actions({**BUTTON, "text": words(9, "mrkdwn")}),
        actions({**BUTTON, "value": "x" * 2001}),
        actions({**BUTTON, "url": "https://e.org/" + "x" * 3000}),
        actions({**BUTTON, "accessibility_label": "x" * 76}),
        actions({**BUTTON, "style": "pink"}),
        actions({**BUTTON, "action_id": "x" * 256}),
        actions({**BUTTON, "disabled": True}),
        actions({**BUTTON, "type": "lever"}),
        actions({**SELECT, "options": []}),
        actions({**SELECT, "options": [{"text": WORDS, "value": str(n)} for n in range(101)]}),
        actions({**SELECT, "options": [{"text": words(76), "value": "1"}]}),
        actions({**SELECT, "options": [{"text": WORDS, "value": "x" * 151}]}),
        actions({**SELECT, "options": [{"text": WORDS, "value": "1"}] * 2}),
        actions({**SELECT, "initial_option": {"text": WORDS, "value": "2"}}),
        {"type": "image", "slack_file": {"id": "F1"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "this & that"}},
        {"type": "rich_text", "elements": []},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}],
        },
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [words(3001) | {"type": "text"}]}],
        },
    ],
    ids=repr,
)
def test_a_block_that_slack_refuses(block: dict[str, Any]) -> None:
    assert faults_of_blocks([block], most=50)


def test_too_many_blocks_and_a_block_id_twice() -> None:
    assert faults_of_blocks([HEADER] * 51, most=50)
    assert faults_of_blocks([{**HEADER, "block_id": "b"}] * 2, most=50)


@pytest.mark.parametrize("text", ["", " ", "x" * 4001, "<@U1>", "this & that", "a > b"])
def test_a_text_that_slack_refuses_or_cannot_read_out(text: str) -> None:
    assert faults_of_message({"text": text})


@pytest.mark.parametrize(
    "changed",
    [
        {"title": words(25)},
        {"submit": words(25)},
        {"private_metadata": "x" * 3001},
        {"blocks": [INPUT] * 101},
        {"colour": "red"},
    ],
    ids=repr,
)
def test_a_window_that_slack_refuses(changed: dict[str, Any]) -> None:
    assert faults_of_view({**MODAL, **changed})


def test_a_window_that_lacks_something() -> None:
    assert faults_of_view({key: value for key, value in MODAL.items() if key != "submit"})
    assert faults_of_view({key: value for key, value in MODAL.items() if key != "title"})
    assert faults_of_view({"type": "home", "title": WORDS, "blocks": [HEADER]})


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"f.elsewhere": "When?"}},
        {"response_action": "errors", "errors": {"f.time": " "}},
        {"response_action": "update", "view": {**MODAL, "title": words(25)}},
        {"response_action": "explode"},
    ],
)
def test_an_answer_to_a_form_that_slack_refuses(answer: dict[str, Any]) -> None:
    assert faults_of_answer(answer, MODAL)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    fake = await FakeSlack().start()
    fake.user("U1", "Ben")
    fake.channel("C1", "exam-prep")
    yield fake
    await fake.stop()


async def call(slack: FakeSlack, method: str, token: str = BOT_TOKEN, **arguments: Any) -> dict[str, Any]:
    """A call of the Web API; its answer."""
    async with aiohttp.ClientSession() as client:
        headers = {"Authorization": f"Bearer {token}"}
        async with client.post(slack.api + method, json=arguments, headers=headers) as answer:
            found: dict[str, Any] = await answer.json()
            return found


GOOD: dict[str, Any] = {"channel": "C1", "text": "words", "unfurl_links": False, "unfurl_media": False}


async def test_methods_and_routes_that_are_not_listed(slack: FakeSlack) -> None:
    assert (await call(slack, "chat.postMessage", **GOOD))["ok"]
    assert slack.problems == []
    assert not (await call(slack, "conversations.history", channel="C1"))["ok"]
    async with aiohttp.ClientSession() as client, client.get(f"{slack.base}/elsewhere") as answer:
        assert answer.status == 404
    assert len(slack.problems) == 2


async def test_unfurling_is_noticed(slack: FakeSlack) -> None:
    await call(slack, "chat.postMessage", channel="C1", text="words")
    assert len(slack.problems) == 2


async def test_scopes(slack: FakeSlack) -> None:
    slack.grants["xoxb-less"] = Grant("T1", "UBOT", slack.scopes - {"chat:write"})
    assert (await call(slack, "chat.postMessage", token="xoxb-less", **GOOD))["error"] == "missing_scope"
    assert slack.problems == []
    slack.grants["xoxb-more"] = Grant("T1", "UBOT", slack.scopes)
    slack.scopes -= {"users:read"}
    assert (await call(slack, "users.info", token="xoxb-more", user="U1"))["ok"]
    assert len(slack.problems) == 1, "granted, but not in the manifest"
    assert (await call(slack, "users.info", token="xoxb-made-up", user="U1"))["error"] == "invalid_auth"


async def test_commands_and_events_that_are_not_in_the_manifest(slack: FakeSlack) -> None:
    hands, ben = Hands(slack), slack.users["U1"]
    with pytest.raises(AssertionError, match="manifest"):
        await hands.command(ben, slack.channels["C1"], "/unheard-of")
    with pytest.raises(AssertionError, match="manifest"):
        await hands.event("T1", {"type": "message", "user": "U1"})


async def test_a_trigger_works_once_and_for_three_seconds(slack: FakeSlack) -> None:
    ben = slack.users["U1"]
    trigger = slack.trigger(ben)
    assert (await call(slack, "views.open", trigger_id=trigger, view=MODAL))["ok"]
    assert (await call(slack, "views.open", trigger_id=trigger, view=MODAL))["error"] == "exchanged_trigger_id"
    trigger = slack.trigger(ben)
    slack.offset += 3.1
    assert (await call(slack, "views.open", trigger_id=trigger, view=MODAL))["error"] == "expired_trigger_id"
    assert len(ben.views) == 1


async def test_a_response_url_works_five_times_and_for_half_an_hour(slack: FakeSlack) -> None:
    ben = slack.users["U1"]
    async with aiohttp.ClientSession() as client:

        async def respond(url: str) -> int:
            async with client.post(url, json={"text": "words"}) as answer:
                return answer.status

        url = slack.response_url(ben, "C1")
        assert [await respond(url) for _ in range(USES + 1)] == [200] * USES + [404]
        old = slack.response_url(ben, "C1")
        slack.offset += LASTS + 1
        assert await respond(old) == 404
    assert len(ben.sees) == USES


async def test_failures_as_they_are_told_to_come(slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", retry_after=7)
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as client:
        async with client.post(slack.api + "chat.postMessage", json=GOOD) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        slack.fail("chat.postMessage", drop=True, done=True)
        with pytest.raises(aiohttp.ClientError):
            await client.post(slack.api + "chat.postMessage", json=GOOD)
    assert len(slack.channels["C1"].messages) == 1


async def test_a_late_or_bad_acknowledgement_is_noticed(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = iter((200, 500))

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response(status=next(statuses))

    app = web.Application()
    app.router.add_post("/slack/events", slow)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.http = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    monkeypatch.setattr(wire_slack, "LATEST", 0.02)
    try:
        await slack.send("interactive", {})
        assert len(slack.problems) == 1
        monkeypatch.setattr(wire_slack, "LATEST", 3.0)
        await slack.send("interactive", {})
        assert len(slack.problems) == 2
    finally:
        await runner.cleanup()
