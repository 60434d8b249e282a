"""What has been kept for as long as the host said is deleted, a little at a time, and nothing else changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import leaving
from bot.app.periods import Periods, months_before
from bot.app.rebuild import rebuild
from bot.app.retention import Removed, Retention
from bot.app.troubles import Troubles
from bot.caretaker import Caretaker
from bot.core.errors import StorageBusy
from bot.core.refs import MemberRef
from bot.core.trouble import Trouble
from bot.view.tokens import Report, write
from tests.support.app_house import ADMIN, ANA, BEN, EIGHT, House, open_house, words
from tests.support.builders import a_workspace_ref, an_actor

NINE = EIGHT + timedelta(hours=1)
DAY = timedelta(days=1)


async def _no_pause() -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def a_house(**periods: object) -> AsyncIterator[tuple[House, Retention]]:
    async with open_house() as made:
        await made.schedule(weekdays=frozenset(range(7)))
        services = replace(made.services, periods=Periods(**periods))  # type: ignore[arg-type]  # the caller names fields
        yield made, Retention(services, pause=_no_pause)


async def _answer_on(house: House, day: int, *actors: object) -> None:
    round_ = await house.opened(NINE + DAY * day)
    for actor in actors:
        await house.answer(actor, round_, "b")  # type: ignore[arg-type]
    await house.tick(NINE + DAY * day + timedelta(hours=9))


async def test_by_default_answers_and_members_are_kept_until_somebody_asks() -> None:
    async with a_house() as (house, retention):
        await _answer_on(house, 0, ANA, BEN)
        house.clock.set(NINE + DAY * 4_000)
        removed = await retention.enforce()
        assert (removed.answers, removed.members, removed.sittings) == (0, 0, 0)
        assert removed.deliveries > 0


async def test_old_answers_go_and_everything_made_of_them_stays() -> None:
    async with a_house(answers_months=6) as (house, retention):
        for day in (0, 1, 2, 170, 171):
            await _answer_on(house, day, ANA, BEN)
        await house.press(ANA, write(Report((await house.rounds())[0].id)))
        before = [words(await house.say(ANA, line)) for line in ("leaderboard all", "stats", "trapwise status")]
        house.clock.set(NINE + DAY * 190)
        at = [words(await house.say(ANA, line)) for line in ("leaderboard all", "stats")]
        removed = await retention.enforce()
        assert (removed.answers, removed.sittings, removed.members) == (6, 0, 0)
        assert [words(await house.say(ANA, line)) for line in ("leaderboard all", "stats")] == at
        assert before[0] == at[0]
        assert (await house.standing(ANA)).answered == 5
        assert await house.storage.maintain(rebuild) == ()
        assert await retention.enforce() == Removed()
        workspace, _ = await house.ids()
        member = await house.look(lambda tx: tx.people.look_up(ANA.member))
        assert member is not None
        assert len(await house.look(lambda tx: tx.responses.of_member(workspace, member.id))) == 2
        assert len(await house.look(lambda tx: tx.responses.reported(workspace))) == 1, "not yet"
        house.clock.set(NINE + DAY * 400)
        assert (await retention.enforce()).sittings == 1
        assert await house.look(lambda tx: tx.responses.reported(workspace)) == []


async def test_whoever_was_condensed_goes_on_where_they_were() -> None:
    async with a_house(answers_months=1) as (house, retention):
        for day in range(12):
            await _answer_on(house, day, ANA)
        streak = await house.standing(ANA)
        house.clock.set(NINE + DAY * 12)
        # All but nothing of it is a month old; a clock that is far ahead makes it so.
        services = replace(house.services, periods=Periods(answers_months=1))
        house.clock.set(NINE + DAY * 60)
        await Retention(services, pause=_no_pause).enforce()
        assert await house.standing(ANA) == streak
        house.clock.set(NINE + DAY * 12)
        await _answer_on(house, 12, ANA)
        after = await house.standing(ANA)
        assert (after.answered, after.streak, after.run) == (13, 13, 13)
        assert await house.storage.maintain(rebuild) == ()


async def test_those_who_are_silent_for_long_are_forgotten_but_not_who_set_it_up() -> None:
    async with a_house(members_months=3) as (house, retention):
        await _answer_on(house, 0, ANA, BEN)
        await _answer_on(house, 60, BEN)
        house.clock.set(NINE + DAY * 100)
        assert (await retention.enforce()).members == 1
        assert await house.look(lambda tx: tx.people.look_up(ANA.member)) is None
        assert await house.look(lambda tx: tx.people.look_up(BEN.member)) is not None
        assert await house.look(lambda tx: tx.people.look_up(ADMIN.member)) is not None
        assert await house.storage.maintain(rebuild) == ()
        house.clock.set(NINE + DAY * 200)
        assert (await retention.enforce()).members == 1
        assert await house.look(lambda tx: tx.people.look_up(ADMIN.member)) is not None


@pytest.mark.parametrize("days", [0, 30, 90])
async def test_a_workspace_that_left_goes_after_the_days_that_were_set(days: int) -> None:
    async with a_house(left=timedelta(days=days)) as (house, retention):
        for day in range(3):
            await _answer_on(house, day, *(an_actor(f"Member {n}") for n in range(30)))
        ref = a_workspace_ref()
        await leaving.left(house.services, ref)
        left = house.clock.now()
        if days:
            house.clock.set(left + timedelta(days=days) - timedelta(seconds=1))
            assert (await retention.enforce()).workspaces == 0
            assert await house.look(lambda tx: tx.people.look_up(MemberRef(ref, "member 1"))) is not None
        house.clock.set(left + timedelta(days=days))
        assert (await retention.enforce()).workspaces == 1
        assert await house.look(lambda tx: tx.people.look_up(MemberRef(ref, "member 1"))) is None


async def test_presses_get_their_turn_between_two_steps() -> None:
    turns = 0

    async with open_house() as house:
        await house.schedule(weekdays=frozenset(range(7)))
        for day in range(3):
            await _answer_on(house, day, *(an_actor(f"Member {n}") for n in range(12)))
        house.clock.set(NINE + DAY * 90)

        async def pause() -> None:
            nonlocal turns
            turns += 1
            await house.storage.write(lambda tx: tx.keyring.put("press", str(turns)))

        services = replace(house.services, periods=Periods(answers_months=1))
        assert (await Retention(services, pause=pause).enforce()).answers == 36
        assert turns > 12, "no step is longer than one member's"


async def test_it_is_done_once_a_day_and_again_in_an_hour_if_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_house() as (house, retention):
        troubles = Troubles()
        done: list[datetime] = []
        failing = False

        async def enforce() -> Removed:
            if failing:
                raise StorageBusy("locked")
            done.append(house.clock.now())
            return Removed()

        monkeypatch.setattr(retention, "enforce", enforce)
        caretaker = Caretaker(retention, None, house.clock, troubles)
        for hour in range(30):
            house.clock.set(NINE + timedelta(hours=hour))
            await caretaker.look()
        assert done == [NINE, NINE + DAY]
        failing = True
        house.clock.set(NINE + DAY * 2)
        await caretaker.look()
        assert troubles.now == {Trouble.RETENTION}
        failing = False
        house.clock.advance(minutes=59)
        await caretaker.look()
        assert len(done) == 2
        house.clock.advance(minutes=1)
        await caretaker.look()
        assert (len(done), troubles.now) == (3, frozenset())
        house.clock.set(NINE - DAY * 30)
        await caretaker.look()
        assert len(done) == 4, "a clock that was ahead puts nothing off"


async def test_what_is_amiss_is_shown_to_those_who_manage() -> None:
    async with a_house() as (house, retention):
        assert "Tell whoever runs me" not in words(await house.say(ADMIN, "trapwise status"))
        amiss = "the file is damaged"
        caretaker = Caretaker(retention, None, house.clock, house.services.troubles, amiss=lambda: amiss)
        house.services.troubles.note(Trouble.BACKUP)
        await caretaker.look()
        said = words(await house.say(ADMIN, "trapwise status"))
        assert "The last automatic backup failed. Tell whoever runs me" in said
        assert "My database is damaged in part" in said
        amiss = ""
        await caretaker.look()
        assert "damaged" not in words(await house.say(ADMIN, "trapwise status"))


async def test_an_unforeseen_failure_of_a_chore_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_house() as (house, retention):
        looked = asyncio.Event()

        async def enforce() -> Removed:
            if not looked.is_set():
                looked.set()
                raise RuntimeError("no such luck")
            again.set()
            return Removed()

        again = asyncio.Event()
        monkeypatch.setattr(retention, "enforce", enforce)
        monkeypatch.setattr("bot.caretaker.LOOKS", 0)
        caretaker = Caretaker(retention, None, house.clock, Troubles())
        caretaker.start()
        await asyncio.wait_for(again.wait(), 10)
        await caretaker.stop()
        assert "failed in an unforeseen way" in caplog.text


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ((2026, 11, 23), 0, (2026, 11, 23)),
        ((2026, 11, 23), 11, (2025, 12, 23)),
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2024, 2, 29), 12, (2023, 2, 28)),
        ((2026, 1, 15), 13, (2024, 12, 15)),
    ],
)
def test_months_are_those_of_the_calendar(
    day: tuple[int, int, int], months: int, expected: tuple[int, int, int]
) -> None:
    assert months_before(datetime(*day, 9, tzinfo=UTC), months) == datetime(*expected, 9, tzinfo=UTC)
