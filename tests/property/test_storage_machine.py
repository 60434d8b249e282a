"""Storage and a plain model side by side, driven by the same random days."""

import asyncio
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.app.ledger import count_in_round
from bot.app.ports import Tx
from bot.app.rebuild import rebuild
from bot.core.refs import ChannelId, MemberId, RoundId, WorkspaceId
from bot.core.response import Source
from bot.core.standings import Span, period, places
from storage import OpenStorage, open_storage
from tests.support.builders import NOW, TODAY, Team, a_new_round, a_response, a_team, an_item, best
from tests.support.model_storage import Model, ModelRound
from tests.support.pg_server import PgServer

T = TypeVar("T")

NAMES = ["Ana", "Ben", "Cleo"]
CHANNELS = ["one", "two"]
KEYS = "abcd"


class StorageMachine(RuleBasedStateMachine):
    """Opens, answers, closes, hides, forgets and reopens; after each step everything countable is compared."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = self.fresh()
        self.runner = asyncio.Runner()
        self.storage: OpenStorage = self.runner.run(open_storage(self.url))
        self.model = Model()
        self.today = TODAY
        self.instant = 0

    def fresh(self) -> str:
        """The address of an empty database."""
        return str(Path(self.folder.name) / "trapwise.db")

    def write(self, fn: Callable[[Tx], T]) -> T:
        return self.runner.run(self.storage.write(fn))

    def team(self, tx: Tx, channel: str = "one") -> Team:
        return a_team(tx, channel=channel, members=NAMES)

    @initialize()
    def begin(self) -> None:
        self.write(lambda tx: [self.team(tx, channel) for channel in CHANNELS])

    @rule(days=st.integers(1, 4))
    def sleep(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(channel=st.sampled_from(CHANNELS), key=st.sampled_from(KEYS), extra=st.booleans())
    def open(self, channel: str, key: str, extra: bool) -> None:
        def insert(tx: Tx) -> RoundId | None:
            team = self.team(tx, channel)
            item = an_item(f"item-{key}", key=key, domain=f"domain-{key}")
            new = a_new_round(team.schedule, self.today, item=item, **({"schedule": None} if extra else {}))
            round_ = tx.rounds.open(new)
            if round_ is not None:
                assert round_.number == (None if extra else self.model.next_number(channel))
            return round_.id if round_ is not None else None

        for round_ in self.model.rounds.values():
            # Daily rounds of a channel never overlap.
            round_.open = round_.open and round_.channel != channel
        round_id = self.write(insert)
        assert (round_id is None) == (not extra and self.model.settled(channel, self.today))
        if round_id is not None:
            number = None if extra else self.model.next_number(channel)
            self.model.rounds[round_id] = ModelRound(channel, self.today, number, key)

    @precondition(lambda self: any(r.open for r in self.model.rounds.values()))
    @rule(who=st.sampled_from(NAMES), option=st.sampled_from(KEYS), data=st.data())
    def answer(self, who: str, option: str, data: st.DataObject) -> None:
        candidates = [key for key, round_ in self.model.rounds.items() if round_.open]
        self._answer(who, data.draw(st.sampled_from(candidates)), option)

    def _answer(self, who: str, round_id: int, option: str) -> None:
        self.instant += 1

        def take(tx: Tx) -> bool:
            team = self.team(tx)
            round_ = tx.rounds.get(team.workspace.id, RoundId(round_id))
            assert round_ is not None
            # Time goes on, whichever round is answered: an older one may still be open.
            at = NOW + (self.today - TODAY) + timedelta(seconds=self.instant)
            response = a_response(round_, team.members[who], option, at=at)
            new = tx.responses.add(team.workspace.id, response)
            if new:
                count_in_round(tx, round_, team.members[who], response)
            return new

        assert self.write(take) == (self.model.answered(who, round_id) is None)
        if self.model.answered(who, round_id) is None:
            self.model.answers.append((who, round_id, option))

    @rule(channel=st.sampled_from(CHANNELS), key=st.sampled_from(KEYS), data=st.data())
    def pass_a_day(self, channel: str, key: str, data: st.DataObject) -> None:
        """The usual course: a new day, a round, and most answer it."""
        self.sleep(1)
        self.open(channel, key, False)
        newest = max(self.model.rounds)
        for who in NAMES:
            option = data.draw(st.sampled_from([key, key, "a", None]))
            if option is not None:
                self._answer(who, newest, option)

    @rule(who=st.sampled_from(NAMES), hidden=st.booleans())
    def hide(self, who: str, hidden: bool) -> None:
        def change(tx: Tx) -> None:
            team = self.team(tx)
            tx.people.set_hidden(team.workspace.id, team.members[who].id, hidden)

        self.write(change)
        (self.model.hidden.add if hidden else self.model.hidden.discard)(who)

    @rule(who=st.sampled_from(NAMES))
    def forget(self, who: str) -> None:
        def drop(tx: Tx) -> int:
            team = self.team(tx)
            return tx.people.forget(team.workspace.id, team.members[who].id)

        assert self.write(drop) == self.model.forget(who)

    @precondition(lambda self: self.model.rounds)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        round_id = data.draw(st.sampled_from(sorted(self.model.rounds)))
        self.write(lambda tx: tx.rounds.close(self.team(tx).workspace.id, RoundId(round_id)))
        self.model.rounds[round_id].open = False

    @rule()
    def reopen(self) -> None:
        self.runner.run(self.storage.close())
        self.storage = self.runner.run(open_storage(self.url))

    @rule()
    def rebuild(self) -> None:
        assert self.runner.run(self.storage.maintain(rebuild)) == ()

    @invariant()
    def tallies_agree(self) -> None:
        def compare(tx: Tx) -> None:
            workspace = self.team(tx).workspace.id
            for round_id in self.model.rounds:
                expected = self.model.tally(round_id)
                assert dict(tx.rounds.tally(workspace, RoundId(round_id))) == expected
                assert tx.responses.count(workspace, RoundId(round_id)) == expected.total()

        self.write(compare)

    @invariant()
    def members_agree(self) -> None:
        def compare(tx: Tx) -> None:
            for channel in CHANNELS:
                team = self.team(tx, channel)
                for who, member in team.members.items():
                    course = self.model.course(who, channel)
                    standing = tx.standings.get(team.workspace.id, team.channel.id, member.id)
                    assert standing.answered == len(course)
                    assert standing.right == sum(right for _, right, _, _ in course)
                    assert standing.points == sum(points for _, _, points, _ in course)
                    assert standing.streak == (course[-1][3] if course else 0)
                    assert standing.best_streak == max((streak for *_, streak in course), default=0)
                    tallies = tx.learning.tallies(team.workspace.id, member.id, "my-exam")
                    known = {t.domain.removeprefix("domain-"): (t.answered, t.right) for t in tallies}
                    assert known == self.model.knowledge(who)
                    for round_id in self.model.rounds:
                        found = tx.responses.get(team.workspace.id, Source.ROUND, round_id, member.id)
                        assert (found.option if found else None) == self.model.answered(who, round_id)

        self.write(compare)

    @invariant()
    def boards_agree(self) -> None:
        def compare(tx: Tx) -> None:
            teams = {channel: self.team(tx, channel) for channel in CHANNELS}
            workspace = teams["one"].workspace.id
            monday = self.today - timedelta(days=self.today.weekday())
            for channels in (*([c] for c in CHANNELS), CHANNELS):
                where = teams[channels[0]].channel.id if len(channels) == 1 else None
                for since in (None, monday):
                    span = Span.ALL if since is None else Span.WEEK
                    expected = self.model.board(NAMES, channels, since)
                    self._compare_board(tx, workspace, where, period(span, self.today), expected)

        self.write(compare)

    def _compare_board(
        self,
        tx: Tx,
        workspace: WorkspaceId,
        where: ChannelId | None,
        window: int,
        expected: dict[str, tuple[int, int, int]],
    ) -> None:
        visible = {who: row for who, row in expected.items() if who not in self.model.hidden}
        top = best(tx, workspace, where, window, 10)
        assert {s.name: (s.points, s.right, s.answered) for s in top} == visible
        assert [s.points for s in top] == sorted((s.points for s in top), reverse=True)
        assert tx.standings.ranking(workspace, where, window, member=MemberId(0), top=0).size == len(visible)
        by_place = {placed.score.name: placed.place for placed in places(top)}
        for who, member in self.team(tx).members.items():
            own = tx.standings.ranking(workspace, where, window, member=member.id, top=0).own
            assert (own is not None) == (who in expected)
            if own is not None:
                better = sum(row[0] > expected[who][0] for row in visible.values())
                assert own[0] == by_place.get(who, better + 1) == better + 1

    def teardown(self) -> None:
        self.runner.run(self.storage.close())
        self.runner.close()
        self.folder.cleanup()


StorageMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestStorage = StorageMachine.TestCase


class PostgresMachine(StorageMachine):
    """The same on PostgreSQL."""

    server: PgServer

    def fresh(self) -> str:
        return self.server.migrated()


PostgresMachine.TestCase.settings = settings(StorageMachine.TestCase.settings, max_examples=6, stateful_step_count=20)


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("on_postgres")
class TestPostgres(PostgresMachine.TestCase):  # type: ignore[misc, valid-type]  # made by hypothesis
    """A class, so that it can have a fixture."""

    @pytest.fixture
    def on_postgres(self, pg_server: PgServer) -> None:
        PostgresMachine.server = pg_server


def test_the_model_counts_as_the_rules_say() -> None:
    model = Model()
    for n in range(4):
        model.rounds[n] = ModelRound("one", date(2026, 11, 23) + timedelta(days=n), n + 1, "b")
        if n != 2:
            model.answers.append(("Ana", n, "b"))
    assert [points for _, _, points, _ in model.course("Ana", "one")] == [10, 11, 10]
    assert [streak for *_, streak in model.course("Ana", "one")] == [1, 2, 1]
