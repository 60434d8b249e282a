"""Rules about items that help with each other: what one stem says, another should not ask."""

from collections.abc import Iterator

from bot.core.item import Item
from bot.packs.rules.rule import HOUSE, Hit, Rule, Severity, Survey, haladyna
from bot.packs.rules.words import content_words

_MARKS = 3
"""Words of the key alone that a stem has to say; two are often said by chance."""

_SUBJECT = 2
"""Words that two stems share if they are about the same thing."""


def _told(survey: Survey) -> Iterator[Hit]:
    stems = [(item, content_words(item.stem)) for item in survey.written]
    for item, subject in stems:
        marks = _own_words(item)
        if len(marks) < _MARKS:
            continue
        for other, words in stems:
            if other.id != item.id and marks <= words and len(subject & words - marks) >= _SUBJECT:
                sentence = f"its stem says what is asked in {item.id} ({', '.join(sorted(marks))}); reword one of them."
                yield survey.hit(other, sentence)


def _own_words(item: Item) -> frozenset[str]:
    """The words that set the key apart: in no distractor, and not in the item's own stem."""
    others = frozenset[str]().union(*(content_words(o.text) for o in item.options if o.id != item.key))
    return content_words(item.option(item.key).text) - others - content_words(item.stem)


RULES = (
    Rule(
        id="stem-tells-key",
        severity=Severity.FAULT,
        reason="Whoever meets both items answers one from the other, without knowing the subject.",
        source=f"{HOUSE}; {haladyna('6 (independent items)')}",
        check=_told,
    ),
)
