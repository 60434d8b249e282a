"""Members with nothing, with little, with one domain and with ten thousand answers: every command has a right card."""

from collections.abc import AsyncIterator

import pytest

from bot.app.actions import Actor
from bot.app.rebuild import rebuild
from bot.core.attempt import Sitting
from bot.core.weakness import MIN_RESPONSES
from bot.view.card import Bars, Card, Table
from tests.support.app_house import ANA, BEN, CLEO, House, card_of, open_house, words
from tests.support.builders import an_actor
from tests.support.card_limits import faults
from tests.support.long_member import answer_much
from tests.support.sitting_moves import REAL, begun, choose, real_pack

EVERYTHING = (
    "leaderboard",
    "leaderboard month",
    "leaderboard all workspace",
    "quiz 2",
    "quiz 2 new",
    "quiz mlops 50 new",
    "quiz missed",
    "quiz missed new",
    "quiz new trap {trap}",
    "review",
    "review 50 new",
    "exam",
    "stats",
    "stats team",
    "traps",
    "cram",
    "cram mlops",
    "tip",
    "trapwise help",
    "trapwise settings",
    "trapwise privacy",
    "trapwise export-me",
    "trapwise forget-me",
)

TRAP = real_pack().traps[0].id


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house(packs={REAL: real_pack()}) as made:
        yield made


async def everything(house: House, actor: Actor) -> dict[str, Card]:
    """What each command shows; all of it fits every platform."""
    shown = {}
    for line in EVERYTHING:
        reply = await house.say(actor, line.format(trap=TRAP))
        assert faults(reply) == [], line
        shown[line] = card_of(reply)
    return shown


def bars(card: Card) -> Bars:
    (found,) = (block for block in card.blocks if isinstance(block, Bars) and not block.trend)
    return found


async def given(house: House, count: int, sitting: Sitting, domain: str | None = None) -> None:
    until = house.clock.now()
    await house.storage.write(
        lambda tx: answer_much(tx, ANA, real_pack(), count, until=until, domain=domain, sitting=sitting)
    )


async def test_nobody_yet(house: House) -> None:
    shown = await everything(house, ANA)
    assert "You haven't answered anything yet" in words(shown["stats"])
    assert "Nothing is due for review" in shown["review"].title
    assert "No trap has caught you yet" in shown["traps"].title
    assert "Nothing to make good" in shown["quiz missed"].title
    assert "Nobody has answered in this window yet" in words(shown["leaderboard"])
    assert "Not enough yet" in words(shown["stats team"])
    assert "your 0 answers" in words(shown["trapwise forget-me"])


async def test_one_answer(house: House) -> None:
    practice = await begun(house, "quiz mlops 1", Sitting.PRACTICE)
    await choose(house, practice, 0, right=False)
    shown = await everything(house, ANA)
    rows = {bar.label: bar for bar in bars(shown["stats"]).bars}
    assert rows["MLOps"].text == "not enough yet: 1 answer, 4 more to go"
    assert {bar.text for name, bar in rows.items() if name != "MLOps"} == {"no answer yet"}
    assert "weak" not in words(shown["stats"]).replace("weakest", "")
    assert "not enough data yet" in words(shown["stats"])
    assert "your 1 answer," in words(shown["trapwise forget-me"])


async def test_one_domain_only(house: House) -> None:
    await given(house, 30, Sitting.EXAM, "deployment")
    shown = await everything(house, ANA)
    first, *others = bars(shown["stats"]).bars
    assert first.label == "Deployment"
    assert "20 of 30 right" in first.text
    assert {bar.text for bar in others} == {"no answer yet"}
    missing = words(shown["stats"]).split("not enough data yet from daily questions and mock exams")[1].split(")")[0]
    assert "0 of 8 in MLOps" in missing
    assert "Deployment" not in missing
    assert shown["quiz missed"].title == "Practice · 1 of 10"


async def test_ten_thousand_answers(house: House) -> None:
    await given(house, 5_000, Sitting.PRACTICE)
    assert "(0 of 8 in ML fundamentals, 0 of 8 in" in words(card_of(await house.say(ANA, "stats")))
    house.clock.advance(days=40)  # the counts are those of answers in the order of time
    await given(house, 5_000, Sitting.EXAM)
    shown = await everything(house, ANA)
    figures = [bar.text for bar in bars(shown["stats"]).bars]
    answered = [int(text.split(" of ")[1].split(" right")[0].replace(",", "")) for text in figures]
    assert sum(answered) == 10_000
    assert min(answered) > MIN_RESPONSES
    assert "expected, pass line 70 %" in words(shown["stats"])
    assert "from daily questions and mock exams" in words(shown["stats"])
    assert "your 10,000 answers" in words(shown["trapwise forget-me"])
    assert len(words(shown["traps"]).splitlines()) < 30
    assert "due" in words(shown["review"])
    assert await house.storage.maintain(rebuild) == ()


async def _team_of(house: House, people: int) -> Card:
    """So many people answer the day's question; what the channel's figures are then."""
    await house.schedule()
    round_ = await house.opened()
    for number in range(people):
        await house.answer(an_actor(f"Person{number}"), round_, round_.item.key)
    return card_of(await house.say(an_actor("Person0"), "stats team"))


async def test_three_people_are_too_few_for_a_team_figure(house: House) -> None:
    card = await _team_of(house, 3)
    assert "Not enough yet" in words(card)
    assert not [block for block in card.blocks if isinstance(block, Bars | Table)]
    assert "%" not in words(card)


async def test_four_people_are_enough_and_nobody_is_named(house: House) -> None:
    card = await _team_of(house, 4)
    (bar,) = bars(card).bars
    assert bar.text == "100 % (4 of 4 right, 4 people)"
    assert "Person" not in words(card)
    assert faults(card) == []


async def test_four_answers_of_three_people_are_too_few(house: House) -> None:
    await house.schedule()
    for _ in range(2):
        await house.say(ANA, "quiz here mlops")
        extra = (await house.rounds())[-1]
        for actor in (ANA, BEN, CLEO):
            await house.answer(actor, extra, extra.item.key)
        house.clock.advance(minutes=11)
        await house.tick()
    assert "Not enough yet" in words(card_of(await house.say(ANA, "stats team")))


async def test_practice_of_others_is_in_no_team_figure(house: House) -> None:
    for name in ("Ana", "Ben", "Cleo", "Dan", "Eve"):
        practice = await begun(house, "quiz mlops 3", Sitting.PRACTICE, an_actor(name))
        await choose(house, practice, 0, actor=an_actor(name))
    assert "Not enough yet" in words(card_of(await house.say(ANA, "stats team")))
