"""What a load came to, and whether it kept the promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.load.teams import Outcome

SHOWN = 10
"""Faults that are told one by one."""

ACKNOWLEDGED_WITHIN = 3.0
"""Seconds that Slack and Discord wait. https://docs.slack.dev/interactivity/handling-user-interaction and
https://docs.discord.com/developers/interactions/receiving-and-responding"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Of seconds: the median, the 99th of a hundred, and the longest."""

    p50: float
    p99: float
    longest: float

    def __str__(self) -> str:
        return f"p50 {self.p50 * 1000:.1f} ms, p99 {self.p99 * 1000:.0f} ms, longest {self.longest * 1000:.0f} ms"


def spread(seconds: Sequence[float]) -> Spread:
    """The spread of some times."""
    p99 = quantiles(seconds, n=100)[98] if len(seconds) > 1 else seconds[0]
    return Spread(p50=median(seconds), p99=p99, longest=max(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One load. `bot` and `fake` are shares of one core; `late` is how far the generator fell behind its plan."""

    outcomes: tuple[Outcome, ...]
    seconds: float
    late: float
    bot: float
    fake: float
    resident: tuple[float, float]
    broken: tuple[str, ...]

    def acknowledged(self, team: str) -> Spread:
        """How long acknowledgements took on one platform."""
        return spread([one.acknowledged for one in self.outcomes if one.team == team])

    def lines(self) -> list[str]:
        """For people to read."""
        found = [
            f"{len(self.outcomes):,} presses in {self.seconds:.1f} s "
            f"(the generator was at most {self.late * 1000:.0f} ms behind its plan)"
        ]
        for team in sorted({one.team for one in self.outcomes}):
            reads = spread([one.read for one in self.outcomes if one.team == team])
            count = sum(one.team == team for one in self.outcomes)
            found.append(f"  {team}: {count:,}; acknowledged {self.acknowledged(team)}; read {reads}")
        found.append(f"  processor: bot {self.bot:.0%} of a core, the platforms' fakes and the members {self.fake:.0%}")
        found.append(f"  memory of the bot: {self.resident[0]:.0f} MB before, {self.resident[1]:.0f} MB after")
        found += [f"  BROKEN: {fault}" for fault in self.broken[:SHOWN]]
        if len(self.broken) > SHOWN:
            found.append(f"  and {len(self.broken) - SHOWN} more")
        return found
