"""Writes content packs to a folder, for tests that load them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

Entry = dict[str, Any]

DOMAINS = (("basics", 60), ("practice", 40))


def pack_entry(**changes: Any) -> Entry:
    """A right pack.yaml with two domains."""
    domains = [{"id": name, "name": name.title(), "weight": str(weight)} for name, weight in DOMAINS]
    entry: Entry = {
        "id": "my-exam",
        "title": "My Exam",
        "short_title": "My Exam",
        "language": "en",
        "version": "1.0",
        "blueprint": {"questions": "45", "minutes": "90", "pass_percent": "70", "domains": domains},
    }
    return entry | changes


def option(text: str, **changes: Any) -> Entry:
    """A right option with a rationale that is long enough."""
    return {"text": text, "why": f"Whoever thinks of {text} has a reason that is told here."} | changes


def item_entry(item_id: str = "sky-1", **changes: Any) -> Entry:
    """A right item of the domain basics, with b as its key and a trap on a."""
    entry: Entry = {
        "id": item_id,
        "domain": "basics",
        "kind": "fact",
        "difficulty": "easy",
        "stem": f"What does the reader of {item_id} see?",
        "options": {
            "a": option("a red thing", trap="all-is-red"),
            "b": option("a sky blue"),
            "c": option("a wet dog"),
            "d": option("a new car"),
        },
        "key": "b",
        "takeaway": "Look up before you answer.",
        "sources": ["fact-1"],
        "references": ["https://example.org/sky"],
        "checked": "2026-11-01",
    }
    return entry | changes


def trap_entry(trap_id: str = "all-is-red", **changes: Any) -> Entry:
    """A right trap."""
    entry: Entry = {
        "id": trap_id,
        "domain": "basics",
        "name": "all is red",
        "belief": "Everything is red.",
        "reality": "Some things are blue.",
        "sources": ["fact-1"],
    }
    return entry | changes


def fact_entry(fact_id: str = "fact-1", **changes: Any) -> Entry:
    """A right fact."""
    entry: Entry = {
        "id": fact_id,
        "domain": "basics",
        "kind": "fact",
        "claim": "The sky is blue.",
        "references": ["https://example.org/sky"],
    }
    return entry | changes


def card_entry(card_id: str = "card-1", **changes: Any) -> Entry:
    """A right card."""
    entry: Entry = {
        "id": card_id,
        "domain": "exam",
        "text": "Read every option.",
        "sources": ["fact-1"],
        "references": [],
    }
    return entry | changes


def to_yaml(data: Any) -> str:
    """YAML in the order given, one key a line."""
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10_000)


def write_pack(
    content: Path,
    *,
    pack: Entry | None = None,
    items: Mapping[str, Sequence[Entry]] | Sequence[Entry] | None = None,
    traps: Sequence[Entry] | None = None,
    facts: Sequence[Entry] | None = None,
    cards: Sequence[Entry] | None = None,
    raw: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Write a pack to content/<id>; what is not given is right. `raw` replaces whole files by path."""
    entry = pack_entry() if pack is None else pack
    folder = content / "my-exam"
    (folder / "items").mkdir(parents=True)
    if items is None:
        items = [item_entry()]
    by_domain = items if isinstance(items, Mapping) else {"basics": items}
    files: dict[str, str | bytes] = {
        "pack.yaml": to_yaml(entry),
        "traps.yaml": to_yaml([trap_entry()] if traps is None else list(traps)),
        "facts.yaml": to_yaml([fact_entry()] if facts is None else list(facts)),
        "cards.yaml": to_yaml([card_entry()] if cards is None else list(cards)),
    }
    files |= {f"items/{domain}.yaml": to_yaml(list(entries)) for domain, entries in by_domain.items()}
    files |= raw or {}
    for name, text in files.items():
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
