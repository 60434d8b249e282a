"""YAML as a small tree in which every scalar is a string and every node knows its line, counted from 1."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. Numbers, dates and words such as `no` or `null` are texts too."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of nodes."""

    line: int
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Hole:
    """Stands where a refused alias was, so that one fault does not cause others."""

    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes, in file order. Each key occurs once."""

    line: int
    entries: tuple[tuple[Scalar, "Node"], ...]

    def get(self, key: str) -> "Node | None":
        """What the key holds, or None if it is missing."""
        for name, node in self.entries:
            if name.text == key:
                return node
        return None

    def scalar(self, key: str) -> Scalar | None:
        """What the key holds if that is a text."""
        node = self.get(key)
        return node if isinstance(node, Scalar) else None

    def text(self, key: str) -> str:
        """The stripped text of a key that has been checked before; KeyError otherwise."""
        node = self.get(key)
        if not isinstance(node, Scalar):
            raise KeyError(key)
        return node.text.strip()

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """The texts in the list that the key holds; whatever else is there is left out."""
        node = self.get(key)
        return tuple(n for n in node.nodes if isinstance(n, Scalar)) if isinstance(node, Listing) else ()

    def mapping(self, key: str) -> "Mapping":
        """What the key holds if that is a mapping, an empty one otherwise."""
        node = self.get(key)
        return node if isinstance(node, Mapping) else Mapping(self.line, ())

    def mappings(self, key: str) -> tuple["Mapping", ...]:
        """The mappings in the list that the key holds."""
        node = self.get(key)
        return tuple(n for n in node.nodes if isinstance(n, Mapping)) if isinstance(node, Listing) else ()


Node = Scalar | Listing | Mapping | Hole
