"""Leaderboards and a member's own standing, through the commands."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import stats
from bot.app.actions import Actor
from bot.core.refs import ChannelRef
from bot.core.weakness import Level
from bot.view import boardcards
from bot.view.boardcards import TrapCount
from bot.view.card import Bars, Card, Table
from tests.support.app_house import ANA, BEN, CHANNEL, CLEO, EIGHT, House, buttons, card_of, open_house, words
from tests.support.builders import SettableClock, a_channel_ref, an_actor

NINE = EIGHT + timedelta(hours=1)
DAY = timedelta(days=1)
EVERY_DAY = frozenset(range(7))
KITCHEN = a_channel_ref("kitchen")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


def rows(card: Card) -> list[tuple[str, ...]]:
    """The rows of the board; empty if there is none."""
    return [row for block in card.blocks if isinstance(block, Table) for row in block.rows]


def own_row(card: Card) -> tuple[str, ...] | None:
    (table,) = (block for block in card.blocks if isinstance(block, Table))
    return table.rows[table.own] if table.own is not None else None


async def board(house: House, actor: Actor, line: str = "") -> Card:
    return card_of(await house.say(actor, f"leaderboard {line}"))


async def day(house: House, number: int, right: dict[str, bool], channel: ChannelRef = CHANNEL) -> None:
    """One day's round, answered by those named."""
    await house.tick(NINE + number * DAY)
    round_ = (await house.rounds(channel))[-1]
    for name, is_right in right.items():
        await house.answer(an_actor(name, channel=channel), round_, "b" if is_right else "a")


async def test_an_empty_board_says_what_to_do(house: House) -> None:
    card = await board(house, ANA)
    assert rows(card) == []
    assert "Nobody has answered in this window yet" in words(card)


