"""What `diff` says of two copies of a pack."""

from pathlib import Path
from typing import Any

from click.testing import CliRunner

from bot.cli.pack import pack
from bot.packs.diff import Change, Sort, diff
from bot.packs.loader import load_pack
from tests.support.packs import card_entry, fact_entry, item_entry, option, pack_entry, trap_entry, write_pack


def changes(tmp_path: Path, before: dict[str, Any], after: dict[str, Any]) -> tuple[Change, ...]:
    return diff(load_pack(write_pack(tmp_path / "old", **before)), load_pack(write_pack(tmp_path / "new", **after)))


def one(tmp_path: Path, **edit: Any) -> Change:
    """The only change after the usual item was edited."""
    (found,) = changes(tmp_path, {"items": [item_entry()]}, {"items": [item_entry(**edit)]})
    return found


def options(**texts: str) -> dict[str, Any]:
    usual: dict[str, Any] = item_entry()["options"]
    return usual | {letter: option(text) for letter, text in texts.items()}


def test_copies_are_the_same(tmp_path: Path) -> None:
    assert changes(tmp_path, {}, {}) == ()


def test_items_come_and_go(tmp_path: Path) -> None:
    before = [item_entry(), item_entry("gone-1"), item_entry("old-1"), item_entry("back-1", status="retired")]
    after = [item_entry(), item_entry("old-1", status="retired"), item_entry("back-1"), item_entry("new-1")]
    found = changes(tmp_path, {"items": before}, {"items": after})
    assert [(c.sort, c.id, c.loud) for c in found] == [
        (Sort.REMOVED, "gone-1", True),
        (Sort.RETIRED, "old-1", False),
        (Sort.RETURNED, "back-1", False),
        (Sort.ADDED, "new-1", False),
    ]
    assert not any(change.new_revision for change in found)


def test_a_changed_text_is_a_new_revision(tmp_path: Path) -> None:
    found = one(tmp_path, stem="What is to be seen?", options=options(c="a dry dog"))
    assert (found.sort, found.parts, found.new_revision) == (
        Sort.CHANGED,
        ("stem", "options.c.text", "options.c.why"),
        True,
    )


def test_a_new_date_of_checking_is_no_revision(tmp_path: Path) -> None:
    found = one(tmp_path, checked="2026-11-05", sources=[])
    assert (found.parts, found.new_revision) == (("sources", "checked"), False)


def test_another_key_is_told_loudly(tmp_path: Path) -> None:
    found = one(tmp_path, key="c")
    assert (found.sort, found.parts, found.loud) == (Sort.KEY, ("key b -> c",), True)


def test_swapped_texts_are_another_answer_too(tmp_path: Path) -> None:
    found = one(tmp_path, options=options(b="a wet dog", c="a sky blue"))
    assert found.sort is Sort.KEY
    assert "key" not in " ".join(found.parts)


def test_an_answer_that_moved_to_another_letter_is_the_same(tmp_path: Path) -> None:
    found = one(tmp_path, options=options(b="a wet dog", c="a sky blue"), key="c")
    assert (found.sort, found.parts[0]) == (Sort.CHANGED, "key b -> c")


def test_options_come_and_go(tmp_path: Path) -> None:
    three = {letter: value for letter, value in item_entry()["options"].items() if letter != "d"}
    assert one(tmp_path / "1", options=three).parts == ("option d removed",)
    assert one(tmp_path / "2", options=options(e="a fifth thing")).parts == ("option e added",)


def test_other_entries_are_compared_as_well(tmp_path: Path) -> None:
    found = changes(
        tmp_path,
        {"facts": [fact_entry(), fact_entry("fact-2")], "traps": [trap_entry()], "cards": [card_entry()]},
        {
            "pack": pack_entry(version="1.1"),
            "facts": [fact_entry(claim="The sky is grey.")],
            "traps": [trap_entry(name="all red"), trap_entry("more")],
            "cards": [card_entry(), card_entry("card-2", status="draft")],
        },
    )
    assert [(c.sort, c.noun, c.id, c.parts) for c in found] == [
        (Sort.CHANGED, "pack", "my-exam", ("version",)),
        (Sort.CHANGED, "trap", "all-is-red", ("name",)),
        (Sort.ADDED, "trap", "more", ()),
        (Sort.CHANGED, "fact", "fact-1", ("claim",)),
        (Sort.REMOVED, "fact", "fact-2", ()),
        (Sort.ADDED, "card", "card-2", ()),
    ]
    assert not any(change.loud for change in found)


def test_the_command_fails_on_what_has_to_be_looked_at(tmp_path: Path) -> None:
    old = write_pack(tmp_path / "old", items=[item_entry()])
    new = write_pack(tmp_path / "new", items=[item_entry(key="c")])
    result = CliRunner().invoke(pack, ["--content", str(tmp_path), "diff", str(old), str(new)])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "!! KEY CHANGED  item sky-1: key b -> c",
        "1 changed, 1 of them new revisions of an item, 1 to look at",
    ]
    same = CliRunner().invoke(pack, ["--content", str(tmp_path), "diff", str(old), str(old)])
    assert same.exit_code == 0
