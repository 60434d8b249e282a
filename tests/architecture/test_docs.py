"""What the documentation names exists: tests, files, commands and modules."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.app.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])


def _tests() -> set[str]:
    return {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8")))
    assert named - _tests() == set()


def test_the_operations_page_names_tests() -> None:
    assert len(re.findall(r"`test_\w+`", (ROOT / "docs/operations.md").read_text(encoding="utf-8"))) > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#|<)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = set(re.findall(r"(?:trapwise|python -m bot) (run|play|check|pack|data|slack)(?: ([a-z][a-z-]+))?", text))
    for group, name in sorted(lines):
        arguments = [group, *([name] if group in ("pack", "data", "slack") and name else []), "--help"]
        assert CliRunner().invoke(main, arguments).exit_code == 0, f"{page.name}: trapwise {' '.join(arguments)}"


def test_the_readme_names_every_command_that_members_type() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [spec.name for spec in COMMANDS if spec.name not in readme] == []


@pytest.mark.parametrize("target", ["run", "play", "test", "check", "bench", "fmt", "lock"])
def test_the_makefile_has_what_the_pages_name(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
