"""Whatever a file holds, an import ends in drafts and told rows; and what it adds to a pack always loads."""

import io
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.packs.exporters.table import guarded
from bot.packs.importers.drafts import DraftItem, DraftOption, Imported
from bot.packs.importers.formats import FORMATS
from bot.packs.importers.table import read_table, unguarded
from bot.packs.importers.texts import safe
from bot.packs.importers.writing import Written, add_drafts
from bot.packs.loader import load_pack
from bot.packs.markdown_limits import markdown_faults
from tests.support.exam_notes import BULLETED, PLAIN
from tests.support.packs import write_pack

QUICK = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SLOW = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SEEDS = {
    "csv": "stem,a,b,key,why_a\nWho?,one,two,a,because\n",
    "anki": "#separator:tab\n#html:true\nWho?<br>A) x<br>B) y\tA\n",
    "gift": "::t:: Who? { =one #yes ~two ~%50%three }\n\n$CATEGORY: a/b\n\nX {T}\n",
    "aiken": "Who?\nA. one\nB) two\nANSWER: B\n",
    "qti": (
        "<assessmentItem><responseDeclaration identifier='R'><correctResponse><value>A</value></correctResponse>"
        "</responseDeclaration><itemBody><choiceInteraction responseIdentifier='R'><prompt>Who?</prompt>"
        "<simpleChoice identifier='A'>a</simpleChoice><simpleChoice identifier='B'>b</simpleChoice>"
        "</choiceInteraction></itemBody></assessmentItem>"
    ),
    "notes": BULLETED + PLAIN,
}
MARKS = st.text(alphabet="ab1 *_`#<>[](){}!&\\|~-+=.:%\n\t\"',;\x00\u200b\ue000\u00e9ATF", max_size=40)


def sound(found: Imported) -> None:
    assert all(row.number >= 1 and row.sentence.endswith((".", "?")) for row in found.bad)
    for item in found.items:
        assert 2 <= len(item.options) <= 5
        assert 0 <= item.key < len(item.options)


@QUICK
@given(raw=st.binary(max_size=300))
@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_bytes_break_an_import(form: str, raw: bytes) -> None:
    found = FORMATS[form](raw)
    sound(found)
    assert found.items or found.traps or found.cards or found.bad


@QUICK
@given(data=st.data())
@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_edit_of_a_file_breaks_an_import(form: str, data: st.DataObject) -> None:
    seed = SEEDS[form]
    place = data.draw(st.integers(0, len(seed)))
    removed = data.draw(st.integers(0, 20))
    sound(FORMATS[form]((seed[:place] + data.draw(MARKS) + seed[place + removed :]).encode()))


@QUICK
@given(content=st.binary(max_size=200), name=st.sampled_from(["collection.anki2", "collection.anki21", "a.xml"]))
@pytest.mark.parametrize("form", ["anki", "qti"])
def test_no_archive_breaks_an_import(form: str, content: bytes, name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    whole = packed.getvalue()
    sound(FORMATS[form](whole))
    sound(FORMATS[form](whole[: len(whole) // 2]))


@SLOW
@given(
    stem=MARKS,
    texts=st.lists(MARKS, min_size=2, max_size=5),
    why=MARKS,
    takeaway=MARKS,
    domain=st.sampled_from(["", "Basics", "practise", "??"]),
)
def test_whatever_is_added_loads(
    tmp_path: Path, stem: str, texts: list[str], why: str, takeaway: str, domain: str
) -> None:
    shutil.rmtree(tmp_path / "my-exam", ignore_errors=True)
    folder = write_pack(tmp_path)
    item = DraftItem(
        number=7,
        stem=stem,
        options=tuple(DraftOption(text, why) for text in texts),
        key=0,
        takeaway=takeaway,
        domain=domain,
    )
    result = add_drafts(folder, Imported(unit="row", items=(item,)), domain="basics", today=date(2026, 11, 23))
    assert isinstance(result, Written), result
    assert result.items + len(result.bad) == 1
    assert len(load_pack(folder).items) == 1 + result.items


@QUICK
@given(text=MARKS)
def test_safe_texts_have_no_markdown_but_code(text: str) -> None:
    assert markdown_faults(safe(text)) == ()


@QUICK
@given(cell=st.text(alphabet="=+-@'ab \t", max_size=6))
def test_guarded_cells_come_back(cell: str) -> None:
    assert not guarded(cell).startswith(("=", "+", "-", "@", "\t"))
    if not cell.startswith("'"):
        assert unguarded(guarded(cell)) == cell


def test_the_seeds_are_sound() -> None:
    assert all(FORMATS[form](text.encode()).items for form, text in SEEDS.items())
    assert read_table(SEEDS["csv"].encode()).bad == ()
