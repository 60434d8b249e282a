"""Everything that a day sends to Slack, checked by the TypeScript compiler against Slack's own types.

It needs node with the packages typescript and @slack/types where node finds them, for example:
npm install --prefix FOLDER typescript @slack/types, then NODE_PATH=FOLDER/node_modules
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.wire_slack_house import House, house

NODE = shutil.which("node")

LINES = (
    *("/trapwise help", "/trapwise settings", "/trapwise privacy", "/trapwise status", "/trapwise schedule"),
    *(
        "/leaderboard",
        "/leaderboard month workspace",
        "/stats",
        "/stats team",
        "/traps",
        "/cram",
        "/tip",
        "/trapwise x",
    ),
    *("/review", "/quiz 2", "/exam", "/trapwise forget-me"),
)


def found(package: str) -> Path | None:
    """Where node finds the package."""
    if NODE is None:
        return None
    asked = f"console.log(require.resolve('{package}/package.json'))"
    done = subprocess.run([NODE, "-e", asked], capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()).parent if done.returncode == 0 else None


TYPES, COMPILER = found("@slack/types"), found("typescript")

pytestmark = pytest.mark.skipif(
    TYPES is None or COMPILER is None, reason="node doesn't find the packages typescript and @slack/types (NODE_PATH)"
)


async def day(home: House) -> None:
    """One of each that a member and an admin can come upon."""
    await home.set_up(time="10:00", zone="UTC")
    home.clock.advance(hours=1)
    await home.tick()
    post = home.channel.newest
    for letter in "ABCD":
        member = home.slack.user(f"U{letter}", f"Member {letter}")
        await home.hands.press(member, post, letter)
        await home.slack.until(lambda one=member: one.sees)  # type: ignore[misc]  # a bound default
    ben = home.slack.users["UA"]
    for line in LINES:
        asked, there = len(home.admin.sees), len(home.slack.direct(home.admin).messages)
        await home.hands.command(home.admin, home.channel, line)
        await home.slack.until(
            lambda seen=asked, got=there: (  # type: ignore[misc]  # bound defaults
                len(home.admin.sees) > seen or len(home.slack.direct(home.admin).messages) > got
            )
        )
    exam = home.slack.direct(home.admin).newest
    await home.hands.press(home.admin, exam, "Flag", channel=home.slack.direct(home.admin))
    await home.slack.until(lambda: home.slack.direct(home.admin).edits)
    await home.hands.open_home(ben)
    await home.slack.until(lambda: ben.home)
    await home.hands.press(ben, ben.home or {}, "Stats")
    await home.slack.until(lambda: ben.views)
    home.clock.advance(hours=9)
    await home.tick()
    await home.hands.press(ben, post, "Why?")
    await home.slack.until(lambda: len(ben.sees) > 1)


def compiled(folder: Path, source: str) -> str:
    """What the compiler says against it."""
    (folder / "sent.ts").write_text(source)
    options: dict[str, Any] = {
        "strict": True,
        "noEmit": True,
        "module": "nodenext",
        "target": "es2022",
        "skipLibCheck": True,
        "types": [],
        "paths": {"@slack/types": [f"{TYPES}/dist/index.d.ts"]},
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["sent.ts"]}))
    command = [NODE or "", f"{COMPILER}/bin/tsc", "-p", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr if done.returncode else ""


HEAD = 'import type { KnownBlock, ModalView, HomeView } from "@slack/types";\n'


@pytest.mark.timeout(180)
async def test_a_day_is_made_of_what_slacks_types_know(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await day(home)
        calls = list(home.slack.calls)
    lines = []
    for number, (method, sent) in enumerate(calls):
        if "blocks" in sent:
            lines.append(f"// {method}\nexport const b{number}: KnownBlock[] = {json.dumps(sent['blocks'])};")
        if "view" in sent:
            kind = "HomeView" if sent["view"]["type"] == "home" else "ModalView"
            lines.append(f"// {method}\nexport const v{number}: {kind} = {json.dumps(sent['view'])};")
    assert len(lines) > 25
    assert compiled(tmp_path, HEAD + "\n".join(lines)) == ""


@pytest.mark.parametrize(
    "block",
    [
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "header", "text": {"type": "plain_text", "text": "x"}, "colour": "red"},
        {"type": "fireworks"},
        {"type": "actions", "elements": [{"type": "button"}]},
    ],
    ids=repr,
)
def test_the_compiler_objects(tmp_path: Path, block: dict[str, Any]) -> None:
    assert "sent.ts" in compiled(tmp_path, f"{HEAD}export const b: KnownBlock[] = [{json.dumps(block)}];")
