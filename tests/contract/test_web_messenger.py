"""The web space as a messenger: what is posted is on the page, and open pages hear of it."""

import asyncio

import pytest

from bot.adapters.web.messenger import WebMessenger
from bot.app.live import Live
from bot.core.refs import ChannelRef, MemberRef, MessageRef, Platform, WorkspaceRef
from bot.view.card import Card

WORKSPACE = WorkspaceRef(Platform.WEB, "local")
CHANNEL = ChannelRef(WORKSPACE, "exam-prep")
CARD = Card(title="A question")


@pytest.fixture
def live() -> Live:
    return Live()


async def test_posting_and_editing_wake_the_pages_of_that_channel(live: Live) -> None:
    messenger = WebMessenger(live)
    changes, elsewhere = live.changes(CHANNEL), live.changes(ChannelRef(WORKSPACE, "other"))
    waiting, other = asyncio.ensure_future(anext(changes)), asyncio.ensure_future(anext(elsewhere))
    await asyncio.sleep(0)
    message = await messenger.post(CHANNEL, CARD, key="r1")
    await waiting
    waiting = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    await messenger.edit(message, CARD)
    await waiting
    assert not other.done()
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)


async def test_a_post_is_always_found_under_its_key(live: Live) -> None:
    messenger = WebMessenger(live)
    posted = await messenger.post(CHANNEL, CARD, key="r1")
    assert posted == MessageRef(CHANNEL, "r1")
    assert await messenger.find(CHANNEL, key="r1") == posted


async def test_a_notice_tells_nobody_in_the_log_what_it_says_to_whom(
    live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await WebMessenger(live).tell(MemberRef(WORKSPACE, "m1"), CARD)
    assert "m1" not in caplog.text
