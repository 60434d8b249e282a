"""The conversation at the terminal: failures, notices, news while somebody types, and leaving."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.adapters.terminal.messenger import TerminalMessenger
from bot.adapters.terminal.repl import Repl, player
from bot.adapters.terminal.screen import Screen
from bot.adapters.terminal.seat import Seat
from bot.app.actions import Press, Submission
from bot.app.live import Live
from bot.core.errors import StorageBusy
from bot.core.refs import MemberRef, MessageRef
from bot.view.card import Card
from tests.support.fake_trapwise import CHANNEL, FakeTrapwise, question


class Paper(io.StringIO):
    """What is printed, and word of it when a prompt was put back."""

    def __init__(self) -> None:
        super().__init__()
        self.prompted = asyncio.Event()

    def write(self, text: str) -> int:
        if text.startswith("\n> "):
            self.prompted.set()
        return super().write(text)


class Table:
    """A scripted Trapwise, a player and what they see; `type` answers the conversation's waiting for a line."""

    def __init__(self, folder: Path, *, watched: bool) -> None:
        self.live = Live()
        self.trapwise = FakeTrapwise(self.live)
        self.messenger = TerminalMessenger(self.live, CHANNEL)
        self._held = Paper()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._asked = asyncio.Event()
        self._seat = Seat(
            name="Ana",
            screen=Screen(Console(file=self._held, width=80, force_terminal=False, no_color=True)),
            read=self._read,
            folder=folder,
            watched=watched,
            half_typed=lambda: "sta",
        )
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, up to the first prompt."""

        async def catch_up() -> None:
            pass

        repl = Repl(self.trapwise, self._seat, CHANNEL, self.messenger, live=self.live, catch_up=catch_up)
        self._running = asyncio.create_task(repl.run())
        await self._asked.wait()

    async def type(self, line: str | None) -> str:
        """Type a line (None leaves); what is printed until the next prompt, or the end."""
        assert self._running is not None
        self.new()
        self._asked.clear()
        self._lines.put_nowait(line)
        asked = asyncio.create_task(self._asked.wait())
        await asyncio.wait({asked, self._running}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        return self.new()

    def new(self) -> str:
        """What was printed since the last look."""
        text = self._held.getvalue()
        self._held.seek(0)
        self._held.truncate()
        return text

    async def printed(self) -> str:
        """What is printed by itself, up to the prompt that is put back."""
        await self._held.prompted.wait()
        return self.new()

    async def stop(self) -> None:
        # Once for a form that is being filled in, and once for the conversation itself.
        while self._running is not None and not self._running.done():
            await self.type(None)

    async def _read(self) -> str | None:
        self._asked.set()
        return await self._lines.get()


@pytest.fixture
async def script(tmp_path: Path) -> AsyncIterator[Table]:
    """A conversation that nobody watches."""
    table = Table(tmp_path, watched=False)
    await table.start()
    yield table
    await table.stop()


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Table]:
    """A conversation with somebody at the keyboard."""
    table = Table(tmp_path, watched=True)
    await table.start()
    yield table
    await table.stop()


async def test_the_open_question_is_shown_at_the_start_and_its_letters_press(script: Table) -> None:
    assert "Answer:  A  B  C  D" in script.new()
    await script.type("b")
    assert script.trapwise.seen == [Press(actor=player("Ana", CHANNEL), token="tw1:a:3:B")]


async def test_a_database_that_fails_is_said_to_have_saved_nothing(
    script: Table, caplog: pytest.LogCaptureFixture
) -> None:
    script.trapwise.broken = StorageBusy("locked")
    said = await script.type("b")
    assert "this was NOT saved" in said.replace("\n", " ")
    code = " ".join(said.split()).split("(ref ")[1].split(")")[0]
    assert f"[{code}]" in caplog.text
    script.trapwise.broken = None
    assert "NOT saved" not in await script.type("b")


async def test_any_other_failure_does_not_claim_that_nothing_was_saved(script: Table) -> None:
    script.trapwise.broken = ZeroDivisionError()
    said = (await script.type("stats")).replace("\n", " ")
    assert "Something went wrong on my side" in said
    assert "NOT saved" not in said


async def test_a_failure_at_the_start_still_leaves_a_prompt(tmp_path: Path) -> None:
    table = Table(tmp_path, watched=False)
    table.trapwise.broken = StorageBusy("locked")
    await table.start()
    table.trapwise.broken = None
    assert "Trap question" in await table.type("today")
    await table.stop()


async def test_an_attachment_is_saved_and_named(script: Table, tmp_path: Path) -> None:
    await script.type("settings")
    said = await script.type("/settings")
    number = said.split("] Export")[0].rsplit("[", 1)[1]
    assert "Saved as trapwise.json in this folder." in await script.type(number)
    assert (tmp_path / "trapwise.json").read_bytes() == b"{}"


async def test_a_folder_that_takes_no_file_is_said(tmp_path: Path) -> None:
    table = Table(tmp_path / "gone", watched=False)
    await table.start()
    said = await table.type("/settings")
    number = said.split("] Export")[0].rsplit("[", 1)[1]
    assert "could not be written here: No such file or directory." in await table.type(number)
    await table.stop()


async def test_a_form_comes_back_with_its_error_and_asks_only_that_field(script: Table) -> None:
    said = await script.type("setup")
    given = 0
    while "can't be saved yet" not in said:
        given += 1
        assert given <= 5, "the form was not sent after its last field"
        said = await script.type("half past nine" if "Time" in said else "")
    assert given > 1
    assert "! Write the time as hours and minutes" in said
    assert "The first question comes tomorrow" in await script.type("09:00")
    sent = [each for each in script.trapwise.seen if isinstance(each, Submission)]
    assert dict(sent[-1].values)["time"] == ("09:00",)
    assert [name for name, _ in sent[0].values] == [name for name, _ in sent[-1].values]


async def test_the_end_of_input_inside_a_form_sends_nothing(script: Table) -> None:
    await script.type("setup")
    assert "nothing was saved" in await script.type(None)
    assert not [each for each in script.trapwise.seen if isinstance(each, Submission)]


async def test_a_private_notice_for_somebody_else_says_whom_it_is_for(script: Table) -> None:
    await script.messenger.tell(MemberRef(CHANNEL.workspace, "ben"), Card(title="Your exam ends."))
    said = await script.type("")
    assert "For ben, who plays here too:\n\nYour exam ends.\n" in said
    await script.messenger.tell(player("Ana", CHANNEL).member, Card(title="Your exam ends."))
    assert "who plays here too" not in await script.type("")


async def test_names_tell_players_apart_whatever_their_case(script: Table) -> None:
    await script.type("as Ben")
    await script.type("b")
    await script.type("as bEN")
    await script.type("c")
    assert [each.actor.member.id for each in script.trapwise.seen] == ["ben", "ben"]
    assert "Choose a name" in await script.type("as \u200b")


async def test_news_comes_while_somebody_types_and_their_line_is_put_back(watched: Table) -> None:
    watched.new()
    await watched.messenger.edit(MessageRef(CHANNEL, "k"), question(3, 8))
    shown = await watched.printed()
    assert "8 people have answered" in shown
    assert "Answer:" not in shown
    assert shown.endswith("\n> sta")


async def test_a_script_hears_nothing_of_counts(script: Table) -> None:
    await script.messenger.edit(MessageRef(CHANNEL, "k"), question(3, 8))
    assert "people have answered" not in await script.type("")


async def test_leaving_ends_the_conversation_with_a_goodbye(watched: Table) -> None:
    assert "Bye. Your answers are saved." in await watched.type("quit")


async def test_once_the_question_is_answered_letters_answer_the_next_that_comes(script: Table) -> None:
    await script.type("b")
    await script.messenger.post(CHANNEL, question(4, 0), key="k")
    await script.type("")
    await script.type("a")
    assert [each.token for each in script.trapwise.seen if isinstance(each, Press)] == ["tw1:a:3:B", "tw1:a:4:A"]


async def test_what_was_typed_is_echoed_without_its_escapes(script: Table) -> None:
    said = await script.type("\x1b]0;owned\x07")
    assert "> \ufffd]0;owned\ufffd\n" in said
    assert "\x1b" not in said
