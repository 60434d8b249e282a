"""Saves scores with Red-DiscordBot's own Config and JSON driver; runs in a virtual environment that has Red.

    python red_store.py FOLDER USERS SAVES

Prints the saves per second. What is saved, and how, is what its trivia cog does for each player at the end of a game:
the player's statistics are read, added to, and set.
"""

import asyncio
import sys
import time
from pathlib import Path

GUILD = 133049272517001216


async def measure(folder: Path, users: int, saves: int) -> float:
    """Saves per second, one after the other."""
    from redbot.core._drivers.json import JsonDriver
    from redbot.core.config import Config

    driver = JsonDriver("Trivia", "1", data_path_override=folder)
    config = Config("Trivia", "1", driver, force_registration=True)
    config.register_member(wins=0, games=0, total_score=0)
    everybody = {str(number): {"wins": 1, "games": 3, "total_score": 17} for number in range(users)}
    await config._get_base_group("MEMBER", str(GUILD)).set(everybody)
    began = time.perf_counter()
    for number in range(saves):
        member = config.member_from_ids(GUILD, number * 37 % users)
        stats = await member.all()
        stats["games"] += 1
        stats["total_score"] += 10
        await member.set(stats)
    return saves / (time.perf_counter() - began)


if __name__ == "__main__":
    print(asyncio.run(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
