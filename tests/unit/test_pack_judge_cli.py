"""`trapwise pack guess` and the figures of `pack stats`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.pack import pack
from bot.packs.guessing.guesser import guess
from bot.packs.loader import load_pack, pack_folders
from bot.packs.profile import profile
from tests.support.packs import fact_entry, item_entry, trap_entry, write_pack

CONTENT = Path(__file__).parents[2] / "content"


def run(content: Path, *arguments: str) -> Result:
    return CliRunner().invoke(pack, ["--content", str(content), *arguments])


def test_guess_prints_the_score_beside_chance(tmp_path: Path) -> None:
    write_pack(tmp_path, items=[item_entry(f"item-{n}") for n in range(12)])
    result = run(tmp_path, "guess", "my-exam", "--folds", "3")
    assert result.exit_code == 0, result.output
    assert "My Exam: 12 items, 3 parts, seed 1" in result.output
    assert "Guesser  100.0 %  (95 %: 75.7 to 100.0 %)" in result.output
    assert "Chance    25.0 %" in result.output
    assert "100.0 %  +75.0  always b" in result.output


def test_guess_shows_every_rule_if_asked(tmp_path: Path) -> None:
    write_pack(tmp_path, items=[item_entry(f"item-{n}") for n in range(12)])
    few, all_ = (run(tmp_path, "guess", "my-exam", *more).output for more in ((), ("--every-rule",)))
    assert few.count("the longest words") < 2
    assert all_.count("the longest words") == 2


def test_guess_needs_items(tmp_path: Path) -> None:
    write_pack(tmp_path)
    result = run(tmp_path, "guess", "my-exam")
    assert result.exit_code == 1
    assert "1 ready items; 5 are needed" in result.output


def test_stats_shows_coverage_and_the_guesser(tmp_path: Path) -> None:
    items = [item_entry(f"item-{n}", sources=["fact-1", "pair-1"] if n else ["fact-1"]) for n in range(6)]
    facts = [fact_entry(), fact_entry("pair-1", kind="pair"), fact_entry("pair-2", kind="pair")]
    folder = write_pack(tmp_path, items=items, facts=facts, traps=[trap_entry(), trap_entry("unused")])
    coverage = {c.name: (c.entries, c.fewest, c.mean) for c in profile(load_pack(folder)).coverage}
    assert coverage == {"fact": (1, 6, 6.0), "pair": (2, 0, 2.5), "misconceptions": (2, 0, 3.0)}
    output = run(tmp_path, "stats", "my-exam").output
    assert "  pair                2  fewest   0  mean   2.5" in output
    assert "A guesser that sees the form of the options only" in output


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_first_pack_can_not_be_guessed(seed: int) -> None:
    found = guess(load_pack(CONTENT / "databricks-ml-associate").ready, seed=seed)
    assert found is not None
    assert found.gain < 0.05
    assert found.rules[0].score - found.chance < 0.06


def test_every_fact_of_the_first_pack_is_asked_often_enough() -> None:
    """But for advice on sitting the exam, which is not asked about."""
    loaded = load_pack(CONTENT / "databricks-ml-associate")
    unasked = {"tip-2", "tip-3", "tip-9", "d5-closing-1"}
    for fact in loaded.facts:
        count = sum(fact.id in item.sources for item in loaded.ready)
        assert count >= (3 if fact.kind in ("trap", "pair", "scenario") else 0 if fact.id in unasked else 2), fact.id
    for trap in loaded.traps:
        assert sum(trap.id in item.traps for item in loaded.ready) >= 2, trap.id


def test_several_packs_ship() -> None:
    assert {folder.name for folder in pack_folders(CONTENT)} >= {"databricks-ml-associate", "git-basics"}
