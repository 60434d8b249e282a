"""Names that people choose: any script, but nothing that hides or turns the text around it."""

import unicodedata

LONGEST = 40

_JOINERS = "\u200c\u200d"
"""Zero width, but Persian, Indic scripts and joined emoji need them."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Count as letters or symbols, yet show nothing."""


def clean(text: str) -> str:
    """The name as it is kept: controls and direction marks taken out, spaces joined, in composed form."""
    spaced = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    kept = "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split()).strip(_JOINERS)


def visible(name: str) -> bool:
    """Whether anything of it can be seen."""
    return any(unicodedata.category(c)[0] in "LNPS" and c not in _BLANK_LETTERS for c in name)
