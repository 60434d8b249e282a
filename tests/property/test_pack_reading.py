"""Whatever a file holds, loading ends in a pack or in a list of faults; and what is written is what is read."""

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.core.errors import PackError
from bot.packs.loader import load_pack
from bot.packs.markdown_limits import markdown_faults
from tests.support.packs import item_entry, option, to_yaml, write_pack

# The folder is shared by the examples of one test on purpose: each overwrites the file that it is about.
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

WORDS = st.text(alphabet="abcdefghij XYZ.,:#'\"%@?0123456789\u00e9\u4e16", min_size=1, max_size=120)
SOUP = st.text(alphabet="ab1 *_`#<>[]()!&\\|~-+=.:/\n\u00e9", max_size=60)

RIGHT = to_yaml([item_entry(), item_entry("sky-2")])


@QUICK
@given(position=st.integers(0, len(RIGHT)), removed=st.integers(0, 40), added=SOUP)
def test_no_edit_of_a_file_breaks_the_loader(tmp_path: Path, position: int, removed: int, added: str) -> None:
    shutil.rmtree(tmp_path / "my-exam", ignore_errors=True)
    text = RIGHT[:position] + added + RIGHT[position + removed :]
    folder = write_pack(tmp_path, raw={"items/basics.yaml": text})
    refused: tuple[str, ...] | None = None
    try:
        load_pack(folder)
    except PackError as error:
        refused = error.faults
    assert refused != ()
    assert all(re.fullmatch(r".+\.yaml:[1-9]\d*: .+[.?]", fault, re.DOTALL) for fault in refused or ())


@QUICK
@given(content=st.binary(max_size=200))
@pytest.mark.parametrize("name", ["pack.yaml", "facts.yaml", "items/basics.yaml"])
def test_no_bytes_break_the_loader(tmp_path: Path, name: str, content: bytes) -> None:
    shutil.rmtree(tmp_path / "my-exam", ignore_errors=True)
    folder = write_pack(tmp_path, raw={name: content})
    assume(content.strip() != b"[]")
    with pytest.raises(PackError):
        load_pack(folder)


@QUICK
@given(stem=WORDS, texts=st.lists(WORDS, min_size=2, max_size=5), takeaway=WORDS)
def test_what_is_written_is_what_is_read(tmp_path: Path, stem: str, texts: list[str], takeaway: str) -> None:
    assume(all(text.strip() and not markdown_faults(text.strip()) for text in (stem, takeaway, *texts)))
    assume(len({" ".join(text.split()) for text in texts}) == len(texts))
    shutil.rmtree(tmp_path / "my-exam", ignore_errors=True)
    options = {letter: option(text, why="x" * 20) for letter, text in zip("abcde", texts, strict=False)}
    item = load_pack(write_pack(tmp_path, items=[item_entry(stem=stem, options=options, takeaway=takeaway)])).items[0]
    assert (item.stem, item.takeaway) == (stem.strip(), takeaway.strip())
    assert [o.text for o in item.options] == [text.strip() for text in texts]


@settings(max_examples=1000, deadline=None)
@given(text=SOUP.map(lambda soup: soup.replace("`", "")))
def test_a_text_is_judged_the_same_whether_or_not_code_follows(text: str) -> None:
    """Texts without marks skip the parser; a code span sends any text to it. Both ways must agree."""
    assume(text.strip() and not text.rstrip(" ").endswith("\\"))
    text = text.strip()
    assert bool(markdown_faults(text)) == bool(markdown_faults(f"{text}\n\n`x`"))
