"""Asks whether anything that `make run` installs has a known hole, and never calls that clean which nobody looked at.

python -m tests.support.audit <pip-audit> <requirements file>
"""

import json
import subprocess
import sys

CLEAN, HOLES, UNKNOWN = 0, 1, 2
"""The exit codes."""


def verdict(report: str) -> tuple[int, str]:
    """The exit code, and what to say, for what pip-audit writes as JSON; nothing if it came to no end."""
    try:
        found = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return UNKNOWN, "pip-audit can't reach its service, so nothing was checked. Try again where it can be reached."
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version'}."
        for one in found
        for hole in one.get("vulns", ())
    ]
    if holes:
        return HOLES, "\n".join([*holes, "Raise these versions in pyproject.toml, then: make lock"])
    unknown = [one["name"] for one in found if "skip_reason" in one]
    if unknown or not found:
        return (
            UNKNOWN,
            f"{len(unknown)} of {len(found)} packages are unknown to pip-audit's service and were not checked.",
        )
    return CLEAN, f"None of {len(found)} packages has a known hole."


def main() -> int:
    """Run pip-audit on what is locked, and say what it means."""
    tool, locked = sys.argv[1:]
    command = [tool, "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-f", "json", "-r", locked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    code, said = verdict(done.stdout)
    print(said)
    return code


if __name__ == "__main__":
    sys.exit(main())
