"""Rules about blind review: every item was answered by somebody who saw neither key nor rationale, as it stands now."""

from collections.abc import Iterator

from bot.packs.reviews import BlindPass, seen_text
from bot.packs.rules.rule import HOUSE, Hit, Rule, Severity, Survey, haladyna


def _passes(survey: Survey) -> Iterator[tuple[str, tuple[BlindPass, ...], Hit]]:
    """Each ready item's present text and passes, with where to say something. Nothing for packs without reviews."""
    if survey.reviews is None:
        return
    for item in survey.pack.ready:  # not survey.ready: there the first case is filled in
        yield seen_text(item), survey.reviews.get(item.id, ()), survey.hit(item, "")


def _unreviewed(survey: Survey) -> Iterator[Hit]:
    for text, passes, place in _passes(survey):
        if not passes:
            advice = "nobody has answered it blind; have it done, and record it in reviews.yaml with"
            yield Hit(place.where, f"{place.sentence}{advice} text: {text}.", place.item)


def _changed(survey: Survey) -> Iterator[Hit]:
    for text, passes, place in _passes(survey):
        if passes and passes[-1].text != text:
            advice = "was reworded after its last blind review; have it answered again, and record that with"
            yield Hit(place.where, f"{place.sentence}{advice} text: {text}.", place.item)


def _disagreed(survey: Survey) -> Iterator[Hit]:
    for text, passes, place in _passes(survey):
        if passes and not passes[-1].agreed and passes[-1].text == text:
            advice = "the last blind reader chose another option; reword it, and have it answered again."
            yield Hit(place.where, place.sentence + advice, place.item)


RULES = (
    Rule(
        id="not-reviewed",
        severity=Severity.WARNING,
        reason="Only somebody who doesn't know the key can tell that it is the one that can be defended.",
        source=f"{HOUSE}; {haladyna('19')}",
        check=_unreviewed,
    ),
    Rule(
        id="changed-since-review",
        severity=Severity.WARNING,
        reason="A new wording is a new question; what a reader agreed to was the old one.",
        source=HOUSE,
        check=_changed,
    ),
    Rule(
        id="review-disagreed",
        severity=Severity.WARNING,
        reason="If a reader who knows the subject chooses another option, candidates will too, and be told wrong.",
        source=f"{HOUSE}; {haladyna('19')}",
        check=_disagreed,
    ),
)
