"""Reads the list files of a pack (items, facts, traps, cards) and checks every entry by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.packs.faults import Fault
from bot.packs.shape_check import check_shape
from bot.packs.shapes import Record
from bot.packs.yamlread import read_yaml
from bot.packs.yamltree import Listing, Mapping, Node, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The entries of one list file. If it is not `whole`, some were not read: their ids are unknown."""

    noun: str
    file: str
    entries: tuple[Mapping, ...]
    faults: tuple[Fault, ...]
    whole: bool

    @property
    def ids(self) -> Iterator[tuple[str, int]]:
        """Each id with its line."""
        for entry in self.entries:
            if found := entry.scalar("id"):
                yield found.text.strip(), found.line


def read_sheet(path: Path, record: Record, *, noun: str) -> Sheet:
    """Read a file that holds a list of `record`s. A file that does not exist is a fault."""
    file = str(path)
    if not path.is_file():
        fault = Fault(file, 1, "is missing; add it, with [] if there is nothing to put into it.")
        return Sheet(noun=noun, file=file, entries=(), faults=(fault,), whole=False)
    reading = read_yaml(path, shown=file)
    faults = list(reading.faults)
    if isinstance(reading.tree, Listing):
        nodes, whole = reading.tree.nodes, reading.whole
    else:
        nodes, whole = (), False
        if reading.tree is not None:
            faults.append(Fault(file, reading.tree.line, f"begin each {noun} with a dash: the file is a list."))
    for number, node in enumerate(nodes, start=1):
        faults += check_shape(node, record, file=file, label=label(noun, node, number))
        whole = whole and isinstance(node, Mapping) and node.scalar("id") is not None
    entries = tuple(node for node in nodes if isinstance(node, Mapping))
    return Sheet(noun=noun, file=file, entries=entries, faults=tuple(faults), whole=whole)


def label(noun: str, node: Node, number: int = 0) -> str:
    """What faults call an entry: by its id, or by its number if it has none."""
    found = node.scalar("id") if isinstance(node, Mapping) else None
    return f"{noun} {found.text.strip()}" if isinstance(found, Scalar) and found.text else f"{noun} {number}"
