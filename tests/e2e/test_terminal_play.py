"""`trapwise play` as a process: from a pipe, from a script, and at a real (pseudo) terminal."""

import asyncio
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import open_storage
from tests.support.tea_pack import write_tea_pack

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TRAPWISE_") and k not in ("NO_COLOR", "COLUMNS")}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "TRAPWISE_CONTENT": str(folder / "content"),
        "TRAPWISE_PACK": "my-exam",
        "TRAPWISE_DATABASE": f"sqlite:///{folder / 'play.db'}",
        "TRAPWISE_ZONE": "Europe/Berlin",
        "PYTHONWARNINGS": "error",
        "TERM": "xterm-256color",
        **more,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the tea pack, to play in."""
    write_tea_pack(tmp_path / "content")
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot", "play", "--name", "Ana", *arguments]


def piped(folder: Path, typed: bytes, *arguments: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        command(*arguments), input=typed, cwd=folder, env=environment(folder, **more), capture_output=True, timeout=40
    )


def test_a_pipe_gets_plain_text_with_its_lines_echoed(folder: Path) -> None:
    done = piped(folder, b"help\nquit\nstats\n")
    out = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\x1b" not in out
    assert "\n> help\n\nWhat you can do here\n" in out
    assert out.endswith("> quit\n\nBye. Your answers are saved.\n")


def test_answers_are_kept_for_the_next_time(folder: Path) -> None:
    assert b"Streak 1 day" in piped(folder, b"b\n").stdout
    assert b"You already chose B" in piped(folder, b"b\n").stdout
    assert b"Streak 1 day" in piped(folder, b"as Ben\nb\n").stdout


def test_a_script_is_read_from_a_file_at_the_width_asked_for(folder: Path) -> None:
    (folder / "lines.txt").write_text("# a remark\nleaderboard\n", encoding="utf-8")
    done = piped(folder, b"", "--script", "lines.txt", COLUMNS="40")
    out = done.stdout.decode()
    assert done.returncode == 0
    assert "> leaderboard" in out
    assert "remark" not in out
    assert max(len(line) for line in out.splitlines()) <= 40


def test_another_database_can_be_named(folder: Path) -> None:
    assert piped(folder, b"", "--database", "sqlite:///other.db").returncode == 0
    assert (folder / "other.db").is_file()
    assert not (folder / "play.db").exists()


def test_a_database_in_use_is_said_with_a_way_out(folder: Path) -> None:
    async def meanwhile() -> "subprocess.CompletedProcess[bytes]":
        storage = await open_storage(f"sqlite:///{folder / 'play.db'}")
        try:
            return await asyncio.to_thread(piped, folder, b"quit\n")
        finally:
            await storage.close()

    done = asyncio.run(meanwhile())
    assert done.returncode == 1
    assert b"is in use" in done.stderr
    assert b"trapwise play --database sqlite:///play.db" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_name_that_can_not_be_seen_is_refused(folder: Path) -> None:
    done = piped(folder, b"", "--name", "\u200b")
    assert done.returncode == 1
    assert b"Choose a name" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_is_not_utf8_gets_signs_that_look_alike(encoding: str, folder: Path) -> None:
    done = piped(folder, "a\n2\n\xff\n".encode("latin-1"), PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\n* " in done.stdout  # the tick before the answer


def test_a_reader_that_goes_away_is_no_disaster(folder: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            command(), input=b"help\n" * 50, cwd=folder, env=environment(folder), stdout=write_end,
            stderr=subprocess.PIPE, timeout=40,
        )  # fmt: skip
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


class Terminal:
    """A process at a pseudo terminal."""

    def __init__(self, folder: Path, **more: str) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, 80))
        self.process = subprocess.Popen(
            command(), stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment(folder, **more),
            start_new_session=True, preexec_fn=_take_terminal,
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""

    def wait_for(self, text: str) -> str:
        """What was printed up to and with `text`, which is taken out of `seen`."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self._ours], [], [], max(0, end - time.monotonic()))
            if not ready:
                pytest.fail(f"{text!r} did not come; there was {self.seen!r}")
            try:
                got = os.read(self._ours, 65536)
            except OSError:  # how Linux says that the other end was closed
                got = b""
            if not got:
                pytest.fail(f"it ended without {text!r}; there was {self.seen!r}")
            self.seen += got.decode().replace("\r\n", "\n")
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def interrupt_until(self, text: str) -> None:
        """Press Ctrl-C, as people do, until it is heeded.

        Python misses it in the instant between printing the prompt and waiting for a key.
        """
        end = time.monotonic() + PATIENCE
        while text not in self.seen and time.monotonic() < end:
            self.type("\x03")
            # A second one would cut the goodbye short, so it is pressed only after a long silence.
            while text not in self.seen and select.select([self._ours], [], [], 4)[0]:
                self.seen += os.read(self._ours, 65536).decode().replace("\r\n", "\n")
        assert text in self.seen

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)


def _take_terminal() -> None:
    import fcntl

    # A shell without job control has what it runs in the background ignore Ctrl-C, and all that comes of it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    """Play at a terminal of 80 columns."""
    opened = Terminal(folder)
    yield opened
    opened.close()


def test_at_a_terminal_there_is_colour_and_a_prompt(terminal: Terminal) -> None:
    shown = terminal.wait_for("\n> ")
    assert re.search(r"\x1b\[[0-9;]*mTrap question", shown)
    terminal.type("stats\n")
    assert "Where you stand" in terminal.wait_for("\n> ")
    terminal.type("quit\n")
    terminal.wait_for("Bye. Your answers are saved.")
    assert terminal.process.wait(PATIENCE) == 0


def test_leaving_by_ctrl_d(terminal: Terminal) -> None:
    terminal.wait_for("\n> ")
    terminal.type("\x04")
    terminal.wait_for("Bye. Your answers are saved.")
    assert terminal.process.wait(PATIENCE) == 0


def test_leaving_by_ctrl_c(terminal: Terminal) -> None:
    terminal.wait_for("\n> ")
    terminal.interrupt_until("Bye. Your answers are saved.")
    assert terminal.process.wait(PATIENCE) == 0
    assert "Traceback" not in terminal.seen


def test_a_form_can_be_left_by_a_key_without_leaving_the_game(terminal: Terminal) -> None:
    terminal.wait_for("\n> ")
    terminal.type("setup\n")
    terminal.wait_for("Enter keeps")
    terminal.wait_for("\n> ")
    terminal.type("\x04")
    terminal.wait_for("nothing was saved")
    terminal.wait_for("\n> ")
    terminal.type("quit\n")
    terminal.wait_for("Bye.")


def test_news_appears_above_a_half_typed_line_which_stays(terminal: Terminal) -> None:
    terminal.wait_for("\n> ")
    terminal.type("a\n")
    terminal.wait_for("Report a problem")
    terminal.wait_for("\n> ")
    terminal.type("sta")
    terminal.wait_for("1 person has answered")
    terminal.wait_for("\n> sta")
    terminal.type("ts\n")
    terminal.wait_for("Where you stand")


def test_no_color_is_heeded(folder: Path) -> None:
    opened = Terminal(folder, NO_COLOR="1")
    try:
        shown = opened.wait_for("\n> ")
    finally:
        opened.close()
    assert not re.search(r"\x1b\[(3[0-7]|9[0-7]|38|48|4[0-7])[;m]", shown)
