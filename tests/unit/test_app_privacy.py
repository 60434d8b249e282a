"""Everything kept about a member can be taken away and deleted."""

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.app.actions import Actor
from bot.core.round import Round
from bot.view.card import Attachment
from bot.view.tokens import Confirm, Report, write
from tests.support.app_house import ANA, BEN, EIGHT, House, open_house, words
from tests.support.builders import an_actor

NINE = EIGHT + timedelta(hours=1)
FORGET = write(Confirm("forget-me"))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as made:
        await made.schedule(weekdays=frozenset(range(7)))
        yield made


async def days(house: House, *actors: Actor, count: int = 2) -> list[Round]:
    """Let the actors answer on that many days; the last round stays open."""
    rounds = []
    for day in range(count):
        rounds.append(await house.opened(NINE + timedelta(days=day)))
        for actor in actors:
            await house.answer(actor, rounds[-1], "b" if actor is ANA else "a")
    return rounds


async def attachment(house: House, actor: Actor) -> Attachment:
    (found,) = (await house.say(actor, "trapwise export-me")).attachments
    assert (found.name, found.media_type) == ("trapwise-export.zip", "application/zip")
    return found


def opened(found: Attachment) -> tuple[dict[str, list[dict[str, Any]]], dict[str, list[dict[str, str]]]]:
    """The JSON file, and the CSV files by name."""
    with zipfile.ZipFile(io.BytesIO(found.content)) as bundle:
        assert bundle.testzip() is None
        tables = {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(bundle.read(name).decode())))
            for name in bundle.namelist()
            if name.endswith(".csv")
        }
        return json.loads(bundle.read("trapwise.json")), tables


async def test_an_export_holds_every_answer(house: House) -> None:
    rounds = await days(house, ANA, BEN, count=3)
    await house.press(ANA, write(Report(rounds[0].id)))
    everything, tables = opened(await attachment(house, ANA))
    assert everything["member"][0]["name"] == "Ana"
    assert len(everything["responses"]) == 3
    assert [row["correct"] for row in everything["responses"]] == [1, 1, 1]
    assert {row["item"] for row in everything["responses"]} == {r.item.id for r in rounds}
    assert len(everything["reports"]) == 1
    for name, rows in everything.items():
        assert [{k: str(v) if v is not None else "" for k, v in row.items()} for row in rows] == tables.get(name, [])


async def test_an_export_names_every_table_that_has_a_member(house: House) -> None:
    await days(house, ANA)
    everything, _ = opened(await attachment(house, ANA))
    assert {"member", "responses", "reports", "standings", "domain_tallies", "deliveries"} <= set(everything)


async def test_an_export_holds_nothing_of_others(house: House) -> None:
    await days(house, ANA, BEN)
    raw = json.dumps(opened(await attachment(house, ANA))[0])
    assert "Ben" not in raw
    assert "ben" not in raw


async def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(house: House) -> None:
    eve = an_actor("=1+2")
    await days(house, eve)
    everything, tables = opened(await attachment(house, eve))
    assert everything["member"][0]["name"] == "=1+2"
    assert tables["member"][0]["name"] == "'=1+2"


async def test_a_newcomer_can_export_too(house: House) -> None:
    everything, _ = opened(await attachment(house, ANA))
    assert everything["responses"] == []


async def test_forgetting_asks_first(house: House) -> None:
    await days(house, ANA)
    reply = await house.say(ANA, "forget-me")
    assert "your 2 answers" in words(reply)
    assert (await house.standing(ANA)).answered == 2


async def test_forgetting_removes_everything_everywhere(house: House) -> None:
    await days(house, ANA, BEN, count=3)
    await house.say(ANA, "quiz 2")
    reply = await house.press(ANA, FORGET)
    assert "Your 3 answers and everything else kept about you are deleted" in words(reply)
    assert await house.look(lambda tx: tx.people.look_up(ANA.member)) is None
    assert (await house.standing(ANA)).answered == 0
    for line in ("leaderboard week", "leaderboard all workspace"):
        assert "Ana" not in words(await house.say(BEN, line))
    everything, _ = opened(await attachment(house, ANA))
    assert {name: rows for name, rows in everything.items() if name != "member" and rows} == {}
    assert (await house.standing(BEN)).answered == 3


async def test_forgetting_leaves_closed_counts_as_they_are(house: House) -> None:
    first, _ = await days(house, ANA, BEN)
    await house.press(ANA, FORGET)
    workspace, _ = await house.ids()
    assert await house.look(lambda tx: dict(tx.rounds.tally(workspace, first.id))) == {"a": 1, "b": 1}
    assert "2 answered, 1 got it" in words(house.shown()[0].card)


async def test_a_forgotten_member_begins_anew(house: House) -> None:
    await days(house, ANA, count=4)
    await house.press(ANA, FORGET)
    fifth = await house.opened(NINE + timedelta(days=4))
    card = await house.answer(ANA, fifth, "b")
    assert card.title == f"Right: {fifth.letter('b')}. +10 points."
    standing = await house.standing(ANA)
    assert (standing.answered, standing.points, standing.streak, standing.freezes) == (1, 10, 1, 0)


async def test_forgetting_twice_and_forgetting_nobody(house: House) -> None:
    assert "Your 0 answers" in words(await house.press(ANA, FORGET))
    assert "Your 0 answers" in words(await house.press(ANA, FORGET))
    assert await house.look(lambda tx: tx.people.look_up(ANA.member)) is None


async def test_an_admin_who_was_forgotten_leaves_the_schedule(house: House) -> None:
    admin = an_actor("Ada", manages=True)
    await house.say(admin, "trapwise schedule 09:00")
    await house.press(admin, FORGET)
    await house.tick(NINE)
    assert len(house.shown()) == 1


async def test_privacy_says_what_is_kept_and_offers_both(house: House) -> None:
    said = words(await house.say(ANA, "trapwise privacy"))
    assert "each answer you gave" in said
    assert "Export my data" in said
    assert "Forget me" in said
