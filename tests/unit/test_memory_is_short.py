"""Memory that is missing again and again ends the bot, before Python would have to."""

import logging

import pytest

from bot.memory import TOO_OFTEN, Shortage


def _record(at: float, error: BaseException) -> logging.LogRecord:
    told = logging.LogRecord("bot", logging.ERROR, "", 0, "failed", None, (type(error), error, None))
    told.created = at
    return told


def test_memory_that_is_missing_too_often_in_a_second_ends_the_bot_with_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    ended: list[bool] = []
    shortage = Shortage(lambda: ended.append(True))
    for turn in range(TOO_OFTEN - 1):
        shortage.emit(_record(100 + turn / 10, MemoryError()))
    assert not ended
    assert capfd.readouterr().err == ""
    shortage.emit(_record(101, MemoryError()))
    assert ended == [True]
    assert "started anew" in capfd.readouterr().err


def test_memory_that_is_missing_now_and_then_is_survived() -> None:
    ended: list[bool] = []
    shortage = Shortage(lambda: ended.append(True))
    for turn in range(10 * TOO_OFTEN):
        shortage.emit(_record(100 + turn / 5, MemoryError()))
    assert not ended


def test_other_failures_are_no_shortage() -> None:
    ended: list[bool] = []
    shortage = Shortage(lambda: ended.append(True))
    for _ in range(10 * TOO_OFTEN):
        shortage.emit(_record(100, ValueError()))
        shortage.emit(logging.LogRecord("bot", logging.ERROR, "", 0, "failed", None, None))
    assert not ended
