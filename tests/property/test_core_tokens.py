"""What a button carries can be read again, and anything else is refused without an error."""

import dataclasses
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.item import LETTERS
from bot.core.outcomes import Unreadable
from bot.core.refs import RoundId
from bot.view.tokens import LONGEST, PATTERN, AnswerRound, Confirm, Run, Token, answers, read, write

KINDS: tuple[type[Any], ...] = typing.get_args(Token)

word = st.from_regex(r"[A-Za-z0-9.\-]{1,48}", fullmatch=True)
key = st.integers(1, 10**18 - 1)
small = st.integers(0, 9999)


def field(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Values for one field of a token. A kind of field that isn't known here makes the test fail."""
    if name == "letter":
        return st.sampled_from(LETTERS)
    if name in ("place", "number"):
        return small
    if hint is bool:
        return st.booleans()
    if hint is str:
        return word
    if hint == tuple[str, ...]:
        return st.lists(word, max_size=4).map(tuple)
    if getattr(hint, "__supertype__", None) is int:
        return key
    raise NotImplementedError(f"no values are known for {name}: {hint}")


def of(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{f.name: field(f.name, hints[f.name]) for f in dataclasses.fields(kind)})


every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@every_kind
@given(st.data())
def test_what_is_written_is_read_again(kind: type[Any], data: st.DataObject) -> None:
    token = data.draw(of(kind))
    try:
        text = write(token)
    except ValueError:
        assert kind is Run  # only a command's words can be too long
        return
    assert read(text) == token
    assert len(text) <= LONGEST
    assert PATTERN.fullmatch(text)


@given(st.lists(st.one_of(*map(of, KINDS)), min_size=2, max_size=2, unique=True))
def test_different_tokens_are_written_differently(pair: list[Token]) -> None:
    written = []
    for token in pair:
        try:
            written.append(write(token))
        except ValueError:
            return
    assert written[0] != written[1]


def check_reading(text: str) -> None:
    token = read(text)
    if not isinstance(token, Unreadable):
        assert write(token) == text


@given(st.text())
def test_any_text_can_be_tried(text: str) -> None:
    check_reading(text)


@given(st.lists(st.one_of(st.text("awcpyqgfsxm", min_size=1, max_size=2), word, st.integers().map(str)), max_size=7))
def test_anything_that_looks_like_a_token_can_be_tried(parts: list[str]) -> None:
    check_reading(":".join(["tw1", *parts]))


@given(st.one_of(*map(of, KINDS)), st.integers(0, 99), st.characters())
def test_one_changed_character_is_read_as_what_it_says_or_not_at_all(token: Token, place: int, with_: str) -> None:
    try:
        text = write(token)
    except ValueError:
        return
    check_reading(text[: place % len(text)] + with_ + text[place % len(text) + 1 :])


@given(st.text())
def test_only_readable_tokens_are_written(text: str) -> None:
    for token in (Confirm(text), Run(text), Run("quiz", (text,)), AnswerRound(RoundId(1), text)):
        try:
            written = write(token)
        except ValueError:
            continue
        assert PATTERN.fullmatch(written)


def test_the_longest_ids_fit() -> None:
    assert len(write(Run("leaderboard", ("workspace", "month")))) <= LONGEST
    assert len(write(Run("quiz", ("trap", "x" * 48)))) <= LONGEST
    with pytest.raises(ValueError, match="read again"):
        write(Run("quiz", ("trap", "x" * 49)))
    with pytest.raises(ValueError, match="read again"):
        write(Run("quiz", ("trap", "")))


@given(key, st.integers(1, len(LETTERS)))
def test_the_answers_to_a_round_are_written_as_each_alone(number: int, count: int) -> None:
    letters = LETTERS[:count]
    assert answers(RoundId(number), letters) == [write(AnswerRound(RoundId(number), letter)) for letter in letters]
