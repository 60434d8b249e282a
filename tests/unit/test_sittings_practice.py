"""Practice and review, as members sit them: one at a time, with the reason after each, and resumed after a restart."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.core.attempt import Attempt, Progress, Sitting
from bot.core.item import Item, Option
from bot.core.pack import Pack
from bot.core.review import subject_of
from bot.view.card import Options
from bot.view.tokens import AnswerAttempt, Flag, Stop, Visit, write
from tests.support.app_house import ANA, BEN, EIGHT, House, buttons, card_of, open_house, words
from tests.support.builders import SettableClock, a_pack, a_trap, an_item
from tests.support.sitting_moves import attempts_of, begun, choose, key_letter, labelled, open_attempt, real_pack, sit

DAY = timedelta(days=1)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        yield made


def ids(attempt: Attempt) -> list[str]:
    return [place.item.id for place in attempt.places]


def trap_pack() -> Pack:
    """Ten traps with three items each."""
    items = tuple(
        an_item(
            f"t{trap}-{n}",
            domain=("basics", "practice")[trap % 2],
            options=(
                Option("a", "Yes", "No, never.", f"trap-{trap}"),
                Option("b", "No", "So it is."),
                Option("c", "Both", "Not at once."),
            ),
        )
        for trap in range(10)
        for n in range(3)
    )
    return a_pack(items=items, traps=tuple(a_trap(f"trap-{trap}") for trap in range(10)))


async def test_three_questions_with_their_reasons_and_a_summary(house: House) -> None:
    practice = await begun(house, "quiz 3", Sitting.PRACTICE)
    asked = card_of(await house.press(ANA, write(Visit(practice.id, 0))))
    assert asked.title == "Practice · 1 of 3"
    wrong = practice.letter(0, "a")
    caught = card_of(await house.press(ANA, write(AnswerAttempt(practice.id, 0, wrong))))
    key = key_letter(practice, 0)
    assert caught.title == f"Not quite: you chose {wrong}. The answer is {key}."
    for said in ("Practice · 1 of 3", "Your trap, “all is red”: Only some are red.", f"Why {key}: The sky is blue."):
        assert said in words(caught)
    assert "Remember: Look up before you answer." in words(caught)
    assert "Docs" in words(caught)
    assert [button.label for button in buttons(caught)] == ["Next", "Stop"]
    again = card_of(await house.press(ANA, write(AnswerAttempt(practice.id, 0, key))))
    assert f"You already chose {wrong}; the first answer counts." in words(again)
    following = card_of(await house.press(ANA, labelled(caught, "Next")))
    assert following.title == "Practice · 2 of 3"
    assert (await choose(house, practice, 1)).title == f"Right: {key_letter(practice, 1)}."
    last = await choose(house, practice, 2)
    assert [button.label for button in buttons(last)] == ["Finish"]
    summary = card_of(await house.press(ANA, labelled(last, "Finish")))
    assert summary.title == "Practice done: 2 of 3 right"
    assert "practice doesn't rank" in words(summary)
    assert words(summary).count(" of ") >= 2  # the split by domain
    missed = card_of(await house.press(ANA, labelled(summary, "Review 1 miss")))
    assert missed.title == "Miss 1 of 1 · question 1"
    assert "Only rain is wet." in words(missed)


async def test_a_new_practice_asks_before_it_replaces_the_open_one(house: House) -> None:
    first = await begun(house, "quiz 5", Sitting.PRACTICE)
    await choose(house, first, 0)
    asked = card_of(await house.say(ANA, "quiz basics 3"))
    assert asked.title == "You have a practice open: 1 of 5 answered."
    assert len(await attempts_of(house)) == 1
    assert card_of(await house.press(ANA, labelled(asked, "Continue"))).title.startswith("Right")
    await house.press(ANA, labelled(asked, "Begin anew"))
    old, new = await attempts_of(house)
    assert (old.progress, new.progress, new.length) == (Progress.STOPPED, Progress.OPEN, 3)
    assert {place.item.domain for place in new.places} == {"basics"}
    assert (await choose(house, old, 1)).title == "Practice done: 1 of 1 right"
    assert (await attempts_of(house))[0].answers == {0: "b"}


@pytest.mark.parametrize(
    "line", ["", "missed", "basics 4", "3", "trap trap-5", "4 trap trap-5", "practice trap trap-5"]
)
async def test_begin_anew_begins_what_was_asked_for(line: str) -> None:
    async with open_house(packs={"my-exam": trap_pack()}) as house:
        await sit(house, await begun(house, "quiz 50", Sitting.PRACTICE), right=0)
        fresh = await begun(house, f"quiz {line}", Sitting.PRACTICE)
        await choose(house, fresh, 0)
        await house.press(ANA, labelled(card_of(await house.say(ANA, f"quiz {line}")), "Begin anew"))
        anew = (await attempts_of(house))[-1]
        assert (anew.id > fresh.id, anew.length, anew.label) == (True, fresh.length, fresh.label)
        assert {place.item.domain for place in anew.places} == {place.item.domain for place in fresh.places}


async def test_a_practice_goes_on_after_a_restart_with_everything_in_its_order(database: str) -> None:
    clock = SettableClock(EIGHT)
    async with open_house(database=database, clock=clock) as house:
        practice = await begun(house, "quiz 6", Sitting.PRACTICE)
        await choose(house, practice, 0)
        before = words(card_of(await house.press(ANA, write(Visit(practice.id, 1)))))
        assert words(card_of(await house.press(ANA, write(Visit(practice.id, 1))))) == before
    clock.advance(days=2)
    async with open_house(database=database, clock=clock) as house:
        found = await open_attempt(house, Sitting.PRACTICE)
        assert found is not None
        assert found.places == practice.places
        asked = card_of(await house.say(ANA, "quiz"))
        assert words(card_of(await house.press(ANA, labelled(asked, "Continue")))) == before


@pytest.mark.parametrize("line", ["quiz 50", "quiz basics", "quiz trap all is red"])
async def test_no_item_comes_twice_in_a_session(house: House, line: str) -> None:
    for _ in range(3):
        practice = await begun(house, line, Sitting.PRACTICE)
        assert len(set(ids(practice))) == practice.length > 0
        await sit(house, practice, right=1)


async def test_what_was_missed_comes_until_it_is_put_right(house: House) -> None:
    assert "Nothing to make good" in words(card_of(await house.say(ANA, "quiz missed")))
    practice = await begun(house, "quiz 4", Sitting.PRACTICE)
    await sit(house, practice, right=1)
    house.clock.advance(minutes=1)
    again = await begun(house, "quiz missed", Sitting.PRACTICE)
    assert sorted(ids(again)) == sorted(ids(practice)[1:])
    await sit(house, again, right=2)
    house.clock.advance(minutes=1)
    last = await begun(house, "quiz missed", Sitting.PRACTICE)
    assert ids(last) == ids(again)[2:]


async def _review_of(seen_at: int) -> tuple[list[str], list[str]]:
    """Practise and miss much, and come back after so many days: the subjects and items of the review."""
    async with open_house(packs={"my-exam": trap_pack()}) as house:
        practice = await begun(house, "quiz 10", Sitting.PRACTICE)
        await sit(house, practice, right=4)
        house.clock.advance(days=seen_at)
        review = await begun(house, "review 10", Sitting.REVIEW)
        return [subject_of(place.item) for place in review.places], ids(review)


async def test_review_is_the_same_whenever_it_is_worked_out_again() -> None:
    first, again = await _review_of(6), await _review_of(6)
    assert first == again
    subjects, items = first
    assert len(set(subjects)) == len(subjects) > 4
    assert len(set(items)) == len(items)


async def test_review_brings_a_sibling_so_that_remembering_the_letter_does_not_help() -> None:
    async with open_house(packs={"my-exam": trap_pack()}) as house:
        practice = await begun(house, "quiz 10", Sitting.PRACTICE)
        await sit(house, practice, right=0)
        house.clock.advance(days=3)
        review = await begun(house, "review", Sitting.REVIEW)
        assert review.length == 5
        due = len({subject_of(place.item) for place in practice.places})
        assert f"{due} due, {due} within a week" in words(card_of(await house.press(ANA, write(Visit(review.id, 0)))))
        assert not set(ids(review)) & set(ids(practice))
        assert {subject_of(p.item) for p in review.places} <= {subject_of(p.item) for p in practice.places}


async def test_nothing_due_is_said_with_what_to_do_instead(house: House) -> None:
    empty = card_of(await house.say(ANA, "review"))
    assert "Nothing is due for review" in empty.title
    assert [button.label for button in buttons(empty)] == ["Practise something new"]
    practice = await begun(house, "quiz 2", Sitting.PRACTICE)
    await sit(house, practice, right=2)
    later = card_of(await house.say(ANA, "review"))
    assert "The next comes in" in later.title


async def test_a_question_with_figures_keeps_them_on_every_look() -> None:
    item = an_item("sum", stem="What is {a} + 1?", cases=tuple((("a", str(n)),) for n in range(40)))
    async with open_house(packs={"my-exam": a_pack(items=(item,))}) as house:
        practice = await begun(house, "quiz", Sitting.PRACTICE)
        seen = {words(card_of(await house.press(ANA, write(Visit(practice.id, 0))))) for _ in range(5)}
        assert len(seen) == 1
        assert "{a}" not in next(iter(seen))


async def test_stop_and_flag_are_understood_in_a_practice(house: House) -> None:
    practice = await begun(house, "quiz 3", Sitting.PRACTICE)
    assert card_of(await house.press(ANA, write(Flag(practice.id, 1)))).title == "Practice · 2 of 3"
    stopped = card_of(await house.press(ANA, write(Stop(practice.id))))
    assert stopped.title == "Practice ended; nothing was answered"
    assert card_of(await house.press(ANA, write(Visit(practice.id, 0)))).title == stopped.title


async def test_an_extra_question_is_everybodys_closes_soon_and_does_not_rank(house: House) -> None:
    await house.schedule()
    assert "doesn't rank" in card_of(await house.say(ANA, "quiz here")).title
    extra = (await house.rounds())[-1]
    assert extra.number is None
    assert extra.closes == EIGHT + timedelta(minutes=10)
    assert "A question is open" in card_of(await house.say(BEN, "quiz here")).title
    await house.tick()
    (message,) = house.shown()
    assert any(isinstance(block, Options) for block in message.card.blocks)
    assert (await house.answer(BEN, extra, "b")).title.startswith("Right")
    standing = await house.standing(BEN)
    assert (standing.points, standing.streak, standing.answered) == (0, 0, 0)
    await house.tick(EIGHT + timedelta(minutes=10))
    assert (await house.rounds())[-1].is_open(house.clock.now()) is False
    await house.say(ANA, "quiz here 90m")
    assert (await house.rounds())[-1].closes == house.clock.now() + timedelta(minutes=90)


async def test_the_real_pack_gives_practice_by_domain_and_by_trap() -> None:
    pack = real_pack()
    async with open_house(packs={pack.id: pack}) as house:
        for domain in pack.blueprint.domains:
            practice = await begun(house, f"quiz {domain.id} 7 new", Sitting.PRACTICE)
            assert {place.item.domain for place in practice.places} == {domain.id}
            assert practice.length == 7
        held: dict[str, list[Item]] = {trap.id: [i for i in pack.ready if trap.id in i.traps] for trap in pack.traps}
        trap = max(held, key=lambda name: len(held[name]))
        practice = await begun(house, f"quiz new trap {trap}", Sitting.PRACTICE)
        assert {place.item.id for place in practice.places} <= {item.id for item in held[trap]}
