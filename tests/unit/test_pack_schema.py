"""The JSON Schema for editors accepts what the loader accepts and refuses what it can see is wrong."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.packs.schema import items_schema
from tests.support.packs import item_entry, option

VALIDATOR = Draft202012Validator(items_schema())


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(items_schema())


@pytest.mark.parametrize("changes", [{}, {"status": "draft"}, {"cases": [{"x": "1"}]}, {"sources": []}])
def test_right_items_are_valid(changes: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors([item_entry(**changes)])) == []


def letters(names: str) -> dict[str, Any]:
    return {name: option(f"text {name}") for name in names}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "Sky 1"},
        {"id": "x" * 49},
        {"kind": "trick"},
        {"difficulty": "none"},
        {"status": "done"},
        {"key": "f"},
        {"key": ["a"]},
        {"stem": "x" * 702},
        {"stem": ""},
        {"takeaway": "x" * 122},
        {"checked": "today"},
        {"references": ["http://example.org"]},
        {"sources": ["fact-1", "fact-1"]},
        {"unknown": "x"},
        {"options": letters("a")},
        {"options": letters("abd")},
        {"options": letters("abcdef")},
        {"options": letters("ab") | {"c": {"text": "x"}}},
        {"options": letters("ab") | {"c": option("x", why="short")}},
        {"cases": []},
        {"cases": [{"X": "1"}]},
        {"cases": [{"x": 1}]},
    ],
)
def test_wrong_items_are_refused(changes: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors([item_entry(**changes)]))


@pytest.mark.parametrize("name", ["id", "domain", "kind", "stem", "options", "key", "takeaway", "checked"])
def test_missing_keys_are_refused(name: str) -> None:
    entry = item_entry()
    del entry[name]
    assert list(VALIDATOR.iter_errors([entry]))
