"""Every pack that ships loads, lints without a fault and fits the schema, and the schema is current."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.packs.lint import lint
from bot.packs.loader import load_packs, load_with_places, pack_folders
from bot.packs.reviews import read_reviews
from bot.packs.rules.rule import Severity
from bot.packs.schema import FILE_NAME, items_schema, items_schema_text
from bot.packs.yamlread import read_yaml
from bot.packs.yamltree import Hole, Listing, Mapping, Node, Scalar

CONTENT = Path(__file__).resolve().parents[2] / "content"
ITEM_FILES = sorted(CONTENT.glob("*/items/*.yaml"))


def test_a_pack_ships() -> None:
    assert pack_folders(CONTENT)


def test_every_pack_loads() -> None:
    assert load_packs(CONTENT)


@pytest.mark.parametrize("folder", pack_folders(CONTENT), ids=lambda folder: folder.name)
def test_every_pack_lints_without_a_fault(folder: Path) -> None:
    loaded = load_with_places(folder)
    reviews = read_reviews(folder, loaded.pack)
    found = lint(loaded.pack, datetime.now(UTC).date(), places=loaded.places, reviews=reviews)
    assert [f"{f.where}: {f.rule.id}: {f.sentence}" for f in found if f.severity is Severity.FAULT] == []


@pytest.mark.parametrize("folder", pack_folders(CONTENT), ids=lambda folder: folder.name)
def test_every_item_that_ships_was_answered_blind_as_it_stands(folder: Path) -> None:
    loaded = load_with_places(folder)
    reviews = read_reviews(folder, loaded.pack)
    found = lint(loaded.pack, datetime.now(UTC).date(), places=loaded.places, reviews=reviews)
    blind = {"not-reviewed", "changed-since-review", "review-disagreed"}
    assert [f"{f.where}: {f.sentence}" for f in found if f.rule.id in blind] == []
    assert reviews is not None
    passes = [reviews[item.id] for item in loaded.pack.ready]
    assert min(len(done) for done in passes) >= 2
    assert sum(done[-1].agreed for done in passes) >= 0.97 * len(passes)


def test_the_schema_file_is_current() -> None:
    current = (CONTENT / FILE_NAME).read_text(encoding="utf-8")
    assert current == items_schema_text(), "run: python -m bot pack schema --write"


@pytest.mark.parametrize("path", ITEM_FILES, ids=lambda path: path.stem)
def test_every_items_file_fits_the_schema(path: Path) -> None:
    reading = read_yaml(path, shown=path.name)
    assert reading.tree is not None
    errors = Draft202012Validator(items_schema()).iter_errors(plain(reading.tree))
    assert [f"{path.name}: {error.json_path}: {error.message}" for error in errors] == []


def test_the_schema_file_is_json() -> None:
    assert json.loads((CONTENT / FILE_NAME).read_text(encoding="utf-8"))["type"] == "array"


def plain(node: Node) -> Any:
    """The tree as lists, dicts and strings, as an editor sees it."""
    match node:
        case Scalar():
            return node.text
        case Listing():
            return [plain(inner) for inner in node.nodes]
        case Mapping():
            return {key.text: plain(value) for key, value in node.entries}
        case Hole():
            return None
