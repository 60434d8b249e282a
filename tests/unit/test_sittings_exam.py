"""Mock exams, as members sit them: their time, their warnings, what they show and whose they are."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.exams import WARNINGS
from bot.core.attempt import Progress, Sitting
from bot.core.errors import PostUncertain
from bot.core.refs import AttemptId
from bot.view.card import Bars, Card
from bot.view.tokens import AnswerAttempt, Flag, Miss, Stop, Submit, Token, Visit, write
from bot.view.wording import NO_SUCH_ATTEMPT, exam_ends_in, exam_handed_in
from tests.support.app_house import ANA, BEN, EIGHT, House, buttons, card_of, open_house, words
from tests.support.builders import SettableClock, a_channel_ref, a_workspace_ref, an_actor
from tests.support.card_limits import faults
from tests.support.sitting_moves import attempts_of, begun, choose, labelled, open_attempt, sit

MINUTE = timedelta(minutes=1)
SECRETS = ("The sky is blue.", "Only some are red.", "Look up before you answer.", "right", "the answer")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


async def pressed(house: House, token: Token) -> Card:
    return card_of(await house.press(ANA, write(token)))


def told(house: House) -> list[str]:
    return [card.title for _, card in house.messenger.told]


@pytest.mark.parametrize(("setting", "minutes"), [("usual-time", 20), ("extended-time", 30)])
async def test_the_deadline_is_the_blueprints_and_half_as_far_again_for_those_who_asked(
    house: House, setting: str, minutes: int
) -> None:
    await house.say(ANA, f"settings {setting}")
    exam = await begun(house, "exam", Sitting.EXAM)
    assert exam.deadline == EIGHT + minutes * MINUTE
    assert f"in {minutes} minutes" in words(await pressed(house, Visit(exam.id, 0)))
    await house.tick(EIGHT + minutes * MINUTE - timedelta(seconds=1))
    assert await open_attempt(house, Sitting.EXAM) is not None
    await house.tick(EIGHT + minutes * MINUTE)
    assert await open_attempt(house, Sitting.EXAM) is None


async def test_the_member_is_warned_ten_and_two_minutes_before_the_end(house: House) -> None:
    exam = await begun(house, "exam", Sitting.EXAM)
    assert exam.deadline is not None
    assert WARNINGS == (10, 2)
    for minutes, so_far in ((11, []), (10, [10]), (3, [10]), (2, [10, 2])):
        await house.tick(exam.deadline - minutes * MINUTE)
        assert told(house) == [exam_ends_in(left) for left in so_far]
    for minutes in (0, -60):
        await house.tick(exam.deadline - minutes * MINUTE)
        assert told(house) == [exam_ends_in(10), exam_ends_in(2), exam_handed_in(0, exam.length)]
    assert {member for member, _ in house.messenger.told} == {ANA.member}


@pytest.mark.parametrize("ends", ["submitted", "given up", "forgotten"])
async def test_an_exam_that_ended_warns_nobody(house: House, ends: str) -> None:
    exam = await begun(house, "exam", Sitting.EXAM)
    assert exam.deadline is not None
    await choose(house, exam, 0)
    await house.tick(exam.deadline - 9 * MINUTE)
    assert told(house) == [exam_ends_in(10)]
    match ends:
        case "submitted":
            await pressed(house, Submit(exam.id, sure=True))
        case "given up":
            await house.say(ANA, "exam new")
            assert len(await attempts_of(house)) == 2
        case _:
            await house.press(ANA, labelled(card_of(await house.say(ANA, "forget-me")), "Delete"))
    await house.tick(exam.deadline - MINUTE)
    assert told(house) == [exam_ends_in(10)]


async def test_a_warning_that_could_not_be_told_does_not_come_when_it_has_become_wrong(house: House) -> None:
    exam = await begun(house, "exam", Sitting.EXAM)
    assert exam.deadline is not None
    house.messenger.script("tell", PostUncertain("the line broke"))
    await house.tick(exam.deadline - 10 * MINUTE)
    assert told(house) == []
    await house.tick(exam.deadline - 5 * MINUTE)
    await house.tick(exam.deadline - 2 * MINUTE)
    assert told(house) == [exam_ends_in(2)]


async def test_a_warning_that_fails_once_comes_a_moment_later(house: House) -> None:
    exam = await begun(house, "exam", Sitting.EXAM)
    assert exam.deadline is not None
    house.messenger.script("tell", PostUncertain("the line broke"))
    await house.tick(exam.deadline - 10 * MINUTE)
    await house.tick(exam.deadline - 10 * MINUTE + timedelta(seconds=30))
    assert told(house) == [exam_ends_in(10)]


async def test_while_an_exam_is_open_nothing_tells_right_from_wrong(house: House) -> None:
    exam = await begun(house, "exam", Sitting.EXAM)
    seen = []
    for place in range(exam.length):
        seen.append(await choose(house, exam, place, right=place % 2 == 0))
        seen += [await pressed(house, token) for token in (Miss(exam.id, place), Flag(exam.id, place))]
    seen += [await pressed(house, token) for token in (Stop(exam.id), Submit(exam.id), Visit(exam.id, exam.length))]
    seen.append(card_of(await house.say(ANA, "exam")))
    seen += [card_of(await house.say(ANA, name)) for name in ("stats", "traps", "review")]
    for card in seen:
        assert not faults(card)
        assert not [secret for secret in SECRETS if secret in words(card).replace("on the right", "")]


async def test_answers_change_until_the_exam_is_handed_in(house: House) -> None:
    exam = await begun(house, "exam", Sitting.EXAM)
    await choose(house, exam, 0, right=False)
    page = await choose(house, exam, 0, right=True)
    assert "0 flagged · 9 unanswered" in words(page)
    assert [button.label for button in buttons(page) if button.pressed] == [exam.letter(0, "b")]
    result = await pressed(house, Submit(exam.id, sure=True))
    assert result.title.startswith("1 of 10, 10 %: not yet a pass (line 70 %)")
    assert words(await choose(house, exam, 1)) == words(result)
    assert (await attempts_of(house))[0].answers == {0: "b"}


async def test_gaps_are_named_and_asked_about_before_the_exam_is_handed_in(house: House) -> None:
    exam = await begun(house, "exam", Sitting.EXAM)
    for place in (0, 1, 2, 4, 5, 6, 7, 9):
        await choose(house, exam, place)
    await pressed(house, Flag(exam.id, 1))
    asked = await pressed(house, Submit(exam.id))
    assert asked.title == "2 unanswered (4, 9). A wrong answer costs nothing."
    assert "1 flagged." in words(asked)
    back = card_of(await house.press(ANA, labelled(asked, "Go to 4")))
    assert back.title == "Mock exam · question 4 of 10"
    assert back.menu is not None
    assert [label for label, _ in back.menu.entries] == [
        "Question 2, flagged",
        "Question 4, unanswered",
        "Question 9, unanswered",
    ]
    done = card_of(await house.press(ANA, labelled(asked, "Submit anyway")))
    assert done.title.startswith("8 of 10, 80 %: pass")
    first = card_of(await house.press(ANA, labelled(done, "Review 2 misses")))
    assert first.title == "Miss 1 of 2 · question 4"
    assert "You didn't answer this one." in words(first)
    assert "The sky is blue." in words(first)
    second = card_of(await house.press(ANA, labelled(first, "Next")))
    assert second.title == "Miss 2 of 2 · question 9"
    assert words(card_of(await house.press(ANA, labelled(second, "Back to the result")))) == words(done)


async def test_a_result_is_compared_with_the_members_own_earlier_ones(house: House) -> None:
    for right, said in ((5, None), (8, "30 points more than last time"), (8, "as last time"), (7, "10 points less")):
        exam = await begun(house, "exam", Sitting.EXAM)
        house.clock.advance(minutes=7)
        result = await sit(house, exam, right)
        assert result.title.startswith(f"{right} of 10, {right}0 %")
        assert result.title.endswith("7 minutes.")
        assert said is None or said in words(result)
    (history,) = (block for block in result.blocks if isinstance(block, Bars) and block.trend)
    assert [(bar.label, bar.text) for bar in history.bars] == [
        ("Exam 1", "5 of 10, 50 %"),
        ("Exam 2", "8 of 10, 80 %"),
        ("Exam 3", "8 of 10, 80 %"),
        ("Exam 4", "7 of 10, 70 %"),
    ]


async def test_order_and_place_are_the_same_on_every_look_and_after_a_restart(database: str) -> None:
    clock = SettableClock(EIGHT)
    async with open_house(database=database, clock=clock) as house:
        exam = await begun(house, "exam", Sitting.EXAM)
        pages = [words(await pressed(house, Visit(exam.id, place))) for place in range(exam.length)]
        assert len({place.order for place in exam.places}) > 1
        await choose(house, exam, 6)
        await pressed(house, Flag(exam.id, 3))
    async with open_house(database=database, clock=clock) as house:
        again = card_of(await house.say(ANA, "exam"))
        assert again.title == "You have a mock exam open: 1 of 10 answered."
        page = card_of(await house.press(ANA, labelled(again, "Continue")))
        assert page.title == "Mock exam · question 4 of 10"
        assert "1 flagged · 9 unanswered" in words(page)
        found = await open_attempt(house, Sitting.EXAM)
        assert found is not None
        assert found.places == exam.places
        shown = [words(await pressed(house, Visit(exam.id, place))) for place in (0, 1, 2)]
        assert [text.split("\n", 2)[2] for text in shown] == [text.split("\n", 2)[2] for text in pages[:3]]


ELSEWHERE = an_actor("Ana", channel=a_channel_ref("exam-prep", a_workspace_ref("umbrella")))


@pytest.mark.parametrize("intruder", [BEN, ELSEWHERE, replace(ANA, member=BEN.member)], ids=["other", "else", "named"])
@pytest.mark.parametrize("sitting", list(Sitting))
@pytest.mark.parametrize("over", [False, True])
async def test_nobody_else_can_read_or_answer_an_attempt(
    house: House, intruder: object, sitting: Sitting, over: bool
) -> None:
    assert isinstance(intruder, type(ANA))
    if sitting is Sitting.REVIEW:
        practice = await begun(house, "quiz 3", Sitting.PRACTICE)
        await sit(house, practice, right=0)
        house.clock.advance(days=30)
    line = {Sitting.PRACTICE: "quiz", Sitting.REVIEW: "review", Sitting.EXAM: "exam"}[sitting]
    attempt = await begun(house, line, sitting)
    await choose(house, attempt, 0, right=False)
    if over:
        await pressed(house, Submit(attempt.id, sure=True))
    before = await attempts_of(house)
    tokens: list[Token] = [Miss(attempt.id, 0), Stop(attempt.id), Submit(attempt.id, sure=True), Submit(attempt.id)]
    for place in range(attempt.length + 1):
        tokens += [Visit(attempt.id, place), Flag(attempt.id, place), AnswerAttempt(attempt.id, place, "A")]
    said = {words(card_of(await house.press(intruder, write(token)))) for token in tokens}
    unknown = {words(card_of(await house.press(intruder, write(Visit(AttemptId(10**9), 0)))))}
    assert said == unknown
    assert next(iter(said)).startswith(NO_SUCH_ATTEMPT)
    assert await attempts_of(house) == before


async def test_an_exam_that_was_given_up_is_not_scored_and_shows_no_misses(house: House) -> None:
    exam = await begun(house, "exam", Sitting.EXAM)
    await choose(house, exam, 0, right=False)
    asked = card_of(await house.say(ANA, "exam"))
    await house.press(ANA, labelled(asked, "Begin anew"))
    for token in (Miss(exam.id, 0), Visit(exam.id, 0), Submit(exam.id, sure=True), AnswerAttempt(exam.id, 0, "A")):
        assert (await pressed(house, token)).title.startswith("That exam was given up")
    first, second = await attempts_of(house)
    assert (first.progress, second.progress) == (Progress.STOPPED, Progress.OPEN)
    assert "You haven't answered anything yet" in words(card_of(await house.say(ANA, "stats")))


async def test_readiness_speaks_of_daily_questions_and_exams_and_not_of_practice(house: House) -> None:
    for _ in range(3):
        await sit(house, await begun(house, "quiz 20", Sitting.PRACTICE), right=1)
        house.clock.advance(minutes=1)
    told_of = words(card_of(await house.say(ANA, "stats")))
    assert "not enough data yet from daily questions and mock exams (0 of 8 in Basics, 0 of 8 in Practice)" in told_of
    for _ in range(2):
        await sit(house, await begun(house, "exam", Sitting.EXAM), right=10)
        house.clock.advance(minutes=1)
    after = words(card_of(await house.say(ANA, "stats")))
    assert "% expected, pass line 70 %: very likely to pass" in after
    assert "from daily questions and mock exams" in after
    await sit(house, await begun(house, "quiz 20", Sitting.PRACTICE), right=0)
    readiness = [line for line in after.splitlines() if line.startswith("Readiness")]
    assert readiness == [
        line for line in words(card_of(await house.say(ANA, "stats"))).splitlines() if line.startswith("Readiness")
    ]
