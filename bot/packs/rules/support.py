"""Rules about what an item rests on: traps, facts, references and when they were checked."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain

from bot.core.item import Kind, Status
from bot.packs.rules.rule import HOUSE, Hit, Rule, Severity, Survey, haladyna

STALE_MONTHS = 12
TO_DO = "To do:"
"""Begins every text that an import leaves to its author."""

CARRIERS = 2


def trap_counts(survey: Survey) -> Counter[str]:
    """By how many ready items each trap is carried."""
    return Counter(trap for item in survey.ready for trap in item.traps)


def cited_facts(survey: Survey) -> frozenset[str]:
    """Facts that an item (not retired), a trap or a card names in its sources."""
    lists = [item.sources for item in survey.written]
    lists += [trap.sources for trap in survey.pack.traps]
    lists += [card.sources for card in survey.pack.cards]
    return frozenset(chain.from_iterable(lists))


def _no_references(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        if not item.references:
            yield survey.hit(item, "has no references; add the page that proves the key.")


def _no_sources(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        if not item.sources:
            yield survey.hit(item, "has no sources; name the facts that it rests on.")


def _stale(survey: Survey) -> Iterator[Hit]:
    limit = _year_before(survey.today)
    for item in survey.ready:
        if item.checked < limit:
            sentence = f"was last checked on {item.checked}; compare it with its references and set a new date."
            yield survey.hit(item, sentence)


def _in_future(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        # One day of grace: the author may be east of the machine that lints.
        if item.checked > survey.today + timedelta(days=1):
            yield survey.hit(item, f"was checked on {item.checked}, which is still to come; correct the date.")


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - STALE_MONTHS // 12)
    except ValueError:
        return day.replace(year=day.year - STALE_MONTHS // 12, day=28)


def _trapless(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        if item.kind is Kind.TRAP and not any(o.trap for o in item.options if o.id != item.key):
            yield survey.hit(item, "is of kind trap, but no distractor has a trap; name one or change the kind.")


def _key_trap(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        if item.option(item.key).trap:
            sentence = f"the key {item.key} has a trap; move the trap to a distractor or correct the key."
            yield survey.hit(item, sentence, letter=item.key)


def _rare_traps(survey: Survey) -> Iterator[Hit]:
    counts = trap_counts(survey)
    for trap in survey.pack.traps:
        if 0 < counts[trap.id] < CARRIERS:
            sentence = f"trap {trap.id}: only one ready item carries it; write a sibling."
            yield Hit(survey.places.of("trap", trap.id), sentence)


def _unused_traps(survey: Survey) -> Iterator[Hit]:
    counts = trap_counts(survey)
    for trap in survey.pack.traps:
        if not counts[trap.id]:
            sentence = f"trap {trap.id}: no ready item carries it; write one or remove the trap."
            yield Hit(survey.places.of("trap", trap.id), sentence)


def _unfinished(survey: Survey) -> Iterator[Hit]:
    for item in survey.pack.items:
        if item.status is Status.DRAFT:
            yield survey.hit(item, "is a draft; finish it and remove its status, or delete it.")
    for card in survey.pack.draft_cards:
        sentence = f"card {card.id}: is a draft; check it and remove its status, or delete it."
        yield Hit(survey.places.of("card", card.id), sentence)
    for trap in survey.pack.traps:
        if not trap.sources:
            sentence = f"trap {trap.id}: has no sources; name the facts that prove its reality, or delete it."
            yield Hit(survey.places.of("trap", trap.id), sentence)


def _to_do(survey: Survey) -> Iterator[Hit]:
    for item in survey.ready:
        texts = (item.stem, item.takeaway, *(text for o in item.options for text in (o.text, o.why)))
        if any(text.startswith(TO_DO) for text in texts):
            yield survey.hit(item, f"still says '{TO_DO}' somewhere; write it, or make the item a draft again.")


def _uncited_facts(survey: Survey) -> Iterator[Hit]:
    cited = cited_facts(survey)
    for fact in survey.pack.facts:
        if fact.id not in cited:
            sentence = f"fact {fact.id}: no item, trap or card cites it; write an item or a card."
            yield Hit(survey.places.of("fact", fact.id), sentence)


RULES = (
    Rule(
        id="no-references",
        severity=Severity.FAULT,
        reason="Readers who disagree with a key need to see it proved.",
        source=HOUSE,
        check=_no_references,
    ),
    Rule(
        id="no-sources",
        severity=Severity.FAULT,
        reason="An item that rests on no fact of the inventory covers nothing of the exam.",
        source=haladyna("1", "2"),
        check=_no_sources,
    ),
    Rule(
        id="stale",
        severity=Severity.WARNING,
        reason="Products change; what was right a year ago may be wrong now.",
        source=HOUSE,
        check=_stale,
    ),
    Rule(
        id="checked-in-future",
        severity=Severity.FAULT,
        reason="A date to come can't be the day on which somebody checked.",
        source=HOUSE,
        check=_in_future,
    ),
    Rule(
        id="trap-without-trap",
        severity=Severity.FAULT,
        reason="Distractors built on errors that people really make tell what to learn.",
        source=haladyna("29", "30"),
        check=_trapless,
    ),
    Rule(
        id="key-with-trap",
        severity=Severity.FAULT,
        reason="The right answer is no misconception; either the key or the trap is on the wrong option.",
        source=haladyna("19"),
        check=_key_trap,
    ),
    Rule(
        id="trap-rare",
        severity=Severity.WARNING,
        reason="Review needs a sibling, so that remembering the letter does not help.",
        source=HOUSE,
        check=_rare_traps,
    ),
    Rule(
        id="trap-unused",
        severity=Severity.WARNING,
        reason="A misconception that no item sets is never practised.",
        source=HOUSE,
        check=_unused_traps,
    ),
    Rule(
        id="unfinished",
        severity=Severity.WARNING,
        reason="What was begun or imported is never served until somebody has finished it.",
        source=HOUSE,
        check=_unfinished,
    ),
    Rule(
        id="to-do",
        severity=Severity.FAULT,
        reason="A note to the author teaches readers nothing.",
        source=HOUSE,
        check=_to_do,
    ),
    Rule(
        id="fact-uncited",
        severity=Severity.WARNING,
        reason="What the exam asks should be asked here.",
        source=haladyna("2"),
        check=_uncited_facts,
    ),
)
