"""What the figures were measured on."""

import os
import platform
import sqlite3
from importlib import metadata
from pathlib import Path

PACKAGES = ("aiohttp", "slack-bolt", "discord.py", "APScheduler", "aiosqlite", "SQLAlchemy", "Red-DiscordBot")


def machine() -> list[str]:
    """A line for each fact about this machine that the figures depend on."""
    found = [
        f"{os.cpu_count()} CPUs ({_model()}), {_memory():.0f} GB of memory",
        f"{platform.system()} {platform.machine()}, the database on {_disk(Path.cwd())}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    ]
    versions = [f"{name} {version}" for name in PACKAGES if (version := _version(name))]
    return [*found, ", ".join(versions)] if versions else found


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _disk(path: Path) -> str:
    """The file system that holds the path, such as `ext4 on /dev/vda`."""
    try:
        mounts = [line.split()[:3] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "an unknown file system"
    holding = [mount for mount in mounts if path.is_relative_to(mount[1])]
    device, _, kind = max(holding, key=lambda mount: len(mount[1]), default=("?", "/", "?"))
    return f"{kind} on {device}"
