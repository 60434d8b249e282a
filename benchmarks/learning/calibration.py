"""Figures that tell how good forecasts were."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.learning.outlook import Case, binomial_chance, passed
from benchmarks.learning.spread import Spread, spread
from bot.core.pack import Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Forecasts of one tenth of the range, and how often they came true."""

    low: float
    high: float
    count: int
    forecast: float
    passed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """`mae` is in points of the form, of the expected score against the scores; `bias` likewise, signed."""

    learners: int
    exams: int
    mae: float
    mae_truth: float
    bias: float
    coverage: float
    width: float
    brier: float
    brier_yes_no: float
    brier_binomial: float
    brier_known: float
    calibration_error: float
    brier_gain: Spread


def bins(cases: Sequence[Case], pack: Pack) -> list[Bin]:
    """The calibration table, by tenths of the forecast chance."""
    pairs = [(case.outlook.chance, ok) for case in cases for ok in passed(case, pack)]
    table = []
    for tenth in range(10):
        inside = [(f, ok) for f, ok in pairs if min(int(f * 10), 9) == tenth]
        if inside:
            table.append(
                Bin(
                    low=tenth / 10,
                    high=(tenth + 1) / 10,
                    count=len(inside),
                    forecast=sum(f for f, _ in inside) / len(inside),
                    passed=sum(ok for _, ok in inside) / len(inside),
                )
            )
    return table


def quality(cases: Sequence[Case], pack: Pack) -> Quality:
    """All figures over these learners.

    `brier_known` is what somebody who knew each ability would reach, `brier_gain` what the outlook wins over the plain
    percentage as a chance, learner by learner.
    """
    cut = pack.blueprint.pass_percent / 100
    exams = [(case, score, ok) for case in cases for score, ok in zip(case.scores, passed(case, pack), strict=True)]
    plain = {id(case): binomial_chance(case.plain, pack) for case in cases}
    known = {id(case): binomial_chance(case.truth / pack.blueprint.questions, pack) for case in cases}
    n = len(exams)
    return Quality(
        learners=len(cases),
        exams=n,
        mae=sum(abs(case.outlook.expected - score) for case, score, _ in exams) / n,
        mae_truth=sum(abs(case.outlook.expected - case.truth) for case in cases) / len(cases),
        bias=sum(case.outlook.expected - score for case, score, _ in exams) / n,
        coverage=sum(case.outlook.low <= score <= case.outlook.high for case, score, _ in exams) / n,
        width=sum(case.outlook.high - case.outlook.low for case in cases) / len(cases),
        brier=sum((case.outlook.chance - ok) ** 2 for case, _, ok in exams) / n,
        brier_yes_no=sum(((case.plain >= cut) - ok) ** 2 for case, _, ok in exams) / n,
        brier_binomial=sum((plain[id(case)] - ok) ** 2 for case, _, ok in exams) / n,
        brier_known=sum((known[id(case)] - ok) ** 2 for case, _, ok in exams) / n,
        brier_gain=spread(
            [
                statistics.fmean(
                    (plain[id(case)] - ok) ** 2 - (case.outlook.chance - ok) ** 2 for ok in passed(case, pack)
                )
                for case in cases
            ]
        ),
        calibration_error=sum(b.count * abs(b.forecast - b.passed) for b in bins(cases, pack)) / n,
    )
