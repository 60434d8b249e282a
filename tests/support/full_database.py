"""A database with something in every table, for whatever has to take all of it along."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.app.ledger import count_in_round, recount
from bot.app.ports import Tx
from bot.app.records import DeliveryKind, NewDelivery
from bot.core.attempt import Sitting
from bot.core.pack import Pack
from storage import open_storage
from tests.support.builders import NOW, TODAY, Team, a_pack, a_response, a_team, an_actor, an_open_round
from tests.support.long_member import answer_much

DAY = timedelta(days=1)
NAMES = tuple(f"Member {number} ✓" for number in range(25))


def make_full(path: Path, *, days: int = 60, practised: int = 200) -> int:
    """Make the file; how many answers there are."""

    async def run() -> int:
        storage = await open_storage(str(path))
        for number in range(2):
            await storage.write(lambda tx, n=number: _fill(tx, n, days, practised))  # type: ignore[misc]  # mypy can't infer it
        await storage.close()
        with closing(sqlite3.connect(path)) as db:
            (count,) = db.execute("SELECT count(*) FROM responses").fetchone()
        return int(count)

    return asyncio.run(run())


def _fill(tx: Tx, number: int, days: int, practised: int) -> None:
    pack = a_pack(40)
    team, other = (a_team(tx, f"acme-{number}", channel=name, members=NAMES) for name in ("exam-prep", "late-shift"))
    for day in range(days):
        for each in (team, other):
            _live(tx, each, pack, day, days - 1)
    workspace, first = team.workspace.id, team.members[NAMES[0]]
    actor = an_actor(NAMES[1], channel=team.channel.ref)
    answer_much(tx, actor, pack, practised, until=NOW + DAY * (days + 20))
    answer_much(tx, actor, pack, 10, until=NOW + DAY * (days + 21), sitting=Sitting.EXAM)
    tx.responses.report(workspace, first.id, tx.keep_revision(pack.items[0]), NOW)
    plan = replace(team.schedule, skips=frozenset({TODAY + DAY * 400}))
    tx.schedules.save(plan, next_at=NOW, by=first.id, now=NOW)
    tx.people.set_hidden(workspace, team.members[NAMES[2]].id, True)
    old = tx.retention.oldest(workspace, team.members[NAMES[3]].id, NOW + DAY * days / 2, 9_999)
    tx.retention.condense(workspace, team.members[NAMES[3]].id, old, recount)
    # Whoever is forgotten while a round is open leaves a mark in it.
    tx.people.forget(workspace, team.members[NAMES[4]].id)
    tx.keyring.settle("web secret", "abc")
    tx.leases.take("process/gone", "gone", 0.001)
    tx.installations.put(f"T{number}", "sealed", NOW)
    tx.installations.join(f"T{number}", "E1")
    tx.installations.issue(f"state-{number}", NOW + DAY, NOW)


def _live(tx: Tx, team: Team, pack: Pack, day: int, last: int) -> None:
    """One day of a channel: most answer its question, and it closes, but for the last one."""
    workspace = team.workspace.id
    round_ = an_open_round(tx, team, TODAY + DAY * day, item=pack.items[day % len(pack.items)])
    tx.rounds.set_message(workspace, round_.id, f"message-{day}")
    later = timedelta(hours=4 if team.channel.name == "late-shift" else 0)
    for n, member in enumerate(team.members.values()):
        if (n + day) % 10:
            option = "abcdbb"[(n * 7 + day * 5 + day // 6) % 6]
            response = a_response(round_, member, option, at=round_.opens + later + timedelta(minutes=n))
            tx.responses.add(workspace, response)
            count_in_round(tx, round_, member, response)
    if day < last:
        tx.rounds.close(workspace, round_.id)
    post = NewDelivery(
        workspace=workspace,
        kind=DeliveryKind.POST,
        key=f"tw-{round_.id}-post",
        channel=team.channel.id,
        round=round_.id,
    )
    tx.deliveries.add(post, NOW)
