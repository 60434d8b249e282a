"""The SQL in storage, read from its source: which statements there are, and which tables they leave open to all."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HOLE = "{}"
CALLERS = "{as the caller says}"
"""A condition that is an argument; those that are given are looked at where they stand."""
_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|WHERE)\b")
_TABLE = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+\"?(\w+|\{\})")
_GIVEN = re.compile(
    r"workspace = (?:\?|:\w+)"
    r"|INTO \w+ \([^)]*\bworkspace\b"
    r"|w\.platform = \? AND w\.ref = \?"  # the workspace itself, by its platform's name for it
    r"|WITH asked \(workspace, key\)"  # pairs that the caller names; each join with them has to be tied to them
    r"|workspace = asked\.column1"  # the same pairs, where their rows are changed
    r"|\{as the caller says\}"
)
_TIED = re.compile(
    r"workspace = \w+\.workspace"  # the same as that of another row
    r"|JOIN (?!workspaces|revisions|subjects)\w+ (\w+) ON \1\.id = \w+\.\w+"  # a row by its key, named by another row
    r"|\w+ IN \(SELECT id FROM"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, or a WHERE that a query of its module ends in, and the function that holds it."""

    where: str
    text: str

    def is_open(self, scoped: frozenset[str]) -> bool:
        """Whether it touches rows of these tables without saying of which workspace."""
        named = [table for table in _TABLE.findall(self.text) if table in scoped or table == HOLE]
        touched = max(len(named), 1 if self.text.startswith("WHERE") else 0)
        given = len(_GIVEN.findall(self.text))
        return touched > 0 and (not given or given + len(_TIED.findall(self.text)) < touched)


def statements(path: Path) -> Iterator[Statement]:
    """All statements of a module, constants and f-strings filled in; what only the caller knows is a hole."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = _assigned(tree.body, {})
    for part in tree.body:
        for text in _listed(part, constants) if isinstance(part, ast.Assign | ast.AnnAssign) else ():
            yield Statement(f"{path.stem} (list)", " ".join(text.split()))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        known = _assigned(list(ast.walk(function)), constants)
        given = {argument.arg: CALLERS for argument in function.args.args if argument.arg == "where"}
        for text in _listed(function, {**known, **given}):
            yield Statement(f"{path.stem}.{function.name}", " ".join(text.split()))


def _listed(within: ast.AST, known: Mapping[str, str]) -> Iterator[str]:
    """The SQL that is handed to a call, kept under a name of a function's own, or stands in a list."""
    for node in ast.walk(within):
        match node:
            case ast.Call(args=[first, *_]):
                found = [first]
            case ast.Tuple(elts=elements):
                found = elements
            case ast.Assign(value=value) if isinstance(within, ast.FunctionDef):
                found = [value]
            case _:
                continue
        texts = (_text(one, known) for one in found)
        yield from (text for text in texts if text is not None and _SQL.match(text))


def unread(path: Path) -> Iterator[str]:
    """Calls of `execute` whose SQL can't be read from the source."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = _assigned(tree.body, {})
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            known = _assigned(list(ast.walk(function)), constants)
            for call in ast.walk(function):
                match call:
                    case ast.Call(func=ast.Attribute(attr="execute" | "executemany" | "executescript"), args=[sql, *_]):
                        if _text(sql, known) is None:
                            yield f"{path.stem}.{function.name}"


def _assigned(nodes: list[ast.stmt] | list[ast.AST], known: Mapping[str, str]) -> dict[str, str]:
    """Names with the text that is given to them first."""
    found = dict(known)
    for node in nodes:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=True))
        for name, value in pairs:
            text = _text(value, found)
            if isinstance(name, ast.Name) and name.id not in found and text is not None:
                found[name.id] = text
    return found


def _text(node: ast.expr, known: Mapping[str, str]) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Name(id=name):
            return known.get(name)
        case ast.JoinedStr(values=parts):
            return "".join(
                _text(part.value if isinstance(part, ast.FormattedValue) else part, known) or HOLE for part in parts
            )
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _text(left, known), _text(right, known)
            return None if first is None and second is None else (first or HOLE) + (second or HOLE)
    return None
