"""How much memory a thousand Discord servers take, against discord.py with its full member cache."""

from pathlib import Path
from typing import Any

from benchmarks.load.platforms import LoadDiscord
from benchmarks.load.process import started
from benchmarks.row import Row, at_most, ratio
from benchmarks.table import Bench
from tests.support.wire_discord_world import Guild, Person

SERVERS, CHANNELS, ROLES, MEMBERS = 1000, 15, 10, 50
TURNS = 3

MEMBERS_INTENT = 1 << 1

OURS, BARE = ("-m", "bot", "run"), ("-m", "benchmarks.bare_discord", "members")


class Crowded(Guild):
    """A server whose members are announced too, as Discord does to those who asked for the members intent."""

    def payload(self) -> dict[str, Any]:
        """As it is announced to the bot."""
        found = super().payload()
        roles = [role["id"] for role in found["roles"][1:]]
        for number in range(MEMBERS):
            person = Person(id=self.id + 1_000_000 + number, name=f"Member {self.id} {number}")
            joined = f"2026-10-{number % 28 + 1:02}T09:00:{number % 60:02}.{person.id % 1_000_000:06}+00:00"
            found["members"].append(
                {
                    "user": person.user() | {"avatar": f"{person.id:032x}"},
                    "roles": roles[number % 3 : number % 3 + 2],
                    "joined_at": joined,
                    "deaf": False,
                    "mute": False,
                    "flags": 0,
                }
            )
        return found | {"large": False, "member_count": MEMBERS + 1}


async def rows(bench: Bench) -> list[Row]:
    """Resident memory with a thousand servers less that with none, ours and the full cache's in turns."""
    ours, full = [], []
    for turn in range(min(bench.pairs, TURNS)):
        (folder := bench.folder / str(turn)).mkdir()
        ours.append(await _added(folder, OURS, Guild))
        full.append(await _added(folder, BARE, Crowded))
    return [
        ratio(
            f"memory added by {SERVERS:,} Discord servers of {MEMBERS}, against the full member cache",
            meaning="Nothing is kept per member; the baseline is a bare discord.py client with the members intent.",
            ours=ours,
            baseline=full,
            unit="MB",
            goal=at_most(0.25),
        )
    ]


async def _added(folder: Path, arguments: tuple[str, ...], kind: type[Guild]) -> float:
    none = await _megabytes(folder, arguments, kind, 0)
    return await _megabytes(folder, arguments, kind, SERVERS) - none


async def _megabytes(folder: Path, arguments: tuple[str, ...], kind: type[Guild], servers: int) -> float:
    """The process's resident memory once it has heard of all servers."""
    discord = LoadDiscord()
    await discord.start()
    for _ in range(servers):
        made = kind(id=discord.snowflake(), name="Night school", roles=ROLES)
        discord.guilds[made.id] = made
        for channel in range(CHANNELS):
            discord.channel(made, name=f"channel-{channel}")
    try:
        async with started(folder, discord.environment(), arguments=arguments) as bot:
            if arguments is BARE:
                await bot.until_said("ready")
            else:
                await bot.until_logged("connected to Discord as")
            assert bool(discord.gateway.identifies[-1]["intents"] & MEMBERS_INTENT) == (kind is Crowded)
            return bot.resident() / 1024
    finally:
        await discord.stop()
