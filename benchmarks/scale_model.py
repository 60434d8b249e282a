"""The arithmetic of docs/scale.md: what a hundred thousand workspaces ask of platforms, processes and disks.

Run `python -m benchmarks.scale_model`. Nothing is measured here: figures that were measured are named as inputs,
with where they come from. Platform limits: https://docs.discord.com/developers/topics/rate-limits,
https://docs.discord.com/developers/events/gateway#sharding, https://docs.slack.dev/apis/web-api/rate-limits
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

DISCORD_GLOBAL = 50
"""Requests a second for one bot, over all its processes; answers to presses don't count towards it."""

DISCORD_GUILDS_PER_SHARD = 2_500
"""More than that is refused; a thousand is advised."""

IDENTIFY_SECONDS = 5
"""Between two shards' logins, where Discord grants a concurrency of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Who uses it and how; assumptions, except where a comment names what was measured."""

    workspaces: int = 100_000
    channels_each: float = 1.2
    busiest: float = 0.25  # of all channels are due at the same minute: 09:00 in the most crowded zone
    members_each: int = 20  # answer a daily question
    early: float = 0.5  # of the answers come in the first ten minutes
    peak: float = 4.0  # the busiest second against the mean of those ten minutes
    private: float = 0.5  # answers in private practice, reviews and exams for each daily answer
    post_seconds: float = 0.25  # one post to Slack or Discord, there and back
    at_once: int = 32  # posts under way at the same time to Slack in one process: bot.app.deliveries
    processes: int = 3
    slack_press_ms: float = 1.0  # of one core, for a signed press answered with an ephemeral: make bench
    bytes_each: int = (
        59  # on disk for each answer in SQLite, counts included, when members have given 200: docs/scale.md
    )
    bytes_each_postgres: int = 246  # the same in PostgreSQL, indexes included

    @property
    def channels(self) -> float:
        """With a schedule."""
        return self.workspaces * self.channels_each

    @property
    def due(self) -> float:
        """Posts due at the busiest minute."""
        return self.channels * self.busiest

    @property
    def answers(self) -> float:
        """A day, private ones included."""
        return self.channels * self.members_each * (1 + self.private)

    @property
    def presses(self) -> float:
        """A second, at the peak after the busiest minute."""
        return self.due * self.members_each * self.early / 600 * self.peak


def report(world: World) -> Iterator[tuple[str, str]]:
    """What follows from the assumptions: what is reckoned, and the figure."""
    sending = world.processes * world.at_once / world.post_seconds
    per_channel = world.members_each * world.early
    yield "channels with a schedule", f"{world.channels:,.0f}"
    yield "posts due in the busiest minute", f"{world.due:,.0f}"
    yield f"all of them posted on Slack by {world.processes} processes", _minutes(world.due / sending)
    yield f"all of them posted on Discord at {DISCORD_GLOBAL} a second", _minutes(world.due / DISCORD_GLOBAL)
    yield "edits of counts wanted in the ten minutes after, at most", f"{world.due * per_channel:,.0f}"
    yield "of those, possible on Discord beside nothing else", f"{DISCORD_GLOBAL * 600:,.0f}"
    yield "presses a second at the peak", f"{world.presses:,.0f}"
    yield "cores for these presses on Slack", f"{world.presses * world.slack_press_ms / 1000:.1f}"
    yield "answers a day", f"{world.answers:,.0f}"
    yield "growth a year, as in SQLite", _size(world.answers * 260 * world.bytes_each)
    yield "growth a year, as in PostgreSQL", _size(world.answers * 260 * world.bytes_each_postgres)
    shards = math.ceil(world.workspaces / DISCORD_GUILDS_PER_SHARD)
    yield "Discord shards, at least", f"{shards}"
    yield "until all of them have logged in", _minutes(shards * IDENTIFY_SECONDS)


def _minutes(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 120 else f"{seconds / 60:,.1f} min"


def _size(count: float) -> str:
    return f"{count / 1e9:,.0f} GB"


def table(world: World) -> str:
    """The report as the Markdown table that docs/scale.md shows."""
    rows = [f"| {what} | {figure} |" for what, figure in report(world)]
    return "\n".join(["| what | figure |", "| --- | --- |", *rows])


if __name__ == "__main__":
    print(table(World()))  # noqa: T201  the point of the command
