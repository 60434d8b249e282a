"""Rules about the bank as a whole: nothing but knowledge may help to find the key."""

from collections import Counter
from collections.abc import Iterator
from statistics import fmean, median

from bot.core.item import Item
from bot.packs.rules.chance import LARGE, RARE, at_least, at_most
from bot.packs.rules.rule import NBME, TARRANT, Hit, Rule, Severity, Survey, haladyna

POSITION_SHARE, POSITION_SLACK = 25.0, 4.0
EXTREME_PERCENT = 28.0
RATIO_LOW, RATIO_HIGH = 0.95, 1.05
SHARE_SLACK, SHARE_ITEMS = 3.0, 60


def key_length(item: Item) -> int:
    """Characters of the key."""
    return len(item.option(item.key).text)


def distractor_lengths(item: Item) -> tuple[int, ...]:
    """Characters of each distractor."""
    return tuple(len(option.text) for option in item.options if option.id != item.key)


def length_ratio(item: Item) -> float:
    """The key's length over the mean length of the distractors."""
    return key_length(item) / fmean(distractor_lengths(item))


def longest(items: tuple[Item, ...]) -> int:
    """In how many items the key is strictly the longest option."""
    return sum(key_length(item) > max(distractor_lengths(item)) for item in items)


def shortest(items: tuple[Item, ...]) -> int:
    """In how many items the key is strictly the shortest option."""
    return sum(key_length(item) < min(distractor_lengths(item)) for item in items)


def _positions(survey: Survey) -> Iterator[Hit]:
    four = [item for item in survey.ready if len(item.options) == 4]
    counts = Counter(item.key for item in four)
    for letter in "abcd":
        count, total = counts[letter], len(four)
        percent = 100 * count / total if total else POSITION_SHARE
        if total >= LARGE:
            off = abs(percent - POSITION_SHARE) > POSITION_SLACK
        else:
            off = min(at_least(count, total, 0.25), at_most(count, total, 0.25)) < RARE
        if off:
            advice = "move some keys elsewhere" if percent > POSITION_SHARE else "move some keys here"
            yield survey.pack_hit(
                f"{letter} is the key of {count} of {total} four-option items ({percent:.0f} %); {advice}, so that "
                f"each letter has about {POSITION_SHARE:.0f} %."
            )


def _extreme(survey: Survey, count: int, *, word: str, advice: str) -> Iterator[Hit]:
    total = len(survey.ready)
    if not total:
        return
    percent = 100 * count / total
    over = percent > EXTREME_PERCENT if total >= LARGE else at_least(count, total, 0.25) < RARE
    if over:
        yield survey.pack_hit(
            f"the key is the {word} option in {count} of {total} items ({percent:.0f} %); {advice} until it is in "
            f"{EXTREME_PERCENT:.0f} % or fewer."
        )


def _longest(survey: Survey) -> Iterator[Hit]:
    advice = "shorten keys or lengthen distractors"
    yield from _extreme(survey, longest(survey.ready), word="longest", advice=advice)


def _shortest(survey: Survey) -> Iterator[Hit]:
    advice = "lengthen keys or shorten distractors"
    yield from _extreme(survey, shortest(survey.ready), word="shortest", advice=advice)


def _ratio(survey: Survey) -> Iterator[Hit]:
    ratios = [length_ratio(item) for item in survey.ready]
    if not ratios or RATIO_LOW <= median(ratios) <= RATIO_HIGH:
        return
    if len(ratios) < LARGE:
        # Sign test: as many keys should be longer than their distractors' mean as are shorter.
        above, below = sum(r > 1 for r in ratios), sum(r < 1 for r in ratios)
        if at_least(max(above, below), above + below, 0.5) >= RARE:
            return
    yield survey.pack_hit(
        f"the median key has {median(ratios):.2f} times the length of its distractors; bring it to "
        f"{RATIO_LOW}-{RATIO_HIGH}."
    )


def _shares(survey: Survey) -> Iterator[Hit]:
    total = len(survey.ready)
    if not total:
        return
    slack = SHARE_SLACK * max(1.0, SHARE_ITEMS / total)
    counts = Counter(item.domain for item in survey.ready)
    for domain in survey.pack.blueprint.domains:
        percent = 100 * counts[domain.id] / total
        if abs(percent - domain.weight) > slack:
            advice = "write more" if percent < domain.weight else "write more for the other domains"
            yield survey.pack_hit(
                f"the domain {domain.id} has {counts[domain.id]} of {total} ready items ({percent:.0f} %) at a "
                f"weight of {domain.weight} %; {advice}."
            )


RULES = (
    Rule(
        id="key-positions",
        severity=Severity.FAULT,
        reason="A letter that is right more often than others rewards guessing it.",
        source=haladyna("20"),
        check=_positions,
    ),
    Rule(
        id="key-longest",
        severity=Severity.FAULT,
        reason="Writers make the key precise and therefore long; test-wise readers choose the longest option.",
        source=f"{haladyna('24')}; {NBME}; {TARRANT}",
        check=_longest,
    ),
    Rule(
        id="key-shortest",
        severity=Severity.FAULT,
        reason="Padding distractors to hide a long key makes the short option the clue.",
        source=haladyna("24"),
        check=_shortest,
    ),
    Rule(
        id="key-length-ratio",
        severity=Severity.FAULT,
        reason="Over the bank, length must say nothing about which option is right.",
        source=haladyna("24"),
        check=_ratio,
    ),
    Rule(
        id="domain-shares",
        severity=Severity.FAULT,
        reason="A bank that does not follow the blueprint trains for another exam.",
        source="AERA, APA & NCME, Standards for Educational and Psychological Testing (2014), chapter 4",
        check=_shares,
    ),
)
