"""Thousands of presses within seconds on the real bot, over Discord and Slack at once."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.figures import ACKNOWLEDGED_WITHIN, Figures
from benchmarks.load.platforms import LoadDiscord, LoadSlack
from benchmarks.load.process import Bot, started, trapwise
from benchmarks.load.recount import faults
from benchmarks.load.teams import DiscordTeam, Outcome, SlackTeam, Team
from tests.support.wire_slack_house import HTTP, SOCKET

AGAIN = 20
"""One press of so many is a second one by somebody who has pressed already, on another letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is pressed: `presses` over `channels`, half on each platform, at random instants of `seconds`."""

    presses: int = 5000
    channels: int = 50
    seconds: float = 10.0
    socket: bool = False
    seed: int = 1


async def burst(folder: Path, plan: Plan) -> Figures:
    """Carry the plan out in an empty folder."""
    slack, discord = LoadSlack(), LoadDiscord()
    await slack.start()
    await discord.start()
    half = plan.channels // 2
    settings = {"SLACK_API_BASE_URL": slack.api, **(SOCKET if plan.socket else HTTP), **discord.environment()}
    teams = (
        DiscordTeam(discord, plan.channels - half),
        SlackTeam(slack, half, name="slack, socket" if plan.socket else "slack, http"),
    )
    try:
        async with started(folder, settings) as bot:
            await bot.until_said("Slack:")
            slack.http = bot.slack_url()
            await discord.connected()
            for team in teams:
                await team.set_up()
                await team.post_now()
            return await _measured(folder, bot, teams, plan, (slack, discord))
    finally:
        await slack.stop()
        await discord.stop()


async def _measured(
    folder: Path, bot: Bot, teams: Sequence[Team], plan: Plan, fakes: tuple[LoadSlack, LoadDiscord]
) -> Figures:
    before, cpu, own, began = bot.resident() / 1024, bot.cpu(), time.process_time(), time.monotonic()
    outcomes, late = await press_all(teams, plan)
    took = time.monotonic() - began
    bot_share, fake_share = (bot.cpu() - cpu) / took, (time.process_time() - own) / took
    after = bot.resident() / 1024
    # What goes on afterwards, such as learning names, ends before the counts are compared.
    code = await bot.stop()
    broken = [] if code == 0 else [f"the bot ended with {code}"]
    slow = [one for one in outcomes if one.acknowledged >= ACKNOWLEDGED_WITHIN]
    if slow:
        broken.append(f"{len(slow)} presses were acknowledged later than {ACKNOWLEDGED_WITHIN:.0f} s")
    if len(outcomes) != plan.presses:
        broken.append(f"{plan.presses - len(outcomes)} presses had no reply")
    broken += faults(folder / "trapwise.db", outcomes)
    broken += [*fakes[0].problems, *fakes[1].faults]
    code, said = await trapwise(folder, "data", "check")
    if code != 0:
        broken.append(said)
    return Figures(
        outcomes=tuple(outcomes),
        seconds=took,
        late=late,
        bot=bot_share,
        fake=fake_share,
        resident=(before, after),
        broken=tuple(broken),
    )


async def press_all(teams: Sequence[Team], plan: Plan) -> tuple[list[Outcome], float]:
    """Press as planned whether or not earlier presses were answered; the outcomes, and the longest delay."""
    rng = random.Random(plan.seed)
    places = [(team, channel) for team in teams for channel in range(team.channels)]
    per_place = plan.presses // len(places)
    # In each channel so many members, and besides some who press twice.
    repeats = per_place // AGAIN
    wanted = [(place, number % (per_place - repeats)) for place in places for number in range(per_place)]
    wanted += [(places[n], per_place) for n in range(plan.presses - len(wanted))]
    rng.shuffle(wanted)
    instants = sorted(rng.uniform(0, plan.seconds) for _ in wanted)
    began, late = time.monotonic(), 0.0
    tasks = []
    for instant, ((team, channel), member) in zip(instants, wanted, strict=True):
        ahead = began + instant - time.monotonic()
        late = max(late, -ahead)
        await asyncio.sleep(max(0.0, ahead))
        number = channel * 1000 + member
        tasks.append(asyncio.create_task(team.press(channel, number, rng.randrange(5))))
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [one for one in found if isinstance(one, Outcome)], late
