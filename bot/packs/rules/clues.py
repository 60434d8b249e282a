"""Rules about wording that gives the key away or helps nobody."""

import re
from collections.abc import Iterator
from itertools import combinations

from bot.core.item import Kind
from bot.packs.rules.chance import RARE, at_least
from bot.packs.rules.rule import HOUSE, NBME, TARRANT, Hit, Rule, Severity, Survey, haladyna
from bot.packs.rules.words import content_words, jaccard, prose, tokens

ABSOLUTES = re.compile(
    r"\b(always|never|every|all|none|only|must|cannot|entirely|completely|impossible|guaranteed?s?|any)\b"
)
HEDGES = re.compile(r"\b(usually|often|may|might|can|could|typically|generally|sometimes|likely|mostly|tends?)\b")
RATE_SLACK = 5.0
"""Percentage points between keys and distractors below which a difference does not help anybody."""

MIN_WHY = 40
SAME_STEM = 0.8
ECHOED = 2

_ALL_OF = re.compile(r"\b(all|none|both|neither|any|each) of (the )?(above|below|these|those|other options)\b", re.I)
# Small a is left out: "answer a question" names no letter.
_LETTER = re.compile(
    r"\b(?:[Oo]ption|[Aa]nswer|[Cc]hoice|[Dd]istractor)s? (?:[A-E]|`[A-Ea-e]`|[b-e])(?![\w'-])|\([A-E]\)", re.ASCII
)


def _tell(survey: Survey, marks: re.Pattern[str], *, suspects_keys: bool, advice: str) -> Iterator[Hit]:
    """Whether a kind of word marks keys, or distractors, more often than luck explains."""
    keys = distractors = marked_keys = marked_distractors = 0
    for item in survey.ready:
        for option in item.options:
            marked = bool(marks.search(prose(option.text)))
            if option.id == item.key:
                keys, marked_keys = keys + 1, marked_keys + marked
            else:
                distractors, marked_distractors = distractors + 1, marked_distractors + marked
    if not keys:
        return
    key_rate, distractor_rate = 100 * marked_keys / keys, 100 * marked_distractors / distractors
    if suspects_keys:
        gap, hits, chance = key_rate - distractor_rate, marked_keys, keys / (keys + distractors)
    else:
        gap, hits, chance = distractor_rate - key_rate, marked_distractors, distractors / (keys + distractors)
    if gap > RATE_SLACK and at_least(hits, marked_keys + marked_distractors, chance) < RARE:
        yield survey.pack_hit(
            f"{advice} ({distractor_rate:.0f} % of the distractors and {key_rate:.0f} % of the keys have one)."
        )


def _absolutes(survey: Survey) -> Iterator[Hit]:
    advice = "words such as always, never and only mark distractors; take them out or use them in keys too"
    yield from _tell(survey, ABSOLUTES, suspects_keys=False, advice=advice)


def _hedges(survey: Survey) -> Iterator[Hit]:
    advice = "words such as usually, may and can mark keys; take them out or use them in distractors too"
    yield from _tell(survey, HEDGES, suspects_keys=True, advice=advice)


def _echoes(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        others = frozenset[str]().union(*(content_words(o.text) for o in item.options if o.id != item.key))
        echoed = (content_words(item.stem) & content_words(item.option(item.key).text)) - others
        if len(echoed) >= ECHOED:
            words = ", ".join(sorted(echoed))
            sentence = f"the key alone repeats words of the stem ({words}); use them in a distractor or reword."
            yield survey.hit(item, sentence, letter=item.key)


def _near_duplicates(survey: Survey) -> Iterator[Hit]:
    stems = [(item, tokens(item.stem)) for item in survey.written if item.kind is not Kind.CALCULATION]
    for (first, left), (second, right) in combinations(stems, 2):
        # The overlap can't reach the limit if one is much shorter; that spares most of the comparisons.
        if min(len(left), len(right)) >= SAME_STEM * max(len(left), len(right)) and (jaccard(left, right) >= SAME_STEM):
            yield survey.hit(second, f"its stem is nearly that of {first.id}; ask from another side.")


def _all_of_the_above(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        for option in item.options:
            if found := _ALL_OF.search(option.text):
                sentence = f"option {option.id} says '{found[0]}'; write an option that stands by itself."
                yield survey.hit(item, sentence, letter=option.id)


def _letters(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        texts = [("", "stem", item.stem), ("", "takeaway", item.takeaway)]
        for option in item.options:
            texts += [(option.id, f"options.{option.id}.text", option.text)]
            texts += [(option.id, f"options.{option.id}.why", option.why)]
        for letter, where, text in texts:
            if found := _LETTER.search(text):
                sentence = f"{where} says '{found[0]}', but letters are shuffled; name what the option says."
                yield survey.hit(item, sentence, letter=letter)


def _short_whys(survey: Survey) -> Iterator[Hit]:
    for item in survey.written:
        for option in item.options:
            if len(option.why) < MIN_WHY:
                sentence = f"options.{option.id}.why has {len(option.why)} characters; say why in {MIN_WHY} or more."
                yield survey.hit(item, sentence, letter=option.id)


RULES = (
    Rule(
        id="absolutes-mark-distractors",
        severity=Severity.FAULT,
        reason="Readers know that absolute statements are rarely true, and strike them out unread.",
        source=f"{haladyna('28a')}; {NBME}; {TARRANT}",
        check=_absolutes,
    ),
    Rule(
        id="hedges-mark-keys",
        severity=Severity.FAULT,
        reason="Careful words make an option hard to refute, so that readers choose it without knowing.",
        source=f"{haladyna('28a')}; {NBME}",
        check=_hedges,
    ),
    Rule(
        id="key-echoes-stem",
        severity=Severity.FAULT,
        reason="A word of the stem that only the key repeats points at the key.",
        source=f"{haladyna('28b')}; {NBME}; {TARRANT}",
        check=_echoes,
    ),
    Rule(
        id="near-duplicate-stem",
        severity=Severity.FAULT,
        reason="A stem met before is answered from memory of the letter, not from understanding.",
        source=haladyna("3 (novel material)"),
        check=_near_duplicates,
    ),
    Rule(
        id="all-or-none",
        severity=Severity.FAULT,
        reason="Such options can be found right or wrong by knowing a part, and mean nothing once shuffled.",
        source=f"{haladyna('25', '26')}; {TARRANT}",
        check=_all_of_the_above,
    ),
    Rule(
        id="letter-reference",
        severity=Severity.FAULT,
        reason="Options are shown in another order each time, so a letter names the wrong one.",
        source=HOUSE,
        check=_letters,
    ),
    Rule(
        id="short-why",
        severity=Severity.FAULT,
        reason="Feedback teaches when it explains, not when it only says right or wrong.",
        source="Shute 2008, Focus on formative feedback (doi:10.3102/0034654307313795)",
        check=_short_whys,
    ),
)
