"""Imports point only where docs/architecture.md says, and each library is used in one place."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FILES = sorted(path for top in ("bot", "storage") for path in (ROOT / top).rglob("*.py"))

ADAPTERS = sorted(path.name for path in (ROOT / "bot" / "adapters").iterdir() if (path / "__init__.py").is_file())

CORE, VIEW, APP = "bot.core", "bot.view", "bot.app"

MAY: dict[str, tuple[str, ...]] = {
    "bot.core": (CORE,),
    "bot.view": (VIEW, CORE),
    "bot.app": (APP, VIEW, CORE),
    "bot.packs": ("bot.packs", CORE),
    "bot.alarm": (APP, CORE),
    "bot.health": ("bot.alarm", APP, CORE),
    "bot.config": (CORE,),
    "bot.logs": (CORE,),
    "storage": ("storage", "bot.app.ports", "bot.app.records", CORE),
    **{f"bot.adapters.{name}": (f"bot.adapters.{name}", APP, VIEW, CORE) for name in ADAPTERS},
    "bot.adapters": (),
    "bot.compose": ("bot", "storage"),
    "bot.cli": ("bot", "storage"),
    "bot.__main__": ("bot.cli",),
    "bot": (),
}
"""What each part may import of ours. `bot.cli` and `bot.compose` put the parts together, so they see them all."""

ONLY_IN: dict[str, tuple[str, ...]] = {
    "discord": ("bot.adapters.discord",),
    "slack_bolt": ("bot.adapters.slack",),
    "slack_sdk": ("bot.adapters.slack",),
    "cryptography": ("bot.adapters.slack",),
    "jinja2": ("bot.adapters.web",),
    "itsdangerous": ("bot.adapters.web",),
    "markupsafe": ("bot.adapters.web",),
    "aiohttp": ("bot.adapters", "bot.compose"),
    "yarl": ("bot.adapters",),
    "rich": ("bot.adapters.terminal", "bot.cli"),
    "sqlite3": ("storage",),
    "sqlite_utils": ("storage",),
    "filelock": ("storage",),
    "apscheduler": ("bot.alarm",),
    "yaml": ("bot.packs",),
    "fsrs": ("bot.core",),
    "markdown_it": ("bot.view", "bot.packs"),
    "dotenv": ("bot.config",),
    "pydantic": ("bot.config", "bot.compose"),
    "pydantic_settings": ("bot.config",),
    "tzlocal": ("bot.config",),
    "click": ("bot.cli", "bot.__main__"),
}
"""The only places where each library may be imported; one that isn't listed may be imported nowhere."""

PURE = ("bot.core", "bot.view", "bot.app")
"""Time and chance are arguments there."""

CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "localtime"),
    ("os", "urandom"),
    ("uuid", "uuid4"),
    ("uuid", "uuid1"),
}

LONGEST = 400
TO_BE_SPLIT = ("bot/app/ports.py",)
"""Longer ones that are known of. One that has become short enough has to leave this list."""

SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "base", "misc"}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name, as a dotted path, and where it stands."""

    name: str
    where: str


def module_of(path: Path) -> str:
    """`bot/app/daily.py` as `bot.app.daily`, a package's own file as the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path) for path in FILES}


def part_of(module: str) -> str:
    """The part of the house that a module belongs to: the longest entry of MAY that it lies in."""
    found = [part for part in MAY if module == part or module.startswith(f"{part}.")]
    return max(found, key=len)


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, wherever in it it stands; `from a import b` names a.b if that is a module of ours."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        match node:
            case ast.Import(names=names):
                yield from (Import(alias.name, where) for alias in names)
            case ast.ImportFrom(module=None) | ast.ImportFrom(level=1 | 2 | 3):
                yield Import("(relative)", where)
            case ast.ImportFrom(module=str() as module, names=names):
                for alias in names:
                    inner = f"{module}.{alias.name}"
                    yield Import(inner if inner in MODULES else module, where)


def ours(name: str) -> bool:
    return name.split(".")[0] in ("bot", "storage", "tests", "benchmarks", "content")


def within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def test_there_is_something_to_look_at() -> None:
    assert {"discord", "slack", "terminal", "web"} <= set(ADAPTERS)
    assert len(FILES) > 80
    assert sum(1 for path in FILES for _ in imports(path)) > 500


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_of_ours_point_only_one_way(path: Path) -> None:
    part = part_of(module_of(path))
    allowed = MAY[part]
    wrong = [
        f"{i.where}: {part} imports {i.name}" for i in imports(path) if ours(i.name) and not within(i.name, allowed)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_each_library_is_imported_only_in_its_place(path: Path) -> None:
    module = module_of(path)
    wrong = []
    for found in imports(path):
        top = found.name.split(".")[0]
        if ours(found.name):
            continue
        if top in ONLY_IN:
            if not within(module, ONLY_IN[top]):
                wrong.append(f"{found.where}: {top} belongs to {' and '.join(ONLY_IN[top])}")
        elif top not in sys.stdlib_module_names:
            wrong.append(f"{found.where}: {top} is not listed; say here where it may be used")
    assert wrong == []


def test_the_lists_name_nothing_that_is_gone() -> None:
    used = {i.name.split(".")[0] for path in FILES for i in imports(path)}
    assert set(ONLY_IN) - used == set()
    assert {part_of(module) for module in MODULES} == set(MAY)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_only_the_configuration_reads_the_environment(path: Path) -> None:
    if module_of(path) == "bot.config":
        return
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb"))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {a.name for a in node.names} & {"environ", "getenv"}
        )
    ]
    assert wrong == []


def faults_of_purity(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where code takes the time or chance from outside."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in CLOCKS:
                yield node.lineno, f"{owner}.{name}"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr="Random"), args=[_, *_]):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr=name)):
                yield node.lineno, f"random.{name} without a seed"
            case ast.ImportFrom(module="random" | "time", names=names) if {a.name for a in names} - {"struct_time"}:
                yield node.lineno, f"from {node.module} import"


PURE_FILES = [path for path in FILES if within(module_of(path), PURE)]


@pytest.mark.parametrize("path", PURE_FILES, ids=module_of)
def test_time_and_chance_are_arguments(path: Path) -> None:
    wrong = faults_of_purity(ast.parse(path.read_text(encoding="utf-8")))
    assert [f"{path.relative_to(ROOT)}:{line}: {what}" for line, what in wrong] == []


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now(UTC)",
        "date.today()",
        "time.time()",
        "random.random()",
        "random.Random()",
        "random.choice([1])",
        "from time import time",
    ],
)
def test_taking_time_or_chance_is_noticed(code: str) -> None:
    assert list(faults_of_purity(ast.parse(code)))


def test_a_seeded_generator_is_fine() -> None:
    assert list(faults_of_purity(ast.parse("random.Random(seed).shuffle(ids)"))) == []


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_modules_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    known = path.relative_to(ROOT).as_posix() in TO_BE_SPLIT
    assert (lines > LONGEST) == known, f"{lines} lines; split it by subject"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_names_say_what_is_inside(path: Path) -> None:
    assert not set(path.relative_to(ROOT).with_suffix("").parts) & SAY_NOTHING


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.split("\n")[0].endswith((".", ":"))