async def test_ties_share_a_place(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    await day(house, 0, {"Ana": True, "Ben": True, "Cleo": False, "Dan": True, "Eve": False})
    await day(house, 1, {"Ana": True, "Ben": False, "Cleo": True})
    card = await board(house, BEN, "all")
    assert [(row[0], row[1], row[2]) for row in rows(card)] == [
        ("1", "Ana", "21"),
        ("2", "Ben (you)", "10"),
        ("2", "Cleo", "10"),
        ("2", "Dan", "10"),
        ("5", "Eve", "0"),
    ]
    assert own_row(card) == rows(card)[1]


async def test_weeks_end_at_sunday_midnight_in_the_channels_zone() -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    start = datetime(2026, 11, 29, 0, 0, tzinfo=auckland).astimezone(UTC)  # a Sunday
    async with open_house(clock=SettableClock(start)) as house:
        await house.schedule(zone=auckland, opens=time(9), weekdays=EVERY_DAY)
        sunday = await house.opened(datetime(2026, 11, 29, 9, tzinfo=auckland).astimezone(UTC))
        await house.answer(ANA, sunday, "b")
        house.clock.set(datetime(2026, 11, 29, 23, 59, tzinfo=auckland).astimezone(UTC))
        assert [row[1:3] for row in rows(await board(house, ANA, "week"))] == [("Ana (you)", "10")]
        house.clock.set(datetime(2026, 11, 30, 0, 0, tzinfo=auckland).astimezone(UTC))
        assert rows(await board(house, ANA, "week")) == []
        assert [row[1:3] for row in rows(await board(house, ANA, "month"))] == [("Ana (you)", "10")]
        house.clock.set(datetime(2026, 12, 1, 0, 0, tzinfo=auckland).astimezone(UTC))
        assert rows(await board(house, ANA, "month")) == []
        assert [row[1:3] for row in rows(await board(house, ANA, "all"))] == [("Ana (you)", "10")]


async def test_points_belong_to_the_rounds_date_not_to_the_answers(house: House) -> None:
    await house.schedule(opens=time(20), closes_after=12 * 60, weekdays=EVERY_DAY)
    sunday = await house.opened(datetime(2026, 11, 29, 19, 0, tzinfo=UTC))
    house.clock.set(datetime(2026, 11, 30, 1, 0, tzinfo=UTC))  # Monday in Berlin
    await house.answer(ANA, sunday, "b")
    assert rows(await board(house, ANA, "week")) == []
    assert len(rows(await board(house, ANA, "month"))) == 1


async def test_a_month_over_new_year(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    for offset in (38, 39):  # 31 December and 1 January, both in the week from 28 December
        await day(house, offset, {"Ana": True})
    assert [row[2] for row in rows(await board(house, ANA, "month"))] == ["11"]
    assert [row[2] for row in rows(await board(house, ANA, "week"))] == ["21"]
    assert [row[2] for row in rows(await board(house, ANA, "all"))] == ["21"]


async def test_hidden_members_leave_no_gap(house: House) -> None:
    await house.schedule()
    await day(house, 0, {"Ana": True, "Ben": True, "Cleo": False})
    before = await board(house, CLEO)
    assert [row[0] for row in rows(before)] == ["1", "1", "3"]
    await house.say(ANA, "settings hide")
    after = await board(house, CLEO)
    assert [(row[0], row[1]) for row in rows(after)] == [("1", "Ben"), ("2", "Cleo (you)")]
    assert "2 members" in words(after)
    assert "Ana" not in words(after)


async def test_a_hidden_member_sees_their_own_row_only_they(house: House) -> None:
    await house.schedule()
    await day(house, 0, {"Ana": True, "Ben": False})
    await house.say(ANA, "settings hide")
    card = await board(house, ANA)
    assert own_row(card) == ("1", "Ana (you)", "10", "1", "1 day")
    assert "only you see your row" in words(card)
    await house.say(ANA, "settings show")
    assert [row[1] for row in rows(await board(house, BEN))] == ["Ana", "Ben (you)"]


async def test_hiding_holds_for_later_answers_and_every_board(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    await house.say(ANA, "settings hide")
    await day(house, 0, {"Ana": True, "Ben": True})
    for line in ("week", "month", "all", "week workspace", "all workspace"):
        assert [row[1] for row in rows(await board(house, BEN, line))] == ["Ben (you)"]


async def test_hidden_since_before_the_first_answer(house: House) -> None:
    await house.schedule()
    await house.say(ANA, "settings hide")
    await day(house, 0, {"Ana": True})
    assert rows(await board(house, BEN)) == []


async def test_ones_own_place_beyond_the_top_ten(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    names = [f"M{n:02}" for n in range(14)]
    await day(house, 0, dict.fromkeys(names[:12], True) | dict.fromkeys(names[12:], False))
    await day(house, 1, dict.fromkeys(names[:11], True))
    last = await board(house, an_actor("M13"))
    assert len(rows(last)) == 11
    assert own_row(last) == ("13", "M13 (you)", "0", "0", "1 day")
    assert own_row(await board(house, an_actor("M11"))) == ("12", "M11 (you)", "10", "1", "1 day")
    nobody = await board(house, CLEO)
    assert len(rows(nobody)) == 10
    assert own_row(nobody) is None
    assert "14 members" in words(nobody)


async def test_channels_have_boards_of_their_own_and_the_workspace_adds_them_up(house: House) -> None:
    await house.schedule()
    await house.schedule(KITCHEN)
    await day(house, 0, {"Ana": True, "Ben": True})
    await day(house, 0, {"Ana": True}, KITCHEN)
    assert [row[1:3] for row in rows(await board(house, ANA))] == [("Ana (you)", "10"), ("Ben", "10")]
    in_kitchen = an_actor("Ana", channel=KITCHEN)
    assert [row[1:3] for row in rows(await board(house, in_kitchen))] == [("Ana (you)", "10")]
    everywhere = await board(house, in_kitchen, "workspace")
    assert [row[:3] for row in rows(everywhere)] == [("1", "Ana (you)", "20"), ("2", "Ben", "10")]
    assert "Streak" not in words(everywhere)


async def test_practice_never_ranks(house: House) -> None:
    await house.schedule()
    await house.say(ANA, "quiz 1")
    assert rows(await board(house, ANA, "all")) == []


async def test_a_streak_that_ended_is_shown_as_ended(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    await day(house, 0, {"Ana": True})
    await day(house, 1, {"Ben": True})
    assert own_row(await board(house, ANA, "all")) == ("1", "Ana (you)", "10", "1", "1 day")  # may still answer
    await house.tick(NINE + DAY + timedelta(hours=9))
    assert own_row(await board(house, ANA, "all")) == ("1", "Ana (you)", "10", "1", "0 days")


async def test_the_buttons_of_a_board_lead_to_the_others(house: House) -> None:
    await house.schedule()
    await day(house, 0, {"Ana": True})
    by_label = {button.label: button for button in buttons(await board(house, ANA))}
    assert by_label["Week"].pressed
    assert by_label["Channel"].pressed
    assert not by_label["All time"].pressed
    month = card_of(await house.press(ANA, by_label["Month"].token))
    assert month.title == "This month in #exam-prep"
    everywhere = card_of(await house.press(ANA, {b.label: b for b in buttons(month)}["Workspace"].token))
    assert everywhere.title.startswith("This month in")
    assert "#exam-prep" not in everywhere.title


async def test_a_board_in_a_direct_message_is_the_workspaces(house: House) -> None:
    await house.schedule()
    await day(house, 0, {"Ana": True})
    alone = Actor(member=ANA.member, name="Ana", channel=None)
    assert [row[1:3] for row in rows(await board(house, alone))] == [("Ana (you)", "10")]


async def test_stats_before_any_answer(house: House) -> None:
    assert "You haven't answered anything yet" in words(await house.say(ANA, "stats"))


async def test_stats_are_unknown_below_five_answers_then_weak_or_fine(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    levels = []
    for number in range(20):
        await day(house, number, {"Ana": False, "Ben": True})
        (bars,) = (b for b in card_of(await house.say(ANA, "stats")).blocks if isinstance(b, Bars) and not b.trend)
        levels.append({bar.label: (bar.share is None, bar.note) for bar in bars.bars})
        answered = {bar.label: bar.text for bar in bars.bars}
        for label, (unknown, note) in levels[-1].items():
            assert unknown == ("more to go" in answered[label] or answered[label] == "no answer yet"), answered
            assert (note == "weak") != unknown
    assert all(note == "weak" for _, note in levels[-1].values())
    (fine,) = (b for b in card_of(await house.say(BEN, "stats")).blocks if isinstance(b, Bars) and not b.trend)
    assert {bar.note for bar in fine.bars} == {"fine"}


async def test_stats_name_the_traps_most_often_first(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    for number, option in enumerate("aacd"):
        await house.tick(NINE + number * DAY)
        await house.answer(ANA, (await house.rounds())[-1], option)
    said = words(await house.say(ANA, "stats"))
    assert "all is red (2), all is wet (1)" in said
    assert "Streak 4 days" in said


def test_a_trap_is_weak_once_it_was_met_often_enough() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    weak = TrapCount(id="a", name="first", fell=4, last=at, reality="It is not.", level=Level.WEAK)
    unknown = TrapCount(id="b", name="second", fell=1, last=at, reality="Nor this.")
    said = words(boardcards.traps([weak, unknown], at))
    assert "first: 4 times, weak, last today" in said
    assert "second: 1 time, last today" in said


async def test_a_trap_that_is_met_and_fallen_for_again_and_again_is_called_weak(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    for number in range(6):
        round_ = await house.opened(NINE + number * DAY)
        trapped = next(option.id for option in round_.item.options if option.trap)
        await house.answer(ANA, round_, trapped)
        said = words(await house.say(ANA, "traps"))
        assert (", weak, last today" in said) is (number >= 4), "five answers before anything is said"


async def test_progress_is_drawn_from_three_weeks_on(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    for week in range(3):
        card = card_of(await house.say(ANA, "stats"))
        assert [b for b in card.blocks if isinstance(b, Bars) and b.trend] == []
        round_ = await house.opened(NINE + week * 7 * DAY)
        await house.answer(ANA, round_, round_.item.key)
    card = card_of(await house.say(ANA, "stats"))
    (progress,) = [b for b in card.blocks if isinstance(b, Bars) and b.trend]
    assert [bar.label for bar in progress.bars] == ["23 Nov", "30 Nov", "7 Dec"]
    assert [bar.text for bar in progress.bars] == ["100 % (1 of 1)"] * 3


async def test_progress_is_of_the_latest_eight_weeks(house: House) -> None:
    await house.schedule(weekdays=EVERY_DAY)
    for week in (0, 1, 2, 3, 8, 9):
        round_ = await house.opened(NINE + week * 7 * DAY)
        await house.answer(ANA, round_, round_.item.key)
    card = card_of(await house.say(ANA, "stats"))
    (progress,) = [b for b in card.blocks if isinstance(b, Bars) and b.trend]
    assert [bar.label for bar in progress.bars] == ["7 Dec", "14 Dec", "18 Jan", "25 Jan"]


async def test_traps_say_when_there_are_older_answers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats, "TRAPS_FROM", 3)
    await house.schedule(weekdays=EVERY_DAY)
    for number, option in enumerate("caaa"):
        await day_of(house, number, option)
        said = words(await house.say(ANA, "traps"))
        assert ("from your last 3 answers" in said) is (number == 3)
    assert "all is red: 3 times" in said
    assert "all is wet" not in said, "that was longer ago"


async def day_of(house: House, number: int, option: str) -> None:
    await house.tick(NINE + number * DAY)
    await house.answer(ANA, (await house.rounds())[-1], option)
