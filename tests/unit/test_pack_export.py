"""What other programs get of a pack, and that our own imports read it again."""

import csv
import io
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.pack import pack
from bot.core.pack import Pack
from bot.packs.anki_file import read_notes
from bot.packs.exporters.anki import to_anki, to_html
from bot.packs.exporters.document import to_document
from bot.packs.exporters.table import to_table
from bot.packs.importers.anki import read_anki
from bot.packs.importers.drafts import Imported
from bot.packs.importers.table import read_table
from bot.packs.loader import load_pack
from tests.support.packs import item_entry, option, write_pack

CONTENT = Path(__file__).parents[2] / "content"
NOW = 1_800_000_000


@pytest.fixture(scope="module")
def bank() -> Pack:
    return load_pack(CONTENT / "databricks-ml-associate")


def run(content: Path, *arguments: str) -> Result:
    return CliRunner().invoke(pack, ["--content", str(content), *arguments])


def same(found: Imported, wanted: Pack) -> None:
    """Each item came back with its words and its key."""
    assert found.bad == ()
    assert len(found.items) == len(wanted.ready)
    for draft, item in zip(found.items, (item.filled(0) for item in wanted.ready), strict=True):
        assert plain(draft.stem) == plain(item.stem), item.id
        assert [plain(o.text) for o in draft.options] == [plain(o.text) for o in item.options], item.id
        assert draft.key == item.option_ids.index(item.key)


def plain(text: str) -> str:
    """The words, whichever way code was marked."""
    return "".join(re.sub("```[a-z]*\n|`", "", text).split())


def test_the_bank_survives_a_table(bank: Pack) -> None:
    found = read_table(to_table(bank))
    same(found, bank)
    assert [draft.options[draft.key].why for draft in found.items] == [
        item.filled(0).option(item.key).why for item in bank.ready
    ]
    assert [draft.references for draft in found.items] == [item.references for item in bank.ready]


def test_the_bank_survives_anki(bank: Pack) -> None:
    same(read_anki(to_anki(bank, now=NOW)), bank)


def test_cells_that_a_spreadsheet_would_run_are_marked(tmp_path: Path) -> None:
    texts = {"a": option("=1+1"), "b": option("@sum"), "c": option("-2"), "d": option("'quoted")}
    loaded = load_pack(write_pack(tmp_path, items=[item_entry(options=texts)]))
    (_, row) = csv.reader(io.StringIO(to_table(loaded).decode("utf-8-sig")))
    assert row[5:9] == ["'=1+1", "'@sum", "'-2", "'quoted"]
    assert [o.text for o in read_table(to_table(loaded)).items[0].options] == ["=1+1", "@sum", "-2", "'quoted"]


def test_only_ready_items_are_exported(tmp_path: Path) -> None:
    items = [item_entry(), item_entry("draft-1", status="draft"), item_entry("old-1", status="retired")]
    loaded = load_pack(write_pack(tmp_path, items=items))
    assert len(read_notes(to_anki(loaded, now=NOW))) == 1
    assert len(to_table(loaded).splitlines()) == 2
    assert to_document(loaded).decode().count("### Question") == 1


def test_an_anki_package_has_one_card_for_each_note(bank: Pack, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(to_anki(bank, now=NOW))) as archive:
        assert archive.read("media") == b"{}"
        (tmp_path / "base").write_bytes(archive.read("collection.anki2"))
    with closing(sqlite3.connect(tmp_path / "base")) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert base.execute("SELECT ver FROM col").fetchone() == (11,)
        count = base.execute("SELECT count(*), count(DISTINCT guid) FROM notes").fetchone()
        assert count == (len(bank.ready), len(bank.ready))
        orphans = "SELECT count(*) FROM cards WHERE nid NOT IN (SELECT id FROM notes)"
        assert base.execute(orphans).fetchone() == (0,)
        assert base.execute("SELECT count(*) FROM cards").fetchone() == (len(bank.ready),)


def test_a_later_export_updates_the_same_notes(tmp_path: Path) -> None:
    loaded = load_pack(write_pack(tmp_path))
    guids = [[note.guid for note in read_notes(to_anki(loaded, now=now))] for now in (NOW, NOW + 9)]
    assert guids == [["my-exam/sky-1"], ["my-exam/sky-1"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b & `c < d`", "a &lt; b &amp; <code>c &lt; d</code>"),
        ("x\n```python\na\n  b\n```", "x <pre>a\n  b</pre>"),
        ("one\ntwo\n\nthree", "one two<br><br>three"),
        ("`{{c1::x}}`", "<code>{<!-- -->{c1::x}<!-- -->}</code>"),
    ],
)
def test_markdown_becomes_html(text: str, expected: str) -> None:
    assert to_html(text) == expected


def test_a_document_has_questions_first_and_answers_last(tmp_path: Path) -> None:
    loaded = load_pack(write_pack(tmp_path))
    text = to_document(loaded).decode()
    assert text.index("### Question 1") < text.index("## Answers") < text.index("### 1: B")
    questions, answers = text.split("## Answers")
    assert "right" not in questions
    assert "Trap: all is red." in answers
    assert "<https://example.org/sky>" in answers


@pytest.mark.parametrize("form", ["anki", "csv", "markdown"])
def test_the_command_writes_a_file(tmp_path: Path, form: str) -> None:
    write_pack(tmp_path)
    out = tmp_path / "out"
    result = run(tmp_path, "export", form, "my-exam", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "Wrote 1 items" in result.output or "Wrote 1 item " in result.output
    assert out.stat().st_size > 100


def test_a_file_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    write_pack(tmp_path)
    result = run(tmp_path, "export", "csv", "my-exam", "--out", str(tmp_path / "no" / "out"))
    assert result.exit_code == 1
    assert "can't be written" in result.output
