"""Members answer the question of the day, ask why, and report faults: all through the one door."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.actions import Actor, Press
from bot.core.refs import MemberRef, Platform, RoundId
from bot.core.round import Round
from bot.core.schedule import Reveal
from bot.view import roundcards
from bot.view.card import Audience, Card, Mark, Options, Reply
from bot.view.roundcards import Shown, Verdict
from bot.view.tokens import AnswerRound, ExplainRound, Report, write
from tests.support.app_house import ANA, BEN, CHANNEL, CLEO, EIGHT, House, buttons, card_of, open_house, words
from tests.support.builders import a_channel_ref, a_workspace_ref, an_actor

KEY, WRONG = "b", "a"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


@pytest.fixture
async def today(house: House) -> Round:
    """Monday's question, open since 09:00."""
    await house.schedule()
    return await house.opened()


async def shown_tally(house: House, round_: Round) -> dict[str, int]:
    workspace, _ = await house.ids()
    return dict(await house.look(lambda tx: tx.rounds.tally(workspace, round_.id)))


async def test_a_teams_day(house: House, today: Round) -> None:
    (post,) = house.shown()
    assert "No answer yet" in words(post.card)
    assert [b.label for b in buttons(post.card)] == ["A", "B", "C", "D"]

    right = await house.answer(ANA, today, KEY)
    wrong = await house.answer(BEN, today, WRONG)
    assert right.title == f"Right: {today.letter(KEY)}. +10 points."
    assert wrong.title == f"Not quite: you chose {today.letter(WRONG)}. The answer is {today.letter(KEY)}."
    assert "all is red" in words(wrong)
    assert "Only some are red." in words(wrong)

    await house.tick(today.closes)
    (post,) = house.shown()
    assert "2 answered, 1 got it" in words(post.card)
    (options,) = (block for block in post.card.blocks if isinstance(block, Options))
    assert [o.letter for o in options.options] == ["A", "B", "C", "D"]
    by_letter = {o.letter: o for o in options.options}
    key, caught = by_letter[today.letter(KEY)], by_letter[today.letter(WRONG)]
    assert (key.mark, key.note, key.count, key.percent) == (Mark.KEY, "the answer", 1, 50)
    assert (caught.mark, caught.note, caught.count, caught.percent) == (Mark.CAUGHT, "caught the most", 1, 50)
    assert [b.label for b in buttons(post.card)][:1] == ["Why?"]
    assert (await house.standing(ANA)).points == 10
    assert (await house.standing(BEN)).points == 0


