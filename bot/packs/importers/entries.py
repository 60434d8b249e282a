"""Turns drafts into entries of a pack's files, each checked by what the loader checks, or into bad rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches

from bot.packs.fields import CARD, LINK, OPTION_TEXT, STEM, TAKEAWAY, TRAP, WHY
from bot.packs.importers.drafts import BadRow, DraftCard, DraftItem, DraftOption, DraftTrap, Imported
from bot.packs.importers.texts import one_line, safe
from bot.packs.rules.support import TO_DO
from bot.packs.shape_check import text_faults
from bot.packs.shapes import Text

Entry = dict[str, object]

_LETTERS = "abcde"
_ID_WORDS, _ID_LENGTH = 5, 36
_NAME_LENGTH = 40
_KEY_WHY = f"{TO_DO} say why this is right, in a way that teaches something."
_WRONG_WHY = f"{TO_DO} say what leads people here, and where the thought goes wrong."
_TAKEAWAY = f"{TO_DO} the one sentence to remember."


@dataclass(slots=True)
class Entries:
    """What is to be added: items by domain, traps and cards, and what could not be used."""

    items: dict[str, list[Entry]] = field(default_factory=dict)
    traps: list[Entry] = field(default_factory=list)
    cards: list[Entry] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    @property
    def item_count(self) -> int:
        """How many items, over all domains."""
        return sum(map(len, self.items.values()))


@dataclass(slots=True)
class Taken:
    """What the pack holds already: ids by noun, and the words of each stem with its item."""

    ids: dict[str, set[str]]
    stems: dict[str, str]

    def free(self, noun: str, text: str, *, numbered: bool = False) -> str:
        """A free id made of the first words of a text, now taken."""
        words = [word for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) > 2][:_ID_WORDS]
        stem = "-".join(words)[:_ID_LENGTH].strip("-") or noun
        number = 1
        while (found := f"{stem}-{number}" if numbered or number > 1 else stem) in self.ids[noun]:
            number += 1
        self.ids[noun].add(found)
        return found


def make_entries(found: Imported, *, domains: Mapping[str, str], domain: str, taken: Taken, today: date) -> Entries:
    """The entries for what was found. `domains` are names by id; what names none of them goes to `domain`."""
    made = Entries(bad=list(found.bad))
    trap_ids: dict[int, str] = {}
    for i, trap in enumerate(found.traps):
        place = domain_of(trap.domain, domains) or domain
        if entry := _trap(trap, place, taken, made.bad):
            trap_ids[i] = str(entry["id"])
            made.traps.append(entry)
    for item in found.items:
        place = domain_of(item.domain, domains) or domain
        if entry := _item(item, place, trap_ids, taken=taken, today=today, bad=made.bad):
            made.items.setdefault(place, []).append(entry)
    for card in found.cards:
        if entry := _card(card, domain_of(card.domain, domains) or domain, taken, made.bad):
            made.cards.append(entry)
    made.bad.sort()
    return made


def domain_of(name: str, domains: Mapping[str, str]) -> str | None:
    """The domain that a heading means, or None: by id or name, with small differences in wording."""
    if not name.strip():
        return None
    known = {_plain(key): key for key in domains} | {_plain(shown): key for key, shown in domains.items()}
    close = get_close_matches(_plain(name), list(known), n=1, cutoff=0.75)
    return known[close[0]] if close else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("&", "and").replace("_", " ")))


def _item(
    item: DraftItem, domain: str, trap_ids: Mapping[int, str], *, taken: Taken, today: date, bad: list[BadRow]
) -> Entry | None:
    stem = safe(item.stem)
    options = tuple(replace(o, text=safe(one_line(o.text)), why=safe(o.why)) for o in item.options)
    problem = _problem(stem, options)
    same = taken.stems.get(" ".join(stem.split()).casefold())
    if problem or same:
        sentence = problem or f"asks what {same} asks already; it was left out."
        bad.append(BadRow(item.number, sentence))
        return None
    item_id = taken.free("item", stem.removeprefix(TO_DO), numbered=True)
    taken.stems[" ".join(stem.split()).casefold()] = item_id
    takeaway = safe(item.takeaway)
    links = dict.fromkeys(
        link for link in item.references if re.fullmatch(LINK.pattern, link) and len(link) <= LINK.maximum
    )
    return {
        "id": item_id,
        "domain": domain,
        "kind": str(item.kind),
        "difficulty": "medium",
        "status": "draft",
        "stem": stem,
        "options": {
            letter: _option(option, is_key=i == item.key, trap=trap_ids.get(-1 if option.trap is None else option.trap))
            for i, (letter, option) in enumerate(zip(_LETTERS, options, strict=False))
        },
        "key": _LETTERS[item.key],
        "takeaway": takeaway if takeaway and not any(text_faults(takeaway, TAKEAWAY)) else _TAKEAWAY,
        "sources": [],
        "references": list(links)[:20],
        "checked": today.isoformat(),
    }


def _option(option: DraftOption, *, is_key: bool, trap: str | None) -> Entry:
    fits = option.why and not any(text_faults(option.why, WHY))
    entry: Entry = {"text": option.text, "why": option.why if fits else _KEY_WHY if is_key else _WRONG_WHY}
    return entry | ({"trap": trap} if trap and not is_key else {})


def _problem(stem: str, options: Sequence[DraftOption]) -> str:
    """What keeps an item out, or nothing."""
    for where, text, shape in (
        ("the question", stem, STEM),
        *((f"option {i}", o.text, OPTION_TEXT) for i, o in enumerate(options, start=1)),
    ):
        for fault in text_faults(text, shape):
            return f"{where} {fault}"
    texts = [" ".join(option.text.split()) for option in options]
    if len(set(texts)) < len(texts):
        return "has two options that read the same; change one."
    return ""


def _trap(trap: DraftTrap, domain: str, taken: Taken, bad: list[BadRow]) -> Entry | None:
    belief, reality = safe(trap.belief), safe(trap.reality)
    shapes = {found.name: found.shape for found in TRAP.fields}
    for where, text in (("belief", belief), ("reality", reality)):
        shape = shapes[where]
        if isinstance(shape, Text) and (fault := next(text_faults(text, shape), "")):
            bad.append(BadRow(trap.number, f"its {where} {fault}"))
            return None
    return {
        "id": taken.free("trap", belief),
        "domain": domain,
        "name": _name(trap.belief),
        "belief": belief,
        "reality": reality,
        "sources": [],
    }


def _name(belief: str) -> str:
    """The first words of a belief, as many as a name may have."""
    name = ""
    for word in one_line(belief).rstrip(".!").split():
        if len(name) + len(word) + 1 > _NAME_LENGTH:
            break
        name = f"{name} {word}".strip()
    return name or one_line(belief)[:_NAME_LENGTH]


def _card(card: DraftCard, domain: str, taken: Taken, bad: list[BadRow]) -> Entry | None:
    text = safe(card.text)
    shape = next(found.shape for found in CARD.fields if found.name == "text")
    if isinstance(shape, Text) and (fault := next(text_faults(text, shape), "")):
        bad.append(BadRow(card.number, f"the fact {fault}"))
        return None
    card_id = taken.free("card", f"card {text}")
    return {"id": card_id, "domain": domain, "text": text, "sources": [], "references": [], "status": "draft"}
