"""`trapwise pack`: what its commands print, write and exit with."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.pack import pack
from bot.packs.loader import load_pack
from bot.packs.schema import items_schema
from tests.support.packs import item_entry, write_pack


def run(content: Path, *arguments: str) -> Result:
    return CliRunner().invoke(pack, ["--content", str(content), *arguments])


def test_lint_passes_a_sound_pack(tmp_path: Path) -> None:
    write_pack(tmp_path, items=[item_entry(), item_entry("dog-1", stem="Who barks?", checked="2026-11-02")])
    result = run(tmp_path, "lint", "my-exam")
    assert result.exit_code == 0
    assert "my-exam: 2 items, 0 faults, " in result.output


def test_lint_groups_findings_by_file_and_fails_on_faults(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, items=[item_entry(references=[]), item_entry("dog-1", stem="Who?", sources=[])])
    result = run(tmp_path, "lint", "--reasons")
    assert result.exit_code == 1
    assert result.output.count(f"{folder}/items/basics.yaml\n") == 1
    assert "my-exam: 2 items, 2 faults, 0 warnings" in result.output
    assert "no-references: Readers who disagree" in result.output


def test_lint_lists_the_faults_of_a_pack_that_can_not_be_loaded(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, items=[item_entry(key="e", kind="x")])
    result = run(tmp_path, "lint")
    assert result.exit_code == 1
    assert result.output.count(f"{folder}/items/basics.yaml:") == 2
    assert "my-exam: not loaded, 2 faults" in result.output


def test_an_unknown_pack_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    write_pack(tmp_path)
    result = run(tmp_path, "lint", "my-exm")
    assert result.exit_code == 1
    assert "did you mean 'my-exam'?" in result.output


def test_a_folder_without_packs_is_no_success(tmp_path: Path) -> None:
    result = run(tmp_path, "lint")
    assert result.exit_code == 1
    assert "There is no pack" in result.output


def test_stats_shows_the_figures(tmp_path: Path) -> None:
    write_pack(tmp_path)
    result = run(tmp_path, "stats", "my-exam")
    assert result.exit_code == 0
    assert "My Exam (my-exam 1.0)" in result.output
    assert "  basics        1  100.0 %  weight 60 %" in result.output


def test_stats_of_a_faulty_pack_says_what_to_mend(tmp_path: Path) -> None:
    write_pack(tmp_path, items=[item_entry(key="e")])
    result = run(tmp_path, "stats", "my-exam")
    assert result.exit_code == 1
    assert "key names no option" in result.output


def test_new_items_are_drafts_that_load(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    before = (folder / "items/basics.yaml").read_text()
    assert run(tmp_path, "new-item", "my-exam", "basics", "rain-1").exit_code == 0
    result = run(tmp_path, "new-item", "my-exam", "practice", "x" * 48)
    assert result.exit_code == 0
    assert f"{folder}/items/practice.yaml:1" in result.output
    assert (folder / "items/basics.yaml").read_text().startswith(before)
    loaded = load_pack(folder)
    assert [item.id for item in loaded.items] == ["sky-1", "rain-1", "x" * 48]
    assert [item.id for item in loaded.ready] == ["sky-1"]
    assert "0 faults" in run(tmp_path, "lint").output


@pytest.mark.parametrize("content", ["[]\n", "", "# items to come\n", "# first\n[ ]\n"])
def test_a_new_item_can_be_the_first_of_its_file(tmp_path: Path, content: str) -> None:
    folder = write_pack(tmp_path, raw={"items/practice.yaml": content})
    result = run(tmp_path, "new-item", "my-exam", "practice", "rain-1")
    assert result.exit_code == 0, result.output
    assert load_pack(folder).item("rain-1") is not None


@pytest.mark.parametrize(
    ("domain", "item_id", "expected"),
    [
        ("basics", "sky-1", "is taken"),
        ("practice", "sky-1", "is taken"),
        ("basic", "rain-1", "did you mean 'basics'?"),
        ("exam", "rain-1", "has no domain 'exam'"),
        ("basics", "Rain", "can't be used"),
        ("basics", "x" * 49, "can't be used"),
    ],
)
def test_a_new_item_that_clashes_is_refused_and_nothing_is_written(
    tmp_path: Path, domain: str, item_id: str, expected: str
) -> None:
    folder = write_pack(tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    result = run(tmp_path, "new-item", "my-exam", domain, item_id)
    assert result.exit_code == 1
    assert expected in result.output
    assert {path: path.read_bytes() for path in folder.rglob("*.yaml")} == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("- id: a: b\n", "Mend the file first"),
        ("[{id: rain-2}]\n", "as a plain list"),
        ("- id: x\n...\n", "plain list"),
    ],
)
def test_a_file_that_can_not_be_appended_to_is_left_alone(tmp_path: Path, content: str, expected: str) -> None:
    folder = write_pack(tmp_path, raw={"items/practice.yaml": content})
    result = run(tmp_path, "new-item", "my-exam", "practice", "rain-1")
    assert result.exit_code == 1
    assert expected in result.output
    assert (folder / "items/practice.yaml").read_text() == content


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "schema").output) == items_schema()
    assert run(tmp_path, "schema", "--write").exit_code == 0
    assert json.loads((tmp_path / "item.schema.json").read_text()) == items_schema()
