"""The guesser finds what form gives away, and nothing where there is nothing."""

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.core.item import Item, Option
from bot.packs.guessing.cues import CUES, face
from bot.packs.guessing.guesser import Guess, guess, wilson
from bot.packs.guessing.logit import Choice, fit, scores, standardise
from bot.packs.lint import lint
from bot.packs.loader import load_pack
from bot.packs.rules.rule import Severity
from tests.support.packs import item_entry, write_pack

WORDS = ("bean", "corn", "dill", "kale", "leek", "mint", "okra", "rice", "sage", "taro")


def bank(tmp_path: Path, count: int, *, longest_in: float = 0.25) -> tuple[Item, ...]:
    """Items of four words an option; the key is longest in this share of them, by chance elsewhere."""
    (plain,) = load_pack(write_pack(tmp_path)).items
    rng = random.Random(7)  # noqa: S311  repeatable, not secret
    made: list[Item] = []
    for number in range(count):
        texts = {letter: " ".join(rng.sample(WORDS, 4)) for letter in "abcd"}
        key = "abcd"[number % 4]
        long = key if rng.random() < longest_in else rng.choice([letter for letter in "abcd" if letter != key])
        texts[long] += " and tarragon"
        options = tuple(Option(letter, text, "x" * 40) for letter, text in texts.items())
        made.append(replace(plain, id=f"item-{number}", options=options, key=key))
    return tuple(made)


def public_bank(tmp_path: Path) -> tuple[Item, ...]:
    """Shaped as the best known public bank for this exam is: B is right in 64 %, and the key longest in 51 %."""
    rng = random.Random(11)  # noqa: S311  repeatable, not secret
    made: list[Item] = []
    for item in bank(tmp_path, 360, longest_in=0.51):
        right = "b" if rng.random() < 0.64 else rng.choice("acd")
        texts = {option.id: option.text for option in item.options}
        texts[right], texts[item.key] = texts[item.key], texts[right]
        options = tuple(replace(option, text=texts[option.id]) for option in item.options)
        made.append(replace(item, options=options, key=right))
    return tuple(made)


def sat(items: tuple[Item, ...], *, seed: int = 1) -> Guess:
    found = guess(items, seed=seed)
    assert found is not None
    return found


def rule(found: Guess, name: str) -> float:
    return next(r.score for r in found.rules if r.rule == name)


def test_a_bank_without_cues_is_answered_by_chance(tmp_path: Path) -> None:
    found = sat(bank(tmp_path, 360))
    assert found.chance == 0.25
    assert found.low < 0.25 < found.high
    assert rule(found, "the longest") == pytest.approx(0.25, abs=0.06)


def test_a_bank_whose_keys_are_long_is_found_out(tmp_path: Path) -> None:
    found = sat(bank(tmp_path, 200, longest_in=0.7))
    assert found.score == pytest.approx(0.7, abs=0.08)
    assert found.low > 0.25
    assert rule(found, "the longest") == pytest.approx(0.7, abs=0.08)
    assert rule(found, "the opposite of: the longest") < 0.25
    assert [r.score for r in found.rules] == sorted((r.score for r in found.rules), reverse=True)


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_bank_that_leaks_as_the_public_one_does_is_found_out(tmp_path: Path, seed: int) -> None:
    items = public_bank(tmp_path)
    found = sat(items, seed=seed)
    assert rule(found, "always b") == pytest.approx(0.64, abs=0.05)
    assert rule(found, "the longest") == pytest.approx(0.51, abs=0.05)
    assert found.score > 0.5
    assert found.low > 0.5
    assert found.rules[0].score - found.chance > 0.3


def test_lint_refuses_a_bank_that_leaks_as_the_public_one_does(tmp_path: Path) -> None:
    items = public_bank(tmp_path)
    loaded = replace(load_pack(tmp_path / "my-exam"), items=items)
    faults = {one.rule.id for one in lint(loaded, date(2026, 11, 23)) if one.severity is Severity.FAULT}
    assert {"guessable", "key-positions", "key-longest"} <= faults


def test_cues_that_learn_from_the_same_items_do_not_flatter(tmp_path: Path) -> None:
    """The model is examined on items it has not seen: in a bank without cues that keeps it at chance."""
    items = bank(tmp_path, 120)
    assert sum(sat(items, seed=seed).score for seed in range(3)) / 3 == pytest.approx(0.25, abs=0.09)


def test_the_same_arguments_give_the_same_result(tmp_path: Path) -> None:
    items = bank(tmp_path, 60)
    assert sat(items) == sat(items)


def test_each_item_is_told_once(tmp_path: Path) -> None:
    items = bank(tmp_path, 40)
    told = sat(items).told
    assert sorted(item_id for item_id, _ in told) == sorted(item.id for item in items)
    assert all(0 < share < 1 for _, share in told)


def test_too_few_items_are_not_guessed_at(tmp_path: Path) -> None:
    assert guess(bank(tmp_path, 4)) is None


def test_ties_are_drawn(tmp_path: Path) -> None:
    (plain,) = load_pack(write_pack(tmp_path, items=[item_entry()])).items
    same = tuple(replace(o, text=text) for o, text in zip(plain.options, ("ab cd",) * 4, strict=True))
    found = sat(tuple(replace(plain, id=f"i-{n}", options=same) for n in range(10)))
    assert rule(found, "the longest") == 0.25


@pytest.mark.parametrize(
    ("cue", "texts", "most"),
    [
        ("length", ("a", "bbb", "cc"), 1),
        ("commas", ("a, b", "a, b, c", "a"), 1),
        ("code", ("a", "`b`", "c"), 1),
        ("digits", ("1", "2 and 33", "none"), 1),
        ("capitals", ("Spark ML", "spark", "Ml"), 0),
        ("absolutes", ("it is always so", "it is so", "so"), 0),
        ("hedges", ("it is so", "it may be so", "so"), 1),
        ("negations", ("it does", "it doesn't", "so"), 1),
        ("convergence", ("red fox runs", "red fox sleeps", "grey owl sleeps"), 1),
        ("alone", ("red fox", "red fox here", "red fox by the old mill"), 2),
        ("stem-overlap", ("the weather", "the winter forest", "snow"), 1),
        ("stem-echo", ("winter", "winter forest", "forest and winter", "river"), 3),
        ("opening", ("to go", "to stay", "leaving"), 0),
        ("article", ("apple", "pear", "plum"), 0),
    ],
)
def test_each_cue_sees_what_it_is_named_after(tmp_path: Path, cue: str, texts: tuple[str, ...], most: int) -> None:
    (plain,) = load_pack(write_pack(tmp_path)).items
    options = tuple(Option("abcd"[i], text, "") for i, text in enumerate(texts))
    stem = "In a winter forest by the river there is an"
    seen = face(replace(plain, stem=stem, options=options))
    measure = next(c.measure for c in CUES if c.id == cue)
    values = [measure(seen, place) for place in range(len(texts))]
    assert values[most] == max(values)
    assert min(values) < max(values)


def test_the_model_learns_a_plain_preference() -> None:
    rows = [tuple((float(n % 3 == i), 0.5) for i in range(3)) for n in range(30)]
    choices = standardise([Choice(row, n % 3) for n, row in enumerate(rows)])
    weights = fit(choices)
    assert weights[0] > 1
    assert weights[1] == pytest.approx(0)
    assert all(scores(c, weights)[c.key] == max(scores(c, weights)) for c in choices)


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(0.5, 100)
    assert (low, high) == pytest.approx((0.4038, 0.5962), abs=1e-4)
