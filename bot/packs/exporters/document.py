"""Exports a pack as one Markdown document to read or print: questions by domain first, all answers at the end."""

import re
from collections.abc import Iterator

from bot.core.item import Item
from bot.core.pack import EXAM_DOMAIN, Pack


def to_document(pack: Pack) -> bytes:
    """UTF-8. Option letters are those of the file; items with cases have their first case."""
    return "\n".join(_lines(pack)).encode()


def _lines(pack: Pack) -> Iterator[str]:
    domains = [
        (domain, [i.filled(0) for i in pack.ready if i.domain == domain.id]) for domain in pack.blueprint.domains
    ]
    yield f"# {pack.title}"
    yield f"\nVersion {pack.version}, {len(pack.ready)} questions."
    numbers: dict[str, int] = {}
    for domain, items in domains:
        yield f"\n## {domain.name} ({domain.weight} %)"
        for item in items:
            numbers[item.id] = len(numbers) + 1
            yield f"\n### Question {numbers[item.id]}\n\n{item.stem}\n"
            yield from (f"- **{option.id.upper()}.** {_inline(option.text)}" for option in item.options)
    if pack.cards:
        yield "\n## Facts to keep in mind\n"
        yield from (f"- {_inline(card.text)}" for card in pack.cards if card.domain != EXAM_DOMAIN)
    yield "\n## Answers"
    for _, items in domains:
        for item in items:
            yield from _answer(item, numbers[item.id], pack)


def _answer(item: Item, number: int, pack: Pack) -> Iterator[str]:
    yield f"\n### {number}: {item.key.upper()}\n"
    for option in item.options:
        mark = "right" if option.id == item.key else "wrong"
        trap = pack.trap(option.trap) if option.trap else None
        yield f"- **{option.id.upper()}, {mark}.** {_inline(option.why)}{f' Trap: {trap.name}.' if trap else ''}"
    yield f"\n{_inline(item.takeaway)}"
    if item.references:
        yield "\n" + " ".join(f"<{link}>" for link in item.references)


def _inline(text: str) -> str:
    """A text on one line of a list; a fence inside it would end the list, so it becomes a span."""
    return " ".join(re.sub("```[a-z]*", "`", text).split())
