"""Charts in Slack: uploaded and shown by an image block where files may be sent, else the bars in the text alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack.answers import Answers
from bot.adapters.slack.inbound import Origin, Where
from bot.adapters.slack.workspaces import Api, Grant
from bot.view import charts
from bot.view.card import Attachment, Bar, Bars, Card, Reply
from tests.support.wire_discord_house import small_content
from tests.support.wire_slack import BOT_TOKEN, FakeSlack, User
from tests.support.wire_slack import Grant as Granted
from tests.support.wire_slack_house import MANY, SOCKET, house
from tests.support.wire_slack_oauth import install, offer

# slack_sdk still uses what aiohttp has deprecated; it works.
pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")

BARS = Bars("By domain", (Bar(label="Deployment", share=0.7, low=0.5, high=0.9, text="70 % (7 of 10)", note="fine"),))
CARD = Card(title="Where you stand", blocks=(BARS,))
CHART = Attachment(name="domains.png", media_type="image/png", content=b"\x89PNG chart")
REPLY = Reply(card=CARD, attachments=(CHART,))


class Workspace:
    """One workspace with what it has granted."""

    def __init__(self, scopes: frozenset[str]) -> None:
        self.scopes = scopes

    async def grant(self, workspace: str, enterprise: str = "") -> Grant | None:
        return Grant(token=BOT_TOKEN, team="T1", scopes=self.scopes)

    async def forget(self, workspace: str, enterprise: str = "") -> None:
        raise AssertionError("nobody was removed")


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    fake = await FakeSlack().start()
    fake.channel("C1", "exam-prep")
    yield fake
    await fake.stop()
    assert fake.problems == []


async def send(slack: FakeSlack, where: Where, *, scopes: frozenset[str] | None = None) -> User:
    """Send the reply to Ben, who acted there."""
    ben = slack.user("U1", "Ben")
    origin = Origin(where=where, workspace="T1", user="U1", member="U1", guest=False, channel="C1")
    if where is Where.DIRECT:
        origin = replace(origin, channel=slack.direct(ben).id)
    elif where is Where.HOME:
        origin = replace(origin, channel="", trigger=slack.trigger(ben))
    else:
        origin = replace(origin, response_url=slack.response_url(ben, "C1"))
    api = Api(slack.api)
    try:
        await Answers(api, Workspace(slack.scopes if scopes is None else scopes)).send(REPLY, origin)
    finally:
        await api.close()
    return ben


def images(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in message["blocks"] if block["type"] == "image"]


async def test_a_chart_is_uploaded_and_shown_to_the_member_alone(slack: FakeSlack) -> None:
    [seen] = (await send(slack, Where.COMMAND)).sees
    [image] = images(seen)
    assert {image["slack_file"]["id"]} == slack.ready
    assert image["alt_text"] == "Where you stand. Deployment: 70 % (7 of 10), fine"
    assert list(slack.uploads.values()) == [CHART.content]
    assert "70 % (7 of 10)" in seen["text"]
    [completed] = slack.called("files.completeUploadExternal")
    assert not completed.get("channel_id"), "a channel's members would all see it"


async def test_a_chart_in_direct_messages(slack: FakeSlack) -> None:
    ben = await send(slack, Where.DIRECT)
    assert len(images(slack.direct(ben).newest)) == 1


async def test_without_the_right_to_send_files_the_bars_are_enough(slack: FakeSlack) -> None:
    [seen] = (await send(slack, Where.COMMAND, scopes=slack.scopes - {"files:write"})).sees
    assert images(seen) == []
    assert "70 % (7 of 10)" in seen["text"]
    assert not slack.called("files.getUploadURLExternal")


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_a_chart_that_slack_does_not_take_is_left_out(slack: FakeSlack, method: str) -> None:
    slack.fail(method, error="internal_error")
    [seen] = (await send(slack, Where.COMMAND)).sees
    assert images(seen) == []
    assert "70 % (7 of 10)" in seen["text"]


async def test_a_file_that_is_not_ready_yet_costs_only_the_picture(slack: FakeSlack) -> None:
    slack.fail("response_url", error="invalid_blocks")
    [seen] = (await send(slack, Where.COMMAND)).sees
    assert images(seen) == []
    assert "rich_text" in str(seen["blocks"]) or "section" in str(seen["blocks"])
    slack.fail("chat.postMessage", error="invalid_blocks")
    ben = await send(slack, Where.DIRECT)
    assert images(slack.direct(ben).newest) == []
    assert slack.direct(ben).newest["blocks"]


async def test_a_window_does_not_wait_for_a_chart(slack: FakeSlack) -> None:
    ben = await send(slack, Where.HOME)
    assert len(ben.views) == 1
    assert slack.uploads == {}


@pytest.mark.parametrize("settings", [SOCKET, MANY], ids=["own-token", "installed"])
@pytest.mark.parametrize("allowed", [True, False], ids=["files", "no-files"])
async def test_a_chart_is_drawn_only_where_it_may_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], allowed: bool
) -> None:
    drawn: list[Bars] = []
    draw = charts.png

    def seen(bars: Bars) -> bytes:
        drawn.append(bars)
        return draw(bars)

    monkeypatch.setattr(charts, "png", seen)
    small_content(tmp_path / "content")
    fake = await FakeSlack().start()
    granted = fake.scopes if allowed else fake.scopes - {"files:write"}
    fake.grants[BOT_TOKEN] = Granted("T1", "UBOT", granted)
    try:
        content = {"TRAPWISE_CONTENT": str(tmp_path / "content"), "TRAPWISE_PACK": "my-exam"}
        async with house(tmp_path, settings={**settings, **content}, slack=fake) as home:
            if settings is MANY:
                token = offer(fake, "code", "T1", scope=",".join(sorted(granted)))
                fake.grants[token] = Granted("T1", "UBOTT1", granted)
                await install(fake, "code")
            ben = fake.user("U1", "Ben")
            there = fake.direct(ben)
            await home.hands.command(ben, home.channel, "/exam")
            await fake.until(lambda: there.messages)
            for label in ("B", "Next ›", "B", "Next ›", "B", "Next ›", "B", "Submit", "Submit"):
                edits = len(there.edits)
                await home.hands.press(ben, there.newest, label, channel=there)
                await fake.until(lambda before=edits: len(there.edits) > before)  # type: ignore[misc]  # a bound default
            assert "By domain" in there.newest["text"]
            assert bool(drawn) == allowed
            assert bool(images(there.newest)) == allowed
            assert bool(fake.uploads) == allowed
    finally:
        await fake.stop()
