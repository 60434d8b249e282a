"""The board of one domain: right answers in the channel's ranked rounds, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.actions import Actor
from bot.app.rebuild import rebuild
from bot.core.attempt import Sitting
from bot.view.card import Card, Table
from tests.support.app_house import ANA, BEN, EIGHT, House, card_of, open_house, small_pack, words
from tests.support.builders import SettableClock, a_channel_ref, an_actor
from tests.support.card_limits import faults
from tests.support.old_databases import take_back
from tests.support.sitting_moves import begun, sit

DAY = timedelta(days=1)
NINE = EIGHT + timedelta(hours=1)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        await made.schedule(weekdays=frozenset(range(7)))
        yield made


async def day(house: House, number: int, right: dict[str, bool]) -> str:
    """One day's round, answered by those named; its domain."""
    await house.tick(NINE + number * DAY)
    round_ = (await house.rounds())[-1]
    for name, is_right in right.items():
        await house.answer(an_actor(name), round_, "b" if is_right else "a")
    return round_.item.domain


def table(card: Card) -> Table:
    (found,) = (block for block in card.blocks if isinstance(block, Table))
    return found


async def board(house: House, domain: str, actor: Actor = ANA) -> Card:
    reply = await house.say(actor, f"leaderboard {domain}")
    assert faults(reply) == []
    return card_of(reply)


async def test_right_answers_by_domain_rank_with_shared_places(house: House) -> None:
    right: dict[str, dict[str, int]] = {"basics": {}, "practice": {}}
    days = (
        {"Ana": True, "Ben": True, "Cleo": False},
        {"Ana": True, "Ben": False, "Cleo": True},
        {"Ana": False, "Ben": True, "Cleo": False},
        {"Ana": True, "Ben": True, "Cleo": True},
        {"Ana": True, "Dan": True},
        {"Ana": False, "Ben": True},
    )
    for number, answers in enumerate(days):
        domain = await day(house, number, answers)
        for name, is_right in answers.items():
            right[domain][name] = right[domain].get(name, 0) + is_right
    assert all(right.values())
    for domain, counts in right.items():
        shown = table(await board(house, domain, an_actor("Nobody")))
        expected = [
            (str(1 + sum(other > count for other in counts.values())), name, str(count))
            for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        ]
        assert [row[:3] for row in shown.rows] == expected
        assert shown.own is None
    assert len({place for place, _, _ in expected}) < len(expected)


async def test_only_ranked_rounds_count(house: House) -> None:
    domain = await day(house, 0, {"Ana": True})
    before = words(await board(house, domain))
    await house.tick(NINE + timedelta(hours=9))
    await house.say(ANA, f"quiz here {domain}")
    extra = (await house.rounds())[-1]
    assert (extra.number, extra.item.domain) == (None, domain)
    for actor in (ANA, BEN):
        await house.answer(actor, extra, "b")
    await sit(house, await begun(house, f"quiz {domain} 5", Sitting.PRACTICE), right=5)
    await sit(house, await begun(house, "exam", Sitting.EXAM), right=9)
    assert words(await board(house, domain)) == before
    assert await house.storage.maintain(rebuild) == ()


async def test_hidden_members_leave_no_gap_and_see_themselves(house: House) -> None:
    domain = await day(house, 0, {"Ana": True, "Ben": True, "Cleo": False})
    await house.say(ANA, "settings hide")
    assert [row[:2] for row in table(await board(house, domain, BEN)).rows] == [("1", "Ben (you)"), ("2", "Cleo")]
    assert "2 members" in words(await board(house, domain, BEN))
    own = await board(house, domain)
    assert table(own).rows[table(own).own or 0][1] == "Ana (you)"
    assert "You are hidden" in words(own)


async def test_your_own_place_is_shown_below_the_top(house: House) -> None:
    names = [f"Member{n:02}" for n in range(14)]
    domain = await day(house, 0, {name: name != names[-1] for name in names})
    shown = table(await board(house, domain, an_actor(names[-1])))
    assert len(shown.rows) == 11
    assert shown.own == 10
    assert shown.rows[10] == ("14", f"{names[-1]} (you)", "0", "1")


async def test_another_channel_has_its_own_board(house: House) -> None:
    domain = await day(house, 0, {"Ana": True})
    kitchen = an_actor("Ana", channel=a_channel_ref("kitchen"))
    assert "Nobody has answered a daily question of this domain here yet." in words(await board(house, domain, kitchen))
    nowhere = await house.say(replace(ANA, channel=None), f"leaderboard {domain}")
    assert "Use that in a channel" in card_of(nowhere).title


async def test_the_migration_counts_what_was_answered_before(tmp_path: Path) -> None:
    file = tmp_path / "trapwise.db"
    clock = SettableClock(EIGHT)
    packs = {"my-exam": small_pack()}
    async with open_house(database=f"sqlite:///{file}", clock=clock, packs=packs) as house:
        await house.schedule(weekdays=frozenset(range(7)))
        domains = [await day(house, n, {"Ana": n % 2 == 0, "Ben": True}) for n in range(5)]
        await house.tick(clock.now() + timedelta(hours=9))
        await house.say(ANA, "quiz here")
        await house.answer(ANA, (await house.rounds())[-1], "b")
        await sit(house, await begun(house, "quiz 5", Sitting.PRACTICE), right=2)
        await sit(house, await begun(house, "exam", Sitting.EXAM), right=6)
        counted = await house.storage.maintain(lambda _, upkeep: upkeep.counts())
        assert any(row["fair_answered"] for row in counted["domain_tallies"].values())
        before = {domain: words(await board(house, domain)) for domain in set(domains)}
    take_back(file, 6)
    async with open_house(database=f"sqlite:///{file}", clock=clock, packs=packs) as house:
        assert {domain: words(await board(house, domain)) for domain in set(domains)} == before
        assert await house.storage.maintain(rebuild) == ()
