"""Checks what holds inside pack.yaml beyond the shape of its keys."""

from collections.abc import Iterator
from pathlib import Path

from bot.core.pack import EXAM_DOMAIN
from bot.packs.faults import Fault
from bot.packs.yamltree import Mapping


def check_pack(pack: Mapping, *, file: str, folder: Path) -> Iterator[Fault]:
    """Faults of pack.yaml beyond the shape of its keys: folder name, domain ids, weights."""
    found, name = pack.scalar("id"), folder.resolve().name
    if found and found.text.strip() != name:
        yield Fault(file, found.line, f"id is '{found.text.strip()}'; make it {name}, the name of the folder.")
    blueprint = pack.mapping("blueprint")
    seen: set[str] = set()
    weights: list[int] = []
    for domain in blueprint.mappings("domains"):
        if domain_id := domain.scalar("id"):
            if domain_id.text == EXAM_DOMAIN:
                sentence = f"the domain id {EXAM_DOMAIN} is kept for exam tips; choose another."
                yield Fault(file, domain_id.line, sentence)
            if domain_id.text in seen:
                yield Fault(file, domain_id.line, f"the domain {domain_id.text} is given twice; keep one.")
            seen.add(domain_id.text)
        weight = domain.scalar("weight")
        weights.append(int(weight.text) if weight and weight.text.strip().isdecimal() else -1)
    # With a weight that is no number the sum means nothing, and that fault is told already.
    if weights and min(weights) >= 0 and sum(weights) != 100:
        total = sum(weights)
        yield Fault(file, blueprint.line, f"the weights of the domains add up to {total}; make it 100.")
