"""Reads a YAML file into a tree of yamltree, with every fault in it.

Packs use a plain subset of YAML: one document, no anchors, aliases, tags, merge keys, tabs, no key twice.
Whatever leaves the subset is a fault, so that a file means to a reader what it means to the program.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.packs.faults import Fault
from bot.packs.yamltree import Hole, Listing, Mapping, Node, Scalar

MAX_BYTES = 2_000_000
MAX_DEPTH = 12

# Control, zero-width, bidirectional and private characters: unseen by readers, yet they change comparisons.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\uf8ff\ufff0-\uffff]"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: its tree, its faults, and whether the tree is `whole` (False: up to an error)."""

    tree: Node | None
    faults: tuple[Fault, ...]
    whole: bool
    blank: bool = False
    """The file holds nothing but space and comments."""


def read_yaml(path: Path, *, shown: str) -> Reading:
    """Read one file. `shown` is how faults name it. Of a list, what precedes a syntax error is kept."""
    try:
        text = _read_text(path, shown=shown)
    except _Unreadable as refusal:
        return Reading(None, (refusal.fault,), whole=False)
    return parse_yaml(text, shown=shown)


def parse_yaml(text: str, *, shown: str) -> Reading:
    """As read_yaml, for a text at hand."""
    return _Composer(shown).read(text)


class _Unreadable(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def _read_text(path: Path, *, shown: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise _Unreadable(Fault(shown, 1, f"can't be read ({reason}); mend that.")) from None
    if len(raw) > MAX_BYTES:
        raise _Unreadable(Fault(shown, 1, f"is larger than {MAX_BYTES // 1_000_000} MB; split it."))
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Unreadable(Fault(shown, line, "is not UTF-8; save the file as UTF-8.")) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been seen yet."""

    line: int
    is_mapping: bool
    nodes: list[Node]


class _Composer:
    """Builds the tree from PyYAML's parse events.

    PyYAML's own composer resolves aliases, hides anchors and stops at the first thing it dislikes; the events
    show everything. Nesting is kept on a list, so that no file can exhaust the stack.
    """

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.faults: list[Fault] = []
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.whole = True

    def fault(self, line: int, sentence: str) -> None:
        self.faults.append(Fault(self.shown, line, sentence))

    def read(self, text: str) -> Reading:
        if self.unseen(text):
            # libyaml takes some of these for line ends, and then every line number would be wrong.
            return Reading(None, tuple(self.faults), whole=False)
        try:
            self.compose(_events(text))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.stop(mark.line + 1 if mark else 1, _syntax(error))
            if self.open and not self.open[0].is_mapping:
                self.root = Listing(self.open[0].line, tuple(self.open[0].nodes))
        except yaml.YAMLError:
            self.stop(1, "is not valid YAML; save it again as plain text.")
        except _TooDeep as error:
            self.stop(error.line, f"is nested more than {MAX_DEPTH} levels deep; write it flatter.")
        blank = self.root is None and self.whole
        if blank:
            self.stop(1, "is empty; write [] if the list shall be empty.")
        return Reading(self.root, tuple(self.faults), whole=self.whole, blank=blank)

    def unseen(self, text: str) -> bool:
        """Tell tabs and invisible characters; True if there are any of the latter."""
        unseen = False
        for number, line in enumerate(text.split("\n"), start=1):
            if "\t" in line:
                self.fault(number, "holds a tab; use spaces.")
            if found := INVISIBLE.search(line):
                unseen = True
                self.fault(number, f"holds the invisible character U+{ord(found[0]):04X}; remove it.")
        return unseen

    def stop(self, line: int, sentence: str) -> None:
        """A fault after which the rest of the file is unknown."""
        self.fault(line, sentence)
        self.whole = False

    def compose(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            line = event.start_mark.line + 1
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self.stop(line, "begins a second document; keep one document per file.")
                        return
                    if event.version or event.tags:
                        self.fault(line, "holds a YAML directive (%); remove it.")
                case yaml.AliasEvent():
                    self.fault(line, f"uses the alias *{event.anchor}; write the value out.")
                    self.attach(Hole(line))
                case yaml.ScalarEvent():
                    self.refuse_marks(event, line=line)
                    self.scalar(event, line=line)
                case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                    self.refuse_marks(event, line=line)
                    if len(self.open) >= MAX_DEPTH:
                        raise _TooDeep(line)
                    self.open.append(_Open(line, isinstance(event, yaml.MappingStartEvent), []))
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    self.close()
                case _:
                    pass

    def refuse_marks(self, event: Any, *, line: int) -> None:
        if event.anchor is not None:
            self.fault(line, f"sets the anchor &{event.anchor}; remove it.")
        if event.tag is not None:
            self.fault(line, f"has the tag {event.tag}; remove it, since every value is a text.")

    def scalar(self, event: yaml.ScalarEvent, *, line: int) -> None:
        value: str = event.value
        if found := INVISIBLE.search(value):
            self.fault(line, f"holds the invisible character U+{ord(found[0]):04X} as an escape; remove it.")
        elif "\t" in value:
            self.fault(line, "holds a tab as an escape; use spaces.")
        is_key = bool(self.open) and self.open[-1].is_mapping and len(self.open[-1].nodes) % 2 == 0
        if is_key and value == "<<" and not event.style:
            self.fault(line, "uses a merge key (<<); write the keys out.")
        self.attach(Scalar(line, value))

    def attach(self, node: Node) -> None:
        if self.open:
            self.open[-1].nodes.append(node)
        elif self.root is None:
            self.root = node

    def close(self) -> None:
        done = self.open.pop()
        if done.is_mapping:
            self.attach(Mapping(done.line, tuple(self.pairs(done.nodes))))
        else:
            self.attach(Listing(done.line, tuple(done.nodes)))

    def pairs(self, nodes: list[Node]) -> Iterator[tuple[Scalar, Node]]:
        first_lines: dict[str, int] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                if not isinstance(key, Hole):
                    self.fault(key.line, "uses a list or mapping as a key; a key is a word.")
            elif key.text in first_lines:
                first = first_lines[key.text]
                self.fault(key.line, f"the key '{key.text}' is given twice (first on line {first}); keep one.")
            elif key.text != "<<":
                first_lines[key.text] = key.line
                yield key, value


class _TooDeep(Exception):
    def __init__(self, line: int) -> None:
        self.line = line


def _events(text: str) -> Iterator[Any]:
    # The loader on top of libyaml is about ten times as fast; wheels of PyYAML have it, some builds don't.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


def _syntax(error: yaml.MarkedYAMLError) -> str:
    reason = error.problem or error.context or "unknown reason"
    hint = "put texts that hold ': ' or ' #' or begin with ` @ * & ! % into quotes, and look at the indentation"
    return f"is not valid YAML ({reason}); {hint}."
