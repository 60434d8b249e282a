"""Log-ins are spared, and waits grow."""

import asyncio
from typing import Any

import discord as discord_py
import pytest

from bot.adapters.discord import supervisor
from bot.adapters.discord.budget import A_HOUR, RESERVE, Gateway, LoginBudget, TooManyLogins
from bot.adapters.discord.client import Parts, point_at
from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.discord.supervisor import LONGEST_WAIT, WAIT_UNSPENT, Supervisor, back_off
from tests.support.wire_discord import FakeDiscord


class Seconds:
    """A clock of seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("every", [0.5, 5.0, 60.0])
def test_a_day_of_failing_stays_far_below_a_thousand_log_ins(every: float) -> None:
    clock = Seconds()
    budget = LoginBudget(clock=clock)
    used = 0
    while clock.now < 86_400:
        try:
            budget.check()
            used += 1
        except TooManyLogins:
            pass
        clock.now += every
    assert A_HOUR <= used <= 24 * (A_HOUR + 1) < 900


def test_each_shard_has_its_own_share() -> None:
    budget = LoginBudget(clock=Seconds())
    budget.shards = 2
    for _ in range(2 * A_HOUR):
        budget.check()
    with pytest.raises(TooManyLogins):
        budget.check()


@pytest.mark.parametrize(("remaining", "waits"), [(1000, False), (RESERVE + 3, False), (RESERVE + 2, True), (0, True)])
def test_the_last_log_ins_of_a_day_are_kept(remaining: int, waits: bool) -> None:
    gateway = Gateway(shards=3, remaining=remaining, reset_after=77.0)
    assert gateway.wait(3) == (77.0 if waits else 0.0)


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [back_off(n) for n in range(30)]
    assert waits[0] == 5
    assert all(wait <= LONGEST_WAIT for wait in waits)
    assert waits[-1] >= 0.75 * LONGEST_WAIT
    # Even with nothing but failures, a day has room for few clients.
    spent, clients = 0.0, 0
    while spent < 86_400:
        spent += back_off(clients) * 0.75
        clients += 1
    assert clients < 200


class Enough(Exception):
    """The supervisor has waited often enough."""


async def waits_of(discord: FakeDiscord, times: int) -> list[float]:
    """The seconds between the first clients, none of which is waited for."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == times:
            raise Enough

    async def no_sync(_: discord_py.Client) -> None:
        """The commands are known."""

    environment = discord.environment()
    settings = DiscordSettings(
        token=environment["DISCORD_TOKEN"],
        api_base=environment["DISCORD_API_BASE"],
        gateway_url=environment["DISCORD_GATEWAY_URL"],
    )
    point_at(settings)
    nobody: Any = None
    parts = Parts(settings=settings, answering=nobody, guilds=nobody, budget=LoginBudget(), sync=no_sync)
    with pytest.raises(Enough):
        await Supervisor(parts, sleep=sleep).run()
    return waited


async def test_what_costs_no_log_in_is_tried_again_within_a_minute() -> None:
    discord = await FakeDiscord().start()
    await discord.stop()
    waits = await waits_of(discord, 12)
    assert max(waits) == WAIT_UNSPENT == 60
    assert waits[0] < 15
    assert waits[-1] > 40


async def test_what_costs_log_ins_is_tried_ever_more_seldom() -> None:
    discord = await FakeDiscord().start()
    discord.gateway.spoil_sessions = True
    try:
        waits = await waits_of(discord, 9)
    finally:
        await discord.stop()
    assert len(discord.gateway.identifies) == 9
    assert max(waits) > 600


async def test_a_log_in_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOGIN_WITHIN", 0.2)
    discord = await FakeDiscord().start()
    hangs = asyncio.Event()
    discord.trouble("GET", "/users/@me", gate=hangs, times=9)
    try:
        assert len(await asyncio.wait_for(waits_of(discord, 2), 20)) == 2
    finally:
        hangs.set()
        await discord.stop()
    assert discord.gateway.identifies == []
