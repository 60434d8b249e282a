"""Items: filled placeholders, and a hash that changes with all that a reader sees."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.item import Difficulty, Item, Kind, Option, Status, fill, placeholders
from tests.support.builders import an_item

CASES = ((("a", "1"), ("b", "2")), (("a", "30"), ("b", "40")))

SHOWN: dict[str, Any] = {
    "id": "other",
    "pack": "other",
    "domain": "other",
    "kind": Kind.FACT,
    "difficulty": Difficulty.HARD,
    "stem": "Another?",
    "key": "c",
    "takeaway": "Another.",
    "references": ("https://example.org/other",),
    "cases": CASES,
}
UNSEEN: dict[str, Any] = {"sources": ("other",), "checked": date(2020, 1, 1), "status": Status.RETIRED}


def changed_option(item: Item, place: int, **changes: Any) -> Item:
    options = list(item.options)
    options[place] = replace(options[place], **changes)
    return replace(item, options=tuple(options))


def test_every_field_is_known_here() -> None:
    assert {field.name for field in fields(Item)} == {*SHOWN, *UNSEEN, "options"}
    assert {field.name for field in fields(Option)} == {"id", "text", "why", "trap"}


@pytest.mark.parametrize("field", SHOWN)
def test_the_hash_changes_with_each_shown_field(field: str) -> None:
    assert replace(an_item(), **{field: SHOWN[field]}).hash != an_item().hash


@pytest.mark.parametrize("field", UNSEEN)
def test_the_hash_stays_with_what_nobody_sees(field: str) -> None:
    assert replace(an_item(), **{field: UNSEEN[field]}).hash == an_item().hash


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("field", ["id", "text", "why", "trap"])
def test_the_hash_changes_with_each_option(place: int, field: str) -> None:
    assert changed_option(an_item(), place, **{field: "z"}).hash != an_item().hash


def test_the_hash_changes_with_the_order_and_number_of_options() -> None:
    item = an_item()
    assert replace(item, options=item.options[::-1]).hash != item.hash
    assert replace(item, options=item.options[:3]).hash != item.hash
    assert changed_option(item, 0, trap=None).hash != item.hash


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_hash_is_of_the_text_exactly(one: str, two: str) -> None:
    first, second = an_item(stem=one), an_item(stem=two)
    assert (first.hash == second.hash) == (one == two)
    assert len(first.hash) == 16
    assert int(first.hash, 16) >= 0


@given(st.text(max_size=10), st.text(max_size=10))
def test_moving_text_from_one_field_to_the_next_changes_the_hash(one: str, two: str) -> None:
    if two:
        joined = an_item(stem=one + two, takeaway="")
        assert joined.hash != an_item(stem=one, takeaway=two).hash


names = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
plain = st.text(st.characters(exclude_characters="{}"), max_size=12)


@given(st.lists(st.tuples(plain, names), max_size=6), plain, st.data())
def test_filling_replaces_just_the_placeholders(parts: list[tuple[str, str]], tail: str, data: st.DataObject) -> None:
    known = {name: data.draw(plain) for _, name in parts if data.draw(st.booleans())}
    text = "".join(f"{before}{{{name}}}" for before, name in parts) + tail
    expected = "".join(f"{before}{known.get(name, f'{{{name}}}')}" for before, name in parts) + tail
    assert fill(text, known) == expected
    assert placeholders(text) == {name for _, name in parts}


@given(st.text())
def test_filling_with_nothing_changes_nothing(text: str) -> None:
    assert fill(text, {}) == text


@given(st.text(alphabet="{}ab_ 1A", max_size=30), st.dictionaries(names, st.text(alphabet="{}ab", max_size=4)))
def test_values_are_not_filled_again(text: str, values: dict[str, str]) -> None:
    pieces = fill(text, {name: "\0" for name in values})
    assert fill(text, values).count("\0") == 0
    assert pieces.count("\0") == sum(text.count(f"{{{name}}}") for name in values if name in placeholders(text))


@pytest.mark.parametrize("text", ["{}", "{ a }", "{A}", "{1}", "{a-b}", "{{}}", '{"a": 1}', "f'{a!r}'"])
def test_other_braces_stay(text: str) -> None:
    assert fill(text, {"a": "x", "b": "y"}) == text


@given(st.integers(0, 10**6))
def test_each_reader_meets_one_case(seed: int) -> None:
    item = an_item(
        stem="{a} + {b}",
        takeaway="{b}",
        options=(Option("a", "{a}", "because {b}", "t{a}"), Option("b", "{b}", "no")),
        cases=CASES,
    )
    met = item.filled(seed)
    a, b = (("1", "2"), ("30", "40"))[seed % 2]
    assert (met.stem, met.takeaway) == (f"{a} + {b}", b)
    assert [(o.text, o.why) for o in met.options] == [(a, f"because {b}"), (b, "no")]
    assert met.cases == ()
    assert met.hash != item.hash
    assert met.filled(seed + 1) == met


def test_an_item_without_cases_is_met_as_it_is() -> None:
    assert an_item().filled(5) is not None
    assert an_item().filled(5) == an_item()
