"""How long the bot takes from its start until it is ready on Slack and Discord, and how much memory it has then."""

import asyncio
import sys
import time
from pathlib import Path

from benchmarks.load.platforms import LoadDiscord, LoadSlack
from benchmarks.load.process import environment, started
from benchmarks.row import Row, at_most, ratio
from benchmarks.table import Bench
from tests.support.wire_slack_house import HTTP

IMPORTS = """
import discord, slack_bolt.async_app, aiohttp.web, sqlite3
print(next(row for row in open("/proc/self/status") if row.startswith("VmRSS")).split()[1])
"""


async def rows(bench: Bench) -> list[Row]:
    """Time and memory against importing the libraries that it can't do without."""
    slack, discord = LoadSlack(), LoadDiscord()
    await slack.start()
    await discord.start()
    settings = {"SLACK_API_BASE_URL": slack.api, **HTTP, **discord.environment()}
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    try:
        # The first start compiles our modules, makes the database and registers the commands, the second keeps the
        # packs as they were read; later ones do none of it.
        for _ in range(2):
            await _ready(bench.folder, settings)
        for _ in range(2 * bench.pairs):
            ours.append(await _ready(bench.folder, settings))
            bare.append(await _imported(bench.folder))
    finally:
        await slack.stop()
        await discord.stop()
    return [
        ratio(
            "start to ready on Slack and Discord, against importing their libraries",
            meaning="Settings read, packs loaded, database open, logged in to both; beside a program that only "
            "imports discord, slack_bolt, aiohttp.web and sqlite3.",
            ours=[seconds * 1000 for seconds, _ in ours],
            baseline=[seconds * 1000 for seconds, _ in bare],
            unit="ms",
            goal=at_most(1.6),
        ),
        ratio(
            "memory when ready, against importing their libraries",
            meaning="Resident memory of the same two.",
            ours=[megabytes for _, megabytes in ours],
            baseline=[megabytes for _, megabytes in bare],
            unit="MB",
            goal=at_most(1.5),
        ),
    ]


def _compiled(folder: Path) -> dict[str, str]:
    """As on a host's machine: modules are compiled once, whatever the environment of the benchmark says of that."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


async def _ready(folder: Path, settings: dict[str, str]) -> tuple[float, float]:
    began = time.perf_counter()
    async with started(folder, {**settings, **_compiled(folder)}) as bot:
        await bot.until_said("ready")
        took = time.perf_counter() - began
        found = took, bot.resident() / 1024
        await bot.stop()
        return found


async def _imported(folder: Path) -> tuple[float, float]:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", IMPORTS),
        env=environment(folder, _compiled(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    kib = int(await process.stdout.readline())
    took = time.perf_counter() - began
    await process.wait()
    return took, kib / 1024