async def test_whoever_acknowledges_comes_between_saving_and_drawing(
    house: House, today: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, feedback = list[str](), roundcards.feedback

    def draw(shown: Shown, verdict: Verdict) -> Card:
        order.append("drawn")
        return feedback(shown, verdict)

    def saved() -> None:
        order.append("saved")
        asyncio.get_running_loop().call_soon(order.append, "acknowledged")

    monkeypatch.setattr(roundcards, "feedback", draw)
    press = Press(actor=ANA, token=write(AnswerRound(today.id, today.letter(KEY))))
    await house.trapwise.press(press, saved=saved)
    assert order == ["saved", "acknowledged", "drawn"]


async def test_the_second_press_changes_nothing(house: House, today: Round) -> None:
    await house.answer(ANA, today, WRONG)
    before = await house.standing(ANA), await shown_tally(house, today)
    house.clock.advance(minutes=5)
    again = await house.answer(ANA, today, KEY)
    assert again.title.startswith("Not quite: you chose")
    assert f"You already chose {today.letter(WRONG)} at 09:00 CET" in words(again)
    assert (await house.standing(ANA), await shown_tally(house, today)) == before


async def test_a_second_press_on_the_same_letter_changes_nothing_either(house: House, today: Round) -> None:
    await house.answer(ANA, today, KEY)
    again = await house.answer(ANA, today, KEY)
    assert "You already chose" in words(again)
    assert "points" not in again.title
    assert (await house.standing(ANA)).answered == 1


async def test_a_press_at_the_instant_of_closing_is_too_late(house: House, today: Round) -> None:
    house.clock.set(today.closes - timedelta(milliseconds=1))
    assert (await house.answer(ANA, today, KEY)).title.startswith("Right")
    house.clock.set(today.closes)
    late = await house.answer(BEN, today, KEY)
    assert late.title == "This question has closed, so this answer was not counted. You can still practise it."
    assert "Why?" in [b.label for b in buttons(late)]
    assert (await house.standing(BEN)).answered == 0
    assert await shown_tally(house, today) == {KEY: 1}


async def test_a_press_after_the_reveal_is_too_late(house: House, today: Round) -> None:
    await house.tick(today.closes + timedelta(hours=3))
    assert (await house.answer(ANA, today, KEY)).tone == "refused"
    assert await shown_tally(house, today) == {}


async def test_who_answered_before_closing_still_sees_why_when_pressing_later(house: House, today: Round) -> None:
    await house.answer(ANA, today, KEY)
    await house.tick(today.closes)
    again = await house.answer(ANA, today, WRONG)
    assert again.title == f"Right: {today.letter(KEY)}."


@pytest.mark.parametrize("letter", ["E", "Z", "a", "1", "-", "."])
async def test_a_letter_the_question_doesnt_have(house: House, today: Round, letter: str) -> None:
    reply = await house.press(ANA, write(AnswerRound(today.id, letter)))
    assert "no such option" in words(reply)
    assert (await house.standing(ANA)).answered == 0


@pytest.mark.parametrize(
    "token",
    [
        "",
        "tw1",
        "tw1:",
        "tw0:a:1:A",
        "tw2:a:1:A",
        "tw1:a:1",
        "tw1:a:1:AB",
        "tw1:a:0:A",
        "tw1:a:01:A",
        "tw1:a:-1:A",
        "tw1:a:1:A:B",
        "tw1:w:1:yours",
        "tw1:p:x",
        "tw1:zz:1",
        "tw1:y:leave",
        "a:1:A",
        "tw1:a:1:A\n",
        "tw1:a:1:\N{CYRILLIC CAPITAL LETTER A}",
        "x" * 10_000,
    ],
)
async def test_a_token_nobody_can_read_is_answered_too(house: House, today: Round, token: str) -> None:
    reply = await house.press(ANA, token)
    assert words(reply).startswith("I can't read that button")
    assert reply.audience is Audience.ONLY_YOU


@pytest.mark.parametrize("number", [999_999, 10**17])
async def test_a_round_that_doesnt_exist(house: House, today: Round, number: int) -> None:
    for token in (
        AnswerRound(RoundId(number), "A"),
        ExplainRound(RoundId(number)),
        ExplainRound(RoundId(number), every=True),
        Report(RoundId(number)),
    ):
        assert "I don't know that question any more" in words(await house.press(ANA, write(token)))


async def test_an_answer_from_another_channel_is_refused(house: House, today: Round) -> None:
    elsewhere = an_actor("Ana", channel=a_channel_ref("kitchen"))
    assert "belongs to another channel" in words(await house.answer(elsewhere, today, KEY))
    assert await shown_tally(house, today) == {}


async def test_an_answer_from_a_direct_message_is_refused(house: House, today: Round) -> None:
    reply = await house.press(_direct(), write(AnswerRound(today.id, "A")))
    assert "belongs to another channel" in words(reply)
    assert await shown_tally(house, today) == {}


async def test_another_workspace_reaches_nothing(house: House, today: Round) -> None:
    await house.answer(ANA, today, KEY)
    await house.tick(today.closes)
    other = a_workspace_ref("rivals")
    spy = an_actor("Ana", channel=a_channel_ref(CHANNEL.id, other))
    for token in (
        AnswerRound(today.id, "A"),
        ExplainRound(today.id),
        ExplainRound(today.id, every=True),
        Report(today.id),
    ):
        assert "I don't know that question any more" in words(await house.press(spy, write(token)))
    assert "Nobody has answered" in words(await house.say(spy, "leaderboard all"))


async def test_the_same_ids_on_another_platform_are_somebody_else(house: House, today: Round) -> None:
    there = a_workspace_ref("acme", Platform.SLACK)
    spy = an_actor("Ana", channel=a_channel_ref(CHANNEL.id, there))
    assert "I don't know that question" in words(await house.press(spy, write(AnswerRound(today.id, "A"))))


async def test_a_member_ref_of_another_workspace_is_another_member(house: House, today: Round) -> None:
    await house.answer(ANA, today, KEY)
    stranger = an_actor("Ana", member=MemberRef(CHANNEL.workspace, "other-ana"))
    assert (await house.answer(stranger, today, WRONG)).title.startswith("Not quite")
    assert await shown_tally(house, today) == {KEY: 1, WRONG: 1}


async def _at_close(house: House) -> Round:
    await house.schedule(reveal=Reveal.AT_CLOSE)
    return await house.opened()


async def test_at_close_nobody_learns_before_closing(house: House) -> None:
    round_ = await _at_close(house)
    right, wrong = await house.answer(ANA, round_, KEY), await house.answer(BEN, round_, WRONG)
    assert (right.title, wrong.title) == (f"Saved: {round_.letter(KEY)}.", f"Saved: {round_.letter(WRONG)}.")
    assert replace(right, title="") == replace(wrong, title="")
    assert "You'll learn at 17:00 CET" in words(right)
    again = await house.answer(ANA, round_, WRONG)
    assert "You already chose" in words(again)
    assert again.tone == "saved"
    for every in (False, True):
        for actor in (ANA, BEN):
            why = card_of(await house.press(actor, write(ExplainRound(round_.id, every=every))))
            assert why.tone == "saved"
            assert "blue" not in words(why)


async def test_at_close_everybody_learns_at_closing(house: House) -> None:
    round_ = await _at_close(house)
    await house.answer(ANA, round_, KEY)
    await house.tick(round_.closes)
    mine = card_of(await house.press(ANA, write(ExplainRound(round_.id))))
    assert mine.title == f"Right: {round_.letter(KEY)}."
    theirs = card_of(await house.press(BEN, write(ExplainRound(round_.id))))
    assert theirs.title == "All options explained"


async def test_why_is_refused_while_open_to_those_who_havent_answered(house: House, today: Round) -> None:
    for every in (False, True):
        reply = await house.press(ANA, write(ExplainRound(today.id, every=every)))
        assert "still open" in words(reply)
        assert "17:00" in words(reply)
        assert "sky is blue" not in words(reply)


async def test_why_after_answering(house: House, today: Round) -> None:
    await house.answer(ANA, today, WRONG)
    mine = card_of(await house.press(ANA, write(ExplainRound(today.id))))
    assert mine.title.startswith("Not quite")
    every = words(await house.press(ANA, write(ExplainRound(today.id, every=True))))
    for option in today.item.options:
        assert option.why in every
    assert "your answer" in every


async def test_why_in_a_direct_message_only_when_it_has_closed(house: House, today: Round) -> None:
    token = write(ExplainRound(today.id, every=True))
    assert "still open" in words(await house.press(_direct(), token))
    await house.tick(today.closes)
    assert "The sky is blue." in words(await house.press(_direct(), token))


async def test_why_from_another_channel_is_refused(house: House, today: Round) -> None:
    await house.tick(today.closes)
    reply = await house.press(an_actor(channel=a_channel_ref("kitchen")), write(ExplainRound(today.id)))
    assert "belongs to another channel" in words(reply)
    assert "blue" not in words(reply)


async def test_a_report_counts_once_per_member(house: House, today: Round) -> None:
    token = write(Report(today.id))
    assert words(await house.press(ANA, token)).startswith("Thank you.")
    assert words(await house.press(ANA, token)).startswith("You reported this one already")
    await house.press(BEN, token)
    workspace, _ = await house.ids()
    assert await house.look(lambda tx: list(tx.responses.reported(workspace))) == [(today.item.id, 2)]


async def test_points_grow_with_days_right_in_a_row(house: House) -> None:
    await house.schedule(weekdays=frozenset(range(7)))
    brought = []
    for day in range(8):
        round_ = await house.opened(EIGHT + timedelta(days=day, hours=1))
        before = (await house.standing(ANA)).points
        title = (await house.answer(ANA, round_, KEY if day != 6 else WRONG)).title
        brought.append((await house.standing(ANA)).points - before)
        if brought[-1]:
            assert f"+{brought[-1]} points" in title
    assert brought == [10, 11, 12, 13, 14, 15, 0, 10]


async def test_a_day_without_an_answer_ends_the_bonus(house: House) -> None:
    await house.schedule(weekdays=frozenset(range(7)))
    for day, answers in enumerate((True, False, True)):
        round_ = await house.opened(EIGHT + timedelta(days=day, hours=1))
        if answers:
            title = (await house.answer(ANA, round_, KEY)).title
    assert title == f"Right: {round_.letter(KEY)}. +10 points."


async def test_a_weekend_costs_neither_bonus_nor_streak(house: House) -> None:
    await house.schedule()
    friday = await house.opened(EIGHT + timedelta(days=4, hours=1))
    await house.answer(ANA, friday, KEY)
    await house.tick(EIGHT + timedelta(days=5, hours=1))
    await house.tick(EIGHT + timedelta(days=6, hours=1))
    monday = await house.opened(EIGHT + timedelta(days=7, hours=1))
    assert monday.number == (friday.number or 0) + 1
    await house.answer(ANA, monday, KEY)
    standing = await house.standing(ANA)
    assert (standing.streak, standing.points) == (2, 21)


async def test_the_count_of_a_channel_is_all_that_an_answer_shows(house: House, today: Round) -> None:
    before = house.shown()
    await house.answer(CLEO, today, WRONG)
    await house.tick()
    assert [m.card for m in house.shown()] == [m.card for m in before]
    assert len(house.messenger.told) == 0


async def test_every_reply_is_private(house: House, today: Round) -> None:
    replies: list[Reply] = [
        await house.press(ANA, write(AnswerRound(today.id, "A"))),
        await house.press(ANA, "nonsense"),
        await house.say(ANA, "stats"),
        await house.submit(ANA, "tw1:c:setup", time="9:00"),
    ]
    assert {reply.audience for reply in replies} == {Audience.ONLY_YOU}


def _direct() -> Actor:
    """Ana in a direct message, where there is no channel."""
    return replace(ANA, channel=None)
