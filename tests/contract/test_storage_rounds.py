"""Storage, whatever the database: rounds from opening to closing, item revisions, and the outbox."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.ports import Tx
from bot.app.records import DeliveryKind, DeliveryState, NewDelivery
from bot.core.item import Difficulty, Kind
from bot.core.refs import ChannelRef, RoundId
from bot.core.round import State
from bot.core.schedule import Reveal
from storage import OpenStorage
from tests.support.builders import NOW, TODAY, Team, a_new_round, a_response, a_team, an_item, an_open_round

DAY = timedelta(days=1)


async def test_a_round_comes_back_as_it_was_opened(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        item = an_item("odd", kind=Kind.CALCULATION, difficulty=Difficulty.HARD, stem="“ü” `x`\n```\n'\\n'\n```")
        new = a_new_round(team.schedule, item=item, order="dbca", reveal=Reveal.AT_CLOSE)
        round_ = tx.rounds.open(new)
        assert round_ is not None
        assert round_ == tx.rounds.get(team.workspace.id, round_.id)
        assert (round_.item, round_.order, round_.reveal) == (item, "dbca", Reveal.AT_CLOSE)
        assert (round_.opens, round_.closes, round_.local_date) == (new.opens, new.closes, new.local_date)
        assert (round_.state, round_.number, round_.message) == (State.OPEN, 1, None)

    await storage.write(visit)


async def test_a_date_has_one_round_whatever_is_tried(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        first = an_open_round(tx, team)
        assert tx.rounds.open(a_new_round(team.schedule, item=an_item("other"))) is None
        assert tx.rounds.open(a_new_round(team.schedule, instead=True)) is None
        tx.rounds.skip(team.schedule, TODAY, "missed", NOW)
        assert tx.rounds.get(team.workspace.id, first.id) == first
        tx.rounds.close(team.workspace.id, first.id)
        assert tx.rounds.open(a_new_round(team.schedule)) is None

    await storage.write(visit)


async def test_daily_rounds_are_numbered_and_extra_ones_are_not(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        assert tx.rounds.latest_number(team.workspace.id, team.channel.id) == (0, False)
        first = an_open_round(tx, team)
        extra = [an_open_round(tx, team, schedule=None, item=an_item(f"extra-{n}")) for n in range(2)]
        assert [round_.number for round_ in extra] == [None, None]
        assert not any(round_.ranks for round_ in extra)
        assert tx.rounds.latest_number(team.workspace.id, team.channel.id) == (1, True)
        tx.rounds.close(team.workspace.id, first.id)
        assert tx.rounds.latest_number(team.workspace.id, team.channel.id) == (1, False)
        assert an_open_round(tx, team, TODAY + DAY).number == 2
        assert an_open_round(tx, a_team(tx, channel="second")).number == 1

    await storage.write(visit)


async def test_a_skipped_date_is_settled_has_no_number_and_can_be_made_up_for(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, channel = team.workspace.id, team.channel.id
        tx.rounds.skip(team.schedule, TODAY, "missed", NOW)
        assert tx.rounds.settled(workspace, team.schedule.id, TODAY) == {TODAY}
        assert tx.rounds.open(a_new_round(team.schedule)) is None
        assert list(tx.rounds.recent(workspace, channel, before=None, limit=5)) == []
        assert list(tx.rounds.served(workspace, channel, "my-exam")) == []
        assert tx.rounds.count_since(workspace, channel, None) == 0
        made_up = tx.rounds.open(a_new_round(team.schedule, instead=True))
        assert made_up is not None
        assert made_up.number == 1

    await storage.write(visit)


async def test_a_round_never_posted_is_dropped_and_its_number_freed(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        tx.rounds.drop(team.workspace.id, round_.id, "not delivered")
        assert tx.rounds.get(team.workspace.id, round_.id) is None
        assert list(tx.rounds.all_open()) == []
        assert tx.rounds.settled(team.workspace.id, team.schedule.id, TODAY) == {TODAY}
        assert an_open_round(tx, team, TODAY + DAY).number == 1

    await storage.write(visit)


async def test_a_dropped_round_can_be_made_up_for_though_it_was_in_the_outbox(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        tx.deliveries.add(_post(team, round_.id), NOW)
        (delivery,) = tx.deliveries.ready(NOW, 1)
        tx.deliveries.mark(delivery, DeliveryState.GIVEN_UP, error="not delivered")
        tx.rounds.drop(team.workspace.id, round_.id, "not delivered")
        made_up = tx.rounds.open(a_new_round(team.schedule, instead=True))
        assert made_up is not None
        tx.deliveries.add(_post(team, made_up.id), NOW)
        assert [delivery.round for delivery in tx.deliveries.ready(NOW, 10)] == [made_up.id]

    await storage.write(visit)


async def test_a_round_that_was_posted_or_answered_is_not_dropped(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        posted, answered = an_open_round(tx, team), an_open_round(tx, team, TODAY + DAY)
        tx.rounds.set_message(team.workspace.id, posted.id, "m1")
        # The platform didn't say that the post arrived, but somebody pressed a button under it.
        tx.responses.add_to_tally(team.workspace.id, answered.id, "b")
        for round_ in (posted, answered):
            tx.rounds.drop(team.workspace.id, round_.id, "no")
        assert tx.rounds.get(team.workspace.id, posted.id) == replace(posted, message="m1")
        assert tx.rounds.get(team.workspace.id, answered.id) == answered

    await storage.write(visit)


async def test_rounds_missed_by_a_clock_gone_wrong_are_as_if_they_had_not_been(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        tx.rounds.skip(team.schedule, TODAY, "missed", NOW)
        tx.rounds.skip(team.schedule, TODAY + DAY * 30, "missed", NOW + DAY * 30)
        dropped = an_open_round(tx, team, TODAY + DAY * 31)
        tx.rounds.drop(team.workspace.id, dropped.id, "not delivered")
        tx.rounds.unskip(NOW)
        # What was missed before stays, and so does what was opened and could not be delivered.
        assert tx.rounds.settled(team.workspace.id, team.schedule.id, TODAY) == {TODAY, TODAY + DAY * 31}

    await storage.write(visit)


async def test_rounds_close_when_their_time_has_come_the_most_overdue_first(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        teams = [a_team(tx, f"team-{n}") for n in range(4)]
        ends = (NOW, NOW - timedelta(hours=1), NOW + timedelta(milliseconds=1), NOW - timedelta(hours=2))
        rounds = [an_open_round(tx, team, closes=end) for team, end in zip(teams, ends, strict=True)]
        tx.rounds.close(rounds[3].workspace, rounds[3].id)
        assert [r.id for r in tx.rounds.closing(NOW, 10)] == [rounds[1].id, rounds[0].id]
        assert [r.id for r in tx.rounds.closing(NOW, 1)] == [rounds[1].id]
        assert tx.rounds.earliest_closing() == NOW - timedelta(hours=1)
        assert [r.id for r in tx.rounds.all_open()] == [r.id for r in rounds[:3]]
        for round_ in rounds:
            tx.rounds.close(round_.workspace, round_.id)
        assert tx.rounds.earliest_closing() is None

    await storage.write(visit)


async def test_recent_rounds_are_newest_first_and_can_be_paged(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team, other = a_team(tx), a_team(tx, channel="second")
        rounds = [an_open_round(tx, team, TODAY + DAY * n, item=an_item(f"i{n}")) for n in range(5)]
        an_open_round(tx, other)
        where = team.workspace.id, team.channel.id
        page = tx.rounds.recent(*where, before=None, limit=2)
        assert [r.id for r in page] == [rounds[4].id, rounds[3].id]
        assert [r.id for r in tx.rounds.recent(*where, before=page[-1].id, limit=9)] == [r.id for r in rounds[2::-1]]
        assert list(tx.rounds.served(*where, "my-exam")) == ["i0", "i1", "i2", "i3", "i4"]
        assert list(tx.rounds.served(*where, "another")) == []

    await storage.write(visit)


async def test_posted_rounds_are_counted_by_local_date_in_one_channel_or_all(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team, other = a_team(tx), a_team(tx, channel="second")
        for n in range(3):
            an_open_round(tx, team, TODAY + DAY * n)
        tx.rounds.skip(team.schedule, TODAY + DAY * 3, "missed", NOW)
        an_open_round(tx, team, schedule=None)
        an_open_round(tx, other)
        workspace = team.workspace.id
        assert tx.rounds.count_since(workspace, team.channel.id, None) == 3
        assert tx.rounds.count_since(workspace, team.channel.id, TODAY + DAY) == 2
        assert tx.rounds.count_since(workspace, None, None) == 4
        assert tx.rounds.count_since(workspace, None, TODAY) == 4

    await storage.write(visit)


async def test_settled_dates_are_those_from_a_date_on(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        for n in range(3):
            an_open_round(tx, team, TODAY - DAY * n)
        assert tx.rounds.settled(team.workspace.id, team.schedule.id, TODAY - DAY) == {TODAY, TODAY - DAY}

    await storage.write(visit)


async def test_a_revision_is_kept_once_and_a_changed_item_is_a_new_one(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        item = an_item()
        first = tx.keep_revision(item)
        assert tx.keep_revision(an_item()) == first
        assert tx.keep_revision(replace(item, takeaway="Look twice.")) != first
        assert tx.keep_revision(replace(item, pack="another")) != first

    await storage.write(visit)


async def test_a_round_shows_the_item_as_it_was_though_the_pack_changed(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        before = an_open_round(tx, team)
        after = an_open_round(tx, team, TODAY + DAY, item=an_item(key="c"))
        assert before.revision != after.revision
        found = tx.rounds.get(team.workspace.id, before.id)
        assert found is not None
        assert found.item.key == "b"

    await storage.write(visit)


async def test_a_revision_that_was_rolled_back_leaves_nothing_behind(storage: OpenStorage) -> None:
    team = await storage.write(a_team)

    def doomed(tx: Tx) -> None:
        assert an_open_round(tx, team, item=an_item("doomed", stem="Never kept")).item.id == "doomed"
        raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        await storage.write(doomed)
    # The next revision gets the key that the doomed one had.
    round_ = await storage.write(lambda tx: an_open_round(tx, team, item=an_item("kept")))
    found = await storage.read(lambda tx: tx.rounds.get(team.workspace.id, round_.id))
    assert found is not None
    assert round_.item.id == found.item.id == "kept"


async def test_tallies_count_what_was_chosen(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        assert dict(tx.rounds.tally(team.workspace.id, round_.id)) == {}
        assert tx.responses.count(team.workspace.id, round_.id) == 0
        for option in "babb":
            tx.responses.add_to_tally(team.workspace.id, round_.id, option)
        assert dict(tx.rounds.tally(team.workspace.id, round_.id)) == {"a": 1, "b": 3}
        assert tx.responses.count(team.workspace.id, round_.id) == 4

    await storage.write(visit)


def _post(team: Team, round_id: RoundId, **changes: object) -> NewDelivery:
    new = NewDelivery(
        workspace=team.workspace.id,
        kind=DeliveryKind.POST,
        key=f"tw-{round_id}-post",
        channel=team.channel.id,
        round=round_id,
    )
    return replace(new, **changes)  # type: ignore[arg-type]  # a test's own values


async def test_a_delivery_lives_from_waiting_to_done(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        workspace = team.workspace.id
        assert tx.deliveries.earliest() is None
        tx.deliveries.add(_post(team, round_.id), NOW)
        assert list(tx.deliveries.ready(NOW - timedelta(seconds=1), 10)) == []
        (waiting,) = tx.deliveries.ready(NOW, 10)
        assert (waiting.state, waiting.tries, waiting.try_at) == (DeliveryState.WAITING, 0, NOW)
        assert (waiting.channel, waiting.round, waiting.member) == (team.channel.id, round_.id, None)
        lease = NOW + timedelta(seconds=90)
        tx.deliveries.begin(waiting, try_at=lease)
        assert list(tx.deliveries.ready(NOW, 10)) == []
        assert tx.deliveries.earliest() == lease
        (trying,) = tx.deliveries.ready(lease, 10)
        assert (trying.state, trying.tries) == (DeliveryState.TRYING, 1)
        assert list(tx.deliveries.unfinished(workspace, round_.id)) == [trying]
        tx.deliveries.mark(trying, DeliveryState.TRYING, try_at=lease, error="uncertain")
        assert list(tx.deliveries.ready(lease, 10)) == [trying], "only beginning counts as a try"
        tx.deliveries.mark(trying, DeliveryState.WAITING, try_at=lease + timedelta(seconds=5), error="down")
        (again,) = tx.deliveries.ready(lease + timedelta(seconds=5), 10)
        assert (again.state, again.tries) == (DeliveryState.WAITING, 1)
        tx.deliveries.mark(again, DeliveryState.DONE)
        assert list(tx.deliveries.ready(NOW + DAY, 10)) == list(tx.deliveries.unfinished(workspace, round_.id)) == []
        assert tx.deliveries.earliest() is None

    await storage.write(visit)


async def test_a_delivery_is_added_once_by_its_key(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        tx.deliveries.add(_post(team, round_.id), NOW)
        tx.deliveries.add(_post(team, round_.id, kind=DeliveryKind.NOTICE, text="no"), NOW + DAY)
        (delivery,) = tx.deliveries.ready(NOW + DAY, 10)
        assert (delivery.kind, delivery.text, delivery.try_at) == (DeliveryKind.POST, "", NOW)
        tx.deliveries.mark(delivery, DeliveryState.DONE)
        tx.deliveries.add(_post(team, round_.id), NOW)
        assert list(tx.deliveries.ready(NOW + DAY, 10)) == []

    await storage.write(visit)


async def test_deliveries_come_in_order_of_their_time(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        ana = team.members["Ana"].id
        for key, minutes in (("late", 3), ("early", 1), ("middle", 2), ("future", 99)):
            notice = NewDelivery(
                workspace=team.workspace.id, kind=DeliveryKind.NOTICE, key=key, member=ana, text=f"{key}!"
            )
            tx.deliveries.add(notice, NOW + timedelta(minutes=minutes))
        due = NOW + timedelta(minutes=3)
        assert [d.key for d in tx.deliveries.ready(due, 10)] == ["early", "middle", "late"]
        assert [d.text for d in tx.deliveries.ready(due, 2)] == ["early!", "middle!"]

    await storage.write(visit)


async def test_what_an_earlier_process_was_trying_is_ready_at_once_after_reclaiming(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        first, second = an_open_round(tx, team), an_open_round(tx, team, TODAY + DAY)
        tx.deliveries.add(_post(team, first.id), NOW)
        tx.deliveries.add(_post(team, second.id), NOW)
        delivery, refused = tx.deliveries.ready(NOW, 10)
        tx.deliveries.begin(delivery, try_at=NOW + timedelta(seconds=90))
        tx.deliveries.mark(refused, DeliveryState.WAITING, try_at=NOW + timedelta(minutes=15))
        tx.deliveries.reclaim(NOW)
        # Still marked as being tried: its outcome is unknown. What waits for its time goes on waiting.
        assert [(d.round, d.state) for d in tx.deliveries.ready(NOW, 10)] == [(first.id, DeliveryState.TRYING)]

    await storage.write(visit)


async def test_what_a_clock_that_was_ahead_put_off_is_ready_at_once_after_reclaiming(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        first, second = an_open_round(tx, team), an_open_round(tx, team, TODAY + DAY)
        tx.deliveries.add(_post(team, first.id), NOW + DAY)
        tx.deliveries.add(_post(team, second.id), NOW)
        (delivery,) = tx.deliveries.ready(NOW, 10)
        tx.deliveries.mark(delivery, DeliveryState.WAITING, try_at=NOW + DAY)
        ana = team.members["Ana"].id
        notice = NewDelivery(workspace=team.workspace.id, kind=DeliveryKind.NOTICE, key="later", member=ana, text="x")
        tx.deliveries.add(notice, NOW + DAY)
        tx.deliveries.reclaim(NOW)
        assert {d.round for d in tx.deliveries.ready(NOW, 10)} == {first.id, second.id}

    await storage.write(visit)


async def test_a_delivery_not_carried_out_can_be_cancelled(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        tx.deliveries.add(_post(team, round_.id), NOW)
        tx.deliveries.cancel(team.workspace.id, "another")
        assert len(tx.deliveries.ready(NOW, 10)) == 1
        tx.deliveries.cancel(team.workspace.id, f"tw-{round_.id}-post")
        assert list(tx.deliveries.ready(NOW, 10)) == []

    await storage.write(visit)


async def test_a_round_with_answers_keeps_them_when_it_is_closed(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_ = an_open_round(tx, team)
        tx.responses.add(team.workspace.id, a_response(round_, team.members["Ana"]))
        tx.rounds.close(team.workspace.id, round_.id)
        tx.rounds.close(team.workspace.id, round_.id)
        assert len(tx.responses.of_member(team.workspace.id, team.members["Ana"].id)) == 1

    await storage.write(visit)


async def test_a_channel_of_another_name_has_rounds_of_its_own(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        empty = tx.people.channel(team.workspace.id, ChannelRef(team.workspace.ref, "empty"), "empty", NOW)
        an_open_round(tx, team)
        assert list(tx.rounds.recent(team.workspace.id, empty.id, before=None, limit=9)) == []
        assert tx.rounds.count_since(team.workspace.id, empty.id, None) == 0

    await storage.write(visit)
