"""The figures of a pack."""

from pathlib import Path

import pytest

from bot.packs.loader import load_pack
from bot.packs.profile import profile
from tests.support.packs import fact_entry, item_entry, option, trap_entry, write_pack


def test_figures_count_what_is_served(tmp_path: Path) -> None:
    first = item_entry("one-1")
    first["options"] = {
        "a": option("four", trap="all-is-red"),
        "b": option("longest text"),
        "c": option("nine"),
    }
    second = item_entry("two-1", domain="practice", kind="calculation", difficulty="hard", key="a")
    second["options"] = {"a": option("{x}"), "b": option("four"), "c": option("longest")}
    second["cases"] = [{"x": "1"}]
    files = {"basics": [first, item_entry("three-1", status="draft")], "practice": [second]}
    traps, facts = [trap_entry(), trap_entry("unused")], [fact_entry(), fact_entry("fact-2")]
    figures = profile(load_pack(write_pack(tmp_path, items=files, traps=traps, facts=facts)))
    assert figures.by_status.counts == (("draft", 1), ("ready", 2), ("retired", 0))
    assert figures.by_domain.counts == (("basics", 1), ("practice", 1))
    assert dict(figures.by_kind.counts)["calculation"] == 1
    assert dict(figures.by_difficulty.counts) == {"easy": 1, "medium": 0, "hard": 1}
    assert figures.key_positions.counts == (("a", 1), ("b", 1))
    assert (figures.key_longest, figures.key_shortest) == (0.5, 0.5)
    assert figures.length_ratio == pytest.approx((12 / 4 + 1 / 5.5) / 2)
    assert figures.options_with_trap == 0.25
    assert (figures.traps, figures.traps_in_two_items, figures.traps_unused) == (2, 0, 1)
    assert (figures.facts, figures.facts_cited, figures.cards, figures.cases) == (2, 1, 1, 1)


def test_a_pack_of_drafts_has_figures_too(tmp_path: Path) -> None:
    figures = profile(load_pack(write_pack(tmp_path, items=[item_entry(status="draft")])))
    assert figures.by_domain.total == 0
    assert figures.key_longest == figures.length_ratio == 0.0
