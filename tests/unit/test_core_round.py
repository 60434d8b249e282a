"""How an answer to a round is judged."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.item import Option
from bot.core.outcomes import AlreadyAnswered, NoSuchOption, NotThisChannel, RoundClosed
from bot.core.refs import ChannelId, MemberId, RevisionId, RoundId, ScheduleId, WorkspaceId
from bot.core.response import Response, Source
from bot.core.round import Round, State
from bot.core.schedule import Reveal
from tests.support.builders import an_item

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE, ELSEWHERE = ChannelId(1), ChannelId(2)


def a_round(state: State = State.OPEN) -> Round:
    return Round(
        id=RoundId(1),
        workspace=WorkspaceId(1),
        channel=HERE,
        schedule=ScheduleId(1),
        number=1,
        local_date=NOW.date(),
        revision=RevisionId(1),
        item=an_item(),
        order="cadb",
        opens=NOW,
        closes=NOW + timedelta(hours=8),
        reveal=Reveal.NOW,
        state=state,
    )


def a_response(option: str) -> Response:
    return Response(
        source=Source.ROUND,
        source_id=1,
        member=MemberId(1),
        revision=RevisionId(1),
        option=option,
        right=option == "b",
        at=NOW,
    )


@pytest.mark.parametrize(("letter", "option"), [("A", "c"), ("B", "a"), ("C", "d"), ("D", "b")])
def test_a_letter_stands_for_the_option_shown_there(letter: str, option: str) -> None:
    judged = a_round().judge(letter, channel=HERE, prior=None, now=NOW)
    assert isinstance(judged, Option)
    assert judged.id == option
    assert a_round().letter(option) == letter


@pytest.mark.parametrize("letter", ["", "E", "a", "AB", "ABCD", " A", "1", "\N{CYRILLIC CAPITAL LETTER A}"])
def test_anything_else_is_no_option(letter: str) -> None:
    assert a_round().judge(letter, channel=HERE, prior=None, now=NOW) == NoSuchOption()


@pytest.mark.parametrize("channel", [ELSEWHERE, None])
def test_elsewhere_nothing_is_told_not_even_ones_own_answer(channel: ChannelId | None) -> None:
    judged = a_round().judge("A", channel=channel, prior=a_response("b"), now=NOW)
    assert judged == NotThisChannel()


def test_the_first_answer_is_told_also_after_closing() -> None:
    for now in (NOW, NOW + timedelta(days=1)):
        judged = a_round().judge("A", channel=HERE, prior=a_response("b"), now=now)
        assert judged == AlreadyAnswered(letter="D", at=NOW)


@pytest.mark.parametrize(
    ("state", "now"),
    [(State.OPEN, NOW + timedelta(hours=8)), (State.CLOSED, NOW), (State.SKIPPED, NOW)],
)
def test_a_closed_round_takes_nothing(state: State, now: datetime) -> None:
    assert a_round(state).judge("A", channel=HERE, prior=None, now=now) == RoundClosed()
