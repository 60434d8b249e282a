"""Questions from other programs: what is good becomes a draft, what isn't is told by its number."""

import io
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.pack import pack
from bot.cli.pack_transfer import IMPORTS
from bot.core.item import Item, Kind, Status
from bot.packs.anki_file import Deck, Note, write_package
from bot.packs.importers.aiken import read_aiken
from bot.packs.importers.anki import read_anki
from bot.packs.importers.drafts import Imported
from bot.packs.importers.formats import FORMATS
from bot.packs.importers.gift import read_gift
from bot.packs.importers.qti import read_qti
from bot.packs.importers.table import read_table
from bot.packs.importers.texts import from_html, safe
from bot.packs.importers.writing import Refused, Written, add_drafts
from bot.packs.lint import lint
from bot.packs.loader import load_pack
from bot.packs.markdown_limits import markdown_faults
from tests.support.exam_notes import BULLETED, PLAIN
from tests.support.packs import item_entry, pack_entry, write_pack

TODAY = date(2026, 11, 23)


def told(found: Imported) -> list[tuple[int, str]]:
    """Numbers and first words of what was left out."""
    return [(row.number, " ".join(row.sentence.split()[:3])) for row in found.bad]


def asked(found: Imported) -> list[tuple[str, list[str], int]]:
    return [(item.stem, [o.text for o in item.options], item.key) for item in found.items]


def test_the_command_knows_every_format() -> None:
    assert set(IMPORTS) == set(FORMATS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table(delimiter: str) -> None:
    rows = [
        ("Question", "Option A", "Option B", "Option C", "Correct answer", "why_a", "References", "Domain"),
        ("Who barks?", "a cat", "a dog", "", "B", "Cats mew.", "https://example.org/a https://example.org/b", "Basics"),
        ("Who mews?", "a cat", "a dog", "a cow", "a cat", "", "", ""),
        ("Who moos?", "a cat", "a cow", "", "3", "", "", ""),
        ("", "a cat", "a cow", "", "A", "", "", ""),
        ("Who sings?", "a cat", "a bird", "", "", "", "", ""),
    ]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    found = read_table(text.encode("utf-8-sig"))
    assert asked(found) == [("Who barks?", ["a cat", "a dog"], 1), ("Who mews?", ["a cat", "a dog", "a cow"], 0)]
    assert found.items[0].options[0].why == "Cats mew."
    assert found.items[0].references == ("https://example.org/a", "https://example.org/b")
    assert found.items[0].domain == "Basics"
    assert told(found) == [(4, "says that '3'"), (5, "has no question;"), (6, "names no right")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Who?,one,two,three,C", 2),
        ("Who?,one,two,three,(b)", 1),
        ("Who?,one,two,three,B. two", 1),
        ("Who?,one,two,three,option a", 0),
        ("Who?,3,2,1,3", 0),
        ("Who?,one,two,three,a fourth", None),
        ("Who?,one,,three,C", None),
        ("Who?,,two,three,B", None),
        ("Who?,one,,,A", None),
    ],
)
def test_the_key_of_a_row(row: str, expected: int | None) -> None:
    found = read_table(f"stem,a,b,c,key\n{row}\n".encode())
    assert [item.key for item in found.items] == ([] if expected is None else [expected])
    assert len(found.bad) == (expected is None)


def test_a_table_in_an_old_code_page_and_with_long_rows() -> None:
    found = read_table("stem,a,b,key\nWo ist Köln?,am Rhein,am Main,a\nx,y,z,a,more\n".encode("cp1252"))
    assert asked(found) == [("Wo ist Köln?", ["am Rhein", "am Main"], 0)]
    assert told(found) == [(3, "has 5 cells")]


@pytest.mark.parametrize("raw", [b"", b"stem,a,b,key\n"])
@pytest.mark.parametrize("form", ["csv", "aiken", "gift", "anki"])
def test_a_file_without_questions_is_told(form: str, raw: bytes) -> None:
    assert FORMATS[form](raw).items == ()
    assert [row.number for row in FORMATS[form](raw).bad] == [1]


