"""Reads XML from strangers into elements: names without namespaces, no document type, no entities of its own.

A document type is what entity bombs and reads of other files need (https://docs.python.org/3/library/xml.html,
"XML security"), and no format read here needs one. Refusing it at the parser leaves nothing to expand.
"""

from dataclasses import dataclass, field
from xml.parsers import expat

MAX_DEPTH = 100
MAX_ELEMENTS = 500_000


@dataclass(slots=True)
class Element:
    """One element. `parts` are its texts and elements in order."""

    name: str
    attributes: dict[str, str]
    parts: list["Element | str"] = field(default_factory=list)

    def all(self, name: str) -> list["Element"]:
        """Every element of this name inside, in document order."""
        found: list[Element] = []
        waiting = [self]
        while waiting:
            element = waiting.pop()
            if element is not self and element.name == name:
                found.append(element)
            waiting += [part for part in reversed(element.parts) if isinstance(part, Element)]
        return found

    def first(self, name: str) -> "Element | None":
        """The first element of this name inside."""
        return next(iter(self.all(name)), None)


class Refused(Exception):
    """The document can't be read; the text says why."""


def read_xml(raw: bytes) -> Element:
    """The root element. Raises Refused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    root = Element("", {})
    open_ = [root]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(open_) > MAX_DEPTH or count > MAX_ELEMENTS:
            raise Refused("it is nested too deeply or too large")
        element = Element(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})
        open_[-1].parts.append(element)
        open_.append(element)

    def end(_: str) -> None:
        open_.pop()

    def text(data: str) -> None:
        open_[-1].parts.append(data)

    def doctype(*_: object) -> None:
        raise Refused("it has a document type or entities of its own; remove them")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Refused(f"it is no sound XML (line {error.lineno}: {expat.errors.messages[error.code]})") from None
    except (ValueError, LookupError):
        raise Refused("it names an unknown encoding") from None
    return root
