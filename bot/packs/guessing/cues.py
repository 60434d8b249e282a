"""The cues that test-wise readers go by: what the surface of an option shows to somebody who doesn't know the subject.

The list follows the literature on test-wiseness: Millman, Bishop & Ebel 1965 (doi:10.1177/001316446502500304), and the
item flaws of the NBME guide (length, precision, convergence, echoes of the stem, absolutes, grammar).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean, median

from bot.core.item import Item
from bot.packs.rules.clues import ABSOLUTES, HEDGES
from bot.packs.rules.words import content_words, jaccard, prose, tokens

_CODE = re.compile(r"`[^`]+`")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_NEGATION = re.compile(r"\b(not|no|nor|never|neither|nothing|without|cannot)\b|n't\b")
_REASON = re.compile(r"\b(because|since|so that|so|as|which|thus|therefore|due)\b")
_CONTRAST = re.compile(r"\b(but|though|although|while|whereas|instead|rather|unless|however)\b")
_VOWEL = re.compile(r"^[aeiou]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Face:
    """One item as its reader sees it, cut up once for all cues. Everything is by position."""

    stem: str
    texts: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    content: tuple[frozenset[str], ...]
    stem_words: frozenset[str]
    openings: tuple[str, ...]

    def others(self, place: int) -> tuple[int, ...]:
        """The other positions."""
        return tuple(i for i in range(len(self.texts)) if i != place)

    def likeness(self, place: int) -> tuple[float, ...]:
        """How many of their words this option shares with each other one, 0 to 1."""
        return tuple(jaccard(self.words[place], self.words[other]) for other in self.others(place))


@dataclass(frozen=True, slots=True)
class Cue:
    """Something to be seen in an option; `measure` takes the item's face and the option's position."""

    id: str
    rule: str
    """The rule of a reader who always chooses the option with the most of it."""
    measure: Callable[[Face, int], float]
    both_ways: bool = True
    """Whether choosing the least of it is a rule too."""


def face(item: Item) -> Face:
    """Cut an item up. Items with cases are to be filled before."""
    texts = tuple(option.text for option in item.options)
    found = tuple(_WORD.search(text) for text in texts)
    return Face(
        stem=item.stem,
        texts=texts,
        words=tuple(tokens(text) for text in texts),
        content=tuple(content_words(text) for text in texts),
        stem_words=content_words(item.stem),
        openings=tuple(match[0].lower() if match else "" for match in found),
    )


def _count(pattern: re.Pattern[str], *, code: bool = True) -> Callable[[Face, int], float]:
    def measure(seen: Face, place: int) -> float:
        text = seen.texts[place]
        return float(len(pattern.findall(text if code else prose(text))))

    return measure


def _length(seen: Face, place: int) -> float:
    return float(len(seen.texts[place]))


def _words(seen: Face, place: int) -> float:
    return float(len(seen.texts[place].split()))


def _middling(seen: Face, place: int) -> float:
    return -abs(len(seen.texts[place]) - median(len(text) for text in seen.texts))


def _word_length(seen: Face, place: int) -> float:
    found = _WORD.findall(seen.texts[place])
    return fmean(len(word) for word in found) if found else 0.0


def _overlap(seen: Face, place: int) -> float:
    return float(len(seen.content[place] & seen.stem_words))


def _echo(seen: Face, place: int) -> float:
    others = frozenset[str]().union(*(seen.content[other] for other in seen.others(place)))
    return float(len((seen.content[place] & seen.stem_words) - others))


def _convergence(seen: Face, place: int) -> float:
    return fmean(seen.likeness(place))


def _twin(seen: Face, place: int) -> float:
    return max(seen.likeness(place))


def _alone(seen: Face, place: int) -> float:
    others = frozenset[str]().union(*(seen.words[other] for other in seen.others(place)))
    return float(len(seen.words[place] - others))


def _opening(seen: Face, place: int) -> float:
    return float(sum(seen.openings[other] == seen.openings[place] for other in seen.others(place)))


def _article(seen: Face, place: int) -> float:
    """Whether the option fits an article at the end of an unfinished stem; 0 for any other stem."""
    last = seen.stem.split()[-1].lower() if seen.stem.split() else ""
    if last not in ("a", "an"):
        return 0.0
    return float(bool(_VOWEL.match(seen.openings[place])) is (last == "an"))


def _at(position: int) -> Callable[[Face, int], float]:
    return lambda _, place: float(place == position)


CUES: tuple[Cue, ...] = (
    *(Cue(f"position-{letter}", f"always {letter}", _at(i), both_ways=False) for i, letter in enumerate("abcd")),
    Cue("length", "the longest", _length),
    Cue("words", "the most words", _words),
    Cue("middling", "neither long nor short", _middling),
    Cue("word-length", "the longest words", _word_length),
    Cue("commas", "the most commas", _count(re.compile(","))),
    Cue("points", "the most colons, dashes and brackets", _count(re.compile(r"[;:()]| - "), code=False)),
    Cue("code", "the most code", _count(_CODE)),
    Cue("digits", "the most digits", _count(re.compile(r"\d"))),
    Cue("capitals", "the most capital letters", _count(re.compile(r"[A-Z]"))),
    Cue("absolutes", "the most words such as always", _count(ABSOLUTES, code=False)),
    Cue("hedges", "the most words such as usually", _count(HEDGES, code=False)),
    Cue("negations", "the most denials", _count(_NEGATION, code=False)),
    Cue("reasons", "the most reasons given", _count(_REASON, code=False)),
    Cue("contrasts", "the most words such as but", _count(_CONTRAST, code=False)),
    Cue("stem-overlap", "the most words of the stem", _overlap),
    Cue("stem-echo", "the most words of the stem that it alone has", _echo),
    Cue("convergence", "the most like all the others", _convergence),
    Cue("twin", "one of the two most alike", _twin),
    Cue("alone", "the most words that no other has", _alone),
    Cue("opening", "begins like the others", _opening),
    Cue("article", "fits the article that ends the stem", _article, both_ways=False),
)