def test_aiken() -> None:
    text = (
        "Who barks?\nA. a cat\nB) a dog\nthat is big\nANSWER: B\n\n"
        "Who mews?\nA. a cat\nB. a dog\n\n"
        "Who moos?\nA. a cat\nB. a cow\nANSWER: C\n\n"
        "A. nobody\nB. somebody\nANSWER: A\n"
        "Who sings?\nA. a bird\nB. a fish\nANSWER: A"
    )
    found = read_aiken(text.encode())
    assert asked(found) == [("Who barks?", ["a cat", "a dog that is big"], 1), ("Who sings?", ["a bird", "a fish"], 0)]
    assert told(found) == [(7, "names no right"), (11, "says that C"), (16, "has no question")]


def test_gift() -> None:
    text = """\
// a comment
$CATEGORY: $course$/animals/Pets

::first:: Who barks at 10\\:00? {
  ~a cat # Cats mew.
  =a dog # Dogs do.
  ~%0%a fish
}

[html]Which is <b>green</b>? { =grass ~<i>snow</i> }

Is water wet? {T}

Two and two is {#4}.

Match. { =a -> b =c -> d }

Which are pets? { ~%50%dog ~%50%cat ~%-100%rock }

Only prose.

The sky is { =blue ~red } by day.
"""
    found = read_gift(text.encode())
    assert asked(found) == [
        ("Who barks at 10:00?", ["a cat", "a dog", "a fish"], 1),
        ("Which is green?", ["grass", "snow"], 0),
        ("The sky is ... by day.", ["blue", "red"], 0),
    ]
    assert [o.why for o in found.items[0].options] == ["Cats mew.", "Dogs do.", ""]
    assert found.items[0].domain == "Pets"
    assert told(found) == [
        (3, "is no multiple"),
        (4, "is no multiple"),
        (5, "is no multiple"),
        (6, "has 0 right"),
        (7, "has no answers"),
    ]


QTI = """\
<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i1" title="t" adaptive="false">
  <responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier">
    <correctResponse><value>B</value></correctResponse>
  </responseDeclaration>
  <itemBody>
    <p>Read <code>x &lt; y</code>.</p>
    <choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1">
      <prompt>Who barks?</prompt>
      <simpleChoice identifier="A">a cat<feedbackInline identifier="A" outcomeIdentifier="F">Cats mew.</feedbackInline>
      </simpleChoice>
      <simpleChoice identifier="B">a <em>big</em> dog</simpleChoice>
    </choiceInteraction>
  </itemBody>
  <modalFeedback identifier="B" outcomeIdentifier="F" showHide="show">Dogs do.</modalFeedback>
</assessmentItem>"""


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_qti() -> None:
    found = read_qti(QTI.encode())
    assert asked(found) == [("Read `x < y`.\nWho barks?", ["a cat", "a big dog"], 1)]
    assert [o.why for o in found.items[0].options] == ["Cats mew.", "Dogs do."]


def test_a_package_of_qti() -> None:
    several = QTI.replace("<value>B</value>", "<value>A</value><value>B</value>")
    files = {"imsmanifest.xml": b"<manifest/>", "b.xml": several.encode(), "a.xml": QTI.encode(), "c.xml": b"<broken"}
    found = read_qti(zipped(files))
    assert len(found.items) == 1
    assert told(found) == [(2, "has 2 right"), (3, "can't be read")]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "boo">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<a>" * 200 + "</a>" * 200,
        '<?xml version="1.0" encoding="no-such"?><a/>',
        "<a>&nbsp;</a>",
        "",
    ],
)
def test_xml_that_could_do_harm_is_refused(text: str) -> None:
    found = read_qti(text.encode())
    assert found.items == ()
    assert told(found) == [(1, "can't be read:")]


def test_a_zip_bomb_is_not_unpacked() -> None:
    found = read_qti(zipped({"a.xml": b" " * 30_000_000}))
    assert "unpacks to more than 20 MB" in found.bad[0].sentence


ANKI_TEXT = """\
#separator:tab
#html:true
#tags column:3
Who barks?<br>A) a cat<br>B) a dog\tB\tpets
Who says &quot;moo&quot;?\t<b>a cow</b>\tfarm
Nobody answers\t\tx
"""


def test_anki_notes_as_text() -> None:
    found = read_anki(ANKI_TEXT.encode())
    assert asked(found) == [
        ("Who barks?", ["a cat", "a dog"], 1),
        ('Who says "moo"?', ["a cow", "To do: a wrong answer that somebody believes"], 0),
    ]
    assert told(found) == [(6, "names no right")]


def test_anki_notes_with_named_columns() -> None:
    found = read_anki(b"#separator:Semicolon\n#columns:Question;A;B;Answer\nWho barks?;a cat;a dog;A\n")
    assert asked(found) == [("Who barks?", ["a cat", "a dog"], 0)]


