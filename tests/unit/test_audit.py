"""What `make audit` makes of pip-audit's report, and that everything it looks at is pinned."""

import json
import re
from pathlib import Path

import pytest

from tests.support.audit import CLEAN, HOLES, UNKNOWN, verdict

ROOT = Path(__file__).resolve().parents[2]
SOUND = {"name": "aiohttp", "version": "3.14", "vulns": []}
HOLED = {"name": "pyyaml", "version": "5.1", "vulns": [{"id": "CVE-1", "fix_versions": ["5.4"], "aliases": []}]}
SKIPPED = {"name": "yarl", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ([SOUND], CLEAN, "None of 1 packages"),
        ([SOUND, HOLED], HOLES, "pyyaml 5.1: CVE-1, mended in 5.4."),
        ([SOUND, SKIPPED], UNKNOWN, "1 of 2 packages are unknown"),
        ([HOLED, SKIPPED], HOLES, "CVE-1"),
        ([], UNKNOWN, "0 of 0"),
    ],
)
def test_only_what_was_looked_at_is_called_clean(found: list[object], code: int, said: str) -> None:
    given, sentence = verdict(json.dumps({"dependencies": found, "fixes": []}))
    assert given == code
    assert said in sentence


@pytest.mark.parametrize("report", ["", "{}", "Traceback", "[]"])
def test_without_its_service_nothing_is_called_clean(report: str) -> None:
    code, said = verdict(report)
    assert code == UNKNOWN
    assert "nothing was checked" in said


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 20
    for entry in packages:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,-]+\])?==\d\S* ", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"install --require-hashes -r {name}" in makefile
