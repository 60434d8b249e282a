"""Targets that read texts and files: tokens, typed lines, packs, and what is imported."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.adapters.discord.rawpress import TEMPLATE
from bot.adapters.slack.authority import command_of, pressed_command
from bot.app.commands import COMMANDS
from bot.app.suggestions import Suggestions
from bot.app.typed import Lexicon, parse, read_date, read_days, read_minutes, read_time, read_zone
from bot.core.errors import PackError
from bot.core.outcomes import Misspelt, Unreadable
from bot.packs import anki_file
from bot.packs.importers.drafts import Imported
from bot.packs.importers.entries import Taken, make_entries
from bot.packs.importers.formats import FORMATS
from bot.packs.importers.writing import to_yaml
from bot.packs.lint import lint
from bot.packs.loader import load_with_places
from bot.packs.yamlread import parse_yaml
from bot.view.tokens import PATTERN, read, write
from tests.fuzz.target import Bench, Target, Wrong, plain
from tests.support.app_house import small_pack
from tests.support.exam_notes import BULLETED, PLAIN
from tests.support.packs import card_entry, fact_entry, item_entry, pack_entry, trap_entry, write_pack
from tests.support.packs import to_yaml as written

TODAY = date(2026, 11, 23)
PACK = small_pack()
LEXICON = Lexicon(PACK, {PACK.id: PACK})
DOMAINS = {"basics": "Clay and Basics", "practice": "Practice"}

TOKENS = (
    *("tw1:a:12:B", "tw1:w:12:all", "tw1:w:3:mine", "tw1:c:quiz:trap:all-is-red", "tw1:c:leaderboard:workspace:month"),
    *("tw1:p:9", "tw1:y:forget-me", "tw1:q:7:44:C", "tw1:g:7:0", "tw1:f:7:44", "tw1:s:7:sure", "tw1:x:7", "tw1:m:7:3"),
)
LINES = (
    *("quiz basics 5", "quiz trap all-is-red", "/trapwise schedule 17:30 mon-fri Europe/Berlin 90m at_close my-exam"),
    *("leaderboard month all domain=basics", "skip 2026-12-24", "settings hide", "exam new", "quiz here", "count=5"),
    *(
        "schedule time=9am zone=utc days=mon,wed closes=8h",
        "stats team",
        "cram practice",
        "/help",
        "trapwise forget-me",
    ),
)


def _tokens(data: bytes) -> None:
    text = data.decode(errors="replace")
    token = read(text)
    name, _ = pressed_command(token)
    if isinstance(token, Unreadable):
        if name:
            raise Wrong("an unreadable token gives a command")
    elif write(token) != text or not PATTERN.fullmatch(text) or not TEMPLATE.fullmatch(text):
        raise Wrong("a token was read that would not be written")


def _lines(data: bytes) -> None:
    text = data.decode(errors="replace")
    for reader in (read_time, read_days, read_minutes, read_zone, lambda word: read_date(word, TODAY)):
        found = reader(text)
        if not isinstance(found, Misspelt | time | frozenset | int | ZoneInfo | date):
            raise Wrong(f"read as {found!r}")
    command_of("/trapwise", text)
    name, _, rest = text.partition(" ")
    for spec in COMMANDS:
        if spec.name == name or len(text) % len(COMMANDS) == COMMANDS.index(spec):
            given = parse(spec, rest, LEXICON)
            if not isinstance(given, Misspelt):
                again = parse(spec, " ".join(f"{key}={value}" for key, value in given.items()), LEXICON)
                if again != given:
                    raise Wrong(f"{given} was understood, then {again}")
            for argument in spec.arguments:
                Suggestions(LEXICON.packs, PACK.id, "Europe/Berlin").offer(argument, text)


_FILES = {
    "pack.yaml": written(pack_entry()),
    "facts.yaml": written([fact_entry()]),
    "traps.yaml": written([trap_entry()]),
    "cards.yaml": written([card_entry()]),
    "items/basics.yaml": written([item_entry(), item_entry("sky-2")]),
}
_FAULT = re.compile(r".+\.yaml:[1-9]\d*: .+[.?]", re.DOTALL)


@contextmanager
def _packs() -> Iterator[Bench]:
    """Inputs are a file's name, a line end, and its content."""
    with TemporaryDirectory() as outside:
        folder = write_pack(Path(outside))

        def check(data: bytes) -> None:
            name, _, content = data.partition(b"\n")
            path = folder / (name.decode(errors="replace") if name.decode(errors="replace") in _FILES else "facts.yaml")
            before = path.read_bytes()
            path.write_bytes(content)
            try:
                loaded = load_with_places(folder)
                lint(loaded.pack, TODAY, places=loaded.places)
            except PackError as error:
                odd = [fault for fault in error.faults if not _FAULT.fullmatch(fault)]
                if odd or not error.faults:
                    raise Wrong(f"a refusal that doesn't say where: {odd}") from None
            finally:
                path.write_bytes(before)

        yield Bench(check=check, seeds=tuple(f"{name}\n{text}".encode() for name, text in _FILES.items()))


def _yaml(data: bytes) -> None:
    found = parse_yaml(data.decode(errors="replace").replace("\r\n", "\n"), shown="x.yaml")
    if found.tree is None and not found.faults:
        raise Wrong("neither a tree nor a fault")