def an_apkg(*notes: tuple[tuple[str, str], ...]) -> bytes:
    names = tuple(name for name, _ in notes[0])
    deck = Deck(
        name="D",
        note_type="T",
        fields=names,
        question="{{Question}}",
        answer="",
        css="",
        notes=tuple(Note(fields, guid=str(i)) for i, fields in enumerate(notes)),
    )
    return write_package(deck, now=1_800_000_000)


def test_an_anki_package() -> None:
    fields = (("Question", "Who <code>barks</code>?"), ("A", "a cat"), ("B", "a&nbsp;dog"), ("Answer", "B"))
    found = read_anki(an_apkg(fields, (("Question", "Who?"), ("A", ""), ("B", ""), ("Answer", ""))))
    assert asked(found) == [("Who `barks`?", ["a cat", "a dog"], 1)]
    assert told(found) == [(2, "names no right")]


def test_a_package_of_the_newest_form_says_how_to_export() -> None:
    found = read_anki(zipped({"collection.anki21b": b"x", "collection.anki2": b"y"}))
    assert "Support older Anki versions" in found.bad[0].sentence


def test_a_damaged_collection_is_told(tmp_path: Path) -> None:
    path = tmp_path / "base"
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE col (models text)")
        base.execute("INSERT INTO col VALUES ('[1, 2]')")
        base.commit()
    for content in (b"no database", path.read_bytes()):
        assert "damaged" in read_anki(zipped({"collection.anki2": content})).bad[0].sentence
    assert "no collection" in read_anki(zipped({"media": b"{}"})).bad[0].sentence


def test_html_becomes_words() -> None:
    assert from_html("a<br>b <script>x()</script><code>c &lt; d</code>") == "a\nb `c < d`"
    assert from_html("plain < text") == "plain < text"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", "plain words"),
        ("use *all* of it", "use `*all*` of it"),
        ("see https://example.org/x.", "see `https://example.org/x`."),
        ("- a point\n- another", "a point another"),
        ("the {gap} here", "the `{gap}` here"),
        ("kept `a_b` code", "kept `a_b` code"),
        ("tab\there\u200b", "tab  here"),
    ],
)
def test_texts_are_made_safe(text: str, expected: str) -> None:
    assert safe(text) == expected
    assert markdown_faults(safe(text)) == ()


def run(content: Path, *arguments: str) -> Result:
    return CliRunner().invoke(pack, ["--content", str(content), *arguments])


CSV = """\
stem,a,b,c,d,key,why_a,why_b,takeaway,domain
Who barks at night?,a cat,a dog,a cow,a hen,b,short,Dogs bark at night as they hear a lot.,Dogs bark.,Practice
Who mews?,a cat,a cat,a cow,a hen,a,,,,
What does the reader of sky-1 see?,one,two,three,four,a,,,,
Who runs `df.x*2`?,<tag>,{gap},*star*,plain,d,,,,
"""


def added(content: Path, *, name: str = "bank.csv", text: str = CSV, form: str = "csv") -> Result:
    (content / name).write_text(text, encoding="utf-8")
    return run(content, "import", form, str(content / name), "--pack", "my-exam", "--domain", "basics")


