"""`python -m benchmarks.learning`: is readiness calibrated, are weak domains told rightly, do chosen items help?

The same arguments give the same figures, on any machine, for the same content.
"""

import argparse
import asyncio
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict

from benchmarks.learning import course, outlook, report
from benchmarks.learning.ability import Drift
from benchmarks.learning.calibration import bins, quality
from benchmarks.learning.course import Policy, Result
from benchmarks.learning.levels import RULES, interval_quality, rule_quality
from benchmarks.learning.outlook import ANSWERS, Case
from benchmarks.learning.real import agreement
from benchmarks.learning.report import Findings, Gain
from benchmarks.learning.spread import spread
from benchmarks.learning.worlds import WORLDS, world
from bot.config import CONTENT
from bot.core.pack import Pack
from bot.packs.loader import load_packs

PACK = "databricks-ml-associate"

POPULATIONS = {"near the pass line": 0.55, "weaker": -0.1, "stronger": 1.2}
"""Mean ability in logits. The constants were chosen on seeds that this run doesn't use."""


def main() -> None:
    """Simulate, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--quick", action="store_true", help="fewer learners: rough figures in a few seconds")
    parser.add_argument("--seed", default="report", help="another word draws other learners")
    given = parser.parse_args()
    pack = load_packs(CONTENT)[PACK]
    found = find(pack, seed=given.seed, quick=given.quick)
    print(json.dumps(asdict(found), indent=2) if given.json else report.text(found))


def find(pack: Pack, *, seed: str, quick: bool) -> Findings:
    """Everything that the report shows."""
    learners, teams, others = (300, 3, 0) if quick else (2000, 16, 4)
    agreed = asyncio.run(agreement(pack, seed=seed))
    cases = outlook.simulate(pack, learners=learners, seed=seed)
    populations = {"near the pass line": quality(cases, pack)}
    for name, mean in POPULATIONS.items():
        if name not in populations:
            some = outlook.simulate(pack, learners=learners // 3, seed=f"{seed}/{name}", mean=mean)
            populations[name] = quality(some, pack)
    results = {policy: _teams(pack, policy, seed, teams) for policy in Policy}
    return Findings(
        items=len(pack.ready),
        agreement=agreed,
        bins=bins(cases, pack),
        overall=populations["near the pass line"],
        by_answers={n: quality(_with(cases, answers=n), pack) for n in ANSWERS},
        by_drift={d.value: quality([case for case in cases if case.drift is d], pack) for d in Drift},
        by_population=populations,
        rules=[rule_quality(cases, pack, rule, n) for rule in RULES for n in (None, *ANSWERS)],
        intervals=[interval_quality(cases, n) for n in ANSWERS],
        teams=teams,
        policies={policy.value: [_mean(rs, figure) for figure in FIGURES] for policy, rs in results.items()},
        gains=[
            gain("", results[Policy.ADAPTIVE], results[other], other)
            for other in Policy
            if other is not Policy.ADAPTIVE
        ],
        elsewhere=[one for name in WORLDS for one in _elsewhere(pack, name, seed, others)] if others else [],
    )


FIGURES = ("retention_before", "score_before", "retention", "score", "retention_later", "met", "accuracy", "told")


def gain(where: str, ours: Sequence[Result], theirs: Sequence[Result], other: Policy) -> Gain:
    """What the adaptive choice wins over another, team by team."""
    pairs = list(zip(ours, theirs, strict=True))
    return Gain(
        where=where,
        over=other.value,
        retention=spread([a.retention - b.retention for a, b in pairs]),
        score=spread([a.score - b.score for a, b in pairs]),
    )


def _teams(pack: Pack, policy: Policy, seed: str, count: int) -> list[Result]:
    return [course.run(pack, policy, seed=f"{seed}/{n}") for n in range(count)]


def _elsewhere(pack: Pack, name: str, seed: str, count: int) -> list[Gain]:
    with world(name):
        ours, *theirs = (
            _teams(pack, policy, f"{seed}/{name}", count) for policy in (Policy.ADAPTIVE, Policy.RANDOM, Policy.MIXED)
        )
    return [gain(name, ours, their, other) for their, other in zip(theirs, (Policy.RANDOM, Policy.MIXED), strict=True)]


def _mean(results: Sequence[Result], figure: str) -> float | None:
    values = [value for result in results if (value := getattr(result, figure)) is not None]
    return statistics.fmean(values) if values else None


def _with(cases: Sequence[Case], *, answers: int) -> list[Case]:
    return [case for case in cases if case.answers == answers]


if __name__ == "__main__":
    main()
