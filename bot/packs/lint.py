"""Lints a pack: judges what the loader can't, whether the items are good questions."""

from dataclasses import dataclass
from datetime import date

from bot.core.item import Status
from bot.core.pack import Pack
from bot.packs.places import NOWHERE, Places
from bot.packs.reviews import Reviews
from bot.packs.rules import balance, clues, form, leaks, reviewing, support
from bot.packs.rules.rule import Rule, Severity, Survey

RULES: tuple[Rule, ...] = (*balance.RULES, *clues.RULES, *leaks.RULES, *form.RULES, *support.RULES, *reviewing.RULES)


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule. `where` is file:line if known, otherwise an id."""

    rule: Rule
    severity: Severity
    where: str
    sentence: str


def lint(pack: Pack, today: date, *, places: Places = NOWHERE, reviews: Reviews | None = None) -> tuple[Finding, ...]:
    """Every breach of every rule, in the order of the rules. In a draft nothing is worse than a warning."""
    survey = Survey(pack=pack, today=today, places=places, reviews=reviews)
    findings: list[Finding] = []
    for rule in RULES:
        for hit in rule.check(survey):
            draft = hit.item is not None and hit.item.status is Status.DRAFT
            severity = Severity.WARNING if draft else rule.severity
            findings.append(Finding(rule, severity, hit.where, hit.sentence))
    return tuple(findings)