def test_imported_questions_are_drafts_that_load(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    before = (folder / "items/basics.yaml").read_text()
    result = added(tmp_path)
    assert result.exit_code == 0, result.output
    assert "row 3 has two options that read the same" in result.output
    assert "row 4 asks what sky-1 asks already" in result.output
    assert "Added as drafts: 2 items, 0 traps, 0 cards. Left out: 2." in result.output
    assert (folder / "items/basics.yaml").read_text().startswith(before.rstrip())
    loaded = load_pack(folder)
    assert [item.id for item in loaded.ready] == ["sky-1"]
    night = item_of(loaded.items, "practice")
    assert (night.stem, night.key, night.status) == ("Who barks at night?", "b", Status.DRAFT)
    assert night.option("b").why.startswith("Dogs bark at night")
    assert night.option("a").why.startswith("To do:")
    assert night.takeaway == "Dogs bark."
    runs = next(item for item in loaded.items if item.stem.startswith("Who runs"))
    assert [o.text for o in runs.options] == ["`<tag>`", "`{gap}`", "`*star*`", "plain"]
    unfinished = [f for f in lint(loaded, TODAY) if f.rule.id == "unfinished"]
    assert len(unfinished) == 2


def item_of(items: tuple[Item, ...], domain: str) -> Item:
    return next(item for item in items if item.domain == domain)


def test_a_second_import_of_the_same_file_adds_nothing(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    added(tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    result = added(tmp_path)
    assert result.exit_code == 1
    assert "Added as drafts: 0 items" in result.output
    assert {path: path.read_bytes() for path in folder.rglob("*.yaml")} == before


@pytest.mark.parametrize("text", [BULLETED, PLAIN])
def test_notes_become_traps_cards_and_items_of_their_domains(tmp_path: Path, text: str) -> None:
    domains = [
        {"id": "basics", "name": "Clay and basics", "weight": "60"},
        {"id": "practice", "name": "Practice", "weight": "40"},
    ]
    entry = pack_entry()
    entry["blueprint"] = entry["blueprint"] | {"domains": domains}
    folder = write_pack(tmp_path, pack=entry)
    result = added(tmp_path, name="notes.txt", text=text, form="notes")
    assert result.exit_code == 0, result.output
    loaded = load_pack(folder)
    assert len(loaded.traps) == 3
    assert {card.domain for card in loaded.draft_cards} >= {"basics"}
    assert [card.id for card in loaded.cards] == ["card-1"]
    drafts = [item for item in loaded.items if item.status is Status.DRAFT]
    assert {item.kind for item in drafts} == {Kind.TRAP, Kind.PAIR, Kind.SCENARIO}
    assert {item.domain for item in drafts} == {"basics", "practice"}
    for item in drafts:
        if item.kind is Kind.TRAP:
            assert item.traps <= {trap.id for trap in loaded.traps}
            assert item.traps
    listed = [f for f in lint(loaded, TODAY) if f.rule.id == "unfinished"]
    assert len(listed) == len(drafts) + len(loaded.draft_cards) + 2


def test_an_unknown_domain_or_pack_is_refused(tmp_path: Path) -> None:
    write_pack(tmp_path)
    (tmp_path / "bank.csv").write_text(CSV)
    result = run(tmp_path, "import", "csv", str(tmp_path / "bank.csv"), "--pack", "my-exam", "--domain", "basic")
    assert result.exit_code == 1
    assert "did you mean 'basics'?" in result.output
    result = run(tmp_path, "import", "csv", str(tmp_path / "bank.csv"), "--pack", "my-exm", "--domain", "basics")
    assert "did you mean 'my-exam'?" in result.output


def test_a_faulty_pack_is_mended_first(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, items=[item_entry(key="e")])
    result = add_drafts(folder, read_table(CSV.encode()), domain="basics", today=TODAY)
    assert isinstance(result, Refused)
    assert result.reasons[0] == "Mend the pack first:"


def test_a_file_that_can_not_be_appended_to_is_left_alone(tmp_path: Path) -> None:
    flow = '[{id: x-1, domain: practice, kind: fact, difficulty: easy, stem: "Why?", options: {a: {text: one, '
    flow += f"why: {'y' * 40}}}, b: {{text: two, why: {'y' * 40}}}}}, key: a, takeaway: t, sources: [], "
    flow += "references: [], checked: 2026-11-01}]\n"
    folder = write_pack(tmp_path, raw={"items/practice.yaml": flow})
    result = add_drafts(folder, read_table(CSV.encode()), domain="basics", today=TODAY)
    assert isinstance(result, Refused)
    assert (folder / "items/practice.yaml").read_text() == flow


@pytest.mark.parametrize("content", ["[]\n", "# to come\n[]\n"])
def test_an_empty_list_file_can_be_added_to(tmp_path: Path, content: str) -> None:
    folder = write_pack(tmp_path, raw={"items/practice.yaml": content, "cards.yaml": content})
    page = f"{BULLETED}"
    result = add_drafts(folder, FORMATS["notes"](page.encode()), domain="practice", today=TODAY)
    assert isinstance(result, Written), result
    assert load_pack(folder).draft_cards


def test_long_texts_are_told_not_cut(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    text = f"stem,a,b,key\nWhy?,{'x' * 181},b,a\n{'y' * 701},a,b,a\n"
    result = add_drafts(folder, read_table(text.encode()), domain="basics", today=TODAY)
    assert isinstance(result, Written)
    assert [row.sentence.partition(";")[0] for row in result.bad] == [
        "option 1 has 181 characters",
        "the question has 701 characters",
    ]
