"""Packs as they were read last, so that a start needs not read and check half a megabyte of YAML again.

What is kept is used only if every file of the content, and our own code that reads it, are byte for byte as they
were. It is data, never code: JSON. Deleting it costs half a second at the next start.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot.core import blueprint, item, pack
from bot.core.blueprint import Blueprint, Domain
from bot.core.item import Difficulty, Item, Kind, Option, Status
from bot.core.pack import Fact, FactCard, Pack, Trap

Json = Any


def load_packs(content: Path, *, keep: Path | None) -> dict[str, Pack]:
    """As loader.load_packs, from what is kept in the file `keep` if that is up to date; else it is made anew."""
    mark = _mark(content) if keep is not None else ""
    if keep is not None and (found := _read(keep, mark)) is not None:
        return found
    from bot.packs import loader  # with its libraries slow to import, and mostly not needed

    packs = loader.load_packs(content)
    if keep is not None:
        _write(keep, {"mark": mark, "packs": [_plain(one) for one in packs.values()]})
    return packs


def _mark(content: Path) -> str:
    """Changes with anything that could change what is read."""
    found = hashlib.sha256()
    for file in (*_sources(), *sorted(content.glob("*/**/*.yaml"))):
        with suppress(OSError):
            raw = file.read_bytes()
            found.update(f"{file.name} {file.parent.name} {len(raw)}\n".encode())
            found.update(raw)
    return found.hexdigest()


def _sources() -> Iterator[Path]:
    yield from sorted(Path(__file__).parent.glob("*.py"))
    yield from (Path(str(module.__file__)) for module in (blueprint, item, pack))


def _read(keep: Path, mark: str) -> dict[str, Pack] | None:
    try:
        found = json.loads(keep.read_text(encoding="utf-8"))
        if found["mark"] != mark:
            return None
        packs = [_pack(one) for one in found["packs"]]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return {one.id: one for one in packs}


def _write(keep: Path, found: dict[str, Json]) -> None:
    """All or nothing; if it can't be written, the next start reads the packs again."""
    fresh = keep.with_name(f"{keep.name}.{os.getpid()}")
    with suppress(OSError):
        fresh.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(keep)


def _plain(value: Json) -> Json:
    """Values of the core as lists and texts, in the order of their fields."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Pack | Blueprint | Domain | Item | Option | Trap | Fact | FactCard):
        return [_plain(getattr(value, field.name)) for field in fields(value) if field.init]
    return value


def _named(kind: type, values: Json) -> dict[str, Json]:
    return dict(zip(_names(kind), values, strict=True))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.init)


def _frozen(values: dict[str, Json]) -> dict[str, Json]:
    """Lists of texts as tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _pack(values: Json) -> Pack:
    found = _named(Pack, values)
    plan = _named(Blueprint, found["blueprint"])
    found |= {
        "blueprint": Blueprint(**plan | {"domains": tuple(Domain(*one) for one in plan["domains"])}),
        "items": tuple(_item(one) for one in found["items"]),
        "traps": tuple(Trap(**_frozen(_named(Trap, one))) for one in found["traps"]),
        "facts": tuple(Fact(**_frozen(_named(Fact, one))) for one in found["facts"]),
        "cards": tuple(FactCard(**_frozen(_named(FactCard, one))) for one in found["cards"]),
        "draft_cards": tuple(FactCard(**_frozen(_named(FactCard, one))) for one in found["draft_cards"]),
    }
    return Pack(**found)


def _item(values: Json) -> Item:
    found = _frozen(_named(Item, values))
    found |= {
        "kind": Kind(found["kind"]),
        "difficulty": Difficulty(found["difficulty"]),
        "status": Status(found["status"]),
        "checked": date.fromisoformat(found["checked"]),
        "options": tuple(Option(*one) for one in found["options"]),
        "cases": tuple(tuple((name, value) for name, value in case) for case in found["cases"]),
    }
    return Item(**found)
