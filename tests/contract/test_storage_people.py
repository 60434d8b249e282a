"""Storage, whatever the database: workspaces, channels, members, schedules, and the program's own values."""

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app.ports import Tx
from bot.core.refs import ChannelRef, MemberId, MemberRef, Platform
from bot.core.schedule import Pause, Reveal, Schedule
from storage import OpenStorage
from tests.support.builders import NOW, TODAY, a_member, a_schedule, a_team, a_workspace_ref


async def test_a_workspace_is_made_once_and_keeps_its_latest_name(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> list[tuple[int, str]]:
        ref = a_workspace_ref()
        return [(w.id, w.name) for w in (tx.people.workspace(ref, name, NOW) for name in ("Acme", "", "Acme Ltd"))]

    ids, names = zip(*await storage.write(visit), strict=True)
    assert len(set(ids)) == 1
    assert names == ("Acme", "Acme", "Acme Ltd")


async def test_the_same_id_on_two_platforms_is_two_workspaces(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> set[int]:
        refs = (a_workspace_ref("1", platform) for platform in (Platform.SLACK, Platform.DISCORD))
        return {tx.people.workspace(ref, "x", NOW).id for ref in refs}

    assert len(await storage.write(visit)) == 2


async def test_channels_and_members_are_made_once_and_renamed(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace = team.workspace.id
        again = tx.people.channel(workspace, team.channel.ref, "renamed", NOW)
        assert (again.id, again.name) == (team.channel.id, "renamed")
        assert tx.people.channel(workspace, team.channel.ref, "", NOW).name == "renamed"
        assert tx.people.find_channel(workspace, team.channel.id) == again
        ana = tx.people.member(workspace, team.members["Ana"].ref, "Ana B.", NOW)
        assert (ana.id, ana.name) == (team.members["Ana"].id, "Ana B.")
        assert tx.people.member(workspace, ana.ref, "", NOW).name == "Ana B."
        assert tx.people.find_member(workspace, ana.id) == tx.people.look_up(ana.ref) == ana

    await storage.write(visit)


async def test_a_channel_that_gets_another_id_keeps_what_it_has(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, old = team.workspace.id, team.channel.ref
        new = ChannelRef(old.workspace, "C-new")
        assert not tx.people.move_channel(workspace, new, "C-newer")
        assert tx.people.move_channel(workspace, old, new.id)
        moved = tx.people.look_up_channel(new)
        assert moved is not None
        assert moved.id == team.channel.id
        assert tx.people.look_up_channel(old) is None
        plan = tx.schedules.get(workspace, moved.id)
        assert plan is not None
        assert not tx.people.move_channel(workspace, old, new.id)

    await storage.write(visit)


async def test_a_new_id_under_which_something_happened_already(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, old = team.workspace.id, team.channel.ref
        new = ChannelRef(old.workspace, "C-new")
        visited = tx.people.channel(workspace, new, "", NOW)
        assert tx.people.move_channel(workspace, old, new.id)
        assert tx.people.channel(workspace, new, "", NOW).id == team.channel.id
        assert not tx.people.move_channel(workspace, old, new.id), "told twice, it goes back"
        assert tx.people.channel(workspace, old, "", NOW).id == visited.id
        tx.schedules.save(a_schedule(workspace, visited.id), next_at=None, by=None, now=NOW)
        assert not tx.people.move_channel(workspace, new, old.id), "somebody else's schedule is pushed aside"

    await storage.write(visit)


async def test_who_never_acted_is_not_there(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        assert tx.people.look_up(MemberRef(team.workspace.ref, "nobody")) is None
        assert tx.people.find_member(team.workspace.id, MemberId(10_000)) is None
        assert tx.people.named(team.workspace.id, "nobody") is None

    await storage.write(visit)


async def test_names_are_found_in_any_case_and_counted(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx, members=("Ana", "Jürgen STRAẞE"))
        found = tx.people.named(team.workspace.id, "jürgen strasse")
        assert found == team.members["Jürgen STRAẞE"]
        assert tx.people.count(team.workspace.id) == 2

    await storage.write(visit)


async def test_flags_of_a_member_are_off_at_first_and_kept(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        ana, workspace = team.members["Ana"], team.workspace.id
        assert (ana.hidden, ana.reminders, ana.extended) == (False, False, False)
        tx.people.set_hidden(workspace, ana.id, True)
        tx.people.set_reminders(workspace, ana.id, True)
        tx.people.set_extended(workspace, ana.id, True)
        expected = replace(ana, hidden=True, reminders=True, extended=True)
        assert tx.people.find_member(workspace, ana.id) == expected
        assert a_member(tx, team.workspace, "Ana") == expected
        assert tx.people.find_member(workspace, team.members["Ben"].id) == team.members["Ben"]

    await storage.write(visit)


@pytest.mark.parametrize("name", ["", "Ana", "'; DROP TABLE members; --", "\u202egnirts", "名前 🦉", "a" * 500])
async def test_any_text_is_kept_as_it_is(storage: OpenStorage, name: str) -> None:
    def keep(tx: Tx) -> MemberRef:
        workspace = tx.people.workspace(a_workspace_ref(), name, NOW)
        return tx.people.member(workspace.id, MemberRef(workspace.ref, name), name, NOW).ref

    ref = await storage.write(keep)
    found = await storage.read(lambda tx: tx.people.look_up(ref))
    assert found is not None
    assert (found.name, found.ref.id) == (name, name)


async def test_a_schedule_comes_back_as_it_was_saved(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> tuple[Schedule, Schedule, Schedule | None]:
        team = a_team(tx)
        plan = a_schedule(
            team.workspace.id,
            team.channel.id,
            pack="other",
            opens=time(23, 59),
            zone=ZoneInfo("Australia/Lord_Howe"),
            since=date(2027, 2, 1),
            weekdays=frozenset({0, 6}),
            closes_after=10,
            reveal=Reveal.AT_CLOSE,
            pause=Pause.BY_ADMIN,
            skips=frozenset({date(2027, 2, 7), date(2028, 2, 29)}),
        )
        saved = tx.schedules.save(plan, next_at=NOW, by=team.members["Ana"].id, now=NOW)
        assert tx.schedules.set_by(saved.workspace, saved.id) == team.members["Ana"].id
        return replace(plan, id=saved.id), saved, tx.schedules.get(team.workspace.id, team.channel.id)

    expected, saved, found = await storage.write(visit)
    assert saved == found == expected


async def test_saving_again_replaces_the_schedule_of_the_channel(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        first = tx.schedules.save(replace(team.schedule, skips=frozenset({TODAY})), next_at=None, by=None, now=NOW)
        second = tx.schedules.save(
            replace(team.schedule, skips=frozenset({TODAY + timedelta(1)})), next_at=None, by=None, now=NOW
        )
        assert first.id == second.id == team.schedule.id
        assert second.skips == frozenset({TODAY + timedelta(1)})
        assert tx.schedules.set_by(second.workspace, second.id) is None

    await storage.write(visit)


async def test_schedules_are_due_by_their_next_opening_the_most_overdue_first(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        plans = [a_team(tx, f"team-{n}").schedule for n in range(5)]
        later, latest = NOW + timedelta(milliseconds=1), NOW + timedelta(days=1)
        for plan, at in zip(plans, (NOW, NOW - timedelta(hours=1), later, None, latest), strict=True):
            tx.schedules.set_next(plan.workspace, plan.id, at)
        assert [s.id for s in tx.schedules.due(NOW, 10)] == [plans[1].id, plans[0].id]
        assert [s.id for s in tx.schedules.due(NOW, 1)] == [plans[1].id]
        assert tx.schedules.earliest() == NOW - timedelta(hours=1)

    await storage.write(visit)


async def test_a_paused_schedule_is_neither_due_nor_active_until_resumed(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        plan = team.schedule
        tx.schedules.set_next(plan.workspace, plan.id, NOW)
        tx.schedules.set_pause(plan.workspace, plan.id, Pause.CHANNEL_REFUSED)
        assert list(tx.schedules.due(NOW, 10)) == []
        assert list(tx.schedules.active()) == []
        assert tx.schedules.earliest() is None
        tx.schedules.set_pause(plan.workspace, plan.id, None)
        assert list(tx.schedules.due(NOW, 10)) == list(tx.schedules.active()) == [plan]

    await storage.write(visit)


async def test_one_schedule_per_channel_several_per_workspace(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        first, second = a_team(tx, channel="one"), a_team(tx, channel="two")
        assert first.workspace.id == second.workspace.id
        assert first.schedule.id != second.schedule.id
        unset = tx.people.channel(first.workspace.id, ChannelRef(first.workspace.ref, "three"), "three", NOW)
        assert tx.schedules.get(first.workspace.id, unset.id) is None

    await storage.write(visit)


async def test_the_keyring_keeps_the_latest_value(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        assert tx.keyring.get("web secret") is None
        tx.keyring.put("web secret", "one")
        tx.keyring.put("web secret", "two")
        tx.keyring.put("other", "three")
        assert tx.keyring.get("web secret") == "two"

    await storage.write(visit)
