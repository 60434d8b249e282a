"""What a press costs on Discord: a gateway frame, a durable answer, and the reply that acknowledges it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.platforms import LoadDiscord
from benchmarks.load.process import Bot, started
from benchmarks.load.teams import DiscordTeam
from benchmarks.row import Row, at_most, ratio
from benchmarks.table import Bench

PRESSES, AT_ONCE = 600, 32

OURS = ("-m", "bot", "run")


@dataclass(frozen=True, slots=True)
class Connected:
    """A process, and the Discord and team that it alone is connected to."""

    bot: Bot
    team: DiscordTeam


async def rows(bench: Bench) -> list[Row]:
    """Cost against a bare discord.py client, and cost with one command."""
    (folder := bench.folder / "full").mkdir()
    first, team = await _world(bench.pairs + 1)
    try:
        async with _process(folder, first, team):
            await team.set_up()
            await team.post_now()
    finally:
        await first.stop()
    shutil.copytree(folder, bench.folder / "one")
    costs: dict[str, list[float]] = {"ours": [], "bare": [], "one": []}
    programs: Mapping[str, tuple[str, Sequence[str]]] = {
        "ours": ("full", OURS),
        "bare": ("full", ("-m", "benchmarks.bare_discord", "lean")),
        "one": ("one", ("-m", "benchmarks.one_command")),
    }
    async with AsyncExitStack() as stack:
        there: dict[str, Connected] = {}
        for name, (place, arguments) in programs.items():
            discord, copied = await _world(bench.pairs + 1, like=first)
            stack.push_async_callback(discord.stop)
            there[name] = await stack.enter_async_context(
                _process(bench.folder / place, discord, copied, arguments=arguments)
            )
        for pair in range(bench.pairs + 1):
            for name, connected in there.items():
                cost = await _cost(connected, pair)
                assert connected.team.discord.faults == []
                if pair:  # the first round is for warming up
                    costs[name].append(cost)
    return [
        ratio(
            "Discord: processor time of a press, against a bare discord.py client",
            meaning="From the gateway's frame to the reply in private, durable answer included, beside a DynamicItem "
            "that saves nothing and sends a constant.",
            ours=costs["ours"],
            baseline=costs["bare"],
            unit="us",
            goal=at_most(1.3),
        ),
        ratio(
            "Discord: processor time of a press with all commands, against one",
            meaning="Presses don't pass by the commands.",
            ours=costs["ours"],
            baseline=costs["one"],
            unit="us",
            goal=at_most(1.15),
        ),
    ]


async def _world(channels: int, *, like: LoadDiscord | None = None) -> tuple[LoadDiscord, DiscordTeam]:
    """A Discord with a team; with `like`, one that has the same servers, channels and messages."""
    discord = LoadDiscord()
    await discord.start()
    team = DiscordTeam(discord, channels, like=like)
    return discord, team


@asynccontextmanager
async def _process(
    folder: Path, discord: LoadDiscord, team: DiscordTeam, *, arguments: Sequence[str] = OURS
) -> AsyncIterator[Connected]:
    async with started(folder, discord.environment(), arguments=arguments) as bot:
        await bot.until_said("ready")
        await discord.connected()
        yield Connected(bot, team)
        await bot.stop()


async def _cost(connected: Connected, channel: int) -> float:
    """Microseconds of the process's time per press, `AT_ONCE` at a time; each by somebody who hasn't answered yet."""
    members = iter(range(PRESSES))

    async def work() -> None:
        for member in members:
            await connected.team.press(channel, member, member)

    before = connected.bot.cpu()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return (connected.bot.cpu() - before) / PRESSES * 1e6
