"""Reading YAML: one plain subset, every scalar a text, every node with its line, all faults at once."""

from pathlib import Path

import pytest

from bot.packs.yamlread import MAX_BYTES, read_yaml
from bot.packs.yamltree import Hole, Listing, Mapping, Scalar


def faults(tmp_path: Path, content: str | bytes) -> list[str]:
    path = tmp_path / "x.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [str(fault) for fault in read_yaml(path, shown="x.yaml").faults]


def test_every_scalar_is_a_text_and_every_node_knows_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("# a comment\n- yes: 2026-11-23\n  no: ~\n- [1, 0x10, 1e3]\n- |\n  two\n  lines\n")
    tree = read_yaml(path, shown="x.yaml").tree
    assert tree == Listing(
        2,
        (
            Mapping(2, ((Scalar(2, "yes"), Scalar(2, "2026-11-23")), (Scalar(3, "no"), Scalar(3, "~")))),
            Listing(4, (Scalar(4, "1"), Scalar(4, "0x10"), Scalar(4, "1e3"))),
            Scalar(5, "two\nlines\n"),
        ),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3: the key 'a' is given twice (first on line 1); keep one."),
        ("a: b\n\tc: d\n", "x.yaml:2: holds a tab; use spaces."),
        ('a: "b\\tc"\n', "x.yaml:1: holds a tab as an escape; use spaces."),
        ("a: &x 1\n", "x.yaml:1: sets the anchor &x; remove it."),
        ("a: &x 1\nb: *x\n", "x.yaml:2: uses the alias *x; write the value out."),
        ("a: 1\nb: !!int 2\n", "x.yaml:2: has the tag tag:yaml.org,2002:int; remove it, since every value is a text."),
        ("b: ! 2\n", "x.yaml:1: has the tag !; remove it, since every value is a text."),
        ("a:\n  <<: {b: c}\n", "x.yaml:2: uses a merge key (<<); write the keys out."),
        ("a: 1\n---\nb: 2\n", "x.yaml:2: begins a second document; keep one document per file."),
        ("%YAML 1.1\n---\na: 1\n", "x.yaml:1: holds a YAML directive (%); remove it."),
        ("? [a, b]\n: c\n", "x.yaml:1: uses a list or mapping as a key; a key is a word."),
        (b"a: b\nc: \xff\n", "x.yaml:2: is not UTF-8; save the file as UTF-8."),
        (b"a: " + b"b" * MAX_BYTES, "x.yaml:1: is larger than 2 MB; split it."),
        ("", "x.yaml:1: is empty; write [] if the list shall be empty."),
        ("# only this\n", "x.yaml:1: is empty; write [] if the list shall be empty."),
        ("a: one\u200btwo\n", "x.yaml:1: holds the invisible character U+200B; remove it."),
        ('a: "one\\u202etwo"\n', "x.yaml:1: holds the invisible character U+202E as an escape; remove it."),
        ("[" * 13 + "]" * 13, "x.yaml:1: is nested more than 12 levels deep; write it flatter."),
    ],
)
def test_what_leaves_the_subset_is_a_fault_on_its_line(tmp_path: Path, content: str | bytes, expected: str) -> None:
    assert expected in faults(tmp_path, content)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, "a: &x 1\nb: *x\nb: 3\n<<: 4\nc: !t 5\n")
    assert [line.split(":")[1] for line in found] == ["1", "2", "4", "5", "3"]


def test_refused_keys_and_aliases_leave_the_rest_of_the_tree(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: &x 1\n<<: 2\na: 3\n[b]: 4\nc: *x\n")
    reading = read_yaml(path, shown="x.yaml")
    assert reading.tree == Mapping(1, ((Scalar(1, "a"), Scalar(1, "1")), (Scalar(5, "c"), Hole(5))))
    assert reading.whole


def test_what_follows_a_second_document_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("- a\n---\n- b\n")
    reading = read_yaml(path, shown="x.yaml")
    assert reading.tree == Listing(1, (Scalar(1, "a"),))
    assert not reading.whole


def test_a_syntax_error_names_its_line_and_keeps_the_entries_before_it(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("- a: 1\n- b: 2\n- c: d: e\n")
    reading = read_yaml(path, shown="x.yaml")
    assert [fault.line for fault in reading.faults] == [3]
    assert "not valid YAML" in reading.faults[0].sentence
    assert not reading.whole
    assert isinstance(reading.tree, Listing)
    assert len(reading.tree.nodes) == 2


def test_deep_nesting_ends_in_a_fault_and_not_in_a_crash(tmp_path: Path) -> None:
    assert len(faults(tmp_path, "[" * 100_000)) == 1


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  two\r\n  lines\r\n")
    reading = read_yaml(path, shown="x.yaml")
    assert reading.faults == ()
    assert isinstance(reading.tree, Mapping)
    assert reading.tree.text("b") == "two\nlines"


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    assert "can't be read" in read_yaml(tmp_path / "no.yaml", shown="no.yaml").faults[0].sentence