def _sound(found: Imported) -> None:
    """What every import has to end in; and whatever it takes can be written and read as YAML."""
    if not (found.items or found.traps or found.cards or found.bad):
        raise Wrong("nothing was found, and nothing said")
    if any(row.number < 1 or not row.sentence.endswith((".", "?")) for row in found.bad):
        raise Wrong(f"a bad row that isn't told well: {found.bad}")
    if any(not 2 <= len(item.options) <= 5 or not 0 <= item.key < len(item.options) for item in found.items):
        raise Wrong("an item that can't be asked")
    taken = Taken({"item": set(), "trap": set(), "card": set()}, {})
    made = make_entries(found, domains=DOMAINS, domain="basics", taken=taken, today=TODAY)
    for entry in [*(e for entries in made.items.values() for e in entries), *made.traps, *made.cards][:3]:
        if faults := parse_yaml(to_yaml(entry), shown="x.yaml").faults:
            raise Wrong(f"what was imported can't be read again: {faults}")


def _importer(name: str, form: str, share: int, *seeds: str | bytes) -> Target:
    return plain(f"import {name}", share, lambda data: _sound(FORMATS[form](data)), *seeds)


def _zipped(**members: str | bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 23, 0, 0, 0)), content)
    return packed.getvalue()


_QTI = (
    "<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1'><responseDeclaration identifier='R'>"
    "<correctResponse><value>A</value></correctResponse></responseDeclaration><itemBody><p>Look: <code>x</code></p>"
    "<choiceInteraction responseIdentifier='R'><prompt>Who?</prompt><simpleChoice identifier='A'>a"
    "<feedbackInline identifier='A'>because</feedbackInline></simpleChoice>"
    "<simpleChoice identifier='B'>b</simpleChoice></choiceInteraction></itemBody></assessmentItem>"
)
_DECK = anki_file.Deck(
    name="Deck",
    note_type="Question",
    fields=("Question", "A", "B", "Answer"),
    question="{{Question}}",
    answer="{{Answer}}",
    css="",
    notes=(
        anki_file.Note((("Question", "Who?"), ("A", "one"), ("B", "<b>two</b>"), ("Answer", "A")), ("t",), "g1"),
        anki_file.Note((("Question", "What?<br>x"), ("A", "three"), ("B", "four"), ("Answer", "B")), (), "g2"),
    ),
)


def _package() -> bytes:
    return anki_file.write_package(_DECK, now=1_700_000_000)


def _collection(data: bytes) -> None:
    """The database inside a package, changed and packed again."""
    _sound(FORMATS["anki"](_zipped(**{"collection.anki2": data})))


@contextmanager
def _collections() -> Iterator[Bench]:
    with zipfile.ZipFile(io.BytesIO(_package())) as archive:
        yield Bench(check=_collection, seeds=(archive.read("collection.anki2"),))


@contextmanager
def _archives() -> Iterator[Bench]:
    """Zip files of both formats that come as such; the name of the format is before the first line end."""

    def check(data: bytes) -> None:
        form, _, content = data.partition(b"\n")
        _sound(FORMATS["qti" if form == b"qti" else "anki"](content))

    qti = _zipped(**{"a.xml": _QTI, "imsmanifest.xml": "<manifest/>", "folder/b.xml": f"<x>{_QTI}{_QTI}</x>"})
    yield Bench(check=check, seeds=(b"anki\n" + _package(), b"qti\n" + qti))


TARGETS = (
    plain("tokens", 150, _tokens, *TOKENS),
    plain("typed lines", 120, _lines, *LINES, "17:30", "9am", "Europe/Berlin", "mon-fri", "1h30", "2026-12-24"),
    plain("YAML", 90, _yaml, *_FILES.values()),
    Target(name="packs", share=60, opened=_packs),
    _importer(
        "CSV",
        "csv",
        60,
        "stem,a,b,key,why_a,domain\nWho?,one,two,a,because,basics\n",
        "question;A;B;answer\nX?;1;2;B\n",
    ),
    _importer(
        "Anki text",
        "anki",
        60,
        "#separator:tab\n#html:true\nWho?<br>A) x<br>B) y\tA\n",
        "#separator:comma\n#columns:Question,A,B,Answer\n#tags column:5\nWho?,one,two,A,tag\n",
    ),
    _importer(
        "GIFT",
        "gift",
        60,
        "::t:: Who? { =one #yes ~two ~%50%three }\n\n$CATEGORY: a/b\n\nX {T}\n",
        "[html]W {~%100%a ~b}",
    ),
    _importer("Aiken", "aiken", 60, "Who?\nA. one\nB) two\nANSWER: B\n\nWhat\nis it?\nA. x\nB. y\nC. z\nANSWER: C\n"),
    _importer("QTI", "qti", 60, _QTI, f"<?xml version='1.0' encoding='utf-8'?><x>{_QTI}</x>"),
    _importer("exam notes", "notes", 50, BULLETED, PLAIN, BULLETED + PLAIN),
    Target(name="Anki collections", share=20, opened=_collections),
    Target(name="zip files", share=30, opened=_archives),
)
