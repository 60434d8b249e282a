"""Rules about what the form of the options gives away in sum, found by letting a test-wise guesser sit the bank."""

from collections.abc import Iterator
from math import sqrt

from bot.packs.guessing.guesser import guess
from bot.packs.rules.rule import HOUSE, Hit, Rule, Severity, Survey, haladyna

ENOUGH_ITEMS = 100
"""In a smaller bank luck alone moves the score further than what is looked for."""

MODEL_GAIN, RULE_GAIN = 5.0, 6.0
"""Percentage points above chance."""

_MODEL_ERRORS, _RULE_ERRORS = 2.0, 2.6
"""Standard errors that are allowed where they are wider, as in a bank of a hundred. Of forty rules some have luck."""


def _guessable(survey: Survey) -> Iterator[Hit]:
    if len(survey.ready) < ENOUGH_ITEMS:
        return
    found = guess(survey.ready)
    if found is None:
        return
    error = 100 * sqrt(found.chance * (1 - found.chance) / found.items)
    if 100 * found.gain > max(MODEL_GAIN, _MODEL_ERRORS * error):
        yield survey.pack_hit(
            f"a guesser that sees nothing but the form of the options scores {100 * found.score:.0f} % at a chance of "
            f"{100 * found.chance:.0f} %; run 'trapwise pack guess' and mend the items that it names."
        )
    for rule in found.rules:
        gain = 100 * (rule.score - found.chance)
        if gain > max(RULE_GAIN, _RULE_ERRORS * error):
            yield survey.pack_hit(
                f"whoever chooses by '{rule.rule}' scores {gain:.0f} points above chance; mend items where it is right."
            )


RULES = (
    Rule(
        id="guessable",
        severity=Severity.FAULT,
        reason="Cues that are weak one by one add up; the score must come from knowing the subject.",
        source=f"{HOUSE}; {haladyna('28')}; Millman, Bishop & Ebel 1965 (doi:10.1177/001316446502500304)",
        check=_guessable,
    ),
)
