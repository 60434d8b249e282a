"""Blind reviews: what is kept of them, and that lint tells when an item has changed since."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.pack import pack as pack_command
from bot.core.errors import PackError
from bot.core.item import Status
from bot.core.pack import Pack
from bot.packs.lint import lint
from bot.packs.loader import load_pack
from bot.packs.reviews import BlindPass, Reviews, read_reviews, seen_text
from tests.support.packs import item_entry, write_pack

TODAY = date(2026, 11, 23)
CONTENT = Path(__file__).parents[2] / "content"
RULES = {"not-reviewed", "changed-since-review", "review-disagreed"}


def reviewed(tmp_path: Path, text: str) -> tuple[Pack, Reviews | None]:
    """A pack of one item, sky-1, with this reviews.yaml."""
    folder = write_pack(tmp_path, raw={"reviews.yaml": text})
    loaded = load_pack(folder)
    return loaded, read_reviews(folder, loaded)


def found(pack: Pack, reviews: Reviews | None) -> list[str]:
    return [one.rule.id for one in lint(pack, TODAY, reviews=reviews) if one.rule.id in RULES]


def a_pass(pack: Pack, *, agreed: bool = True) -> BlindPass:
    return BlindPass(date=TODAY, agreed=agreed, note="", text=seen_text(pack.items[0]))


def test_a_pack_without_reviews_is_not_asked_for_any(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    loaded = load_pack(folder)
    assert read_reviews(folder, loaded) is None
    assert found(loaded, None) == []


def test_passes_are_read_oldest_first(tmp_path: Path) -> None:
    one = "{date: 2026-11-01, agreed: false, note: reworded}"
    two = "{date: 2026-11-02, agreed: true, text: 0123456789ab}"
    _, reviews = reviewed(tmp_path, f"- {{id: sky-1, passes: [{one}, {two}]}}\n")
    assert reviews == {
        "sky-1": (
            BlindPass(date=date(2026, 11, 1), agreed=False, note="reworded", text=None),
            BlindPass(date=date(2026, 11, 2), agreed=True, note="", text="0123456789ab"),
        )
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- {id: sky-2, passes: [{date: 2026-11-01, agreed: true}]}", "there is no item sky-2; did you mean 'sky-1'?"),
        ("- {id: sky-1, passes: []}", "passes"),
        ("- {id: sky-1, passes: [{date: 1 May, agreed: true}]}", "give a date as YYYY-MM-DD"),
        ("- {id: sky-1, passes: [{date: 2026-11-01, agreed: maybe}]}", "use one of true, false"),
        ("- {id: sky-1, passes: [{date: 2026-11-01, agreed: true, text: abc}]}", "twelve digits"),
        ("- {id: sky-1, passes: [{date: 2026-11-01, agreed: true, sure: very}]}", "sure"),
        ("- {id: sky-1, passes: [{date: 2026-11-01, agreed: true}]}\n" * 2, "taken by another review"),
    ],
)
def test_slips_are_told_with_their_line_and_never_keep_the_pack_from_loading(
    tmp_path: Path, text: str, sentence: str
) -> None:
    folder = write_pack(tmp_path, raw={"reviews.yaml": text})
    loaded = load_pack(folder)
    with pytest.raises(PackError) as raised:
        read_reviews(folder, loaded)
    assert any(sentence in fault and "reviews.yaml:" in fault for fault in raised.value.faults), raised.value.faults
    shown = CliRunner().invoke(pack_command, ["--content", str(tmp_path), "lint"])
    assert (shown.exit_code, sentence in shown.output) == (1, True)


def test_an_item_nobody_answered_is_a_warning_with_what_to_record(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, items=[item_entry()], raw={"reviews.yaml": "[]"})
    loaded = load_pack(folder)
    shown = CliRunner().invoke(pack_command, ["--content", str(tmp_path), "lint"])
    assert shown.exit_code == 0
    assert f"record it in reviews.yaml with text: {seen_text(loaded.items[0])}." in shown.output


def test_an_agreed_item_is_quiet_until_it_is_reworded(tmp_path: Path) -> None:
    loaded = load_pack(write_pack(tmp_path))
    reviews = {"sky-1": (a_pass(loaded),)}
    assert found(loaded, reviews) == []
    (item,) = loaded.items
    for changed in (
        replace(item, stem=f"{item.stem} Now?"),
        replace(item, key="c"),
        replace(item, options=(replace(item.options[0], text="a green thing"), *item.options[1:])),
        replace(item, cases=((("n", "1"),),)),
    ):
        assert found(replace(loaded, items=(changed,)), reviews) == ["changed-since-review"]


def test_what_a_blind_reader_does_not_see_asks_for_no_new_review(tmp_path: Path) -> None:
    loaded = load_pack(write_pack(tmp_path))
    (item,) = loaded.items
    a, b, *rest = item.options
    swapped = replace(item, options=(replace(b, id="a"), replace(a, id="b"), *rest), key="a")
    better_reasons = replace(item, options=tuple(replace(o, why="Another reason.") for o in item.options))
    for same in (swapped, better_reasons, replace(item, takeaway="Look."), replace(item, checked=TODAY)):
        assert seen_text(same) == seen_text(item)


def test_an_old_pass_without_its_wording_counts_as_changed(tmp_path: Path) -> None:
    loaded = load_pack(write_pack(tmp_path))
    assert found(loaded, {"sky-1": (replace(a_pass(loaded), text=None),)}) == ["changed-since-review"]


def test_a_reader_who_disagreed_is_told_until_one_agrees(tmp_path: Path) -> None:
    loaded = load_pack(write_pack(tmp_path))
    no = a_pass(loaded, agreed=False)
    assert found(loaded, {"sky-1": (no,)}) == ["review-disagreed"]
    assert found(loaded, {"sky-1": (no, a_pass(loaded))}) == []


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETIRED])
def test_items_that_are_not_served_need_no_review(tmp_path: Path, status: Status) -> None:
    loaded = load_pack(write_pack(tmp_path))
    assert found(replace(loaded, items=(replace(loaded.items[0], status=status),)), {}) == []


def test_every_item_of_the_first_pack_was_answered_blind_twice_and_agreed_upon() -> None:
    folder = CONTENT / "databricks-ml-associate"
    loaded = load_pack(folder)
    reviews = read_reviews(folder, loaded)
    assert reviews is not None
    passes = [reviews.get(item.id, ()) for item in loaded.ready]
    assert all(len(found) >= 2 for found in passes)
    assert sum(found[-1].agreed for found in passes) >= 0.97 * len(passes)
    assert all(found[-1].text for found in passes)


@pytest.mark.parametrize("folder", sorted(CONTENT.glob("*/reviews.yaml")), ids=lambda path: path.parent.name)
def test_no_difference_with_a_blind_reader_is_left_open(folder: Path) -> None:
    loaded = load_pack(folder.parent)
    kept = lint(loaded, TODAY, reviews=read_reviews(folder.parent, loaded))
    assert [one.sentence for one in kept if one.rule.id in ("not-reviewed", "review-disagreed")] == []
