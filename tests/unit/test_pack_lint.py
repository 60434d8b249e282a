"""Each rule of lint finds what it is for, and leaves a sound pack alone."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.packs.lint import RULES, Finding, lint
from bot.packs.loader import load_with_places
from bot.packs.rules.chance import at_least, at_most
from bot.packs.rules.rule import Severity
from tests.support.packs import Entry, card_entry, fact_entry, item_entry, option, trap_entry, write_pack

TODAY = date(2026, 11, 23)

# All of one length, so that no option stands out until a test makes it.
NOUNS = tuple(f"{letter}{letter}o{letter}{letter}" for letter in "abcdefghijklmnop")


def item(number: int, *, key: str = "", texts: dict[str, str] | None = None, **changes: Any) -> Entry:
    """A sound item unlike its neighbours; the key goes round by number."""
    second = NOUNS[number // 16 % 16]
    letters = "abcd"
    right = key or letters[number % 4]
    words = texts or {letter: f"{NOUNS[(number + i) % 16]} and {second} {letter}" for i, letter in enumerate(letters)}
    options = {letter: option(words[letter]) for letter in letters}
    trapped = next(letter for letter in letters if letter != right)
    options[trapped]["trap"] = "all-is-red"
    stem = f"What does q{number}a do when q{number}b meets q{number}c near q{number}d?"
    return item_entry(f"item-{number}", **({"stem": stem, "options": options, "key": right} | changes))


def sound(count: int) -> list[Entry]:
    return [item(number) for number in range(count)]


def split(items: list[Entry]) -> dict[str, list[Entry]]:
    """Three in five to basics, two to practice, as the blueprint has it."""
    files: dict[str, list[Entry]] = {"basics": [], "practice": []}
    for number, entry in enumerate(items):
        domain = "basics" if number % 5 < 3 else "practice"
        files[domain].append(entry | {"domain": domain})
    return files


def findings(tmp_path: Path, items: list[Entry], **files: Any) -> tuple[Finding, ...]:
    loaded = load_with_places(write_pack(tmp_path, items=split(items), **files))
    return lint(loaded.pack, TODAY, places=loaded.places)


def rules(found: tuple[Finding, ...]) -> list[str]:
    return [finding.rule.id for finding in found]


@pytest.mark.parametrize("count", [8, 40, 80])
def test_a_sound_pack_has_no_findings(tmp_path: Path, count: int) -> None:
    assert findings(tmp_path, sound(count)) == ()


def with_keys(keys: str) -> list[Entry]:
    return [item(number, key=key) for number, key in enumerate(keys)]


@pytest.mark.parametrize(
    ("keys", "broken"),
    [
        ("abcd" * 20, False),
        ("abcd" * 17 + "a" * 6 + "b" * 6, False),
        ("abcd" * 16 + "a" * 8 + "b" * 8, True),
        ("abc" * 5, False),
        ("a" * 4, False),
        ("a" * 9 + "b", True),
    ],
)
def test_key_positions(tmp_path: Path, keys: str, broken: bool) -> None:
    found = findings(tmp_path, with_keys(keys))
    assert ("key-positions" in rules(found)) is broken


def with_length(count: int, affected: int, change: Callable[[str], str]) -> list[Entry]:
    """`count` sound items, the first `affected` with a changed key text."""
    items = sound(count)
    for entry in items[:affected]:
        chosen = entry["options"][entry["key"]]
        chosen["text"] = change(chosen["text"])
    return items


def longer(text: str) -> str:
    return f"{text} very much indeed"


def shorter(text: str) -> str:
    return text.split()[0]


@pytest.mark.parametrize(
    ("count", "affected", "broken"), [(80, 22, False), (80, 23, True), (8, 5, False), (20, 12, True)]
)
def test_key_longest_and_shortest(tmp_path: Path, count: int, affected: int, broken: bool) -> None:
    long = findings(tmp_path / "long", with_length(count, affected, longer))
    assert ("key-longest" in rules(long)) is broken
    short = findings(tmp_path / "short", with_length(count, affected, shorter))
    assert ("key-shortest" in rules(short)) is broken


@pytest.mark.parametrize(("count", "affected", "broken"), [(80, 39, False), (80, 42, True), (6, 6, False)])
def test_key_length_ratio(tmp_path: Path, count: int, affected: int, broken: bool) -> None:
    found = findings(tmp_path, with_length(count, affected, longer))
    assert ("key-length-ratio" in rules(found)) is broken


def with_word(word: str, *, keys: int, distractors: int, count: int = 40) -> list[Entry]:
    """Sound items, some of whose keys or first distractors begin with the word."""
    items = sound(count)
    for number, entry in enumerate(items):
        other = next(letter for letter in "abcd" if letter != entry["key"])
        for letter, limit in ((entry["key"], keys), (other, distractors)):
            if number < limit:
                entry["options"][letter]["text"] = f"{word} {entry['options'][letter]['text']}"
    return items


def test_absolutes_in_distractors_alone(tmp_path: Path) -> None:
    assert "absolutes-mark-distractors" in rules(findings(tmp_path / "1", with_word("only", keys=0, distractors=30)))
    both = findings(tmp_path / "2", with_word("only", keys=10, distractors=30))
    assert "absolutes-mark-distractors" not in rules(both)
    few = findings(tmp_path / "3", with_word("always", keys=0, distractors=5))
    assert "absolutes-mark-distractors" not in rules(few)
    code = findings(tmp_path / "4", with_word("`all`", keys=0, distractors=30))
    assert "absolutes-mark-distractors" not in rules(code)


def test_a_difference_too_small_to_help_anybody_passes_in_a_large_pack(tmp_path: Path) -> None:
    found = findings(tmp_path / "1", with_word("only", keys=0, distractors=29, count=200))
    assert "absolutes-mark-distractors" not in rules(found)
    found = findings(tmp_path / "2", with_word("only", keys=0, distractors=31, count=200))
    assert "absolutes-mark-distractors" in rules(found)


def test_hedges_in_keys_alone(tmp_path: Path) -> None:
    assert "hedges-mark-keys" in rules(findings(tmp_path / "1", with_word("usually", keys=10, distractors=0)))
    both = findings(tmp_path / "2", with_word("usually", keys=10, distractors=20))
    assert "hedges-mark-keys" not in rules(both)


def one(tmp_path: Path, **changes: Any) -> tuple[Finding, ...]:
    """Findings of a pack of eight whose first item is changed."""
    return findings(tmp_path, [item(0, **changes), *sound(8)[1:]])


def texts(a: str, b: str = "brick and moss b", c: str = "cloud and moss c", d: str = "dream and moss d") -> Entry:
    return {"a": a, "b": b, "c": c, "d": d}


def test_words_of_the_stem_that_the_key_alone_repeats(tmp_path: Path) -> None:
    stem = "Which purple elephants sing?"
    echoed = one(tmp_path / "1", stem=stem, texts=texts("a purple elephant"))
    assert [(f.rule.id, "elephant, purple" in f.sentence) for f in echoed] == [("key-echoes-stem", True)]
    assert one(tmp_path / "2", stem=stem, texts=texts("a purple elephant", b="no purple elephant")) == ()
    assert one(tmp_path / "3", stem=stem, texts=texts("a purple donkey")) == ()


def test_nearly_equal_stems(tmp_path: Path) -> None:
    stem = "What does q1a do when q1b meets q1c at q1d?"
    assert rules(one(tmp_path / "1", stem=stem)) == ["near-duplicate-stem"]
    assert one(tmp_path / "2", stem=stem, kind="calculation") == ()


@pytest.mark.parametrize("text", ["All of the above", "none of the above", "Both of these", "Neither of those"])
def test_all_or_none(tmp_path: Path, text: str) -> None:
    assert "all-or-none" in rules(one(tmp_path, texts=texts("apple and moss a", d=text)))


@pytest.mark.parametrize(
    ("why", "broken"),
    [
        ("Option B explains this one much better.", True),
        ("Look at (C), which explains it much better.", True),
        ("The answer `d` explains this a lot better.", True),
        ("Like option c, this would take far too long.", True),
        ("The answer a reader gives here is about moss.", False),
        ("Option Builder is a class in that very library.", False),
        ("Vitamin C and plan B are no letters of options.", False),
    ],
)
def test_letters_in_rationales(tmp_path: Path, why: str, broken: bool) -> None:
    entry = item(0)
    entry["options"]["d"]["why"] = why
    found = findings(tmp_path, [entry, *sound(8)[1:]])
    assert ("letter-reference" in rules(found)) is broken


def test_a_short_rationale(tmp_path: Path) -> None:
    entry = item(0)
    entry["options"]["d"]["why"] = "x" * 39
    (found,) = findings(tmp_path, [entry, *sound(8)[1:]])
    assert found.rule.id == "short-why"
    file, _, line = found.where.rpartition(":")
    assert Path(file).read_text().splitlines()[int(line) - 1].strip().startswith(("d:", "text: "))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"references": []}, "no-references"),
        ({"sources": []}, "no-sources"),
        ({"checked": "2025-11-22"}, "stale"),
        ({"checked": "2026-11-25"}, "checked-in-future"),
    ],
)
def test_what_an_item_rests_on(tmp_path: Path, changes: dict[str, Any], rule: str) -> None:
    assert rules(one(tmp_path, **changes)) == [rule]


@pytest.mark.parametrize("checked", ["2025-11-23", "2026-11-24"])
def test_dates_at_the_limits_pass(tmp_path: Path, checked: str) -> None:
    assert one(tmp_path, checked=checked) == ()


def test_traps_on_the_wrong_options(tmp_path: Path) -> None:
    entry = item(0, kind="trap")
    del entry["options"]["b"]["trap"]
    assert rules(findings(tmp_path / "1", [entry, *sound(8)[1:]])) == ["trap-without-trap"]
    entry["options"]["a"]["trap"] = "all-is-red"
    found = findings(tmp_path / "2", [entry, *sound(8)[1:]])
    assert rules(found) == ["trap-without-trap", "key-with-trap"]
    assert {finding.severity for finding in found} == {Severity.FAULT}


def test_coverage_of_traps_and_facts_warns(tmp_path: Path) -> None:
    entry = item(0)
    entry["options"]["c"]["trap"] = "rare"
    found = findings(
        tmp_path,
        [entry, *sound(8)[1:]],
        traps=[trap_entry(), trap_entry("rare"), trap_entry("unused", sources=["fact-3"])],
        facts=[fact_entry(), fact_entry("fact-2"), fact_entry("fact-3"), fact_entry("fact-4")],
        cards=[card_entry(sources=["fact-2"])],
    )
    assert rules(found) == ["trap-rare", "trap-unused", "fact-uncited"]
    assert ["trap rare" in found[0].sentence, "trap unused" in found[1].sentence] == [True, True]
    assert "fact fact-4" in found[2].sentence
    assert all("traps.yaml:" in f.where or "facts.yaml:" in f.where for f in found)
    assert {finding.severity for finding in found} == {Severity.WARNING}


@pytest.mark.parametrize(
    ("basics", "practice", "broken"), [(37, 23, False), (38, 22, True), (4, 4, False), (30, 0, True)]
)
def test_domain_shares(tmp_path: Path, basics: int, practice: int, broken: bool) -> None:
    items = sound(basics + practice)
    files = {
        "basics": items[:basics],
        "practice": [entry | {"domain": "practice"} for entry in items[basics:]],
    }
    loaded = load_with_places(write_pack(tmp_path, items=files))
    assert ("domain-shares" in rules(lint(loaded.pack, TODAY))) is broken


def test_a_draft_is_only_warned_about_and_a_retired_item_is_left_alone(tmp_path: Path) -> None:
    found = one(tmp_path / "1", references=[], status="draft")
    assert {finding.rule.id for finding in found} == {"no-references", "unfinished"}
    assert {finding.severity for finding in found} == {Severity.WARNING}
    assert one(tmp_path / "2", references=[], status="retired") == ()


def test_what_is_unfinished_is_listed(tmp_path: Path) -> None:
    cards = [card_entry(), card_entry("card-2", status="draft")]
    traps = [trap_entry(), trap_entry("proofless", sources=[])]
    items = [*sound(8), item(8, status="draft")]
    found = [f for f in findings(tmp_path, items, cards=cards, traps=traps) if f.rule.id == "unfinished"]
    assert [f.sentence.partition(":")[0] for f in found] == ["item item-8", "card card-2", "trap proofless"]
    assert [f.where.rpartition("/")[2].partition(":")[0] for f in found] == [
        "practice.yaml",
        "cards.yaml",
        "traps.yaml",
    ]
    assert {f.severity for f in found} == {Severity.WARNING}


def test_a_note_to_the_author_is_no_text_for_readers(tmp_path: Path) -> None:
    (found,) = one(tmp_path, takeaway="To do: the one sentence to remember.")
    assert (found.rule.id, found.severity) == ("to-do", Severity.FAULT)


@pytest.mark.parametrize(
    ("stem", "broken"),
    [
        ("Why do lizards bask on stones before hunting, when sunlight warms their muscles slowly?", True),
        ("Why do birds sing before hunting, when sunlight warms their muscles slowly?", False),
        ("Why do lizards bask on stones before hunting, when shade cools their muscles?", False),
    ],
)
def test_a_stem_that_tells_the_key_of_another_item(tmp_path: Path, stem: str, broken: bool) -> None:
    words = {"a": "shade cools legs", "b": "sunlight warms muscles", "c": "water fills bones", "d": "grass feeds lungs"}
    asked = item(0, key="b", texts=words, stem="What do lizards gain when they bask on stones?")
    found = findings(tmp_path, [asked, item(1, stem=stem), *sound(10)[2:]])
    assert [f.sentence for f in found if f.rule.id == "stem-tells-key"] == (
        ["item item-1: its stem says what is asked in item-0 (muscle, sunlight, warm); reword one of them."]
        if broken
        else []
    )


def cued(number: int) -> Entry:
    """An item whose key shares a word with each distractor, which share none among themselves."""
    letters = "abcd"
    key = letters[number % 4]
    words = {letter: f"{NOUNS[i]} {NOUNS[i]} {NOUNS[i + 4]}" for i, letter in enumerate(letters)}
    words[key] = " ".join(NOUNS[i] for i, letter in enumerate(letters) if letter != key)
    return item(number, texts=words)


def test_a_bank_whose_form_tells_the_key_is_a_fault(tmp_path: Path) -> None:
    found = findings(tmp_path, [cued(number) for number in range(120)])
    told = [f.sentence for f in found if f.rule.id == "guessable"]
    assert any("a guesser that sees nothing but the form" in sentence for sentence in told)
    assert any("'the most like all the others'" in sentence for sentence in told)


def test_a_small_bank_is_not_guessed_at(tmp_path: Path) -> None:
    assert "guessable" not in rules(findings(tmp_path, [cued(number) for number in range(99)]))


def test_without_places_a_finding_names_the_id(tmp_path: Path) -> None:
    loaded = load_with_places(write_pack(tmp_path, items=split([item(0, references=[]), *sound(8)[1:]])))
    (found,) = lint(loaded.pack, TODAY)
    assert found.where == "item-0"


def test_rules_are_told_apart_and_explained() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.reason.endswith(".") and rule.source for rule in RULES)


def test_binomial_tails() -> None:
    assert at_least(0, 10, 0.25) == pytest.approx(1)
    assert at_least(10, 10, 0.5) == pytest.approx(1 / 1024)
    assert at_least(3, 10, 0.25) + at_most(2, 10, 0.25) == pytest.approx(1)
