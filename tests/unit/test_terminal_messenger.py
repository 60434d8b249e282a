"""The terminal as a place to post, and the files that members ask for."""

import asyncio
import stat
from pathlib import Path

import pytest

from bot.adapters.terminal.messenger import Edited, Posted, TerminalMessenger, Told
from bot.adapters.terminal.saving import save
from bot.app.live import Live
from bot.core.refs import MessageRef
from bot.view.card import Attachment, Card
from tests.support.builders import a_channel_ref, a_member_ref

CHANNEL = a_channel_ref()


async def test_news_waits_in_order_and_is_taken_once() -> None:
    messenger = TerminalMessenger(Live(), CHANNEL)
    message = await messenger.post(CHANNEL, Card(title="a"), key="k")
    await messenger.edit(message, Card(title="b"))
    await messenger.tell(a_member_ref(), Card(title="c"))
    assert message == MessageRef(CHANNEL, "k")
    assert messenger.take() == (
        Posted(Card(title="a")),
        Edited(Card(title="b")),
        Told(a_member_ref(), Card(title="c")),
    )
    assert messenger.take() == ()


async def test_what_was_posted_is_always_found() -> None:
    messenger = TerminalMessenger(Live(), CHANNEL)
    assert await messenger.find(CHANNEL, key="k") == MessageRef(CHANNEL, "k")


async def test_whoever_watches_is_woken_by_each_kind_of_news() -> None:
    live = Live()
    messenger = TerminalMessenger(live, CHANNEL)
    woken: asyncio.Queue[None] = asyncio.Queue()

    async def watch() -> None:
        async for _ in live.changes(CHANNEL):
            woken.put_nowait(None)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    await messenger.post(CHANNEL, Card(title="a"), key="k")
    await woken.get()
    await messenger.edit(MessageRef(CHANNEL, "k"), Card(title="a"))
    await woken.get()
    await messenger.tell(a_member_ref(), Card(title="a"))
    await woken.get()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


def attachment(name: str) -> Attachment:
    return Attachment(name=name, media_type="application/zip", content=b"zip")


def test_a_file_is_for_its_owner_only_and_never_written_over(tmp_path: Path) -> None:
    names = [save(attachment("export.zip"), tmp_path).name for _ in range(3)]
    assert names == ["export.zip", "export-2.zip", "export-3.zip"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert (tmp_path / "export-3.zip").read_bytes() == b"zip"


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "etc-passwd"), (".bashrc", "bashrc"), ("a\x1b[2J.zip", "a--2J.zip"), ("..", "trapwise")],
)
def test_a_files_name_leads_nowhere_else(name: str, kept: str, tmp_path: Path) -> None:
    path = save(attachment(name), tmp_path)
    assert path.parent == tmp_path
    assert path.name == kept
