"""How much memory the bot takes for a thousand Discord servers."""

import asyncio
import os
import sys
from pathlib import Path

from benchmarks.row import Row
from tests.support.wire_discord import FakeDiscord
from tests.support.wire_discord_house import small_content

SERVERS, CHANNELS, ROLES = 1000, 15, 10
ALLOWED = 15.0
"""Megabytes that a thousand servers of fifty members may add."""


async def rows(folder: Path, *, pairs: int) -> list[Row]:
    """Resident memory with a thousand servers less that with none, measured in turns, over what is allowed."""
    content = folder / "discord-content"
    small_content(content)
    none, many = [], []
    for turn in range(max(1, min(pairs, 3))):
        none.append(await _megabytes(folder / f"none-{turn}.db", content, 0))
        many.append(await _megabytes(folder / f"many-{turn}.db", content, SERVERS))
    added = [b - a for a, b in zip(none, many, strict=True)]
    return [
        Row(
            name=f"memory added by {SERVERS:,} Discord servers / {ALLOWED:.0f} MB",
            ratios=tuple(found / ALLOWED for found in added),
            goal="<= 1.0",
            detail=f"{', '.join(f'{found:.1f}' for found in added)} MB added to {none[0]:.0f} MB",
        )
    ]


async def _megabytes(database: Path, content: Path, servers: int) -> float:
    """The bot's resident memory once it has heard of all servers (Linux only)."""
    fake = await FakeDiscord().start()
    for number in range(servers):
        guild = fake.guild(f"Server {number}")
        guild.roles = ROLES
        for channel in range(CHANNELS):
            fake.channel(guild, name=f"channel-{channel}")
    settings = {
        "TRAPWISE_DATABASE": f"sqlite:///{database}",
        "TRAPWISE_CONTENT": str(content),
        "TRAPWISE_PACK": "my-exam",
        **fake.environment(),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(120):
            while b"connected to Discord as" not in (line := await process.stderr.readline()):
                assert line, "the bot ended before it was connected"
        return _resident(process.pid)
    finally:
        process.terminate()
        await process.wait()
        await fake.stop()


def _resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(next(row for row in status.splitlines() if row.startswith("VmRSS")).split()[1]) / 1024
