"""Packs that are kept as they were read: the same as read anew, and never older than their files."""

import json
import shutil
from pathlib import Path

import pytest

from bot.core.errors import PackError
from bot.packs import kept, loader
from tests.support.packs import item_entry, pack_entry, write_pack

CONTENT = Path(__file__).parents[2] / "content"


def written(folder: Path) -> Path:
    write_pack(folder, pack=pack_entry(), items={"basics": [item_entry("one", stem="What is it?")], "practice": []})
    return folder


def test_what_is_kept_equals_what_is_read(tmp_path: Path) -> None:
    keep = tmp_path / "x.db.packs"
    read = loader.load_packs(CONTENT)
    assert kept.load_packs(CONTENT, keep=keep) == read
    again = kept.load_packs(CONTENT, keep=keep)
    assert again == read
    assert list(again) == list(read)
    assert [i.hash for p in again.values() for i in p.items] == [i.hash for p in read.values() for i in p.items]
    assert {type(i.kind) for p in again.values() for i in p.items} == {
        type(i.kind) for p in read.values() for i in p.items
    }
    assert all(hash(item) for pack in again.values() for item in pack.items)


def test_it_is_used_and_no_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content, keep = written(tmp_path / "content"), tmp_path / "x.db.packs"
    first = kept.load_packs(content, keep=keep)
    monkeypatch.setattr(loader, "load_packs", lambda _: pytest.fail("the packs were read again"))
    assert kept.load_packs(content, keep=keep) == first


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    content, keep = written(tmp_path / "content"), tmp_path / "x.db.packs"
    kept.load_packs(content, keep=keep)
    for file in content.glob("*/items/basics.yaml"):
        file.write_text(file.read_text(encoding="utf-8").replace("What is it?", "What else is it?"), encoding="utf-8")
    (pack,) = kept.load_packs(content, keep=keep).values()
    assert pack.items[0].stem == "What else is it?"


def test_a_new_pack_is_found_and_one_that_is_gone_is_not(tmp_path: Path) -> None:
    content, keep = tmp_path / "content", tmp_path / "x.db.packs"
    shutil.copytree(CONTENT / "git-basics", content / "git-basics")
    assert list(kept.load_packs(content, keep=keep)) == ["git-basics"]
    written(content)
    assert len(kept.load_packs(content, keep=keep)) == 2
    shutil.rmtree(content / "git-basics")
    assert "git-basics" not in kept.load_packs(content, keep=keep)


def test_a_faulty_pack_is_refused_as_ever_and_nothing_is_kept(tmp_path: Path) -> None:
    content, keep = written(tmp_path / "content"), tmp_path / "x.db.packs"
    kept.load_packs(content, keep=keep)
    before = keep.read_bytes()
    for file in content.glob("*/pack.yaml"):
        file.write_text("id: [", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(PackError):
            kept.load_packs(content, keep=keep)
    assert keep.read_bytes() == before


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "null", '{"mark": 1}', '{"mark": "MARK", "packs": [[1]]}', "[" * 100_000]
)
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: str) -> None:
    content, keep = written(tmp_path / "content"), tmp_path / "x.db.packs"
    packs = kept.load_packs(content, keep=keep)
    mark = json.loads(keep.read_text(encoding="utf-8"))["mark"]
    keep.write_text(damage.replace("MARK", mark), encoding="utf-8")
    assert kept.load_packs(content, keep=keep) == packs
    assert json.loads(keep.read_text(encoding="utf-8"))["mark"] == mark


def test_a_folder_that_takes_no_file_is_no_hindrance(tmp_path: Path) -> None:
    content = written(tmp_path / "content")
    assert kept.load_packs(content, keep=tmp_path / "nowhere" / "x.packs") == loader.load_packs(content)
    assert kept.load_packs(content, keep=None) == loader.load_packs(content)
