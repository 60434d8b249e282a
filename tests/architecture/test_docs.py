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


def _rows(text: str) -> list[dict[str, str]]:
    """The rows of all tables, by the names of their columns."""
    found: list[dict[str, str]] = []
    head: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")] if line.startswith("|") else []
        if not cells:
            head = []
        elif not head:
            head = [cell.casefold() for cell in line.strip().strip("|").replace(" ", "").split("|")]
        elif set(line) - set("| -:"):
            assert len(cells) == len(head), f"a row that doesn't fit its table: {line}"
            found.append(dict(zip(head, cells, strict=True)))
    return found


def test_every_promise_names_the_tests_that_show_it_and_what_was_measured() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    promises = _rows(text[text.index("## Promises") :])
    there = _tests()
    assert len(promises) > 60
    for row in promises:
        shown_by = re.findall(r"`(test_\w+)`", row["test"])
        assert shown_by, f"no test is named: {row}"
        assert [name for name in shown_by if name not in there] == []
        assert "promise" not in row or row["lastmeasured"], f"nothing is said of what was measured: {row}"


@pytest.mark.parametrize(
    "subject",
    [
        "Crashes",
        "Faults of the machine",
        "Faults of the platforms",
        "Load",
        "Odd input",
        "Isolation",
        "Web",
        "Secrets",
        "Privacy",
        "Backups and upgrades",
        "Supervision",
    ],
)
def test_there_are_promises_of_every_kind(subject: str) -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    section = re.search(rf"^### {subject}$(.*?)^##", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/operations.md has no section {subject}"
    assert [row for row in _rows(section[1]) if row.get("promise")], f"nothing is promised under {subject}"


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
