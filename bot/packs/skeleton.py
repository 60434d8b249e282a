"""Adds the skeleton of a new item to a pack, as a draft for its author to fill in."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.packs.fields import ID
from bot.packs.loader import ITEMS_FOLDER, PACK_FILE
from bot.packs.shape_check import suggestion
from bot.packs.yamlread import Reading, parse_yaml, read_yaml
from bot.packs.yamltree import Listing, Mapping, Node

_SKELETON = """\
- id: {id}
  domain: {domain}
  kind: trap                # fact, trap, pair, scenario or calculation
  difficulty: medium        # easy, medium or hard
  status: draft             # remove this line when the item is ready to be served
  stem: |
    Ask one thing, so that it can be answered without reading the options. Use `code` for names.
  options:                  # two to five; alike in form and length
    a:
      text: Option a of {id}
      why: Say why somebody chooses this and where the thought goes wrong.
      # trap: an id in traps.yaml
    b:
      text: Option b of {id}
      why: Say why this is right, in a way that teaches something.
    c:
      text: Option c of {id}
      why: Say why somebody chooses this and where the thought goes wrong.
      # trap: an id in traps.yaml
    d:
      text: Option d of {id}
      why: Say why somebody chooses this and where the thought goes wrong.
      # trap: an id in traps.yaml
  key: b
  takeaway: The one sentence to remember.
  sources: []               # ids in facts.yaml
  references: []            # https addresses of official documentation
  checked: {today}
"""


@dataclass(frozen=True, slots=True)
class Added:
    """The item was written to `file`; it begins on `line`."""

    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written; `reasons` say what to do."""

    reasons: tuple[str, ...]


def add_item(pack_folder: Path, *, domain: str, item_id: str, today: date) -> Added | Refused:
    """Append a skeleton to items/<domain>.yaml. Faults elsewhere in the pack don't stop the author."""
    if len(item_id) > ID.maximum or not re.fullmatch(ID.pattern, item_id):
        return Refused((f"The id '{item_id}' can't be used: {ID.hint}, {ID.maximum} characters at most.",))
    domains = _domains(pack_folder / PACK_FILE)
    if isinstance(domains, Refused):
        return domains
    if domain not in domains:
        return Refused((f"The pack has no domain '{domain}'; {suggestion(domain, domains)}",))
    target = pack_folder / ITEMS_FOLDER / f"{domain}.yaml"
    for path in sorted(target.parent.glob("*.yaml")):
        reading = read_yaml(path, shown=str(path))
        for node in _nodes(reading):
            found = node.scalar("id") if isinstance(node, Mapping) else None
            if found and found.text.strip() == item_id:
                return Refused((f"The id {item_id} is taken ({path}:{found.line}); choose another.",))
        if path == target and not reading.whole and not reading.blank:
            return Refused(("Mend the file first:", *(str(fault) for fault in reading.faults)))
    return _append(target, _SKELETON.format(id=item_id, domain=domain, today=today.isoformat()))


def _append(target: Path, skeleton: str) -> Added | Refused:
    before = target.read_text(encoding="utf-8") if target.exists() else ""
    known = len(_nodes(parse_yaml(before, shown=str(target))))
    if not known:
        before = re.sub(r"^\[\s*\]", "", before, flags=re.MULTILINE)
    before = f"{before.rstrip()}\n\n" if before.strip() else ""
    after = parse_yaml(before + skeleton, shown=str(target))
    if len(_nodes(after)) != known + 1:
        return Refused((f"Nothing can be appended to {target}; write its items as a plain list with dashes.",))
    target.parent.mkdir(exist_ok=True)
    target.write_text(before + skeleton, encoding="utf-8")
    return Added(target, before.count("\n") + 1)


def _nodes(reading: Reading) -> tuple[Node, ...]:
    return reading.tree.nodes if isinstance(reading.tree, Listing) else ()


def _domains(path: Path) -> tuple[str, ...] | Refused:
    reading = read_yaml(path, shown=str(path))
    if not isinstance(reading.tree, Mapping):
        return Refused(("Mend pack.yaml first:", *(str(fault) for fault in reading.faults)))
    found = (d.scalar("id") for d in reading.tree.mapping("blueprint").mappings("domains"))
    return tuple(name.text.strip() for name in found if name)
