"""Imports point only where docs/architecture.md says, and each library is used in one place."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FILES = sorted(path for top in ("bot", "storage") for path in (ROOT / top).rglob("*.py"))

ADAPTERS = sorted(path.name for path in (ROOT / "bot" / "adapters").iterdir() if (path / "__init__.py").is_file())

CORE, VIEW, APP = "bot.core", "bot.view", "bot.app"

MAY: dict[str, tuple[str, ...]] = {
    "bot.core": (CORE,),
    "bot.view": (VIEW, CORE),
    "bot.app": (APP, VIEW, CORE, "bot.faults"),
    "bot.faults": (),
    "bot.packs": ("bot.packs", CORE),
    "bot.alarm": (APP, CORE),
    "bot.health": ("bot.alarm", "bot.backups", APP, CORE),
    "bot.backups": (APP, CORE),
    "bot.caretaker": ("bot.backups", "bot.memory", APP, CORE),
    "bot.memory": (),
    "bot.tending": ("bot", "storage"),
    "bot.together": ("bot", "storage"),
    "bot.pulse": ("bot.app", "bot.core"),
    "bot.listener": (CORE,),
    "bot.connections": (),
    "bot.config": ("bot.setting", CORE),
    "bot.setting": (),
    "bot.logs": (CORE,),
    "storage": ("storage", "bot.app.ports", "bot.app.records", "bot.faults", CORE),
    **{
        f"bot.adapters.{name}": (f"bot.adapters.{name}", APP, VIEW, CORE, "bot.connections", "bot.logs", "bot.listener")
        for name in ADAPTERS
    },
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
    "aiohttp": ("bot.adapters", "bot.compose", "bot.connections", "bot.listener", "bot.tending"),
    "yarl": ("bot.adapters",),
    "rich": ("bot.adapters.terminal", "bot.cli"),
    "sqlite3": ("storage",),
    "sqlite_utils": ("storage",),
    "filelock": ("storage",),
    "psycopg": ("storage",),
    "apscheduler": ("bot.alarm",),
    "yaml": ("bot.packs",),
    "fsrs": ("bot.core",),
    "PIL": ("bot.view.charts",),
    "markdown_it": ("bot.view", "bot.packs"),
    "dotenv": ("bot.config",),
    "tzdata": ("bot.config",),
    "tzlocal": ("bot.config",),
    "click": ("bot.cli", "bot.__main__"),
}
"""The only places where each library may be imported; one that isn't listed may be imported nowhere."""

EXCEPTIONS = {
    ("bot.cli.check", "sqlite3"): "its version, for the listing",
    ("bot.cli.slack", "yaml"): "prints the app manifest",
    ("bot.packs.anki_file", "sqlite3"): "a deck for Anki is an SQLite file",
}
"""Uses outside those places, each with its reason. One that is gone has to leave this list."""

MAY_READ_ENVIRONMENT = {
    "bot.config": "settings",
    "bot.cli.play": "the width of the terminal, which is no setting",
    "bot.faults": "where a crash test wants the process to die, which is no setting",
}

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
TO_BE_SPLIT: tuple[str, ...] = ()
"""Longer ones that are known of. One that has become short enough has to leave this list."""

SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "base", "misc"}


@cache
def tree(path: Path) -> ast.Module:
    """The file, parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"))


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
    for node in ast.walk(tree(path)):
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


def allowed(module: str, name: str) -> bool:
    """Whether the module may import that one of ours; the version in `bot` itself is for all who tell it."""
    part = part_of(module)
    return within(name, MAY[part]) or (name == "bot" and not within(module, PURE))


def test_there_is_something_to_look_at() -> None:
    assert {"discord", "slack", "terminal", "web"} <= set(ADAPTERS)
    assert len(FILES) > 80
    assert sum(1 for path in FILES for _ in imports(path)) > 500


def test_imports_of_ours_point_only_one_way() -> None:
    wrong = [
        f"{found.where}: {part_of(module_of(path))} imports {found.name}"
        for path in FILES
        for found in imports(path)
        if ours(found.name) and not allowed(module_of(path), found.name)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("bot.core.item", "bot.view.card"),
        ("bot.core.item", "bot.app.ports"),
        ("bot.view.cards", "bot.app.ports"),
        ("bot.view.cards", "storage"),
        ("bot.app.daily", "storage"),
        ("bot.app.daily", "bot.alarm"),
        ("bot.app.daily", "bot.config"),
        ("bot.app.daily", "bot.packs.loader"),
        ("bot.app.daily", "bot"),
        ("bot.adapters.web.site", "bot.adapters.slack.render"),
        ("bot.adapters.web.site", "storage"),
        ("bot.adapters.web.site", "bot.compose"),
        ("storage.rounds", "bot.app.daily"),
        ("storage.rounds", "bot.view.card"),
        ("bot.packs.lint", "bot.view.markup"),
        ("bot.alarm", "bot.compose"),
    ],
)
def test_arrows_the_other_way_are_noticed(module: str, name: str) -> None:
    assert not allowed(module, name)


def test_each_library_is_imported_only_in_its_place() -> None:
    wrong, excused = [], set()
    for path in FILES:
        module = module_of(path)
        for found in imports(path):
            top = found.name.split(".")[0]
            if ours(found.name):
                continue
            if (module, top) in EXCEPTIONS:
                excused.add((module, top))
            elif top in ONLY_IN:
                if not within(module, ONLY_IN[top]):
                    wrong.append(f"{found.where}: {top} belongs to {' and '.join(ONLY_IN[top])}")
            elif top not in sys.stdlib_module_names:
                wrong.append(f"{found.where}: {top} is not listed; say here where it may be used")
    assert wrong == []
    assert excused == set(EXCEPTIONS)


def test_the_lists_name_nothing_that_is_gone() -> None:
    used = {found.name.split(".")[0] for path in FILES for found in imports(path)}
    assert set(ONLY_IN) - used == set()
    assert {part_of(module) for module in MODULES} == set(MAY)


def reads_environment(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="environ" | "environb" | "getenv"):
            return True
        case ast.ImportFrom(module="os", names=names):
            return bool({alias.name for alias in names} & {"environ", "environb", "getenv"})
    return False


def test_only_the_configuration_reads_the_environment() -> None:
    readers = {module_of(path) for path in FILES if any(map(reads_environment, ast.walk(tree(path))))}
    assert readers == set(MAY_READ_ENVIRONMENT)


def faults_of_purity(of: ast.AST) -> Iterator[tuple[int, str]]:
    """Where code takes the time or chance from outside."""
    for node in ast.walk(of):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in CLOCKS:
                yield node.lineno, f"{owner}.{name}"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr="Random"), args=[_, *_]):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr=name)):
                yield node.lineno, f"random.{name} without a seed"
            case ast.ImportFrom(module="random" | "time"):
                yield node.lineno, f"from {node.module} import"


def test_time_and_chance_are_arguments() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in FILES
        if within(module_of(path), PURE)
        for line, what in faults_of_purity(tree(path))
    ]
    assert wrong == []


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


def test_modules_are_short() -> None:
    long = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    }
    assert long == set(TO_BE_SPLIT)


def test_names_say_what_is_inside() -> None:
    assert [path for path in FILES if set(path.relative_to(ROOT).with_suffix("").parts) & SAY_NOTHING] == []


def test_every_module_with_something_in_it_says_what_it_is() -> None:
    silent = [module_of(path) for path in FILES if tree(path).body and not ast.get_docstring(tree(path))]
    assert silent == []
