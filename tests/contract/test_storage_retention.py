"""Storage, whatever the database: old answers are deleted, and every count stays what it was."""

from datetime import timedelta

import pytest

from bot.app.ledger import recount
from bot.app.ports import Tx
from bot.app.rebuild import rebuild
from bot.app.records import Counts, DeliveryKind, DeliveryState, NewDelivery
from bot.core.attempt import Sitting
from bot.core.refs import MemberId
from bot.core.response import Source
from storage import OpenStorage
from tests.contract.test_storage_upkeep import PACK, _busy_fortnight, _counts
from tests.support.builders import NOW, Team, a_team, best

DAY = timedelta(days=1)


def _condense(tx: Tx, team: Team, name: str, *, until: timedelta, limit: int = 9_999) -> int:
    workspace, member = team.workspace.id, team.members[name].id
    answers = tx.retention.oldest(workspace, member, NOW + until, limit)
    tx.retention.condense(workspace, member, answers, recount)
    return len(answers)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("limit", [1, 7, 9_999])
async def test_counts_stay_when_answers_are_condensed(storage: OpenStorage, seed: int, limit: int) -> None:
    teams = await storage.write(lambda tx: _busy_fortnight(tx, seed=seed))
    before = await storage.maintain(_counts)

    def some(tx: Tx) -> int:
        return sum(
            _condense(tx, team, name, until=DAY * 8, limit=limit) for team in teams[::2] for name in team.members
        )

    condensed = 0
    while done := await storage.write(some):
        condensed += done
    assert condensed > 30
    assert await storage.maintain(_counts) == before, "condensing changes no count"
    assert await storage.maintain(rebuild) == (), "and a rebuild comes to the same"
    assert await storage.maintain(rebuild) == ()


async def test_single_answers_are_gone_and_newer_ones_stay(storage: OpenStorage) -> None:
    team = (await storage.write(_busy_fortnight))[0]
    ana = team.members["Ana"].id
    before = await storage.read(lambda tx: tx.responses.of_member(team.workspace.id, ana))
    await storage.write(lambda tx: _condense(tx, team, "Ana", until=DAY * 8))
    after = await storage.read(lambda tx: tx.responses.of_member(team.workspace.id, ana))
    assert after == [pair for pair in before if pair[0].at >= NOW + DAY * 8]
    assert 0 < len(after) < len(before)


async def test_answers_of_one_instant_are_condensed_together(storage: OpenStorage) -> None:
    team = (await storage.write(_busy_fortnight))[0]

    def all_in_steps(tx: Tx) -> list[int]:
        steps = []
        while done := _condense(tx, team, "Ana", until=DAY * 99, limit=2):
            steps.append(done)
        return steps

    steps = await storage.write(all_in_steps)
    assert 12 in steps or 13 in steps, "an exam's twelve answers were given at one instant"
    assert await storage.maintain(rebuild) == ()


async def test_hiding_after_condensing_hides_what_is_kept_too(storage: OpenStorage) -> None:
    team = (await storage.write(_busy_fortnight))[0]
    workspace, ana = team.workspace.id, team.members["Ana"].id
    await storage.write(lambda tx: _condense(tx, team, "Ana", until=DAY * 99))
    await storage.write(lambda tx: tx.people.set_hidden(workspace, ana, True))
    assert await storage.maintain(rebuild) == ()
    assert ana not in {score.member for score in await storage.read(lambda tx: best(tx, workspace, None, 0, 9))}


async def test_forgetting_takes_what_was_condensed_along(storage: OpenStorage) -> None:
    team = (await storage.write(_busy_fortnight))[0]
    workspace, ana = team.workspace.id, team.members["Ana"].id
    tallies = (await storage.maintain(_counts))["tallies"]
    await storage.write(lambda tx: _condense(tx, team, "Ana", until=DAY * 8))
    await storage.write(lambda tx: tx.people.forget(workspace, ana))
    after = await storage.maintain(_counts)
    assert after["tallies"] == tallies, "how many chose B names nobody"
    assert _of(after, ana) == {}
    assert await storage.maintain(rebuild) == ()


def _of(counts: Counts, member: MemberId) -> dict[str, object]:
    places = {"standings": 2, "domain_tallies": 1, "memories": 1}
    found = {table: [key for key in counts[table] if key[place] == member] for table, place in places.items()}
    return {table: keys for table, keys in found.items() if keys}


async def test_attempts_go_only_after_their_answers(storage: OpenStorage) -> None:
    team = (await storage.write(_busy_fortnight))[0]
    workspace, ana = team.workspace.id, team.members["Ana"].id

    def drop(tx: Tx) -> tuple[int, int]:
        dropped = tx.retention.drop_sittings(workspace, ana, NOW + DAY * 7)
        return dropped, len(tx.attempts.submitted(workspace, ana, PACK.id, Sitting.EXAM))

    assert await storage.write(drop) == (0, 2)
    await storage.write(lambda tx: _condense(tx, team, "Ana", until=DAY * 7))
    assert await storage.write(drop) == (1, 1)
    left = await storage.read(lambda tx: tx.responses.of_member(workspace, ana))
    assert any(response.source is Source.ATTEMPT for response, _ in left)
    assert await storage.maintain(rebuild) == ()


async def test_finished_deliveries_go_and_others_stay(storage: OpenStorage) -> None:
    def fill(tx: Tx) -> None:
        team = a_team(tx)
        for n, state in enumerate(DeliveryState):
            for old in (True, False):
                at = NOW - (DAY * 40 if old else DAY)
                tx.deliveries.add(
                    NewDelivery(
                        workspace=team.workspace.id,
                        kind=DeliveryKind.NOTICE,
                        key=f"k{n}{old}",
                        member=team.members["Ana"].id,
                    ),
                    at,
                )
                (delivery,) = [one for one in tx.deliveries.ready(NOW, 99) if one.key == f"k{n}{old}"]
                tx.deliveries.mark(delivery, state)

    await storage.write(fill)
    assert await storage.write(lambda tx: tx.retention.drop_deliveries(NOW - DAY * 30, 1)) == 1
    assert await storage.write(lambda tx: tx.retention.drop_deliveries(NOW - DAY * 30, 99)) == 1
    assert await storage.write(lambda tx: tx.retention.drop_deliveries(NOW - DAY * 30, 99)) == 0
    assert {one.key for one in await storage.read(lambda tx: tx.deliveries.ready(NOW, 99))} == {
        "k0True",
        "k0False",
        "k1True",
        "k1False",
    }


async def test_members_are_told_with_when_they_did_something_last(storage: OpenStorage) -> None:
    team = (await storage.write(_busy_fortnight))[0]

    def look(tx: Tx) -> tuple[object, ...]:
        found = {one.member: one for one in tx.retention.members(MemberId(0), 99)}
        assert len(found) == 8
        assert [one.member for one in tx.retention.members(MemberId(0), 3)] == sorted(found)[:3]
        assert list(tx.retention.members(max(found), 3)) == []
        ana = found[team.members["Ana"].id]
        return ana.oldest, ana.latest, ana.needed

    oldest, latest, needed = await storage.read(look)
    assert (oldest, needed) == (NOW, False)
    await storage.write(lambda tx: _condense(tx, team, "Ana", until=DAY * 99))
    assert await storage.read(look) == (None, latest, False), "what was condensed still tells"
