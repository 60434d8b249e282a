"""The findings as tables in Markdown, as docs/learning.md has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.learning.calibration import Bin, Quality
from benchmarks.learning.levels import IntervalQuality, RuleQuality
from benchmarks.learning.real import Agreement
from benchmarks.learning.spread import Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What the adaptive choice wins over another, as differences team by team."""

    where: str
    over: str
    retention: Spread
    score: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that was measured. `policies` holds the columns of its table, None where nothing was told."""

    items: int
    agreement: Agreement
    bins: Sequence[Bin]
    overall: Quality
    by_answers: Mapping[int, Quality]
    by_drift: Mapping[str, Quality]
    by_population: Mapping[str, Quality]
    rules: Sequence[RuleQuality]
    intervals: Sequence[IntervalQuality]
    teams: int
    policies: Mapping[str, Sequence[float | None]]
    gains: Sequence[Gain]
    elsewhere: Sequence[Gain]


def text(found: Findings) -> str:
    """All tables."""
    same = "the same" if found.agreement.tallies and found.agreement.memories else "NOT THE SAME"
    learners = {
        "all": found.overall,
        **{f"{n} answers per domain": q for n, q in found.by_answers.items()},
        **found.by_drift,
        **{f"population {name}": q for name, q in found.by_population.items()},
    }
    parts = [
        f"The real bot and these loops hold {same} tallies and memories after {found.agreement.answers} answers.",
        f"The pack has {found.items} items.",
        _heading(
            "Readiness: forecast and outcome", f"{found.overall.exams:,} exams of {found.overall.learners:,} learners"
        ),
        _bins(found.bins),
        _qualities("Learners", learners),
        f"Brier score of the plain percentage less that of the outlook: {found.overall.brier_gain.mean:.4f} "
        f"(95 % interval {found.overall.brier_gain.low:.4f} to {found.overall.brier_gain.high:.4f}).",
        _heading("Weak or fine", "against the true share right in the domain"),
        _rules(found.rules),
        _intervals(found.intervals),
        _heading("Choice of items", f"{found.teams} teams of 12 under each choice, 40 working days, 6 items a day"),
        _policies(found.policies),
        _gains("Adaptive against", [(gain.over, gain) for gain in found.gains]),
    ]
    for over in dict.fromkeys(gain.over for gain in found.elsewhere):
        rows = [(gain.where, gain) for gain in found.elsewhere if gain.over == over]
        parts.append(_gains(f"Adaptive against {over}, where learners", rows))
    return "\n\n".join(parts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its first column to the left and the others to the right, padded to be read as it is."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([line(head), rule, *(line(row) for row in rows)])


def _heading(title: str, about: str) -> str:
    return f"### {title}\n\n{about}"


def _percent(share: float | None, digits: int = 0) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def _bins(found: Sequence[Bin]) -> str:
    rows = [
        (f"{100 * b.low:.0f} to {100 * b.high:.0f} %", f"{b.count:,}", _percent(b.forecast, 1), _percent(b.passed, 1))
        for b in found
    ]
    return table(("Chance told", "Exams", "Mean told", "Passed"), rows)


def _qualities(what: str, found: Mapping[str, Quality]) -> str:
    head = (what, "Coverage", "Width", "Error", "Bias", "Brier", "Plain %", "Plain yes/no", "Known", "Off by")
    rows = [
        (
            name,
            _percent(q.coverage, 1),
            f"{q.width:.1f}",
            f"{q.mae:.2f}",
            f"{q.bias:+.2f}",
            f"{q.brier:.3f}",
            f"{q.brier_binomial:.3f}",
            f"{q.brier_yes_no:.3f}",
            f"{q.brier_known:.3f}",
            _percent(q.calibration_error, 1),
        )
        for name, q in found.items()
    ]
    return table(head, rows)


def _rules(found: Sequence[RuleQuality]) -> str:
    head = ("Weak if", "Answers", "Wrong", "Weak called fine", "Fine called weak", "Wrong where clear")
    return table(
        head,
        [
            (
                q.rule,
                str(q.answers or "all"),
                _percent(q.wrong),
                _percent(q.missed),
                _percent(q.accused),
                _percent(q.wrong_clear),
            )
            for q in found
        ],
    )


def _intervals(found: Sequence[IntervalQuality]) -> str:
    rows = [(str(i.answers), _percent(i.coverage), f"{100 * i.width:.0f} points") for i in found]
    return table(("Answers in the domain", "Interval holds the true share", "Mean width"), rows)


def _policies(found: Mapping[str, Sequence[float | None]]) -> str:
    head = (
        "Choice",
        "Recall before",
        "Score before",
        "Recall",
        "Score",
        "Recall +14 d",
        "Subjects met",
        "Right",
        "Told",
    )
    return table(head, [(name, *(_percent(mean, 1) for mean in means)) for name, means in found.items()])


def _gains(what: str, found: Sequence[tuple[str, Gain]]) -> str:
    head = (what, "Recall", "sd", "95 % interval", "Score", "sd", "95 % interval")
    rows = [(name, *_points(gain.retention), *_points(gain.score)) for name, gain in found]
    return table(head, rows)


def _points(s: Spread) -> tuple[str, str, str]:
    return f"{100 * s.mean:+.1f}", f"{100 * s.sd:.1f}", f"{100 * s.low:+.1f} to {100 * s.high:+.1f}"
