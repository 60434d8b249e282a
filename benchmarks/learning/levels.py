"""How often a domain is called weak or fine wrongly, for several rules on the interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.learning.outlook import EXAM_DAY, Case
from bot.core.pack import Pack
from bot.core.weakness import Estimate, Level, estimate

CLEAR = 0.05
"""A domain whose true share is nearer than this to the cut score is neither clearly weak nor clearly fine."""

RULES: Mapping[str, Callable[[Estimate, float], bool]] = {
    "the estimate is below the cut (in use)": lambda e, cut: e.level is Level.WEAK,
    "the whole interval is below the cut": lambda e, cut: e.high < cut,
    "any of the interval is below the cut": lambda e, cut: e.low < cut,
}
"""When to call a domain weak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleQuality:
    """Shares: `missed` of weak domains called fine, `accused` of fine ones called weak, `wrong_clear` of clear ones.

    `answers` are those per domain, None for all learners.
    """

    rule: str
    answers: int | None
    domains: int
    wrong: float
    missed: float
    accused: float
    wrong_clear: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalQuality:
    """How often a domain's 80 % interval holds the true share, and how wide it is."""

    answers: int
    coverage: float
    width: float


def rule_quality(cases: Sequence[Case], pack: Pack, rule: str, answers: int | None = None) -> RuleQuality:
    """One rule, over the learners with so many answers per domain, or all."""
    cut = pack.blueprint.pass_percent / 100
    told = [
        (RULES[rule](estimate(tally, EXAM_DAY, fine_at=cut), cut), case.shares[domain])
        for case in cases
        if answers is None or case.answers == answers
        for domain, tally in case.tallies.items()
    ]
    weak = [called for called, share in told if share < cut]
    fine = [called for called, share in told if share >= cut]
    clear = [called != (share < cut) for called, share in told if abs(share - cut) >= CLEAR]
    return RuleQuality(
        rule=rule,
        answers=answers,
        domains=len(told),
        wrong=sum(called != (share < cut) for called, share in told) / len(told),
        missed=sum(not called for called in weak) / max(1, len(weak)),
        accused=sum(fine) / max(1, len(fine)),
        wrong_clear=sum(clear) / max(1, len(clear)),
    )


def interval_quality(cases: Sequence[Case], answers: int) -> IntervalQuality:
    """The interval that is shown for a domain, over the learners with so many answers in each."""
    found = [
        (estimate(tally, EXAM_DAY), case.shares[domain])
        for case in cases
        if case.answers == answers
        for domain, tally in case.tallies.items()
    ]
    return IntervalQuality(
        answers=answers,
        coverage=sum(e.low <= share <= e.high for e, share in found) / len(found),
        width=sum(e.high - e.low for e, _ in found) / len(found),
    )
