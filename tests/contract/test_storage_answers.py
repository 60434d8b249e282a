"""Storage, whatever the database: responses and all that is counted from them, attempts and memories."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.app.ports import Tx
from bot.app.records import NewAttempt
from bot.core.attempt import Attempt, Progress, Sitting
from bot.core.form import Place
from bot.core.refs import MemberId, WorkspaceId
from bot.core.response import Given, Response, Source
from bot.core.review import Memory
from bot.core.scoring import Standing
from bot.core.standings import Span, period
from storage import OpenStorage, responses
from tests.support.builders import (
    NOW,
    TODAY,
    Team,
    a_member,
    a_response,
    a_team,
    an_item,
    an_open_round,
    best,
)

ALL, WEEK, MONTH = 0, 20261123, 202611


async def test_the_first_response_stands(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_, ana = an_open_round(tx, team), team.members["Ana"]
        first, second = a_response(round_, ana, "a"), a_response(round_, ana, "b", at=NOW + timedelta(seconds=1))
        assert tx.responses.get(team.workspace.id, Source.ROUND, round_.id, ana.id) is None
        assert tx.responses.add(team.workspace.id, first) is True
        assert tx.responses.add(team.workspace.id, second) is False
        assert tx.responses.get(team.workspace.id, Source.ROUND, round_.id, ana.id) == first
        assert [r for r, _ in tx.responses.of_member(team.workspace.id, ana.id)] == [first]

    await storage.write(visit)


async def test_responses_of_a_member_come_oldest_first_with_their_items(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        ana, ben = team.members["Ana"], team.members["Ben"]
        rounds = [an_open_round(tx, team, TODAY + timedelta(days=n), item=an_item(f"i{n}")) for n in range(3)]
        for n in (2, 0, 1):
            tx.responses.add(team.workspace.id, a_response(rounds[n], ana, at=NOW + timedelta(minutes=n)))
        tx.responses.add(team.workspace.id, a_response(rounds[0], ben, "a"))
        found = tx.responses.of_member(team.workspace.id, ana.id)
        assert [item.id for _, item in found] == ["i0", "i1", "i2"]
        assert [response.at for response, _ in found] == [NOW + timedelta(minutes=n) for n in range(3)]

    await storage.write(visit)


@pytest.mark.parametrize("seed", range(4))
async def test_short_readings_say_what_the_whole_history_says(
    storage: OpenStorage, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "PAGE", 5)
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret

    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, ana = team.workspace.id, team.members["Ana"]
        items = [an_item(f"i{n}", pack="another" if n % 5 == 0 else "my-exam") for n in range(12)]
        for day in range(70):
            at = NOW + timedelta(days=day)
            round_ = an_open_round(tx, team, TODAY + timedelta(days=day), item=chance.choice(items))
            if chance.random() < 0.7:
                tx.responses.add(workspace, a_response(round_, ana, chance.choice("abcd"), at=at))
            for item in chance.sample(items, chance.choice((0, 0, 0, 7))):
                option = chance.choice("abcd")
                answer = Response(
                    source=Source.ATTEMPT,
                    source_id=day + 1,
                    member=ana.id,
                    revision=tx.keep_revision(item),
                    option=option,
                    right=option == item.key,
                    at=at + timedelta(seconds=chance.randrange(3600)),
                )
                tx.responses.add(workspace, answer)
        everything = tx.responses.of_member(workspace, ana.id)
        ours = [(answer, item) for answer, item in everything if item.pack == "my-exam"]

        starts = [NOW + timedelta(days=day) for day in (30, 37, 45, 69)]
        spans = list(zip(starts, [*starts[1:], NOW + timedelta(days=999)], strict=True))
        assert list(tx.responses.since(workspace, ana.id, "my-exam", starts)) == [
            (sum(a.right for a, _ in ours if begin <= a.at < end), sum(begin <= a.at < end for a, _ in ours))
            for begin, end in spans
        ]
        newest = sorted(everything, key=lambda found: found[0].at, reverse=True)
        assert [(item.id, option, right, at) for item, option, right, at in _lately(tx, workspace, ana.id, 40)] == [
            (item.id, a.option, a.right, a.at) for a, item in newest[:40] if item.pack == "my-exam"
        ]
        assert len(_lately(tx, workspace, ana.id, 9999)) == len(ours)
        wrong = Counter((item.id, a.option) for a, item in ours if not a.right)
        assert Counter((i.id, o) for i, o in tx.responses.mistakes(workspace, ana.id, "my-exam", 9999)) == wrong
        rounds = [(a, item) for a, item in newest if a.source is Source.ROUND]
        attempts = sorted(
            ((a, item) for a, item in newest if a.source is Source.ATTEMPT),
            key=lambda found: (found[0].source_id, found[0].revision),
            reverse=True,
        )
        few = Counter((i.id, o) for i, o in tx.responses.mistakes(workspace, ana.id, "my-exam", 20))
        assert few == Counter(
            (item.id, a.option) for a, item in [*rounds[:20], *attempts[:20]] if item.pack == "my-exam" and not a.right
        )
        latest = {item.id: (a.right, a.at) for a, item in everything}
        each = tx.responses.newest_of_each(workspace, ana.id)
        assert {item.id: (right, at) for item, right, at in each} == latest
        assert len(each) == len(latest)
        assert [at for _, _, at in each] == sorted(at for _, at in latest.values())
        assert list(tx.responses.rounds_of(workspace, ana.id, 7)) == [a.source_id for a, _ in rounds[:7]]
        assert tx.responses.count_of(workspace, ana.id) == len(everything)

    await storage.write(visit)


def _lately(tx: Tx, workspace: WorkspaceId, member: MemberId, most: int) -> Sequence[Given]:
    return tx.responses.lately(workspace, member, "my-exam", most)


async def test_a_round_and_an_attempt_of_the_same_number_are_apart(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_, ana = an_open_round(tx, team), team.members["Ana"]
        daily = a_response(round_, ana, "a")
        private = daily._replace(source=Source.ATTEMPT, option="b", right=True)
        assert tx.responses.add(team.workspace.id, daily)
        assert tx.responses.add(team.workspace.id, private)
        assert tx.responses.get(team.workspace.id, Source.ROUND, round_.id, ana.id) == daily
        assert tx.responses.get(team.workspace.id, Source.ATTEMPT, round_.id, ana.id) == private

    await storage.write(visit)


async def test_an_attempt_takes_one_response_per_item_and_get_gives_the_newest(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        ana = team.members["Ana"]
        revisions = [tx.keep_revision(an_item(f"i{n}")) for n in range(3)]
        given = [
            Response(
                source=Source.ATTEMPT,
                source_id=7,
                member=ana.id,
                revision=revision,
                option="a",
                right=False,
                at=NOW + timedelta(seconds=n),
            )
            for n, revision in enumerate(revisions)
        ]
        assert [tx.responses.add(team.workspace.id, response) for response in (*given, given[0])] == [
            True,
            True,
            True,
            False,
        ]
        assert tx.responses.get(team.workspace.id, Source.ATTEMPT, 7, ana.id) == given[2]

    await storage.write(visit)


async def test_instants_are_kept_to_the_millisecond(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        round_, ana = an_open_round(tx, team), team.members["Ana"]
        tx.responses.add(team.workspace.id, a_response(round_, ana, at=NOW + timedelta(microseconds=123_999)))
        found = tx.responses.get(team.workspace.id, Source.ROUND, round_.id, ana.id)
        assert found is not None
        assert found.at == NOW + timedelta(milliseconds=123)

    await storage.write(visit)


async def test_a_member_reports_an_item_once(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, ana, ben = team.workspace.id, team.members["Ana"].id, team.members["Ben"].id
        odd, fine = tx.keep_revision(an_item("odd")), tx.keep_revision(an_item("fine"))
        assert tx.responses.report(workspace, ana, odd, NOW) is True
        assert tx.responses.report(workspace, ana, odd, NOW) is False
        assert tx.responses.report(workspace, ben, odd, NOW) is True
        assert tx.responses.report(workspace, ben, fine, NOW) is True
        assert list(tx.responses.reported(workspace)) == [("odd", 2), ("fine", 1)]

    await storage.write(visit)


async def test_a_standing_is_fresh_until_it_is_saved(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        where = team.workspace.id, team.channel.id
        assert tx.standings.get(*where, team.members["Ana"].id) == Standing()
        saved = Standing(answered=9, right=8, points=7, streak=6, best_streak=5, freezes=2, run=3, last=12)
        tx.standings.save(*where, team.members["Ana"].id, saved._replace(points=1), day=TODAY, points=1, right=True)
        tx.standings.save(*where, team.members["Ana"].id, saved, day=TODAY, points=1, right=True)
        assert tx.standings.get(*where, team.members["Ana"].id) == saved
        assert tx.standings.get(*where, team.members["Ben"].id) == Standing()

    await storage.write(visit)


def _score(tx: Tx, team: Team, points: dict[str, int], *, day: date = TODAY) -> None:
    for name, count in points.items():
        where = team.workspace.id, team.channel.id, a_member(tx, team.workspace, name).id
        before, right = tx.standings.get(*where), count > 0
        after = before._replace(answered=before.answered + 1, right=before.right + right, points=before.points + count)
        tx.standings.save(*where, after, day=day, points=count, right=right)


async def test_points_add_up_for_channel_and_workspace_in_each_period(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        one, two = a_team(tx, channel="one"), a_team(tx, channel="two")
        _score(tx, one, {"Ana": 10})
        _score(tx, one, {"Ana": 0}, day=TODAY + timedelta(days=7))
        _score(tx, two, {"Ana": 11, "Ben": 5}, day=TODAY + timedelta(days=31))

        def board(channel: Team | None, period: int) -> list[tuple[str, int, int, int]]:
            found = best(tx, one.workspace.id, channel.channel.id if channel else None, period, 10)
            return [(s.name, s.points, s.right, s.answered) for s in found]

        assert board(one, ALL) == [("Ana", 10, 1, 2)]
        assert board(two, ALL) == [("Ana", 11, 1, 1), ("Ben", 5, 1, 1)]
        assert board(None, ALL) == [("Ana", 21, 2, 3), ("Ben", 5, 1, 1)]
        assert board(one, WEEK) == board(None, WEEK) == [("Ana", 10, 1, 1)]
        assert board(one, MONTH) == [("Ana", 10, 1, 2)]
        assert board(two, WEEK) == []

    await storage.write(visit)


async def test_a_week_is_kept_until_the_one_after_the_next_begins(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)

        def weeks() -> list[list[int]]:
            found = [period(Span.WEEK, TODAY + timedelta(weeks=n)) for n in range(-2, 3)]
            boards = [best(tx, team.workspace.id, where, n, 9) for n in found for where in (team.channel.id, None)]
            assert boards[::2] == boards[1::2]
            return [[score.points for score in board] for board in boards[::2]]

        _score(tx, team, {"Ana": 10})
        _score(tx, team, {"Ana": 11}, day=TODAY + timedelta(weeks=1))
        assert weeks() == [[], [], [10], [11], []]
        _score(tx, team, {"Ana": 5}, day=TODAY)  # late, as when two rounds are open at once
        assert weeks() == [[], [], [15], [11], []]
        _score(tx, team, {"Ana": 5}, day=TODAY - timedelta(weeks=1))
        assert weeks() == [[], [], [15], [11], []]
        _score(tx, team, {"Ana": 12}, day=TODAY + timedelta(weeks=2))
        _score(tx, team, {"Ben": 1}, day=TODAY + timedelta(weeks=1))
        assert weeks() == [[], [], [], [11, 1], [12]]
        assert [score.points for score in best(tx, team.workspace.id, None, ALL, 9)] == [43, 1]

    await storage.write(visit)


async def test_those_with_equal_points_share_a_place(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        _score(tx, team, {"Ana": 30, "Ben": 20, "Cleo": 20, "Dan": 10})

        def place(name: str) -> int:
            member = a_member(tx, team.workspace, name)
            found = tx.standings.ranking(team.workspace.id, team.channel.id, ALL, member=member.id, top=0).own
            assert found is not None
            assert found[1].name == name
            return found[0]

        assert [place(name) for name in ("Ana", "Ben", "Cleo", "Dan")] == [1, 2, 2, 4]

    await storage.write(visit)


async def test_the_top_is_cut_off_in_the_same_way_every_time(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        _score(tx, team, {name: 10 for name in ("Eve", "Dan", "Cleo", "Ben", "Ana")} | {"Zoe": 11})
        found = [s.name for s in best(tx, team.workspace.id, team.channel.id, ALL, 3)]
        assert found == ["Zoe", "Ana", "Ben"]  # those who acted first, as keys grow
        assert tx.standings.ranking(team.workspace.id, team.channel.id, ALL, member=MemberId(0), top=0).size == 6

    await storage.write(visit)


async def test_hidden_members_leave_no_trace_on_boards_but_see_their_own_place(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, channel = team.workspace.id, team.channel.id
        _score(tx, team, {"Ana": 30, "Ben": 20, "Cleo": 10})
        ana, ben, cleo = (a_member(tx, team.workspace, name).id for name in ("Ana", "Ben", "Cleo"))
        tx.people.set_hidden(workspace, ana, True)
        _score(tx, team, {"Ana": 15})
        for where in (channel, None):
            assert [s.member for s in best(tx, workspace, where, ALL, 10)] == [ben, cleo]
            assert tx.standings.ranking(workspace, where, ALL, member=MemberId(0), top=0).size == 2
            places = [
                tx.standings.ranking(workspace, where, ALL, member=member, top=0).own for member in (ana, ben, cleo)
            ]
            assert [found[0] for found in places if found] == [1, 1, 2]
        tx.people.set_hidden(workspace, ana, False)
        assert [s.points for s in best(tx, workspace, channel, ALL, 10)] == [45, 20, 10]

    await storage.write(visit)


async def test_a_member_who_was_hidden_before_the_first_answer_stays_hidden(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        tx.people.set_hidden(team.workspace.id, team.members["Ana"].id, True)
        _score(tx, team, {"Ana": 10})
        assert list(best(tx, team.workspace.id, None, ALL, 10)) == []

    await storage.write(visit)


async def test_who_has_no_score_has_no_place(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        assert (
            tx.standings.ranking(team.workspace.id, team.channel.id, ALL, member=team.members["Ana"].id, top=0).own
            is None
        )
        assert tx.standings.ranking(team.workspace.id, None, ALL, member=MemberId(0), top=0).size == 0

    await storage.write(visit)


async def test_what_members_and_channels_know_adds_up_by_domain(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, channel = team.workspace.id, team.channel.id
        ana, ben = team.members["Ana"].id, team.members["Ben"].id
        for member, domain, right in ((ana, "basics", True), (ana, "basics", False), (ben, "practice", True)):
            item = an_item(domain=domain)
            tx.learning.add(workspace, member, item, channel=channel, right=right, weight=2.0, fair=right)
        private = tx.learning.add(
            workspace, ana, an_item(domain="practice"), channel=None, right=True, weight=2.0, fair=False
        )
        assert (private.domain, private.answered, private.fair_answered) == ("practice", 1, 0)
        in_channel = tx.learning.add(
            workspace, ana, an_item(domain="practice"), channel=channel, right=False, weight=2.0, fair=True
        )
        assert (in_channel.answered, in_channel.right, in_channel.fair_answered) == (2, 1, 1), "wherever it was given"
        basics, _ = tx.learning.tallies(workspace, ana, "my-exam")
        assert (basics.domain, basics.answered, basics.right, basics.weight) == ("basics", 2, 1, 4.0)
        assert basics.weight_right == pytest.approx(2.0)
        assert (basics.fair_answered, basics.fair_weight) == (1, 2.0)
        assert basics.fair_weight_right == pytest.approx(2.0)
        found = tx.learning.channel_tallies(workspace, channel, "my-exam")
        assert [(t.domain, t.answered, t.right) for t in found] == [("basics", 2, 1), ("practice", 2, 1)], (
            "not what is private"
        )
        assert dict(tx.learning.contributors(workspace, channel, "my-exam")) == {"basics": 1, "practice": 2}
        assert list(tx.learning.tallies(workspace, ana, "another")) == []
        assert list(tx.learning.channel_tallies(workspace, channel, "another")) == []

    await storage.write(visit)


def _attempt(tx: Tx, team: Team, member: MemberId, sitting: Sitting = Sitting.EXAM, **changes: object) -> Attempt:
    new = NewAttempt(
        workspace=team.workspace.id,
        member=member,
        sitting=sitting,
        pack="my-exam",
        label="",
        places=tuple(Place(an_item(f"i{n}"), "dcba") for n in range(3)),
        started=NOW,
        deadline=NOW + timedelta(minutes=90),
    )
    return tx.attempts.start(replace(new, **changes))  # type: ignore[arg-type]  # a test's own values


async def test_an_attempt_comes_back_as_it_was_saved(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        ana = team.members["Ana"].id
        begun = _attempt(tx, team, ana, label="basics · 3")
        assert begun == tx.attempts.get(team.workspace.id, begun.id)
        assert [place.order for place in begun.places] == ["dcba"] * 3
        assert begun.revisions == tuple(tx.keep_revision(place.item) for place in begun.places)
        changed = replace(
            begun,
            answers={0: "b", 2: "a"},
            flags=frozenset({1, 2}),
            at=2,
            ended=NOW + timedelta(minutes=5),
            progress=Progress.SUBMITTED,
        )
        tx.attempts.save(changed)
        assert tx.attempts.get(team.workspace.id, begun.id) == changed

    await storage.write(visit)


async def test_a_member_has_one_open_attempt_of_each_kind(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, ana, ben = team.workspace.id, team.members["Ana"].id, team.members["Ben"].id
        exam = _attempt(tx, team, ana)
        practice = _attempt(tx, team, ana, Sitting.PRACTICE, deadline=None)
        _attempt(tx, team, ben)
        assert tx.attempts.open_of(workspace, ana, Sitting.EXAM) == exam
        assert tx.attempts.open_of(workspace, ana, Sitting.PRACTICE) == practice
        assert tx.attempts.open_of(workspace, ana, Sitting.REVIEW) is None
        tx.attempts.save(replace(exam, progress=Progress.STOPPED))
        assert tx.attempts.open_of(workspace, ana, Sitting.EXAM) is None
        assert _attempt(tx, team, ana).id != exam.id

    await storage.write(visit)


async def test_attempts_run_out_at_their_deadline(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx, members=("Ana", "Ben", "Cleo"))
        ends = (NOW, NOW - timedelta(minutes=1), NOW + timedelta(milliseconds=1))
        attempts = [
            _attempt(tx, team, member.id, deadline=end) for member, end in zip(team.members.values(), ends, strict=True)
        ]
        _attempt(tx, team, team.members["Ana"].id, Sitting.PRACTICE, deadline=None)
        assert [a.id for a in tx.attempts.expired(NOW, 10)] == [attempts[1].id, attempts[0].id]
        assert [a.id for a in tx.attempts.expired(NOW, 1)] == [attempts[1].id]
        assert tx.attempts.earliest_deadline() == NOW - timedelta(minutes=1)
        for attempt in attempts:
            tx.attempts.save(replace(attempt, progress=Progress.SUBMITTED))
        assert tx.attempts.earliest_deadline() is None

    await storage.write(visit)


async def test_submitted_attempts_come_newest_first_and_each_item_is_known_by_its_newest(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, ana = team.workspace.id, team.members["Ana"].id
        ids = []
        for n in range(3):
            attempt = _attempt(tx, team, ana, places=(Place(an_item(f"i{n}"), "abcd"), Place(an_item("same"), "abcd")))
            tx.attempts.save(replace(attempt, progress=Progress.STOPPED if n == 1 else Progress.SUBMITTED))
            ids.append(attempt.id)
        found = tx.attempts.submitted(workspace, ana, "my-exam", Sitting.EXAM)
        assert [a.id for a in found] == [ids[2], ids[0]]
        assert tx.attempts.submitted(workspace, ana, "my-exam", Sitting.EXAM, most=1) == found[:1]
        assert list(tx.attempts.submitted(workspace, ana, "my-exam", Sitting.REVIEW)) == []
        assert list(tx.attempts.submitted(workspace, ana, "another", Sitting.EXAM)) == []
        served = tx.attempts.served(workspace, ana, "my-exam", Sitting.EXAM)
        assert dict(served) == {"i0": 1, "i1": 2, "i2": 3, "same": 3}

    await storage.write(visit)


async def test_memories_are_kept_by_pack_and_subject(storage: OpenStorage) -> None:
    def visit(tx: Tx) -> None:
        team = a_team(tx)
        workspace, ana = team.workspace.id, team.members["Ana"].id
        memory = Memory(subject="trap:x", stability=2.5, difficulty=5.25, days=2, last=NOW, times=1)
        assert tx.memories.get(workspace, ana, "my-exam", "trap:x") is None
        tx.memories.save(workspace, ana, "my-exam", memory._replace(times=9))
        tx.memories.save(workspace, ana, "my-exam", memory)
        tx.memories.save(workspace, ana, "another", memory._replace(days=3))
        tx.memories.save(workspace, ana, "my-exam", memory._replace(subject="item:i1"))
        assert tx.memories.get(workspace, ana, "my-exam", "trap:x") == memory
        assert [m.subject for m in tx.memories.all(workspace, ana, "my-exam")] == ["item:i1", "trap:x"]
        assert list(tx.memories.all(workspace, team.members["Ben"].id, "my-exam")) == []
        due = [tx.memories.due(workspace, ana, "my-exam", NOW + timedelta(days=2, seconds=s)) for s in (-1, 0)]
        assert due == [0, 2], "on the day itself they are due"
        assert tx.memories.due(workspace, ana, "another", NOW + timedelta(days=3)) == 1

    await storage.write(visit)


async def test_a_subject_that_was_never_saved_is_given_its_number_again(storage: OpenStorage) -> None:
    team = await storage.write(a_team)
    where = team.workspace.id, team.members["Ana"].id, "my-exam"

    def save(tx: Tx, name: str) -> None:
        tx.memories.save(*where, Memory(subject=name, stability=1, difficulty=1, days=1, last=NOW, times=1))

    def fail(tx: Tx) -> None:
        save(tx, "trap:lost")
        raise InterruptedError

    # As often as there may be connections that could remember the number.
    for _ in range(16):
        with pytest.raises(InterruptedError):
            await storage.write(fail)
    for name in ("trap:other", "trap:lost"):
        await storage.write(lambda tx, name=name: save(tx, name))  # type: ignore[misc]  # mypy can't infer it
    assert [m.subject for m in await storage.read(lambda tx: tx.memories.all(*where))] == ["trap:lost", "trap:other"]
