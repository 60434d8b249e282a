"""Loading packs: a right pack becomes values of core, a wrong one a list of all its faults with file and line."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import PackError
from bot.core.item import Kind, Status
from bot.packs.loader import load_pack, load_packs, load_with_places
from tests.support.packs import (
    card_entry,
    fact_entry,
    item_entry,
    option,
    pack_entry,
    to_yaml,
    trap_entry,
    write_pack,
)


def faults(folder: Path) -> list[str]:
    """What load_pack refuses the pack for, without the folder."""
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return [fault.removeprefix(f"{folder}/") for fault in caught.value.faults]


def options(**changes: Any) -> dict[str, Any]:
    right: dict[str, Any] = item_entry()["options"]
    return right | changes


def test_a_right_pack_becomes_values_of_core(tmp_path: Path) -> None:
    fact = fact_entry(topic="Sky", misconception="It is red.", caution="At noon.", same_as=["fact-1"])
    folder = write_pack(tmp_path, facts=[fact], items=[item_entry(status="draft")])
    pack = load_pack(folder)
    assert (pack.id, pack.short_title, pack.blueprint.pass_percent) == ("my-exam", "My Exam", 70)
    assert [(d.id, d.weight) for d in pack.blueprint.domains] == [("basics", 60), ("practice", 40)]
    item = pack.items[0]
    assert (item.pack, item.kind, item.key, item.status) == ("my-exam", Kind.FACT, "b", Status.DRAFT)
    assert item.checked == date(2026, 11, 1)
    assert [(o.id, o.trap) for o in item.options] == [("a", "all-is-red"), ("b", None), ("c", None), ("d", None)]
    assert pack.ready == ()
    assert pack.facts[0].caution == "At noon."
    assert pack.trap("all-is-red") == pack.traps[0]
    assert pack.cards[0].domain == "exam"


def test_scalars_stay_texts(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, items=[item_entry(options=options(c=option("no"), d=option("1e3")))])
    assert [o.text for o in load_pack(folder).items[0].options][2:] == ["no", "1e3"]


def test_an_item_without_status_is_ready(tmp_path: Path) -> None:
    assert len(load_pack(write_pack(tmp_path)).ready) == 1


def test_items_keep_the_order_of_files_and_lines(tmp_path: Path) -> None:
    second = item_entry("earth-1", domain="practice")
    folder = write_pack(tmp_path, items={"practice": [second], "basics": [item_entry("z-1"), item_entry("a-1")]})
    assert [item.id for item in load_pack(folder).items] == ["z-1", "a-1", "earth-1"]


Edit = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"stme": "x"}, "item sky-1: stme is an unknown key; remove it (known keys: id, domain, kind,"),
        ({"kind": "trick"}, "item sky-1: kind is 'trick'; use one of fact, trap, pair, scenario, calculation."),
        ({"kind": "scenarios"}, "item sky-1: kind is 'scenarios'; did you mean 'scenario'?"),
        ({"difficulty": "medum"}, "item sky-1: difficulty is 'medum'; did you mean 'medium'?"),
        ({"status": "done"}, "item sky-1: status is 'done'; use one of draft, ready, retired."),
        ({"key": "e"}, "item sky-1: key names no option; give one of a, b, c, d."),
        ({"key": ["a", "b"]}, "item sky-1: key is a list; give one of a, b, c, d, e."),
        ({"key": ""}, "item sky-1: key is ''; use one of a, b, c, d, e."),
        ({"domain": "basic"}, "item sky-1: domain is 'basic'; did you mean 'basics'?"),
        ({"domain": "exam"}, "item sky-1: domain is 'exam'; use one of basics, practice."),
        ({"domain": "practice"}, "domain is 'practice'; move the item to practice.yaml or make it basics."),
        ({"sources": ["fact-2"]}, "sources names the fact 'fact-2', which does not exist; did you mean 'fact-1'?"),
        ({"sources": "fact-1"}, "item sky-1: sources is a text; give a list."),
        ({"sources": ["fact-1", "fact-1"]}, "item sky-1: sources names 'fact-1' twice; keep one."),
        ({"references": ["http://example.org"]}, "give a full address that begins with https://"),
        ({"references": ["https://user@"]}, "give a full address that begins with https://"),
        ({"checked": "23.11.2026"}, "item sky-1: checked is '23.11.2026'; give a date as YYYY-MM-DD."),
        ({"checked": "2026-02-30"}, "item sky-1: checked is '2026-02-30'; give a date as YYYY-MM-DD."),
        ({"checked": "20261123"}, "item sky-1: checked is '20261123'; give a date as YYYY-MM-DD."),
        ({"stem": "x" * 701}, "item sky-1: stem has 701 characters; shorten it to 700 or fewer."),
        ({"stem": ""}, "item sky-1: stem is empty; write something or remove the key."),
        ({"stem": "See *this*"}, "item sky-1: stem holds emphasis"),
        ({"takeaway": "x" * 121}, "item sky-1: takeaway has 121 characters; shorten it to 120 or fewer."),
        ({"takeaway": "a\n\nb"}, "item sky-1: takeaway has several lines; write it in one."),
        ({"options": options(a=option("x" * 181))}, "item sky-1: options.a.text has 181 characters"),
        ({"options": options(a=option("x", why="Too short."))}, "options.a.why has 10 characters; write at least 20."),
        ({"options": options(a=option("x", why="y" * 301))}, "options.a.why has 301 characters"),
        ({"options": options(a=option("x", trap="al-is-red"))}, "did you mean 'all-is-red'?"),
        ({"options": options(a={"text": "x"})}, "item sky-1: options.a.why is missing; add it."),
        ({"options": options(a="x")}, "item sky-1: options.a is a text; give keys with values (text, why, trap)."),
        ({"options": options(c=option("a sky  blue"))}, "item sky-1: options b and c read the same; change one."),
        ({"options": options(f=option("x"))}, "item sky-1: options.f is an unknown key"),
        ({"options": {"a": option("x")}, "key": "a"}, "item sky-1: options.b is missing; add it."),
        ({"options": {"a": option("x"), "b": option("y"), "d": option("z")}}, "letter them a, b, c."),
        ({"options": {"b": option("x"), "a": option("y")}}, "options are lettered b, a; letter them a, b."),
        ({"options": []}, "item sky-1: options is a list; give keys with values (a, b, c, d, e)."),
        ({"stem": "How many of {many}?"}, "stem has the placeholder {many}, but the item has no cases; add cases."),
        ({"cases": [{"many": "1"}]}, "item sky-1: cases fill no placeholder"),
        ({"id": "Sky 1"}, "item Sky 1: id is 'Sky 1'; use small letters and digits joined by single hyphens"),
        ({"id": "x" * 49}, "id has 49 characters; shorten it to 48 or fewer."),
    ],
)
def test_faults_of_an_item(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    found = faults(write_pack(tmp_path, items=[item_entry(**changes)]))
    assert any(expected in fault for fault in found), found
    assert all(fault.startswith("items/basics.yaml:") for fault in found)


def test_a_fault_names_the_line_it_is_on(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, items=[item_entry(), item_entry("sky-2", key="e")])
    lines = (folder / "items/basics.yaml").read_text().splitlines()
    (found,) = faults(folder)
    assert lines[int(found.split(":")[1]) - 1].strip() == "key: e"


def test_a_missing_key_is_told_at_the_item(tmp_path: Path) -> None:
    entry = item_entry()
    del entry["takeaway"]
    assert faults(write_pack(tmp_path, items=[entry])) == [
        "items/basics.yaml:1: item sky-1: takeaway is missing; add it."
    ]


def test_a_misspelt_key_is_recognised_by_the_key_that_is_missing(tmp_path: Path) -> None:
    entry = item_entry()
    entry["takaway"] = entry.pop("takeaway")
    found = faults(write_pack(tmp_path, items=[entry]))
    assert any("takaway is an unknown key; did you mean 'takeaway'?" in fault for fault in found)


def test_two_keys_are_refused(tmp_path: Path) -> None:
    text = to_yaml([item_entry()]) + "  key: c\n"
    (found,) = faults(write_pack(tmp_path, raw={"items/basics.yaml": text}))
    assert "the key 'key' is given twice" in found


def calculation(cases: list[dict[str, str]], **changes: Any) -> dict[str, Any]:
    return item_entry(
        kind="calculation",
        stem="What is {x} plus {y}?",
        options=options(a=option("{wrong}"), b=option("{sum}"), c=option("nothing")),
        cases=cases,
        **changes,
    )


def test_cases_are_loaded_and_filled(tmp_path: Path) -> None:
    rows = [{"x": "1", "y": "2", "sum": "3", "wrong": "12"}, {"x": "2", "y": "2", "sum": "4", "wrong": "22"}]
    item = load_pack(write_pack(tmp_path, items=[calculation(rows)])).items[0]
    assert item.filled(1).stem == "What is 2 plus 2?"
    assert item.filled(0).option("b").text == "3"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"x": "1", "y": "2", "sum": "3"}, "this case lacks 'wrong'; add it."),
        ({"x": "1", "y": "2", "sum": "3", "wrong": "4", "z": "5"}, "this case has 'z', which no text uses; remove it."),
        ({"x": "1", "y": "2", "sum": "3", "wrong": "3"}, "filled with this case, options a and b read the same"),
        ({"x": "1", "y": "2", "sum": "3", "wrong": "nothing"}, "filled with this case, options a and c read the same"),
        ({"x": "*1*", "y": "2", "sum": "3", "wrong": "4"}, "filled with this case, stem holds emphasis"),
        ({"x": "1", "y": "2", "sum": "3", "wrong": "5"}, "this case repeats the one on line"),
        ({"X": "1", "y": "2", "sum": "3", "wrong": "5"}, "name placeholders with small letters"),
        ({"x": "", "y": "2", "sum": "3", "wrong": "5"}, "cases[2].x is empty"),
    ],
)
def test_faults_of_cases(tmp_path: Path, row: dict[str, str], expected: str) -> None:
    right = {"x": "1", "y": "2", "sum": "3", "wrong": "5"}
    found = faults(write_pack(tmp_path, items=[calculation([right, row])]))
    assert any(expected in fault for fault in found), found


def test_a_text_that_outgrows_its_limit_when_filled_is_a_fault(tmp_path: Path) -> None:
    row = {"x": "1", "y": "2", "sum": "3", "wrong": "9" * 180}
    entry = calculation([row])
    entry["options"]["a"]["text"] = "it is {wrong}"
    (found,) = faults(write_pack(tmp_path, items=[entry]))
    assert "filled with this case, options.a.text has 186 characters" in found


def test_braces_in_code_are_no_placeholders(tmp_path: Path) -> None:
    stem = '```python\nuri = f"runs:/{run_id}/model"\n```\nWhat does `f"{name}"` hold?'
    assert load_pack(write_pack(tmp_path, items=[item_entry(stem=stem)])).items[0].stem == stem


def test_ids_are_unique_across_files(tmp_path: Path) -> None:
    twin = item_entry(domain="practice")
    (found,) = faults(write_pack(tmp_path, items={"basics": [item_entry()], "practice": [twin]}))
    assert found.startswith("items/practice.yaml:1: the id sky-1 is taken by another item (")
    assert "items/basics.yaml:1" in found


@pytest.mark.parametrize("kind", ["traps", "facts", "cards"])
def test_ids_of_other_entries_are_unique_too(tmp_path: Path, kind: str) -> None:
    make = {"traps": trap_entry, "facts": fact_entry, "cards": card_entry}[kind]
    files: dict[str, Any] = {kind: [make(), make()]}
    (found,) = faults(write_pack(tmp_path, **files))
    assert found.startswith(f"{kind}.yaml:")
    assert "is taken by another" in found


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"traps": [trap_entry(domain="exam")]}, "traps.yaml:2: trap all-is-red: domain is 'exam'; use one of"),
        ({"traps": [trap_entry(name="x" * 41)]}, "name has 41 characters"),
        ({"traps": [trap_entry(sources=["fact-9"])]}, "sources names the fact 'fact-9'"),
        ({"traps": []}, "options.a.trap names the trap 'all-is-red', which does not exist; correct it or add it."),
        ({"cards": [card_entry(text="x" * 241)]}, "card card-1: text has 241 characters"),
        ({"cards": [card_entry(sources=["fact-9"])]}, "card card-1: sources names the fact 'fact-9'"),
        ({"facts": [fact_entry(same_as=["fact-9"])]}, "fact fact-1: same_as names the fact 'fact-9'"),
        ({"facts": [fact_entry(verdict="correct")]}, "fact fact-1: verdict is an unknown key; remove it"),
        ({"facts": [fact_entry(references=[{"url": "https://a.org"}])]}, "references is a mapping; give one word."),
    ],
)
def test_faults_of_other_files(tmp_path: Path, files: dict[str, Any], expected: str) -> None:
    found = faults(write_pack(tmp_path, **files))
    assert any(expected in fault for fault in found), found


def domains(*weights: str) -> list[dict[str, str]]:
    names = ["basics", "practice", "more"]
    return [{"id": name, "name": name, "weight": w} for name, w in zip(names, weights, strict=False)]


def blueprint(**changes: Any) -> dict[str, Any]:
    return pack_entry(blueprint=pack_entry()["blueprint"] | changes)


@pytest.mark.parametrize(
    ("pack", "expected"),
    [
        (pack_entry(id="other"), "pack.yaml:1: id is 'other'; make it my-exam, the name of the folder."),
        (pack_entry(short_title="x" * 31), "short_title has 31 characters; shorten it to 30 or fewer."),
        (pack_entry(language="English"), "language is 'English'; give a language tag"),
        (pack_entry(blueprint="x"), "pack.yaml:6: blueprint is a text; give keys with values"),
        (blueprint(pass_percent="0"), "blueprint.pass_percent is '0'; give a whole number from 1 to 100."),
        (blueprint(pass_percent="101"), "blueprint.pass_percent is '101'"),
        (blueprint(minutes="ninety"), "blueprint.minutes is 'ninety'; give a whole number from 1 to 1440."),
        (blueprint(domains=domains("60", "39")), "the weights of the domains add up to 99; make it 100."),
        (blueprint(domains=domains("60", "x")), "blueprint.domains[2].weight is 'x'"),
        (blueprint(domains=[]), "blueprint.domains has 0 entries; give at least 1."),
        (
            blueprint(domains=[*domains("60"), {"id": "exam", "name": "E", "weight": "40"}]),
            "the domain id exam is kept for exam tips; choose another.",
        ),
        (
            blueprint(domains=[*domains("60"), *domains("40")]),
            "the domain basics is given twice; keep one.",
        ),
    ],
)
def test_faults_of_pack_yaml(tmp_path: Path, pack: dict[str, Any], expected: str) -> None:
    found = faults(write_pack(tmp_path, pack=pack))
    assert any(expected in fault for fault in found), found


@pytest.mark.parametrize("name", ["pack.yaml", "facts.yaml", "traps.yaml", "cards.yaml", "items/basics.yaml"])
def test_every_file_is_needed(tmp_path: Path, name: str) -> None:
    folder = write_pack(tmp_path)
    (folder / name).unlink()
    found = faults(folder)
    assert len(found) == 1, "a missing file must not cause faults elsewhere"
    assert found[0].startswith("items:1: holds no items" if "items" in name else f"{name}:1: is missing")


def test_a_misnamed_file_is_not_passed_over(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, raw={"trap.yaml": "[]\n", "items/practice.yml": "[]\n"})
    assert faults(folder) == [
        "items/practice.yml:1: is no file of a pack; did you mean 'practice.yaml'?",
        "trap.yaml:1: is no file of a pack; did you mean 'traps.yaml'?",
    ]


def test_a_pack_file_that_is_a_list_is_one_fault(tmp_path: Path) -> None:
    (found,) = faults(write_pack(tmp_path, raw={"pack.yaml": "- id: my-exam\n"}))
    assert found.startswith("pack.yaml:1: the file is a list; give keys with values (id, title,")


def test_a_file_that_can_not_be_read_causes_no_faults_elsewhere(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, raw={"facts.yaml": "- id: fact-1: x\n", "traps.yaml": "a: b\n"})
    assert [fault.split(":")[0] for fault in faults(folder)] == ["facts.yaml", "traps.yaml"]


def test_all_faults_are_listed_by_file_and_line(tmp_path: Path) -> None:
    items = [item_entry(key="e", kind="x", checked="x"), item_entry("sky-2", stem=""), item_entry("sky-2")]
    found = faults(write_pack(tmp_path, items=items, cards=[card_entry(text="")], traps=[trap_entry(name="")]))
    places = [(fault.split(":")[0], int(fault.split(":")[1])) for fault in found]
    assert len(found) == 7
    assert places == sorted(places)


def test_load_packs_lists_the_faults_of_all_packs(tmp_path: Path) -> None:
    write_pack(tmp_path, items=[item_entry(key="e")])
    (tmp_path / "my-exam").rename(tmp_path / "first")
    write_pack(tmp_path, items=[item_entry(kind="x")])
    (tmp_path / "no-pack").mkdir()
    with pytest.raises(PackError) as caught:
        load_packs(tmp_path)
    assert caught.value.pack == "first, my-exam"
    assert sum("/first/" in fault for fault in caught.value.faults) == 2
    assert sum("/my-exam/" in fault for fault in caught.value.faults) == 1


def test_load_packs_finds_every_folder_with_a_pack(tmp_path: Path) -> None:
    write_pack(tmp_path)
    (tmp_path / "notes").mkdir()
    assert list(load_packs(tmp_path)) == ["my-exam"]
    assert load_packs(tmp_path / "notes") == {}


def test_places_point_at_entries_and_options(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, items=[item_entry(), item_entry("sky-2")])
    places = load_with_places(folder).places
    file = folder / "items/basics.yaml"
    lines = file.read_text().splitlines()
    assert places.of("item", "sky-2") == f"{file}:{lines.index('- id: sky-2') + 1}"
    line = int(places.of("item", "sky-1", "c").rpartition(":")[2])
    assert lines[line - 1].strip() in ("c:", "text: a wet dog")
    assert places.of("item", "nobody") == "nobody"
