"""Texts as words, for rules that compare them."""

import re

_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_WORD = re.compile(r"[a-z0-9_]+")

COMMON = frozenset(
    """
    about above after again against along among another because before being below between cannot could
    doing during either every first further given gives having instead itself later least makes might
    neither never often other others shall should since still takes their there these those through
    together under until using value values where whether which while whose within without would yields
    """.split()  # noqa: SIM905 - a list of one word a line would hide the words
)
"""Words that carry no content of their own."""


def prose(text: str) -> str:
    """The text without code, in small letters."""
    return _CODE.sub(" ", text).lower()


def tokens(text: str) -> frozenset[str]:
    """All words, code included."""
    return frozenset(_WORD.findall(text.lower()))


def content_words(text: str) -> frozenset[str]:
    """Words of five letters or more that carry content, code included, without a plural s."""
    found = (word for word in re.findall(r"[a-z_]{5,}", text.lower()) if word not in COMMON)
    return frozenset(word.removesuffix("s") if not word.endswith("ss") else word for word in found)


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """The share of all words that both have."""
    return len(first & second) / len(first | second) if first or second else 0.0
